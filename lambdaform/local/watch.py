"""Which of a stack's files have changed: looked at now and again, by their times, sizes and modes.

Files are polled, so that it works alike on every file system, in containers and over networks, where events of the
kernel do not arrive. A look costs little: a folder whose time is what it was is not listed again, and of installed
packages, of which there are many and which nobody edits, only the folders are looked at. Now and then all is.

Source of what is not part of a package: `lambdaform.model.code_patterns`.
"""

from __future__ import annotations

import asyncio
import math
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

from lambdaform.errors import LambdaformError
from lambdaform.local.clock import wall_time
from lambdaform.model.code_patterns import patterns_for

#: The folders in which package managers install.
_PACKAGES = tuple(f"{os.sep}{name}" for name in ("node_modules", "site-packages", "vendor"))
#: The roughest steps in which a file system counts time, in nanoseconds (FAT): a folder may change twice in one.
_STEP = 2_000_000_000

#: By how much a file's time may lie before the moment of its writing, in nanoseconds: kernels tell it by ticks.
_TICK = 10_000_000

#: After how many seconds without a change nobody works on the files.
_REST = 300.0

#: What a file is known by: its time in nanoseconds, its size, its mode, and its number, for one that comes in the place of
#: another may have all else in common (npm gives all that it installs one time).
_Mark = tuple[int, int, int, int]


@frozen
class _Folder:
    """What was found in a folder that had this time; ``is_settled`` where any later change has another.

    ``linked`` are those of its folders that are links to code which nobody has installed: a workspace's own packages.
    """

    time: int
    is_settled: bool
    files: dict[str, _Mark]
    folders: tuple[str, ...]
    linked: frozenset[str]


@frozen
class Pace:
    """How often files are looked at, in seconds, and at most which share of the time that may take.

    The same of looks at all there is, the files of installed packages too.
    """

    period: float
    share: float
    whole_period: float = 5.0
    whole_share: float = 0.005
    longest: float = 30.0

    @classmethod
    def after(cls, rest: float) -> Pace:
        """The one for files that were changed last so many seconds ago: somebody works on them, or nobody does."""
        return cls(0.2, 0.1) if rest < _REST else cls(0.5, 0.02)

    def pause(self, spent: float, *, whole: bool) -> float:
        """How long to leave the files alone after a look that took ``spent`` seconds, until the next of its kind."""
        if whole:
            return min(max(self.whole_period, spent / self.whole_share), self.longest)
        return max(self.period, spent / self.share)


class Watch:
    """Waits for a change of files and of what is in folders, each of which is told once, whenever it happened."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(map(str, paths))
        #: Paths at which nobody has looked yet, and the moment (in nanoseconds) before which nothing is a change.
        self._new: dict[str, float] = dict.fromkeys(self._paths, math.inf)
        self._folders: dict[str, _Folder] = {}
        #: Those of the paths that are files.
        self._files: dict[str, _Mark] = {}
        self._pause = Pace.after(0).period
        self._next_whole = 0.0
        self.look()

    def follow(self, paths: Iterable[Path], *, since: float) -> None:
        """Look at these, which were read after the moment ``since``, from here on.

        What has changed of the earlier ones since the last look, and of new ones since that moment, is still told.
        """
        earlier, self._paths = set(self._paths), tuple(map(str, paths))
        self._new = {path: since * 1e9 - _TICK for path in self._paths if path not in earlier}
        roots = tuple(f"{path}{os.sep}" for path in self._paths)
        self._folders = {
            name: each for name, each in self._folders.items() if f"{name}{os.sep}".startswith(roots)
        }
        self._files = {name: each for name, each in self._files.items() if name in self._paths}

    async def change(self) -> list[str]:
        """The files that have changed, as soon as some have."""
        loop = asyncio.get_running_loop()
        # Somebody works on the files: they have just begun, or changed one.
        began = loop.time()
        while True:
            await asyncio.sleep(self._pause)
            started = loop.time()
            is_whole = started >= self._next_whole
            # Beside the loop, for which others wait.
            names = await asyncio.to_thread(self.look, whole=is_whole)
            spent = loop.time() - started
            pause = Pace.after(started - began).pause(spent, whole=is_whole)
            if is_whole:
                self._next_whole = loop.time() + pause
            else:
                self._pause = pause
            if names:
                return names

    def look(self, *, whole: bool = True) -> list[str]:
        """The files that are new, gone or different since the last look.

        One that is not ``whole`` passes over what would show only in the files of installed packages.
        """
        folders, files = self._folders, self._files
        self._folders, self._files = {}, {}
        changed: set[str] = set()
        # What was looked at before comes first: a new path may hold it, and what is new in it is a change.
        for path in sorted(self._paths, key=self._new.__contains__):
            since = self._new.get(path, -math.inf)
            status = _status(path)
            if status is not None and not stat.S_ISDIR(status.st_mode):
                self._files[path] = _mark(status)
                files = {**_read_before(since, {path: _mark(status)}), **files}
            elif status is not None:
                for before, now in self._walk(path, status, folders, whole=whole):
                    changed |= _differences(
                        before.files if before else _read_before(since, now.files), now.files
                    )
        for name in folders.keys() - self._folders.keys():
            changed |= folders[name].files.keys()
        self._new = {}
        return sorted(changed | _differences(files, self._files))

    def _walk(
        self, path: str, status: os.stat_result, known: Mapping[str, _Folder], *, whole: bool
    ) -> Iterator[tuple[_Folder | None, _Folder]]:
        """Look at a folder and those in it; gives what is not as it was, and how it was where that is known."""
        seen: set[tuple[int, int]] = set()
        pending: list[tuple[str, os.stat_result, bool]] = [(path, status, False)]
        while pending:
            path, status, installed = pending.pop()
            place = (status.st_dev, status.st_ino)
            # By two paths, or by a link that leads up.
            if path in self._folders or place in seen:
                continue
            seen.add(place)
            before = known.get(path)
            now = self._folders[path] = _found(path, status, before, installed=installed, whole=whole)
            if now is not before:
                yield before, now
            for each in now.folders:
                its = _status(each)
                if its is not None and stat.S_ISDIR(its.st_mode):
                    is_installed = (installed and each not in now.linked) or each.endswith(_PACKAGES)
                    pending.append((each, its, is_installed))


def watched_path(path: Path) -> Path:
    """The path by which a file is looked at: with the links on the way, which may vanish or lead elsewhere one day."""
    lexical, real = os.path.abspath(path), os.path.realpath(path)  # noqa: PTH100 - resolve() would follow the links
    return Path(lexical if os.path.realpath(lexical) == real else real)


def named_in(error: LambdaformError) -> set[Path]:
    """The files in which an error, and all that were found with it, were made."""
    return {Path(each.where.file).resolve() for each in (error, *error.others) if each.where is not None}


def mended_in(error: LambdaformError, files: Iterable[Path]) -> set[Path]:
    """Where that which mends an error of a stack may be written: the files that it names, and beside the stack's own.

    What one of these imports or names, and what then is not there, is looked for beside it.
    """
    return named_in(error) | {each.parent for each in files if not each.is_dir()}


def _found(
    path: str, status: os.stat_result, known: _Folder | None, *, installed: bool, whole: bool
) -> _Folder:
    """What is in a folder, which is ``known`` itself where that has not changed."""
    time = status.st_mtime_ns
    if known is not None and known.is_settled and known.time == time and not whole:
        if installed:
            return known
        found = evolve(known, files=_marks(known.files))
    else:
        is_settled = time + _STEP < wall_time() * 1e9
        names, folders, linked = _listed(path)
        found = _Folder(time, is_settled, _marks(names), tuple(folders), frozenset(linked))
    return known if known == found else found


def _listed(path: str) -> tuple[list[str], list[str], list[str]]:
    """The files and the folders in a folder, but for those that are never packaged, and the links among the folders."""
    names: list[str] = []
    folders: list[str] = []
    linked: list[str] = []
    try:
        with os.scandir(path) as children:
            for child in children:
                if _excluded(child.name):
                    continue
                (folders if child.is_dir() else names).append(child.path)
                if child.is_symlink() and not _is_installed(os.path.realpath(child.path)):
                    linked.append(child.path)
    except OSError:
        # A folder that goes away while we look is a change that the next look shows.
        return [], [], []
    return names, folders, linked


def _is_installed(path: str) -> bool:
    return any(f"{each}{os.sep}" in f"{path}{os.sep}" for each in _PACKAGES)


def _marks(paths: Iterable[str]) -> dict[str, _Mark]:
    return {path: _mark(status) for path in paths if (status := _status(path)) is not None}


def _mark(status: os.stat_result) -> _Mark:
    return status.st_mtime_ns, status.st_size, status.st_mode, status.st_ino


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - thousands of files, several times a second
    except OSError:
        return None


def _read_before(moment: float, files: Mapping[str, _Mark]) -> dict[str, _Mark]:
    """Those of the files that were last written before the moment."""
    return {path: mark for path, mark in files.items() if mark[0] < moment}


def _differences(before: Mapping[str, _Mark], now: Mapping[str, _Mark]) -> set[str]:
    return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def _excluded(name: str) -> bool:
    return patterns_for().leave_out(name, folder=True)
