"""What functions may leave behind on a machine, read from /proc and the file system."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from lambdaform.local.control_groups import FREEZE, PROCESSES, base_folder


@frozen
class Traces:
    """Processes that belong to a service or a function of its, this process's sockets and mounts, control groups and folders."""

    processes: frozenset[int]
    sockets: frozenset[str]
    mounts: frozenset[str]
    groups: frozenset[str]
    folders: frozenset[str]

    @classmethod
    def found(cls, mark: str, folder: Path) -> Traces:
        """The processes that have ``mark`` in their environment or see ``folder`` mounted, and all the rest."""
        return cls(
            processes=frozenset(
                int(process.name)
                for process in Path("/proc").iterdir()
                if process.name.isdigit() and _belongs(process, mark.encode(), folder.name.encode())
            ),
            sockets=frozenset(
                name
                for each in Path("/proc/self/fd").iterdir()
                if (name := _link(each)).startswith("socket:")
            ),
            mounts=frozenset(
                line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "lambdaform" in line
            ),
            groups=frozenset(str(each) for each in groups_of(folder)),
            folders=frozenset(each.name for each in (folder / "environments").glob("*")),
        )


def groups_of(folder: Path) -> list[Path]:
    """The control groups of the service."""
    bases = {base_folder(PROCESSES), base_folder(FREEZE)}
    return [group for base in bases if base is not None for group in base.glob(f"{folder.name}.*")]


def mounts_of(folder: Path) -> list[str]:
    """What of the service's folder any process of this machine sees mounted."""
    return [
        line
        for process in Path("/proc").iterdir()
        if process.name.isdigit()
        for line in _text(process / "mountinfo").splitlines()
        if folder.name in line
    ]


def sockets_of(pid: int) -> frozenset[str]:
    """The sockets of a process, by their inodes."""
    try:
        names = [_link(each) for each in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        names = []
    return frozenset(name[len("socket:[") : -1] for name in names if name.startswith("socket:["))


def open_sockets() -> frozenset[str]:
    """All sockets of this machine that belong to somebody, by their inodes."""
    found = set()
    for name, column in (("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("unix", 6)):
        for line in _text(Path("/proc/net") / name).splitlines()[1:]:
            found.add(line.split()[column])
    return frozenset(found)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _belongs(process: Path, mark: bytes, folder: bytes) -> bool:
    if process.name == str(os.getpid()):
        return False
    try:
        if (process / "stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X"):
            # One that has ended and whose parent is told of it at its leisure, unless we are that.
            return f"\nPPid:\t{os.getpid()}\n" in (process / "status").read_text()
        return (
            mark in (process / "environ").read_bytes().split(b"\0")
            or folder in (process / "mountinfo").read_bytes()
        )
    except OSError:
        return False


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
