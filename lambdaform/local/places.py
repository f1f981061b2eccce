"""Who waits for an environment of which version, and whose the next place on this machine is.

A place is what an environment takes up of `--max-environments`. When one gives its place up is the pool's matter
(`lambdaform.local.pool`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

from attrs import Factory, define

from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.environment import State
from lambdaform.local.event import Event
from lambdaform.local.outcome import End


class Environment(Protocol):
    """What the pool asks of an environment, be it a process or a model of one."""

    configuration: FunctionConfiguration
    state: State
    made_at: float
    free_at: float
    #: How long its initialisation took, in seconds; 0 before, and where no event waited for it.
    init_seconds: float

    @property
    def has_snapshot(self) -> bool:
        """Whether its first event will restore it."""

    @property
    def takes_time_to_end(self) -> bool:
        """Whether `end` is the right way to end it, for somebody in it must be told."""

    async def prepare(self) -> None:
        """Make what it needs, once, before the first event."""

    def run(self, event: Event) -> None:
        """Take one event; it must be free."""

    def initialise(self, over: Callable[[End], None]) -> None:
        """Initialise ahead of any event; ``over`` is told how it went."""

    async def end(self) -> None:
        """End it, after whoever is in it was told."""

    def close(self) -> None:
        """End it at once."""


class Asker(Protocol):
    """Who asks for an environment, and is told once: either that it has one, or why it gets none."""

    def granted(self, environment: Environment) -> None:
        """An environment that is free: it is the asker's until it is released."""

    def refused(self, error: Exception) -> None:
        """There will be none."""


@define(eq=False)
class Ticket:
    """A wait for an environment of a version: of its allocation's, one that is idle, or a new one.

    With an ``initialization_type`` a new one is wanted, of that type; `takes_idle` is then false. For one that
    ``is_nested`` a function waits, in an environment of its own.
    """

    configuration: FunctionConfiguration
    asker: Asker
    allocation: Allocation | None = None
    takes_idle: bool = True
    initialization_type: str | None = None
    is_nested: bool = False
    #: Where it waits; the last is the line that gets a place for it.
    lines: tuple[Line, ...] = ()
    #: While it waits a moment for an environment of ``awaited``, which is nearly free.
    patience: asyncio.TimerHandle | None = None
    awaited: Line | None = None
    is_queued: bool = False
    making: asyncio.Task[None] | None = None


@define(eq=False)
class Line:
    """The environments of a version or an allocation that are idle, and who waits for one, in the order of coming."""

    #: Whether its environments may give their places up.
    is_on_demand: bool = True
    idle: list[Environment] = Factory(list)
    tickets: OrderedDict[Ticket, None] = Factory(OrderedDict)
    #: How many tickets, here or elsewhere, wait a moment for an environment of this line, and how many need a place.
    patient: int = 0
    needing: int = 0
    #: How many environments there are, idle or not, and when the last was placed, in the loop's time.
    places: int = 0
    placed_at: float = 0.0
    #: Since when a place has been needed and nobody of it has been served, in the loop's time.
    needs_since: float = 0.0


class Needs(dict[int, "OrderedDict[Line, None]"]):
    """The lines that need a place: those with the fewest places first, of these the one that has needed it longest.

    They are kept by how many places they have, which are few different numbers, whatever the number of lines.
    """

    def in_turn(self) -> Iterator[Line]:
        """All of them, the one whose turn is next first."""
        for places in sorted(self):
            yield from self[places]

    def add(self, line: Line) -> None:
        """A line needs a place."""
        self.setdefault(line.places, OrderedDict())[line] = None

    def remove(self, line: Line) -> None:
        """A line needs none any more, or is about to have another number of places."""
        same = self[line.places]
        del same[line]
        if not same:
            del self[line.places]

    def postpone(self, line: Line) -> None:
        """Let those that have as many places go first."""
        self[line.places].move_to_end(line)
