"""CloudFormation's resource types, and the attributes that ``Fn::GetAtt`` gives for each.

Not their properties: those are the model's and troposphere's. A type that came later is not in the table.

Source: CloudFormation resource type schemas, carried in ``schemas/resource_types.json``.
"""

from __future__ import annotations

from functools import cache

from lambdaform.facts.schemas import read_schema


@cache
def attributes() -> dict[str, str]:
    """Each type's attributes with spaces between them; ``*`` where there may be any; not to be changed."""
    table: dict[str, str] = read_schema("resource_types.json")["attributes"]
    return table


@cache
def attributes_of(aws_type: str) -> frozenset[str] | None:
    """A type's attributes, or None where there may be any or none is known."""
    names = attributes().get(aws_type, "*").split()
    return None if not names or names == ["*"] else frozenset(names)
