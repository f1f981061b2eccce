"""The namespaces of one execution environment: its first process makes them, those that follow enter the same.

So what they see is one thing: a ``/tmp`` of the function's size that outlives a crash and is shared with the
extensions, and processes that can be told from all others whatever they have done to their variables, parents and
sessions. They are held by descriptors and by nothing else, and so they end with lambdaform, however that ends.

Source: namespaces(7), setns(2), user_namespaces(7).
"""

from __future__ import annotations

import os

from lambdaform.local.sandbox import View, plan
from lambdaform.local.steps import Step

_CLONE_NEWNS = 0x0002_0000
_CLONE_NEWUSER = 0x1000_0000


class Namespace:
    """The namespaces that show ``view``; `close` it when all their processes have ended."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._mounts: int | None = None
        self._users: int | None = None
        self._identity: int | None = None
        self._maker: int | None = None

    def is_open_to(self, parent: int) -> bool:
        """Whether a child of another process than this one may make or enter them.

        Root enters any; others what was made by a child of the same process, whose user namespace they are below.
        """
        return self._mounts is None or os.getuid() == 0 or parent == self._maker

    @property
    def descriptors(self) -> list[int]:
        """Those that the steps of `entrance` name."""
        return [each for each in (self._users, self._mounts) if each is not None]

    def entrance(self) -> tuple[Step, ...]:
        """The steps by which a child process comes into them."""
        if self._mounts is None:
            return plan(self._view)
        inside = ((self._users, _CLONE_NEWUSER), (self._mounts, _CLONE_NEWNS))
        return tuple(("setns", descriptor, kind) for descriptor, kind in inside if descriptor is not None)

    def keep(self, pid: int, parent: int) -> None:
        """Hold them, after the process, a child of ``parent``, has made or entered them."""
        if self._mounts is not None:
            return
        mounts = users = None
        try:
            mounts = _opened(pid, "mnt")
            users = _opened(pid, "user") if os.getuid() != 0 else None
        except OSError:
            # It has ended already; the next one makes them again.
            if mounts is not None:
                os.close(mounts)
            return
        self._mounts, self._users, self._maker = mounts, users, parent
        self._identity = os.fstat(mounts).st_ino

    def members(self) -> list[int]:
        """Every process that is in them now."""
        if self._identity is None:
            return []
        return [
            int(name)
            for name in os.listdir("/proc")  # noqa: PTH208 - names are all that is wanted
            if name.isdigit() and _identity(name) == self._identity
        ]

    def close(self) -> None:
        """Let go of them, in whichever thread: the files of a view that is in memory go with it."""
        descriptors = self.descriptors
        self._mounts = self._users = self._identity = None
        for descriptor in descriptors:
            os.close(descriptor)


def _opened(pid: int, kind: str) -> int:
    return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


def _identity(pid: str) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino  # noqa: PTH116 - often, and a Path costs more than the call
    except OSError:
        return None
