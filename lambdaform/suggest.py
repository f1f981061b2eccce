"""The suggestion in an error about a name: the nearest one that there is, or what else would be right.

Nothing heavy is imported before somebody has made a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """``Did you mean 'memory_size'?``, or ``otherwise``, or else all that there is."""
    import difflib

    names = list(known)
    other_case = [each for each in names if each.lower() == name.lower()]
    for near in other_case or difflib.get_close_matches(name, names, n=1):
        return f"Did you mean {near!r}?"
    return otherwise if otherwise is not None else f"It has {', '.join(names) or 'none'}."
