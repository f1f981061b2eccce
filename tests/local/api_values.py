"""Values of the service model's shapes, as hypothesis makes them: what Lambda takes, and what it does not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from lambdaform.facts.service_model import Shape
from lambdaform.local.endpoint import validation

#: Text as clients may send it; hypothesis makes no halves of surrogate pairs.
TEXT = st.text(max_size=20)
#: Text that may stand in a header or a path.
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def of_kind(shape: Shape, *, valid: bool = False, plain: bool = False) -> st.SearchStrategy[Any]:
    """Values of the shape's kind; ``valid`` ones hold to its enumeration, ``plain`` ones are printable."""
    if shape.kind == "structure":
        return structures(shape, valid=valid)
    if shape.kind == "list":
        return st.lists(of_kind(shape.value, valid=valid, plain=plain), max_size=3)
    if shape.kind == "map":
        return st.dictionaries(of_kind(shape.key), of_kind(shape.value, valid=valid), max_size=3)
    if shape.kind == "string":
        if shape.enum and valid:
            return st.sampled_from(shape.enum)
        return PLAIN if plain else TEXT
    if shape.kind in ("integer", "long"):
        bits = 31 if shape.kind == "integer" else 63
        return st.integers(-(1 << bits), (1 << bits) - 1)
    if shape.kind == "double":
        return st.floats(allow_nan=False, allow_infinity=False)
    if shape.kind == "boolean":
        return st.booleans()
    if shape.kind == "blob":
        return st.binary(max_size=30)
    return st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def structures(shape: Shape, *, valid: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Structures with their required members and some of the others."""

    def member(name: str) -> st.SearchStrategy[Any]:
        found = shape.members[name]
        return of_kind(found.shape, valid=valid, plain=found.location != "body")

    required = {name: member(name) for name in shape.required if name in shape.members}
    optional = {name: member(name) for name in shape.members if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def any_value(shape: Shape, known: dict[str, list[str]], *, in_body: bool = True) -> st.SearchStrategy[Any]:
    """Values of a shape as JSON has them: what Lambda takes, what is at its limits, what is beyond, and other kinds.

    ``known`` has the names of things that there are, by the shapes that may name them.
    """
    return st.one_of(*_values(shape, known, in_body=in_body))


def _values(shape: Shape, known: dict[str, list[str]], *, in_body: bool) -> list[st.SearchStrategy[Any]]:
    if shape.kind == "structure":
        members = {name: any_value(member.shape, known) for name, member in shape.members.items()}
        required = {name: value for name, value in members.items() if name in shape.required}
        return [
            st.fixed_dictionaries(
                required, optional={name: value for name, value in members.items() if name not in required}
            ),
            _few(members),
            *([OTHER_KINDS] if in_body else []),
        ]
    if shape.kind == "list":
        element = any_value(shape.value, known, in_body=in_body)
        most = int(shape.most) if shape.most is not None and shape.most < 60 else 3
        return [
            st.lists(element, max_size=3),
            element.map(lambda each: [each] * (most + 1)),
            *([OTHER_KINDS] if in_body else []),
        ]
    if shape.kind == "map":
        return [
            st.dictionaries(any_text(shape.key, known), any_value(shape.value, known), max_size=3),
            OTHER_KINDS,
        ]
    if shape.kind == "string":
        return [any_text(shape, known), *([OTHER_KINDS] if in_body else [])]
    if shape.kind in ("integer", "long", "double"):
        bounds = [
            int(each + by) for each in (shape.least, shape.most) if each is not None for by in (-1, 0, 1)
        ]
        return [
            st.sampled_from([*bounds, 0, 1, -1, 1 << 31, 1 << 63, -(1 << 63)]),
            st.integers(),
            *([st.floats(), OTHER_KINDS] if in_body else [st.text(max_size=5)]),
        ]
    if shape.kind == "boolean":
        return [st.booleans() if in_body else st.sampled_from(["true", "false", "yes", ""])]
    if shape.kind == "blob":
        encoded = st.binary(max_size=30).map(lambda data: base64.b64encode(data).decode())
        return [encoded, st.sampled_from(known.get(shape.name, [""])), st.text(max_size=5)]
    return [st.integers(), st.floats(), st.text(max_size=20)]


#: What stands where something else was to stand.
OTHER_KINDS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "☃", [], [None], {}, {"": {}}, {"a": [[]]}]
)


def _few(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Some members, and often not those that there must be."""
    return st.fixed_dictionaries({}, optional=members)


def any_text(shape: Shape, known: dict[str, list[str]]) -> st.SearchStrategy[str]:
    """Text for a string: of its enumeration or pattern, of the lengths about its limits, or any."""
    choices: list[st.SearchStrategy[str]] = [st.text(max_size=20)]
    if shape.name in known:
        choices += [st.sampled_from(known[shape.name])] * 3
    if shape.enum:
        choices += [st.sampled_from(shape.enum)] * 3
    if shape.pattern is not None:
        choices += [st.from_regex(validation.pattern(shape), fullmatch=True).map(lambda text: text[:300])]
    lengths = [int(each + by) for each in (shape.least, shape.most) if each is not None for by in (-1, 0, 1)]
    if sizes := [each for each in lengths if 0 <= each <= 5000]:
        choices += [st.sampled_from(sizes).map(lambda size: "a" * size)]
    return st.one_of(*choices)


def right_value(shape: Shape, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Values of a shape that the service's model takes, as JSON has them; things that there are by their names."""
    if shape.kind == "structure":
        members = {name: right_value(member.shape, known) for name, member in shape.members.items()}
        required = {name: value for name, value in members.items() if name in shape.required}
        return st.fixed_dictionaries(
            required, optional={name: value for name, value in members.items() if name not in required}
        )
    least, most = int(shape.least or 0), int(shape.most if shape.most is not None else 1000)
    if shape.kind == "list":
        return st.lists(right_value(shape.value, known), min_size=least, max_size=min(max(least, 2), most))
    if shape.kind == "map":
        keys = right_value(shape.key, known)
        return st.dictionaries(keys, right_value(shape.value, known), min_size=least, max_size=min(2, most))
    if shape.kind == "string":
        if shape.name in known:
            return st.sampled_from(known[shape.name])
        if shape.enum:
            return st.sampled_from(shape.enum)
        if shape.pattern is None:
            return st.text(min_size=least, max_size=min(most, least + 10))
        written = st.from_regex(validation.pattern(shape), fullmatch=True)
        return written.filter(lambda text: least <= len(text) <= most)
    if shape.kind in ("integer", "long"):
        return st.integers(least, most)
    if shape.kind == "double":
        return st.floats(least, most)
    if shape.kind == "boolean":
        return st.booleans()
    if shape.kind == "blob":
        return st.sampled_from(known.get(shape.name, [""]))
    return st.integers(0, 4_000_000_000)
