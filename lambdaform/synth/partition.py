"""A partition of things that need each other into parts of limited size, of which no two need each other in a circle.

The parts are in an order in which each needs only earlier ones. The same things in the same order are always parted
alike. It knows nothing of templates: what a thing is, needs and weighs is given.

Method: things that need each other closely are put into one family, unless one of them is needed by many or needs
many; families in a circle become one; families are laid into parts one after the other in an order in which whatever
is needed comes first. Parts of a sequence in such an order cannot need each other in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import field, frozen

N = TypeVar("N", bound=Hashable)

#: A thing that more than so many others need, or that needs more than so many, does not bring them into one family.
CLOSE = 8


@frozen
class Limits:
    """What one part may have. ``inward`` and ``outward`` count what goes into it from others, and out of it."""

    things: int
    weight: int
    inward: int
    outward: int


@frozen
class Thing:
    """One thing: its weight, the keys that it uses and whose they are, and what else must come before it."""

    weight: int
    uses: Mapping[str, str] = field(factory=dict)
    #: The keys that it uses and that come from outside of all things.
    given: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    #: What it must be in one part with.
    tied: frozenset[str] = frozenset()
    #: Whether it stays by itself, in no part.
    apart: bool = False

    @property
    def needs(self) -> set[str]:
        """The things that must come before it, or with it."""
        return {*self.uses.values(), *self.after, *self.tied}


class Unpartable(Exception):  # noqa: N818 - the caller says it in the words of what is parted
    """A family of things that belong together and are more than one part may have."""

    def __init__(self, things: Sequence[str]) -> None:
        super().__init__(", ".join(things))
        self.things = things


@frozen
class Partition:
    """The parts, by the names of their things, and what stays apart. A part may have become empty."""

    parts: list[list[str]]
    apart: list[str]


def partition(
    things: Mapping[str, Thing],
    limits: Limits,
    pinned: Iterable[str] = (),
    places: Mapping[str, int] | None = None,
) -> Partition:
    """The parts of the things.

    ``pinned`` are keys that are wanted outside all parts. ``places`` has the numbers (from 0) of the parts in which
    things were before: they stay there, as far as their needs and the limits allow. Raises `Unpartable` where things
    that need each other in a circle, or are tied, are too many.
    """
    places = places or {}
    families = _families(things, limits, places)
    given_up: set[str] = set()
    while True:
        merged = _without_circles(families, things)
        large = [name for family in merged if _too_large(family, things, limits) for name in family]
        if given_up.issuperset(large):
            break
        # Closeness alone must not make a circle that is too large.
        given_up.update(large)
        families = [family for family in families if given_up.isdisjoint(family)]
        families += _tied_groups([name for name in things if name in given_up], things)
    packing = _Packing(things, limits, frozenset(pinned), places)
    packing.lay(_in_order(merged, things))
    return Partition(packing.parts, packing.apart)


def _too_large(family: Sequence[str], things: Mapping[str, Thing], limits: Limits) -> bool:
    return len(family) > limits.things or sum(things[name].weight for name in family) > limits.weight


class _Sets:
    """Disjoint sets, with the sums of their members."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self._above = {name: name for name in things}
        self.count = dict.fromkeys(things, 1)
        self.weight = {name: thing.weight for name, thing in things.items()}

    def find(self, name: str) -> str:
        """The member that stands for the set."""
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, one: str, other: str) -> None:
        """Make one set of two."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self._above[other] = one
            self.count[one] += self.count[other]
            self.weight[one] += self.weight[other]

    def groups(self, names: Iterable[str]) -> list[list[str]]:
        """The sets, in the order of their first members."""
        groups: dict[str, list[str]] = {}
        for name in names:
            groups.setdefault(self.find(name), []).append(name)
        return list(groups.values())


def _tied_groups(names: Sequence[str], things: Mapping[str, Thing]) -> list[list[str]]:
    sets = _Sets({name: things[name] for name in names})
    inside = set(names)
    for name in names:
        for other in sorted(things[name].tied & inside):
            sets.join(name, other)
    return sets.groups(names)


def _families(things: Mapping[str, Thing], limits: Limits, places: Mapping[str, int]) -> list[list[str]]:
    dependents: defaultdict[str, int] = defaultdict(int)
    for thing in things.values():
        for other in thing.needs:
            dependents[other] += 1
    layers = _layers(things)
    sets = _Sets(things)
    for name, thing in things.items():
        for other in sorted(thing.tied):
            sets.join(name, other)
    home = {sets.find(name): place for name, place in places.items() if name in things}
    for name, thing in things.items():
        if thing.apart or len(thing.needs) > CLOSE:
            continue
        for other in sorted(thing.needs):
            near = layers[name] == layers[other] and dependents[other] <= CLOSE and not things[other].apart
            one, two = sets.find(name), sets.find(other)
            small = (
                sets.count[one] + sets.count[two] <= limits.things // 4
                and sets.weight[one] + sets.weight[two] <= limits.weight // 4
            )
            # What has a place already keeps it.
            homes = {home[each] for each in (one, two) if each in home}
            if near and small and len(homes) < 2:
                sets.join(other, name)
                home |= dict.fromkeys((sets.find(name),) if homes else (), next(iter(homes), 0))
    return sets.groups(things)


def _layers(things: Mapping[str, Thing]) -> dict[str, int]:
    """How many things that need many, or stay apart, lie below each: a family is within one layer.

    What has nothing of that kind below it is as high as what needs it, for it is needed nowhere else.
    """
    order = _sequence(things, lambda each: sorted(things[each].needs))
    border = {name: thing.apart or len(thing.needs) > CLOSE for name, thing in things.items()}
    layers: dict[str, int] = {}
    for name in order:
        below = [layers.get(other, 0) + border[other] for other in things[name].needs]
        layers[name] = max(below, default=0) + (border[name] and bool(below))
    highest: dict[str, int] = {}
    for name in reversed(order):
        if name in highest and not things[name].apart:
            layers[name] = max(layers[name], highest[name])
        for other in things[name].needs:
            room = layers[name] - border[other] - border[name]
            highest[other] = min(highest.get(other, room), room)
    return layers


def _sequence(names: Iterable[N], needs: Callable[[N], Sequence[N]]) -> list[N]:
    """Each name after what it needs, near to it; a circle is cut where it is met."""
    done: dict[N, None] = {}
    for start in names:
        path: list[tuple[N, list[N]]] = [] if start in done else [(start, list(needs(start))[::-1])]
        on_path = {start}
        while path:
            name, pending = path[-1]
            if not pending:
                path.pop()
                on_path.discard(name)
                done[name] = None
                continue
            following = pending.pop()
            if following not in done and following not in on_path:
                on_path.add(following)
                path.append((following, list(needs(following))[::-1]))
    return list(done)


def _needs_of(families: Sequence[Sequence[str]], things: Mapping[str, Thing]) -> list[list[int]]:
    home = {name: index for index, family in enumerate(families) for name in family}
    return [
        sorted({home[other] for name in family for other in things[name].needs} - {index})
        for index, family in enumerate(families)
    ]


def _without_circles(families: Sequence[Sequence[str]], things: Mapping[str, Thing]) -> list[list[str]]:
    """The families, those that need each other in a circle as one (Tarjan's algorithm, without recursion)."""
    needs = _needs_of(families, things)
    order = {name: position for position, name in enumerate(things)}
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    merged: list[list[str]] = []
    for start in range(len(families)):
        if start in number:
            continue
        work = [(start, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            elif needs[node][position - 1] in on_stack:
                low[node] = min(low[node], low[needs[node][position - 1]])
            if position < len(needs[node]):
                following = needs[node][position]
                work.append((node, position + 1))
                if following not in number:
                    work.append((following, 0))
                elif following in on_stack:
                    low[node] = min(low[node], number[following])
                continue
            if low[node] == number[node]:
                members: list[int] = []
                while not members or members[-1] != node:
                    members.append(stack.pop())
                    on_stack.discard(members[-1])
                merged.append(
                    sorted((name for each in members for name in families[each]), key=order.__getitem__)
                )
    return sorted(merged, key=lambda family: order[family[0]])


def _in_order(families: Sequence[Sequence[str]], things: Mapping[str, Thing]) -> list[Sequence[str]]:
    """Each family after what it needs; those that stay apart come before others where both can."""
    needs = _needs_of(families, things)
    apart = [any(things[name].apart for name in family) for family in families]
    order = _sequence(range(len(families)), needs.__getitem__)
    # Even for those that stay apart, odd for others, and never less than what is needed has.
    ranks: dict[int, int] = {}
    for index in order:
        rank = max((ranks[other] for other in needs[index]), default=0)
        ranks[index] = rank + (rank % 2 == apart[index])
    return [families[index] for index in sorted(order, key=ranks.__getitem__)]


class _Part:
    """A part that is being filled, and what goes into and out of it."""

    def __init__(
        self, users: Mapping[str, set[str]], owned: Mapping[str, Sequence[str]], pinned: frozenset[str]
    ) -> None:
        self._users = users
        self._owned = owned
        self._pinned = pinned
        self.names: dict[str, None] = {}
        self.weight = 0
        self.inward: set[str] = set()
        self._open: dict[str, int] = {}

    def add(self, family: Sequence[str], things: Mapping[str, Thing]) -> None:
        """Take a family."""
        for name in family:
            self.names[name] = None
            self.weight += things[name].weight
        for name in family:
            for key in self._owned.get(name, ()):
                outside = sum(user not in self.names for user in self._users[key])
                if key in self._pinned or outside:
                    self._open[key] = outside
            self.inward |= things[name].given
            for key, owner in things[name].uses.items():
                if owner not in self.names:
                    self.inward.add(key)
                elif key in self._open and owner not in family:
                    self._open[key] -= 1
                    if not self._open[key] and key not in self._pinned:
                        del self._open[key]

    def room_for(self, family: Sequence[str], things: Mapping[str, Thing], limits: Limits) -> bool:
        """Whether a family fits in, too."""
        if len(self.names) + len(family) > limits.things:
            return False
        trial = _Part(self._users, self._owned, self._pinned)
        trial.names, trial.weight = dict(self.names), self.weight
        trial.inward, trial._open = set(self.inward), dict(self._open)
        trial.add(family, things)
        return trial.fits(limits)

    def fits(self, limits: Limits) -> bool:
        """Whether the part is within the limits."""
        return (
            len(self.names) <= limits.things
            and self.weight <= limits.weight
            and len(self.inward) <= limits.inward
            and len(self._open) <= limits.outward
        )


class _Packing:
    """Lays families into parts. Each gets a time, and none may come before what it needs.

    The part with the number n (from 0) has the time 2n + 1; what stays apart comes between two parts, or first.
    """

    def __init__(
        self,
        things: Mapping[str, Thing],
        limits: Limits,
        pinned: frozenset[str],
        places: Mapping[str, int],
    ) -> None:
        self._things = things
        self._limits = limits
        self._pinned = pinned
        self._places = {name: place for name, place in places.items() if name in things}
        self._users: defaultdict[str, set[str]] = defaultdict(set)
        self._owned: defaultdict[str, list[str]] = defaultdict(list)
        self._dependents: defaultdict[str, set[str]] = defaultdict(set)
        for name, thing in things.items():
            for key, owner in thing.uses.items():
                if key not in self._users:
                    self._owned[owner].append(key)
                self._users[key].add(name)
            for other in thing.needs:
                self._dependents[other].add(name)
        self._times: dict[str, int] = {}
        self._parts = [self._new() for _ in range(max(self._places.values(), default=-1) + 1)]
        #: What is to come into each part, for which others leave room.
        self._expected = [0] * len(self._parts)
        self._expected_weight = [0] * len(self._parts)
        for name, place in self._places.items():
            self._expected[place] += 1
            self._expected_weight[place] += things[name].weight
        self.apart: list[str] = []

    @property
    def parts(self) -> list[list[str]]:
        """The parts as they are."""
        return [list(part.names) for part in self._parts]

    def lay(self, families: Sequence[Sequence[str]]) -> None:
        """Lay down the families, each of which comes after what it needs."""
        pending = list(families)[::-1]
        while pending:
            family = pending.pop()
            earliest = max(
                (
                    self._times[other]
                    for name in family
                    for other in self._things[name].needs
                    if other in self._times
                ),
                default=0,
            )
            if any(self._things[name].apart for name in family):
                self.apart.extend(family)
                self._times |= dict.fromkeys(family, earliest + earliest % 2)
                continue
            number = self._number_for(family, earliest // 2)
            if number is None:
                # One family alone is too much: its members go one by one, if they are not in a circle.
                groups = _tied_groups(family, self._things) if len(family) > 1 else []
                members = _without_circles(groups, self._things)
                if len(members) < 2:
                    raise Unpartable(family)
                pending.extend(_in_order(members, self._things)[::-1])
                continue
            self._parts[number].add(family, self._things)
            for name in family:
                if name in self._places:
                    self._expected[self._places[name]] -= 1
                    self._expected_weight[self._places[name]] -= self._things[name].weight
            self._times |= dict.fromkeys(family, 2 * number + 1)

    def _number_for(self, family: Sequence[str], first: int) -> int | None:
        """The part for a family, the number ``first`` or a later one; None where it is too much for any."""
        known = [self._places[name] for name in family if name in self._places]
        wanted = max(known, key=known.count, default=None)
        # What others that have their places need is best laid before them.
        last = min(
            (
                self._places[each]
                for name in family
                for each in self._dependents[name]
                if each in self._places
            ),
            default=len(self._parts),
        )
        before = [number for number in range(first, len(self._parts)) if number <= last]
        after = [number for number in range(first, len(self._parts)) if number > last]
        kept = wanted is not None and wanted >= first
        if kept and self._parts[wanted or 0].room_for(family, self._things, self._limits):
            return wanted
        for number in (*before, *after):
            part = self._parts[number]
            if self._has_left(number, family) and part.room_for(family, self._things, self._limits):
                return number
        new = self._new()
        if not new.room_for(family, self._things, self._limits):
            return None
        self._parts.append(new)
        self._expected.append(0)
        self._expected_weight.append(0)
        return len(self._parts) - 1

    def _has_left(self, number: int, family: Sequence[str]) -> bool:
        """Whether a part has room for a family beside what is still to come into it."""
        part = self._parts[number]
        weight = sum(self._things[name].weight for name in family)
        return (
            len(part.names) + len(family) + self._expected[number] <= self._limits.things
            and part.weight + weight + self._expected_weight[number] <= self._limits.weight
        )

    def _new(self) -> _Part:
        return _Part(self._users, self._owned, self._pinned)
