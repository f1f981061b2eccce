"""AWS's managed policies by name, as the SAM transform needs them: names and paths, never their statements.

Source: the names and paths as AWS publishes them, carried in ``schemas/managed_policies.json``.
"""

from __future__ import annotations

from functools import cache

from lambdaform.facts.schemas import read_schema


@cache
def managed_policies(partition: str = "aws") -> dict[str, str]:
    """The ARN of each managed policy by its name; not to be changed.

    ``partition`` is ``aws``, ``aws-cn`` or ``aws-us-gov``; the last two lack some of the policies.
    """
    paths: dict[str, list[str]] = read_schema("managed_policies.json")["paths"]
    return {
        name: f"arn:{partition}:iam::aws:policy/{f'{path}/' if path else ''}{name}"
        for path, names in paths.items()
        for name in names
    }
