"""Values of the service model's shapes, as hypothesis makes them: what Lambda takes, and what it does not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from lambdaform.facts.service_model import Shape

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


def matching(shape: Shape) -> st.SearchStrategy[str]:
    """Text that satisfies the shape's pattern and lengths."""
    pattern = shape.pattern or ""
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).filter(
        lambda text: (shape.least or 0) <= len(text) <= (shape.most or 10_000)
    )
