"""What a new process does to itself before it runs anybody's code: steps, which are plain values.

They are worked out by lambdaform, on the machine as it is, and taken by the child: between fork and exec, or in a
process that was forked from one of the function's own Python (`lambdaform.local.nursery`). For that this module is
copied to it, so that it imports nothing of lambdaform and runs on Python 3.9.

Source: prctl(2), getrlimit(2), mount(2), mount_setattr(2), pivot_root(2), unshare(2), setns(2), seccomp(2),
landlock(7), capset(2).
"""

from __future__ import annotations

import _socket
import ctypes
import os
import resource
import signal
import sys

# Type checkers take it for true. What this imports, the functions' processes have loaded as well.
TYPE_CHECKING = False
#: What to do, and with what: a word, then numbers, texts and bytes, all of which `marshal` writes.
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Step = tuple[Any, ...]
else:
    Step = tuple

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_SECCOMP_SET_MODE_FILTER = 1
#: Give a descriptor on which the filter asks; once a question was read, only a deadly signal breaks it off (Linux 5.19).
_NEW_LISTENER, _WAIT_KILLABLE = 8, 32
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_CAPABILITY_VERSION_3 = 0x2008_0522
_MNT_DETACH = 2
#: The number of mount_setattr(2), on every processor, and what it takes.
MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = -100, 0x8000, 1


def take(steps: Iterable[Step], descriptors: Mapping[int, int] | None = None) -> None:
    """Take them all. ``descriptors`` says which are another number here. Raises `OSError` where the kernel refuses."""
    for kind, *arguments in steps:
        if kind in ("setns", "asking filter"):
            descriptor, *arguments = arguments
            arguments = [(descriptors or {}).get(descriptor, descriptor), *arguments]
        _STEPS[kind](*arguments)


def _die_with(parent: int) -> None:
    """End with the parent, however that ends."""
    _check(_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(1)


def _write(path: Any, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _make_folder(path: bytes) -> None:
    os.makedirs(path, 0o755, exist_ok=True)  # noqa: PTH103 - bytes, and in the child every import counts


def _make_file(path: bytes) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
    _check(_libc().mount(source, target, kind, flags, data))


def _make_read_only(path: bytes) -> None:
    """Have nothing written below a mount point, nor below those in it."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _check(_libc().syscall(MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, attributes, size))


def _pivot_root(number: int) -> None:
    """Have the working directory as the root, and nothing of the root before."""
    _check(_libc().syscall(number, b".", b"."))
    _check(_libc().umount2(b".", _MNT_DETACH))
    os.chdir("/")


def _landlock(ruleset: bytes) -> None:
    libc = _libc()
    descriptor = libc.syscall(_LANDLOCK_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    _check(min(descriptor, 0))
    _check(libc.syscall(_LANDLOCK_RESTRICT_SELF, descriptor, 0))
    os.close(descriptor)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filter(code: bytes) -> None:
    program = _Program(len(code) // 8, code)
    _check(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def _asking_filter(channel: int, number: int, asking: bytes, plain: bytes) -> None:
    """Have a filter that asks on a descriptor, which goes through a channel; a plain one where another asks already."""
    program = _Program(len(asking) // 8, asking)
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        descriptor = _libc().syscall(number, _SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(program))
        if descriptor >= 0:
            questions = _socket.socket(fileno=channel)
            passed = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptor.to_bytes(4, sys.byteorder))
            questions.sendmsg([b"."], [passed])
            # It stays its owner's.
            questions.detach()
            os.close(descriptor)
            return
    _filter(plain)


def _keep_capabilities(kept: int) -> None:
    """Have no others than these, of which each is a bit; an exec gives back none to who may have no new privileges."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # The effective, permitted and inheritable ones up to the 32nd, then the others.
    sets = (ctypes.c_uint32 * 6)()
    _check(_libc().capget(header, sets))
    for at in (0, 3):
        permitted = sets[at + 1] & (kept >> 32 * (at // 3))
        sets[at : at + 3] = [permitted, permitted, 0]
    _check(_libc().capset(header, sets))


_STEPS: Any = {
    "die with": _die_with,
    # What is left behind by its own parent stays below this process, where it is frozen with the others.
    "adopt": lambda: _check(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)),
    "limit": resource.setrlimit,
    "write": _write,
    "unshare": lambda flags: _check(_libc().unshare(flags)),
    "setns": lambda descriptor, kind: _check(_libc().setns(descriptor, kind)),
    "mount": _mount,
    "folder": _make_folder,
    "file": _make_file,
    "link": os.symlink,
    "read only": _make_read_only,
    "pivot root": _pivot_root,
    "chdir": os.chdir,
    "no new privileges": lambda: _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)),
    "landlock": _landlock,
    "filter": _filter,
    "asking filter": _asking_filter,
    "capabilities": _keep_capabilities,
}
_LIBRARY: list[ctypes.CDLL] = []


def _libc() -> ctypes.CDLL:
    if not _LIBRARY:
        _LIBRARY.append(ctypes.CDLL(None, use_errno=True))
    return _LIBRARY[0]


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
