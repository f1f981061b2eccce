"""The plan of a split: which resource is in which nested stack, in a file that is kept with the app.

Without it a stack that grows is cut elsewhere, and what is on another side of a cut is replaced at deployment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lambdaform.errors import UsageError

_VERSION = 1
_TITLE = re.compile(r"Root|[A-Za-z]+[1-9][0-9]{0,3}")
_RIGHT = "Name the file that an earlier --split wrote, or a new one."

#: For each stack, by its name, the resources of each of its parts.
Plan = Mapping[str, Mapping[str, Sequence[str]]]


def read_plan(file: Path) -> Plan:
    """The plan in a file; none where there is no file yet. Raises `UsageError` where it is something else."""
    if not file.parent.is_dir():
        raise UsageError(
            f"There is no folder {file.parent} for the plan {file.name}.", right="Make it first."
        )
    if not file.exists():
        return {}
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"The plan {file} cannot be read: {reason}.", right=_RIGHT) from error
    stacks = data.get("stacks") if isinstance(data, dict) and data.get("version") == _VERSION else None
    if not isinstance(stacks, dict) or not all(map(_is_parts, stacks.values())):
        raise UsageError(f"The file {file} is no plan of a split.", right=_RIGHT)
    return stacks


def _is_parts(parts: object) -> bool:
    return isinstance(parts, dict) and all(
        _TITLE.fullmatch(title) and isinstance(names, list) and all(isinstance(each, str) for each in names)
        for title, names in parts.items()
    )


def write_plan(file: Path, plan: Plan) -> None:
    """Write the plan, in one step. Raises `UsageError` where the file cannot be written."""
    parts = {stack: {title: sorted(names) for title, names in parts.items()} for stack, parts in plan.items()}
    text = json.dumps({"version": _VERSION, "stacks": parts}, indent=1) + "\n"
    passing = file.with_name(f".{file.name}.new")
    try:
        passing.write_text(text, encoding="utf-8")
        passing.replace(file)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The plan {file} cannot be written: {reason}.", right="Name another file."
        ) from error
