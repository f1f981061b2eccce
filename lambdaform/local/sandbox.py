"""What an environment's process sees of the file system: its own view of this machine, in a mount namespace.

In it ``/var/task`` is the code and ``/opt`` the layers, both read-only, ``/tmp`` is the environment's own and no
larger than the function asks for, and the home folder of whoever runs lambdaform is not there. The process makes
the namespace for itself between fork and exec, so that there is nothing to clean up after it. Where the machine does
not allow that, `unavailable` says why, and the process gets real folders and variables instead. It keeps accidents
apart, not attackers.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and chapter-layers; user_namespaces(7),
mount_namespaces(7), pivot_root(2).
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from attrs import field, frozen

_CLONE_NEWNS = 0x0002_0000
_CLONE_NEWUSER = 0x1000_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16_384, 1 << 18
_MNT_DETACH = 2
#: Mount flags that a remount must keep, under the names that `os.statvfs` gives them.
_KEPT = {"ST_NOSUID": _MS_NOSUID, "ST_NODEV": _MS_NODEV, "ST_NOEXEC": _MS_NOEXEC, "ST_RDONLY": _MS_RDONLY}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

TASK = Path("/var/task")
OPT = Path("/opt")
TMP = Path("/tmp")  # noqa: S108 - the function's own, not this machine's
RUNTIME = Path("/var/runtime")
#: Where the process sees something else than this machine has.
_OWN = ("/opt", "/tmp", "/var/task", "/var/runtime", "/var/lang")  # noqa: S108


@frozen
class View:
    """The real folders behind what a process sees, and ``root``, an empty folder to build its view in.

    ``tmp_mb`` is the size of ``/tmp``, which is in memory then and gone with the view, and not in the folder ``tmp``.
    ``hosts`` is the file to show as ``/etc/hosts``; ``visible`` are further folders that must be there under
    their own paths: the interpreter and its libraries.
    """

    task: Path
    opt: Path
    tmp: Path
    root: Path
    runtime: Path | None = None
    hosts: Path | None = None
    visible: tuple[Path, ...] = ()
    tmp_mb: int | None = None


@frozen
class _Step:
    """One thing to do in the new namespace, with everything that it needs computed before the fork."""

    kind: str
    target: bytes
    source: bytes = b""
    flags: int = 0


@frozen
class Plan:
    """How to make a view; `enter` is for the child process, between fork and exec."""

    root: bytes
    steps: Sequence[_Step] = field(repr=False)
    user: int
    group: int

    def enter(self) -> None:
        """Make the namespace and the view, and step into it. Raises `OSError` where the machine refuses."""
        libc = _libc()
        if self.user != 0:
            _check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS))
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{self.user} {self.user} 1")
            _write("/proc/self/gid_map", f"{self.group} {self.group} 1")
        else:
            _check(libc.unshare(_CLONE_NEWNS))
        _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
        _check(libc.mount(b"lambdaform", self.root, b"tmpfs", _MS_NOSUID | _MS_NODEV, b"size=1m,mode=755"))
        for step in self.steps:
            if step.kind == "folder":
                _make_folders(step.target)
            elif step.kind == "link":
                os.symlink(step.source, step.target)  # noqa: PTH211 - bytes
            elif step.kind == "file":
                os.close(os.open(step.target, os.O_CREAT | os.O_WRONLY, 0o644))
            elif step.kind == "tmpfs":
                _check(libc.mount(b"lambdaform-tmp", step.target, b"tmpfs", step.flags, step.source))
            elif step.kind == "bind":
                _check(libc.mount(step.source, step.target, None, _MS_BIND | _MS_REC, None))
                if step.flags:
                    flags = _MS_BIND | _MS_REMOUNT | step.flags
                    _check(libc.mount(None, step.target, None, flags, None))
        os.chdir(self.root)
        _check(libc.syscall(_PIVOT_ROOT[os.uname().machine], b".", b"."))
        _check(libc.umount2(b".", _MNT_DETACH))
        os.chdir("/")


def plan(view: View) -> Plan:
    """The steps that make a view, worked out on this machine's file system as it is now."""
    root = os.fsencode(view.root)
    home = _home()
    steps: list[_Step] = []
    for name in sorted(os.listdir("/")):  # noqa: PTH208 - names are all that is wanted
        path = f"/{name}"
        if path in _OWN or path == "/var":
            continue
        if home is not None and home.is_relative_to(path):
            steps.append(_Step("folder", root + os.fsencode(str(home))))
            continue
        steps += _shown(root, path)
    steps.append(_Step("folder", root + b"/var"))
    for name in sorted(os.listdir("/var")) if os.path.isdir("/var") else ():  # noqa: PTH208, PTH112
        if f"/var/{name}" not in _OWN:
            steps += _shown(root, f"/var/{name}")
    for own in (TASK, OPT, TMP, RUNTIME):
        steps.append(_Step("folder", root + os.fsencode(str(own))))
    steps.append(_bind(root, view.task, str(TASK), read_only=True))
    if view.runtime is not None:
        steps.append(_bind(root, view.runtime, str(RUNTIME), read_only=True))
    if view.hosts is not None and view.hosts.is_file() and Path("/etc/hosts").is_file():
        steps.append(_bind(root, view.hosts, "/etc/hosts", read_only=True))
    for child in sorted(view.opt.iterdir()) if view.opt.is_dir() else ():
        target = root + os.fsencode(str(OPT / child.name))
        steps.append(_Step("folder" if child.is_dir() else "file", target))
        steps.append(_bind(root, child, str(OPT / child.name), read_only=True))
    if view.tmp_mb is not None:
        size = f"size={view.tmp_mb}m,mode=700".encode()
        steps.append(_Step("tmpfs", root + os.fsencode(str(TMP)), size, _MS_NOSUID | _MS_NODEV))
    else:
        steps.append(_bind(root, view.tmp, str(TMP), read_only=False))
    for folder in _outermost(view.visible):
        if _is_hidden(folder, home):
            steps.append(_Step("folder", root + os.fsencode(str(folder))))
            steps.append(_bind(root, folder, str(folder), read_only=True))
    return Plan(root, tuple(steps), os.getuid(), os.getgid())


def fits_in_memory(tmp_mb: int) -> bool:
    """Whether a function's ``/tmp`` may be in memory, so that its size is limited: in at most a quarter of it."""
    return tmp_mb << 20 <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4


@cache
def unavailable(folder: Path) -> str | None:
    """Why this machine allows no view of its own, or None where it does. Tried once, in a child process.

    ``folder`` is an existing one for the trial.
    """
    if sys.platform != "linux":
        return f"{sys.platform} has no mount namespaces"
    if os.uname().machine not in _PIVOT_ROOT:
        return f"lambdaform does not know how to make one on {os.uname().machine}"
    view = View(folder, folder, folder, folder, tmp_mb=1)
    trial = plan(view)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            trial.enter()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happened
            os.write(writing, str(error).encode()[:500])
            code = 1
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        reason = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return None if status == 0 else (reason or f"the trial ended with status {status}")


def _shown(root: bytes, path: str) -> list[_Step]:
    """The steps that show something of this machine as it is."""
    target = root + os.fsencode(path)
    if os.path.islink(path):  # noqa: PTH114 - bytes and text paths side by side
        return [_Step("link", target, os.fsencode(os.readlink(path)))]  # noqa: PTH115
    if os.path.isdir(path):  # noqa: PTH112
        return [_Step("folder", target), _Step("bind", target, os.fsencode(path))]
    return []


def _bind(root: bytes, source: Path, path: str, *, read_only: bool) -> _Step:
    flags = 0
    if read_only:
        kept = os.statvfs(source).f_flag
        flags = _MS_RDONLY
        for name, flag in _KEPT.items():
            if kept & getattr(os, name, 0):
                flags |= flag
    return _Step("bind", root + os.fsencode(path), os.fsencode(str(source)), flags)


def _home() -> Path | None:
    """The home folder to hide; none where it is the root, or so far up that half the system lies in it."""
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111 - Path.home() raises where this gives "~"
    if home.parts[:2] in (("/", "usr"), ("/", "var"), ("/", "etc"), ("/", "nonexistent")) or str(home) == "/":
        return None
    return home


def _is_hidden(path: Path, home: Path | None) -> bool:
    return any(path.is_relative_to(each) for each in _OWN) or (home is not None and path.is_relative_to(home))


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """Each folder once, and none that lies in another of them."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not kept or not path.is_relative_to(kept[-1]):
            kept.append(path)
    return kept


def _make_folders(path: bytes) -> None:
    os.makedirs(path, 0o755, exist_ok=True)  # noqa: PTH103 - bytes, and in the child every import counts


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
