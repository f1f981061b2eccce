"""The macro ``AWS::Include`` with a file of this machine: its content takes the macro's place.

On AWS the macro knows objects in S3 only, and comes before SAM's transform. A file that the template names by its
path is taken in here, so that the template is complete. What lies in a bucket stays as it was written.

Source: AWS CloudFormation User Guide, "AWS::Include transform".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdaform.errors import DefinitionError

_MACRO = "Fn::Transform"


def take_in(data: Any, read: Callable[[str], Any], within: tuple[str, ...] = ()) -> Any:
    """The data with each local include replaced by what ``read`` gives for its path.

    Beside other keys the content's keys join them; alone, the content may be anything. ``within`` are the files
    that include this data. Raises `DefinitionError` where a file includes itself, and whatever ``read`` raises.
    """
    if isinstance(data, list):
        return [take_in(item, read, within) for item in data]
    if not isinstance(data, Mapping):
        return data
    path = _local_path(data.get(_MACRO))
    if path is None:
        return {key: take_in(item, read, within) for key, item in data.items()}
    if path in within:
        raise DefinitionError(f"The file {path} includes itself.", right="End the circle.")
    content = take_in(read(path), read, (*within, path))
    if len(data) == 1 or not isinstance(content, Mapping):
        return content
    others = {key: take_in(item, read, within) for key, item in data.items() if key != _MACRO}
    return {**others, **content}


def _local_path(macro: Any) -> str | None:
    """The path in an include that names a file of this machine, else None."""
    if not isinstance(macro, Mapping) or macro.get("Name") != "AWS::Include":
        return None
    parameters = macro.get("Parameters")
    location = parameters.get("Location") if isinstance(parameters, Mapping) else None
    if not isinstance(location, str) or location.startswith(("s3://", "https://", "http://")):
        return None
    return location
