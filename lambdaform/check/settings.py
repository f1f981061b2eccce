"""What a project wants of the checks: rules that it ignores and why, other levels, and from where on a check fails.

Read from ``[tool.lambdaform.check]`` by `lambdaform.cli.project`; the command line may say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field

from lambdaform.check.rule import Level
from lambdaform.model.definition import frozen


@frozen
class Settings:
    """A project's settings. The keys of ``ignore`` and ``level`` are ids of rules; ``ignore`` gives reasons."""

    ignore: Mapping[str, str] = field(factory=dict)
    level: Mapping[str, Level] = field(factory=dict)
    fail_on: Level = Level.WARNING
    lint: bool = False
