"""What a function's process may not do to others: no signals to processes outside its environment, no ptrace.

Lambda's functions run as a user of their own and cannot harm what runs them. Here they have the same user as
lambdaform, and "kill my parent's group" would end it. A seccomp filter refuses signals to lambdaform, its group and
"everybody", and ptrace(2); Landlock, where the kernel has its signal scope (Linux 6.12), refuses signals to all
processes but the function's own. Both last for the process and all that it starts.

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B3 (ptrace is blocked); seccomp(2),
landlock(7); Linux, include/uapi/linux/filter.h and landlock.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence
from functools import cache

from attrs import frozen

from lambdaform.local.steps import Step

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_VERSION, _LANDLOCK_SCOPE_SIGNAL = 1, 2
#: The first version of Landlock that knows signals.
_LANDLOCK_WITH_SIGNALS = 6

_LOAD, _IS, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EPERM
#: Where the number, the architecture, and the lower half of the first argument of a system call are.
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16


@frozen
class _Machine:
    """A processor's name for the kernel, and the numbers of system calls on it."""

    name: int
    ptrace: int
    kill: int
    tgkill: int


_MACHINES = {
    "x86_64": _Machine(0xC000_003E, ptrace=101, kill=62, tgkill=234),
    "aarch64": _Machine(0xC000_00B7, ptrace=117, kill=129, tgkill=131),
}


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def confinement(*parents: int) -> tuple[Step, ...]:
    """The steps by which a child process is confined; none where the machine cannot do that.

    The processes ``parents`` are as safe as this one.
    """
    if unavailable() is not None:
        return ()
    steps: list[Step] = [("no new privileges",)]
    if _has_landlock():
        steps.append(("landlock", bytes(_Ruleset(0, 0, _LANDLOCK_SCOPE_SIGNAL))))
    safe = (os.getpid(), -os.getpgrp(), *parents, *(-each for each in parents))
    steps.append(("filter", _filter(_MACHINES[os.uname().machine], safe)))
    return tuple(steps)


@cache
def unavailable() -> str | None:
    """Why this machine cannot confine processes, or None where it can."""
    if sys.platform != "linux":
        return f"{sys.platform} has no seccomp"
    if os.uname().machine not in _MACHINES:
        return f"lambdaform does not know the system calls of {os.uname().machine}"
    # A filter that is not there is refused for that reason alone, where filters are known.
    _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, None, 0, 0)
    number = ctypes.get_errno()
    return None if number == errno.EFAULT else os.strerror(number)


def _has_landlock() -> bool:
    version: int = _libc().syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    return version >= _LANDLOCK_WITH_SIGNALS


def _filter(machine: _Machine, safe: Sequence[int]) -> bytes:
    """The filter's program: each line jumps so many lines on if the loaded value is its operand, else so many.

    To none of ``safe``, processes and with a minus groups, a signal gets through, nor to everybody.
    """
    all_safe = [each & 0xFFFF_FFFF for each in (*safe, -1)]
    count = len(all_safe)
    lines = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS, 0, 5 + count, machine.name),
        (_LOAD, 0, 0, _NUMBER),
        (_IS, 4 + count, 0, machine.ptrace),
        (_IS, 1, 0, machine.kill),
        (_IS, 0, 1 + count, machine.tgkill),
        (_LOAD, 0, 0, _FIRST),
        *((_IS, count - number, 0, each) for number, each in enumerate(all_safe)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
