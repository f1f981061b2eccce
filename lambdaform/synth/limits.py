"""What CloudFormation takes in one template, and what a template has more of.

Source: AWS CloudFormation User Guide, cloudformation-limits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lambdaform.model.expansion import MOST_RESOURCES, TO_SPLIT, counted, sources_of
from lambdaform.model.shape import Problem
from lambdaform.origin import Origin

PARAMETERS = 200
OUTPUTS = 200
MAPPINGS = 200
BYTES = 1_000_000
#: How many resources of nested stacks one operation may create, change or delete.
PER_OPERATION = 2_500
_SECTIONS = {"Resources": MOST_RESOURCES, "Parameters": PARAMETERS, "Outputs": OUTPUTS, "Mappings": MAPPINGS}


def size_of(data: Any) -> int:
    """The bytes of template data, as the most compact of the forms in which CloudFormation takes it."""
    return len(json.dumps(data, separators=(",", ":"), default=str).encode())


def excesses(
    template: Mapping[str, Any], size: int, sources: Mapping[str, Any], origin: Origin | None
) -> list[Problem]:
    """What an expanded template, which is written in ``size`` bytes, has more of than CloudFormation takes.

    ``sources`` are the resources as they were written: the ones that most comes from are named.
    """
    problems = []
    for section, most in _SECTIONS.items():
        entries = template.get(section, {})
        if len(entries) <= most:
            continue
        what = f"The template has {len(entries):,} {section.lower()} once SAM has expanded it"
        right = f"CloudFormation takes at most {most}."
        if section == "Resources":
            types = Counter(str(each.get("Type")) for each in entries.values())
            owners = Counter(_owner(name, sources) for name in entries)
            what += f": {counted(types)}{sources_of(owners)}"
            right = f"{right} {TO_SPLIT}"
        problems.append(Problem("LF602", f"{what}.", right, origin))
    if size > BYTES:
        largest = Counter({name: size_of(each) for name, each in template.get("Resources", {}).items()})
        what = f"The template has {size:,} bytes once SAM has expanded it. The largest are {counted(largest)} bytes."
        problems.append(Problem("LF601", what, f"CloudFormation takes at most 1 MB. {TO_SPLIT}", origin))
    return problems


def _owner(name: str, sources: Mapping[str, Any]) -> str:
    """The resource that made one of the expanded ones: the longest whose name it begins with."""
    return next((name[:end] for end in range(len(name), 0, -1) if name[:end] in sources), name)
