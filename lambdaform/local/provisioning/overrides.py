"""What the user gives for this machine only: environment variables, and the content of layers.

Source: `sam local invoke --env-vars` set the form of the file.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from lambdaform.errors import UsageError
from lambdaform.local.provisioning.values import text
from lambdaform.suggest import did_you_mean

#: The name under which a file of variables has those of every function.
_FOR_ALL = "Parameters"


@frozen(kw_only=True)
class Overrides:
    """What the user gives for this machine only.

    ``variables`` are environment variables by function (logical id or name), and under ``Parameters`` for all,
    as in SAM's ``--env-vars``; ``layers`` are folders or archives by the ARN of a layer version.
    """

    variables: Mapping[str, Mapping[str, str]] = field(factory=dict, repr=False)
    layers: Mapping[str, Path] = field(factory=dict)

    def without_function(self, names: Collection[str]) -> Iterator[str]:
        """A sentence on each function that is given variables and is none of these."""
        for name in self.variables:
            if name != _FOR_ALL and name not in names:
                right = did_you_mean(name, [*names, _FOR_ALL], "Nothing gets them.")
                yield f"--env-vars has variables for the function {name!r}, which is not there. {right}"

    def variables_of(self, name: str, logical_id: str) -> dict[str, str]:
        """The variables given to one function: by its logical id, then by its name, then for all."""
        variables = self.variables
        return {
            **variables.get(_FOR_ALL, {}),
            **variables.get(name, {}),
            **(variables.get(logical_id, {}) if logical_id else {}),
        }


def read_overrides(file: Path) -> dict[str, dict[str, str]]:
    """The environment variables in a file, as SAM's ``--env-vars`` takes them.

    Raises `UsageError` where it is not such a file.
    """
    right = 'It is JSON such as {"Checkout": {"TABLE_NAME": "orders"}, "Parameters": {"STAGE": "dev"}}.'
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The file {file} cannot be read: {reason}.", right=right) from error
    except ValueError as error:
        raise UsageError(f"The file {file} is not JSON: {error}.", right=right) from error
    if not isinstance(data, dict) or not all(isinstance(each, dict) for each in data.values()):
        raise UsageError(f"The file {file} has no variables by function.", right=right)
    for name, each in data.items():
        for key, value in each.items():
            if isinstance(value, list | dict):
                raise UsageError(
                    f"The file {file} gives {name} the variable {key} with no text.", right=right
                )
    return {
        name: {key: "" if value is None else text(value) for key, value in each.items()}
        for name, each in data.items()
    }
