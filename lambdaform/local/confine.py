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
from collections.abc import Callable
from functools import cache

from attrs import frozen

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
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


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def confinement() -> Callable[[], None] | None:
    """What a child process calls between fork and exec to be confined; None where the machine cannot do that."""
    if unavailable() is not None:
        return None
    libc = _libc()
    code = _filter(_MACHINES[os.uname().machine], os.getpid(), os.getpgrp())
    program = _Program(len(code) // 8, code)
    ruleset = _Ruleset(0, 0, _LANDLOCK_SCOPE_SIGNAL) if _has_landlock() else None

    def confine() -> None:
        _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if ruleset is not None:
            size = ctypes.c_size_t(ctypes.sizeof(ruleset))
            descriptor = libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
            _check(min(descriptor, 0))
            _check(libc.syscall(_LANDLOCK_RESTRICT_SELF, descriptor, 0))
            os.close(descriptor)
        _check(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))

    return confine


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


def _filter(machine: _Machine, supervisor: int, group: int) -> bytes:
    """The filter's program: each line jumps so many lines on if the loaded value is its operand, else so many."""
    everybody = 0xFFFF_FFFF  # -1, as the kernel has it
    return b"".join(
        struct.pack("=HBBI", code, if_so, if_not, operand)
        for code, if_so, if_not, operand in (
            (_LOAD, 0, 0, _ARCHITECTURE),
            (_IS, 0, 8, machine.name),
            (_LOAD, 0, 0, _NUMBER),
            (_IS, 7, 0, machine.ptrace),
            (_IS, 1, 0, machine.kill),
            (_IS, 0, 4, machine.tgkill),
            (_LOAD, 0, 0, _FIRST),
            (_IS, 3, 0, supervisor),
            (_IS, 2, 0, -group & everybody),
            (_IS, 1, 0, everybody),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        )
    )


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
