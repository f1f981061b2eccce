"""The hosts file that environments see: this machine's names, Lambda's own, and those of function URLs.

Browsers and curl take every name under ``localhost`` for this machine; most systems' resolvers know only ``localhost``
itself. So that functions can call each other's URLs, they are named here.

Source: hosts(5); RFC 6761, section 6.3.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_MACHINE = Path("/etc/hosts")
#: The name under which Lambda's documents let extensions listen.
_SANDBOX = "127.0.0.1 sandbox.localdomain sandbox\n"


class Hosts:
    """The file. Environments have it mounted, so it is written where it is, and they see it at once."""

    def __init__(self, file: Path) -> None:
        known = _MACHINE.read_text("utf-8", errors="replace") if _MACHINE.is_file() else ""
        self._file = file
        self._own = f"{known.rstrip()}\n{_SANDBOX}"
        self._names: tuple[str, ...] | None = None
        self.show(())

    def show(self, names: Iterable[str]) -> None:
        """Take these names, and no others, for this machine."""
        wanted = tuple(names)
        if wanted == self._names:
            return
        self._names = wanted
        text = self._own + "".join(f"127.0.0.1 {name}\n" for name in wanted)
        data = text.encode()
        # In one piece, for somebody may be reading.
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(descriptor, data, 0)
            os.ftruncate(descriptor, len(data))
        finally:
            os.close(descriptor)
