"""What a rule is, and the register of all of them.

A rule is one function under `rule`, which states the rule's id, name, level, what it demands, and the AWS page
that says so. It yields a `Problem` for each place that breaks it. Rules that a field's type states (ranges,
patterns) have an entry here too, so that every id has one home.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cache

from attrs import frozen

from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack

Finder = Callable[[Stack], Iterator[Problem]]


class Level(StrEnum):
    """How bad: AWS refuses it or it fails at run time; it will surprise; it could be better."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def reaches(self, other: Level) -> bool:
        """Whether it is at least as bad as another."""
        levels = list(Level)
        return levels.index(self) <= levels.index(other)


@frozen
class Rule:
    """A rule: its id (``LF205``), its name, its level, the demand in one sentence, and where that comes from."""

    id: str
    name: str
    level: Level
    demand: str
    source: str
    find: Finder | None = None
    #: Who has the rule: lambdaform, or a linter that runs beside it.
    tool: str = "lambdaform"


_rules: dict[str, Rule] = {}


def rule(id: str, name: str, level: Level, *, demand: str, source: str) -> Callable[[Finder], Finder]:  # noqa: A002
    """Register the function as the rule's finder."""

    def register(find: Finder) -> Finder:
        _enter(Rule(id, name, level, demand, source, find))
        return find

    return register


def declare(id: str, name: str, *, demand: str, source: str, level: Level = Level.ERROR) -> None:  # noqa: A002
    """Register a rule that the fields' own types find."""
    _enter(Rule(id, name, level, demand, source))


def _enter(entry: Rule) -> None:
    if entry.id in _rules:
        raise ValueError(f"two rules have the id {entry.id}")
    _rules[entry.id] = entry


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by id, in order."""
    from lambdaform.check import rules as modules

    for each in pkgutil.iter_modules(modules.__path__):
        # Importing a module registers its rules.
        importlib.import_module(f"{modules.__name__}.{each.name}")
    return dict(sorted(_rules.items()))


def finders_in(module: str) -> list[Finder]:
    """What finds the rules of one module of them, which is imported already; of all others nothing is loaded."""
    found = (each.find for each in _rules.values())
    return [find for find in found if find is not None and find.__module__ == module]


@cache
def _by_name() -> Mapping[str, Rule]:
    return {**{each.name: each for each in rules().values()}, **rules()}


def rule_named(name: str) -> Rule | None:
    """The rule with this id or name."""
    return _by_name().get(name)
