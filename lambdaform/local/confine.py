"""What a function's process may not do to others: no signals to processes outside its environment, no ptrace.

Lambda's functions run as a user of their own and cannot harm what runs them. Here they have the same user as
lambdaform, and "kill my parent's group" would end it. A seccomp filter refuses signals to lambdaform, its group and
"everybody", and ptrace(2); Landlock, where the kernel has its signal scope (Linux 6.12), refuses signals to all
processes but the function's own. Both last for the process and all that it starts. The same filter stops what names an
address of the network, and asks (`lambdaform.local.network`).

Source: AWS Lambda Developer Guide, lambda-runtime-environment; deck section B3 (ptrace is blocked); seccomp(2),
seccomp_unotify(2), landlock(7); Linux, include/uapi/linux/filter.h and landlock.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from functools import cache

from attrs import frozen

from lambdaform.local.steps import Step

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_VERSION, _LANDLOCK_SCOPE_SIGNAL = 1, 2
#: The first version of Landlock that knows signals.
_LANDLOCK_WITH_SIGNALS = 6

_SECCOMP_GET_ACTION_AVAIL = 2
_LOAD, _IS, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE, _ASK = 0x7FFF_0000, 0x0005_0000 | errno.EPERM, 0x7FC0_0000
#: Where the number, the architecture, the lower half of the first argument of a system call, and both of the fifth are.
_NUMBER, _ARCHITECTURE, _FIRST, _FIFTH, _FIFTH_UPPER = 0, 4, 16, 48, 52


@frozen
class Machine:
    """A processor's name for the kernel, and the numbers of system calls on it."""

    name: int
    seccomp: int
    ptrace: int
    kill: int
    tgkill: int
    connect: int
    bind: int
    listen: int
    sendto: int


MACHINES = {
    "x86_64": Machine(
        0xC000_003E, 317, ptrace=101, kill=62, tgkill=234, connect=42, bind=49, listen=50, sendto=44
    ),
    "aarch64": Machine(
        0xC000_00B7, 277, ptrace=117, kill=129, tgkill=131, connect=203, bind=200, listen=201, sendto=206
    ),
}


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def confinement(*parents: int, questions: int | None = None) -> tuple[Step, ...]:
    """The steps by which a child process is confined; none where the machine cannot do that.

    The processes ``parents`` are as safe as this one. To ``questions``, a descriptor, goes the one on which the filter
    asks what to do with addresses of the network; without it, it does not ask.
    """
    if unavailable() is not None:
        return ()
    steps: list[Step] = [("no new privileges",)]
    if _has_landlock():
        steps.append(("landlock", bytes(_Ruleset(0, 0, _LANDLOCK_SCOPE_SIGNAL))))
    safe = tuple(dict.fromkeys((os.getpid(), -os.getpgrp(), *parents, *(-each for each in parents))))
    machine = MACHINES[os.uname().machine]
    plain = _filter(machine, safe, asks=False)
    if questions is None:
        steps.append(("filter", plain))
    else:
        steps.append(("asking filter", questions, machine.seccomp, _filter(machine, safe, asks=True), plain))
    return tuple(steps)


@cache
def can_ask() -> bool:
    """Whether a filter may ask another process what to do (Linux 5.0)."""
    if unavailable() is not None:
        return False
    number = MACHINES[os.uname().machine].seccomp
    action = ctypes.c_uint32(_ASK)
    return bool(_libc().syscall(number, _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


@cache
def unavailable() -> str | None:
    """Why this machine cannot confine processes, or None where it can."""
    if sys.platform != "linux":
        return f"{sys.platform} has no seccomp"
    if os.uname().machine not in MACHINES:
        return f"lambdaform does not know the system calls of {os.uname().machine}"
    # A filter that is not there is refused for that reason alone, where filters are known.
    _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, None, 0, 0)
    number = ctypes.get_errno()
    return None if number == errno.EFAULT else os.strerror(number)


def _has_landlock() -> bool:
    version: int = _libc().syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    return version >= _LANDLOCK_WITH_SIGNALS


@cache
def _filter(machine: Machine, safe: tuple[int, ...], *, asks: bool) -> bytes:
    """The filter's program; a line that is a word is the name of the place that others jump to.

    To none of ``safe``, processes and with a minus groups, a signal gets through, nor to everybody.
    """
    everybody = -1
    lines: list[tuple[int, int, str, str] | str] = [
        (_LOAD, _ARCHITECTURE, "", ""),
        (_IS, machine.name, "", "allow"),
        (_LOAD, _NUMBER, "", ""),
        (_IS, machine.ptrace, "refuse", ""),
        (_IS, machine.kill, "signal", ""),
        (_IS, machine.tgkill, "signal", ""),
    ]
    if asks:
        lines += [
            (_IS, machine.connect, "ask", ""),
            (_IS, machine.bind, "ask", ""),
            (_IS, machine.listen, "ask", ""),
            (_IS, machine.sendto, "", "allow"),
            # Only one that names an address: to any other the socket is connected.
            (_LOAD, _FIFTH, "", ""),
            (_IS, 0, "", "ask"),
            (_LOAD, _FIFTH_UPPER, "", ""),
            (_IS, 0, "", "ask"),
        ]
    lines += [
        "allow",
        (_RETURN, _ALLOW, "", ""),
        "ask",
        (_RETURN, _ASK, "", ""),
        "signal",
        (_LOAD, _FIRST, "", ""),
        *((_IS, each & 0xFFFF_FFFF, "refuse", "") for each in (*safe, everybody)),
        (_RETURN, _ALLOW, "", ""),
        "refuse",
        (_RETURN, _REFUSE, "", ""),
    ]
    return b"".join(_assembled(lines))


def _assembled(lines: Sequence[tuple[int, int, str, str] | str]) -> Iterator[bytes]:
    """The instructions: each jumps so many lines on if the loaded value is its operand, else so many."""
    places: dict[str, int] = {}
    at = 0
    for line in lines:
        if isinstance(line, str):
            places[line] = at
        else:
            at += 1
    at = 0
    for line in lines:
        if not isinstance(line, str):
            at += 1
            code, operand, *targets = line
            if_so, if_not = (places[each] - at if each else 0 for each in targets)
            yield struct.pack("=HBBI", code, if_so, if_not, operand)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
