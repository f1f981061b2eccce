"""What an environment's process sees of the file system: its own view of this machine, in a mount namespace.

In it ``/var/task`` is the code and ``/opt`` the layers, ``/tmp`` is the environment's own and no larger than the
function asks for, everything else is read-only (where `can_be_read_only`), and the home folder of whoever runs
lambdaform is not there. The process makes the namespace for itself between fork and exec, so that there is nothing
to clean up after it. Where the machine does not allow that, `unavailable` says why, and the process gets real folders
and variables instead. It keeps accidents apart, not attackers.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and chapter-layers; what users found under /dev on
Lambda (aws-lambda-base-images #132, pexpect #654, the AWS Compute Blog on parallel processing in Python);
user_namespaces(7), mount_namespaces(7), mount_setattr(2), pivot_root(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.local.steps import MOUNT_SETATTR, Step, take

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
_OWN = ("/dev", "/opt", "/tmp", "/var/task", "/var/runtime", "/var/lang")  # noqa: S108
#: The devices of Lambda. It has no terminals, and no ``/dev/shm``.
_DEVICES = ("full", "null", "random", "urandom", "zero")


@frozen
class View:
    """The real folders behind what a process sees, and ``root``, an empty folder to build its view in.

    ``tmp_mb`` is the size of ``/tmp``, which is in memory then and gone with the view, and not in the folder ``tmp``.
    ``hosts`` is the file to show as ``/etc/hosts``; ``visible`` are further folders that must be there under
    their own paths: the interpreter and its libraries; ``programs`` are to be found by their names in ``/var/lang/bin``.
    """

    task: Path
    opt: Path
    tmp: Path
    root: Path
    runtime: Path | None = None
    hosts: Path | None = None
    visible: tuple[Path, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()
    tmp_mb: int | None = None


def plan(view: View) -> tuple[Step, ...]:
    """The steps that make a view and enter it, worked out on this machine's file system as it is now."""
    root = os.fsencode(view.root)
    home = _home()
    steps = [
        *_own_mounts(),
        _tmpfs(root, b"lambdaform", b"size=1m,mode=755"),
    ]
    for name in sorted(os.listdir("/")):  # noqa: PTH208 - names are all that is wanted
        path = f"/{name}"
        if path in _OWN or path == "/var":
            continue
        if home is not None and home.is_relative_to(path):
            steps.append(("folder", root + os.fsencode(str(home))))
            continue
        steps += _shown(root, path)
    steps += _shown_of_var(root + b"/var")
    steps += _devices(root + b"/dev")
    lang = root + b"/var/lang/bin"
    steps.append(("folder", lang))
    steps += [("link", os.fsencode(path), lang + b"/" + os.fsencode(name)) for name, path in view.programs]
    for own in (TASK, OPT, TMP, RUNTIME):
        steps.append(("folder", root + os.fsencode(str(own))))
    # Else all is so at once.
    each_read_only = not can_be_read_only()
    steps += _bind(root, view.task, str(TASK), read_only=each_read_only)
    if view.runtime is not None:
        steps += _bind(root, view.runtime, str(RUNTIME), read_only=each_read_only)
    if view.hosts is not None and view.hosts.is_file() and Path("/etc/hosts").is_file():
        steps += _bind(root, view.hosts, "/etc/hosts", read_only=each_read_only)
    for child in sorted(view.opt.iterdir()) if view.opt.is_dir() else ():
        steps += _shown_layer(root, child, read_only=each_read_only)
    hidden = [each for each in _outermost(view.visible) if _is_hidden(each, home)]
    for folder in hidden:
        if not folder.is_relative_to(TMP):
            steps += _shown_folder(root, folder, read_only=each_read_only)
    if not each_read_only:
        steps.append(("read only", root))
    if view.tmp_mb is not None:
        size = f"size={view.tmp_mb}m,mode=700".encode()
        steps.append(_tmpfs(root + os.fsencode(str(TMP)), b"lambdaform-tmp", size))
    else:
        steps += _bind(root, view.tmp, str(TMP), read_only=False)
    for folder in hidden:
        if folder.is_relative_to(TMP):
            steps += _shown_folder(root, folder, read_only=True)
    return (*steps, ("chdir", root), ("pivot root", _PIVOT_ROOT[os.uname().machine]))


def antechamber(root: Path, runtime: Path) -> tuple[Step, ...]:
    """The steps to a view of this machine as it is, but with a function's ``/var/runtime`` and an empty ``/var/task``.

    From there a process can make a view for itself (`plan`), and what it has loaded before stays where it was.
    ``root`` is an empty folder.
    """
    top = os.fsencode(root)
    return (
        *_own_mounts(),
        _tmpfs(top, b"lambdaform", b"size=1m,mode=755"),
        *_shown_of_var(top + b"/var"),
        ("folder", top + os.fsencode(str(TASK))),
        ("folder", top + os.fsencode(str(RUNTIME))),
        *_bind(top, runtime, str(RUNTIME), read_only=True),
        _bound(top + b"/var", b"/var"),
    )


def fits_in_memory(tmp_mb: int) -> bool:
    """Whether a function's ``/tmp`` may be in memory, so that its size is limited: in at most a quarter of it."""
    return tmp_mb << 20 <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4


@cache
def can_be_read_only() -> bool:
    """Whether a view can be read-only as a whole, with all that is mounted in it (Linux 5.12)."""
    if sys.platform != "linux":
        return False
    # The size of what it is given is too small, which is the first thing that it looks at.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(MOUNT_SETATTR, -1, None, 0, None, ctypes.c_size_t(0))
    return ctypes.get_errno() == errno.EINVAL


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
            take(trial)
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happened
            os.write(writing, _reason(error).encode()[:500])
            code = 1
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        reason = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return None if status == 0 else (reason or f"the trial ended with status {status}")


def _reason(error: BaseException) -> str:
    """Why a trial failed, for a person."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOSPC:
        # The kernel's error for a number of namespaces that is reached; nothing else here needs room.
        return "user namespaces are switched off: sysctl user.max_user_namespaces"
    if number in (errno.EPERM, errno.EACCES):
        who = (
            "root has no CAP_SYS_ADMIN, as in a container"
            if os.geteuid() == 0
            else "users may make no namespaces"
        )
        return f"{who}: {error}"
    return str(error)


def _own_mounts() -> list[Step]:
    """The steps to a mount namespace of the process's own; for anybody but root also one of users."""
    everything_private: Step = ("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    user, group = os.getuid(), os.getgid()
    if user == 0:
        return [("unshare", _CLONE_NEWNS), everything_private]
    return [
        ("unshare", _CLONE_NEWUSER | _CLONE_NEWNS),
        ("write", "/proc/self/setgroups", b"deny"),
        ("write", "/proc/self/uid_map", f"{user} {user} 1".encode()),
        ("write", "/proc/self/gid_map", f"{group} {group} 1".encode()),
        everything_private,
    ]


def _tmpfs(target: bytes, name: bytes, options: bytes) -> Step:
    return ("mount", name, target, b"tmpfs", _MS_NOSUID | _MS_NODEV, options)


def _shown(root: bytes, path: str) -> list[Step]:
    """The steps that show something of this machine as it is."""
    target = root + os.fsencode(path)
    if os.path.islink(path):  # noqa: PTH114 - bytes and text paths side by side
        return [("link", os.fsencode(os.readlink(path)), target)]  # noqa: PTH115
    if os.path.isdir(path):  # noqa: PTH112
        return [("folder", target), _bound(os.fsencode(path), target)]
    return []


def _shown_layer(root: bytes, child: Path, *, read_only: bool) -> list[Step]:
    """The steps that show one entry of the layers; a link stays one, wherever it leads."""
    target = root + os.fsencode(str(OPT / child.name))
    if child.is_symlink():
        return [("link", os.fsencode(os.readlink(child)), target)]  # noqa: PTH115
    return [
        ("folder" if child.is_dir() else "file", target),
        *_bind(root, child, str(OPT / child.name), read_only=read_only),
    ]


def _shown_folder(root: bytes, folder: Path, *, read_only: bool) -> list[Step]:
    """The steps that show a folder where all around it is hidden."""
    return [
        ("folder", root + os.fsencode(str(folder))),
        *_bind(root, folder, str(folder), read_only=read_only),
    ]


def _devices(target: bytes) -> list[Step]:
    """The steps to Lambda's devices, and to the only open files that have a name there."""
    steps: list[Step] = [("folder", target + b"/fd")]
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):  # noqa: PTH110
            device = f"/dev/{name}".encode()
            steps += [("file", target + b"/" + name.encode()), _bound(device, target + b"/" + name.encode())]
    for number, stream in enumerate((b"stdin", b"stdout", b"stderr")):
        file = f"/proc/self/fd/{number}".encode()
        steps += [("link", file, target + b"/" + stream), ("link", file, target + f"/fd/{number}".encode())]
    return steps


def _shown_of_var(target: bytes) -> list[Step]:
    """The steps that show what this machine has under ``/var``, but for what is a function's own."""
    root = target.removesuffix(b"/var")
    steps: list[Step] = [("folder", target)]
    for name in sorted(os.listdir("/var")) if os.path.isdir("/var") else ():  # noqa: PTH208, PTH112
        if f"/var/{name}" not in _OWN:
            steps += _shown(root, f"/var/{name}")
    return steps


def _bound(source: bytes, target: bytes) -> Step:
    return ("mount", source, target, None, _MS_BIND | _MS_REC, None)


def _bind(root: bytes, source: Path, path: str, *, read_only: bool) -> list[Step]:
    target = root + os.fsencode(path)
    steps = [_bound(os.fsencode(str(source)), target)]
    if read_only:
        kept, flags = os.statvfs(source).f_flag, _MS_RDONLY
        for name, flag in _KEPT.items():
            if kept & getattr(os, name, 0):
                flags |= flag
        steps.append(("mount", None, target, None, _MS_BIND | _MS_REMOUNT | flags, None))
    return steps


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
