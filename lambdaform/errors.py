"""The errors a user of lambdaform can meet, and nothing else.

::

    LambdaformError
    ├── DefinitionError   a value, resource or stack that AWS would refuse, found while it was made or read
    ├── UsageError        a command, file or option that cannot work as given
    ├── LocalError        the local Lambda service cannot do what was asked on this machine
    └── PayloadError      an event or an answer that is not what its service sends or takes

Each error says what is wrong, where (the user's own file and line), and what would be right. Errors that
the *simulated service* answers to its callers (``ResourceNotFoundException`` and the like) are data of that
service and live in `lambdaform.local`.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lambdaform.origin import Location


class _Repr(reprlib.Repr):
    """Shows more of a text, and numbers that are too long for Python to print."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 120

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - as in reprlib
        """The number, or how large it is."""
        return f"<a number of {x.bit_length()} bits>" if x.bit_length() > 128 else repr(x)


_REPR = _Repr()


def shown(value: object, most: int = 60) -> str:
    """A value as an error shows it: its beginning, however long, deep, circular or ill-behaved it is."""
    text = _REPR.repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}…"


class LambdaformError(Exception):
    """A mistake that the user can mend: what is wrong, where it was written, and what would be right.

    ``rule`` is the stable id of the rule that was broken, where one applies (``lambdaform explain RULE``).
    ``others`` are further mistakes that were found at once; their texts are the error's notes.
    """

    others: tuple[LambdaformError, ...] = ()

    def __init__(
        self,
        what: str,
        *,
        right: str | None = None,
        where: Location | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.right = right
        self.where = where
        self.rule = rule

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.right}" if self.right else ""
        return f"{place}{self.what}{remedy}"

    def take_in(self, others: Iterable[LambdaformError]) -> None:
        """Let the error tell of these as well."""
        for other in others:
            self.others = (*self.others, other)
            self.add_note(other.text())

    def text(self) -> str:
        """The error as a command shows it: with the source line, unless it quotes the source itself."""
        frame = self.where.frame() if self.where and "\n" not in self.what else []
        return "\n".join([str(self), *frame])

    def texts(self) -> Iterator[str]:
        """The error and all that were found with it, as a command shows them."""
        yield self.text()
        yield from getattr(self, "__notes__", ())


class DefinitionError(LambdaformError):
    """A definition that AWS would refuse, raised at the line that made it."""


class UsageError(LambdaformError):
    """A command, file or option that cannot work as given."""


class LocalError(LambdaformError):
    """Something the local Lambda service cannot do on this machine; it refuses rather than pretends."""


class PayloadError(LambdaformError):
    """An event or an answer that is not what its service sends or takes."""
