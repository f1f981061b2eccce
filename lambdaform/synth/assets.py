"""Assets: the content of one code or layer archive, and its reproducible zip.

An asset is known by a hash over its entries (name, mode, content), not over the zip's bytes. The zip itself has
the same bytes on every machine: entries in order of name, a fixed date, fixed modes, and no compression, for
two builds of zlib compress differently. (Transport compresses; Lambda's limit on an upload through S3 is on the
unzipped size.) File contents are read when they are needed and never held.

Source: AWS Lambda Developer Guide, python-package and gettingstarted-limits; deck section C3.
"""

from __future__ import annotations

import fnmatch
import hashlib
import lzma
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from attrs import field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import quotas
from lambdaform.origin import Location

#: What is never part of a package: caches, version control, virtual environments, editors' and build leftovers.
DEFAULT_EXCLUDES = (
    "__pycache__", "*.pyc", "*.pyo", ".git", ".hg", ".svn", ".DS_Store", "Thumbs.db", ".venv", "venv", ".env",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".idea", ".vscode",
    ".aws-sam", ".serverless", ".lambdaform", "*.egg-info",
)  # fmt: skip
_DATE = (1980, 1, 1, 0, 0, 0)
_MAX_ENTRIES = 65_535
_CHUNK = 1 << 20
#: The end record of a zip archive with the longest comment there can be.
_END_RECORD_BYTES = 22 + 65_535
_MAX_DIRECTORY_BYTES = 32 << 20
#: What `zipfile` raises on an archive that is damaged or made by an adversary.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    ValueError,
    struct.error,
)


@frozen
class Entry:
    """One file of an asset: its name in the archive, where its bytes are, and whether it is executable."""

    name: str
    source: Path | bytes
    executable: bool = False

    @property
    def mode(self) -> int:
        """The permissions it gets, whatever they are on this machine: readable for all."""
        return 0o755 if self.executable else 0o644

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time."""
        if isinstance(self.source, bytes):
            yield self.source
            return
        with self.source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


@frozen
class Asset:
    """An archive's content: its files, or an archive that was made elsewhere and is passed on as it is."""

    sha256: str
    entries: tuple[Entry, ...] = field(default=(), repr=False, eq=False)
    archive: Path | None = field(default=None, eq=False)

    @classmethod
    def from_path(cls, path: Path, *, exclude: Sequence[str] = (), where: Location | None = None) -> Asset:
        """A folder's files, a single file, or a .zip or .jar archive as it is.

        ``exclude`` has further glob patterns, matched against names and relative paths. ``where`` is the place
        of the definition that names the path. Raises `DefinitionError` where there is nothing there, or
        something that cannot be packaged.
        """
        try:
            if path.is_file() and path.suffix in (".zip", ".jar"):
                return cls(_digest_of(path), archive=path)
            if path.is_file():
                return cls._of([Entry(path.name, path, _is_executable(path.stat()))])
            if not path.is_dir():
                raise no_code(path, where)
            entries = list(_files(path, (*DEFAULT_EXCLUDES, *exclude), where))
            if not entries:
                raise DefinitionError(
                    f"The code folder {path} has no files.", right="Put code in it.", where=where
                )
            return cls._of(entries)
        except OSError as error:
            name = error.filename or path
            reason = (error.strerror or str(error)).lower()
            raise DefinitionError(f"{name} cannot be packaged: {reason}.", where=where) from error

    @classmethod
    def from_text(cls, files: Mapping[str, str]) -> Asset:
        """Files from their texts."""
        return cls._of([Entry(name, text.encode()) for name, text in files.items()])

    @classmethod
    def _of(cls, entries: list[Entry]) -> Asset:
        # By their bytes, as every file system and Python orders them alike.
        entries.sort(key=lambda entry: entry.name.encode())
        digest = hashlib.sha256()
        for entry in entries:
            digest.update(f"{len(entry.name.encode())}:{entry.name}:{entry.mode:o}:{entry.size}:".encode())
            for chunk in entry.chunks():
                digest.update(chunk)
        return cls(digest.hexdigest(), tuple(entries))

    @property
    def key(self) -> str:
        """Where the archive lies in an assembly and, after upload, in its bucket."""
        return f"assets/{self.sha256}.zip"

    @property
    def size_unzipped(self) -> int:
        """The sum of the files' sizes in bytes."""
        return sum(size for _, size in self.sizes())

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Each file's name and size in bytes."""
        if self.archive is None:
            yield from ((entry.name, entry.size) for entry in self.entries)
        else:
            with _opened(self.archive) as archive:
                yield from (
                    (info.filename, info.file_size) for info in archive.infolist() if not info.is_dir()
                )

    def write_zip(self, path: Path) -> None:
        """Write the archive, whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
            try:
                if self.archive is not None:
                    with self.archive.open("rb") as source:
                        shutil.copyfileobj(source, file)
                else:
                    self._zip(file)
                file.close()
                Path(file.name).chmod(0o644)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _zip(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for entry in self.entries:
                info = zipfile.ZipInfo(entry.name, _DATE)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | entry.mode) << 16
                info.file_size = entry.size
                with archive.open(info, "w") as target:
                    for chunk in entry.chunks():
                        target.write(chunk)

    def unpack(self, folder: Path) -> None:
        """The files as Lambda would unpack them into a new ``folder``; nothing stays there where that fails.

        Raises `DefinitionError` where an archive would write outside it, or unpack to more than Lambda allows.
        """
        folder.mkdir(parents=True)
        if self.archive is not None:
            try:
                _unzip(self.archive, folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            return
        for entry in self.entries:
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for chunk in entry.chunks():
                    file.write(chunk)
            target.chmod(entry.mode)


def no_code(path: Path, where: Location | None) -> DefinitionError:
    """What to say where a definition names code that is not there."""
    return DefinitionError(
        f"There is no code at {path}.", right="Paths are relative to the app's file.", where=where
    )


def _is_executable(status: os.stat_result) -> bool:
    return bool(status.st_mode & stat.S_IXUSR)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(root: Path, exclude: Sequence[str], where: Location | None) -> Iterator[Entry]:
    real_root = root.resolve()
    pending = [(root, "", frozenset({real_root}))]
    while pending:
        folder, prefix, above = pending.pop()
        with os.scandir(folder) as children:
            for child in children:
                name = f"{prefix}{child.name}"
                if any(
                    fnmatch.fnmatchcase(child.name, each) or fnmatch.fnmatchcase(name, each)
                    for each in exclude
                ):
                    continue
                path = Path(child.path)
                if not _is_unicode(child.name):
                    raise DefinitionError(
                        f"The file {name!a} has a name that is no UTF-8 text, and cannot be packaged.",
                        right="Rename it.",
                        where=where,
                    )
                if child.is_symlink():
                    path = _linked(path, real_root, above, where)
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    pending.append((path, f"{name}/", above | {path.resolve()}))
                elif stat.S_ISREG(status.st_mode):
                    yield Entry(name, path, _is_executable(status))
                else:
                    raise DefinitionError(
                        f"{child.path} is neither a file nor a folder, and cannot be packaged.",
                        right="Remove it from the code folder.",
                        where=where,
                    )


def _is_unicode(name: str) -> bool:
    """Whether a name was readable as UTF-8: Python keeps other bytes as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _linked(link: Path, root: Path, above: frozenset[Path], where: Location | None) -> Path:
    """What a symbolic link stands for; it must lie inside the code folder's parent, and not lead back up."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise DefinitionError(
            f"The link {link} leads nowhere.", right="Remove it, or let it point to a file.", where=where
        ) from error
    if target in above:
        raise DefinitionError(
            f"The link {link} leads back to a folder that holds it.", right="Remove it.", where=where
        )
    if not target.is_relative_to(root.parent):
        raise DefinitionError(
            f"The link {link} leads out of the project, to {target}.",
            right="Copy what it points to into the code folder.",
            where=where,
        )
    return target


def _opened(path: Path) -> zipfile.ZipFile:
    unreadable = DefinitionError(f"{path} is not a zip archive that can be read.", right="Build it again.")
    try:
        if _directory_bytes(path) > _MAX_DIRECTORY_BYTES:
            raise DefinitionError(
                f"{path} lists more files than can be unpacked.", right=f"At most {_MAX_ENTRIES:,} are."
            )
        return zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable from error
    except _BROKEN as error:
        raise unreadable from error


def _directory_bytes(path: Path) -> int:
    """The size of an archive's list of files, from its end record: read before the list itself is."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_RECORD_BYTES))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    found = end[at + 12 : at + 16] if at >= 0 else b""
    # In the 64-bit form all bits of the size are set, which is more than any list that is read here.
    return int.from_bytes(found, "little") if len(found) == 4 else 0


def _unzip(path: Path, folder: Path) -> None:
    limit = quotas().unzipped_bytes
    with _opened(path) as archive:
        infos = archive.infolist()
        if len(infos) > _MAX_ENTRIES:
            raise DefinitionError(
                f"{path} has {len(infos):,} entries.", right=f"At most {_MAX_ENTRIES:,} are unpacked."
            )
        unpacked = 0
        for info in infos:
            _check_entry(info, path)
            try:
                unpacked += _unzip_entry(archive, info, folder, limit - unpacked)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise DefinitionError(
                    f"{path}: the entry {_short(info.filename)} cannot be unpacked: {reason}."
                ) from error
            except _BROKEN as error:
                raise DefinitionError(
                    f"{path}: the entry {_short(info.filename)} cannot be read: {error}.",
                    right="Build it again.",
                ) from error
            if unpacked > limit:
                raise DefinitionError(
                    f"{path} unpacks to more than {limit:,} bytes.",
                    right="Lambda unpacks at most 250 MB, layers included.",
                )


def _check_entry(info: zipfile.ZipInfo, path: Path) -> None:
    name = PurePosixPath(info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or not plain:
        raise DefinitionError(
            f"{path} has the entry {_short(info.filename)}, which is no plain file inside the package.",
            right="Build the archive from the code folder, without links or parent paths.",
        )


def _unzip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, room: int) -> int:
    """Unpack one entry, up to one piece beyond ``room`` bytes; returns its size."""
    target = folder / info.filename
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(info) as source, target.open("wb") as file:
        while size <= room and (chunk := source.read(_CHUNK)):
            size += len(chunk)
            file.write(chunk)
    target.chmod(0o755 if (info.external_attr >> 16) & stat.S_IXUSR else 0o644)
    return size


def _short(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:77]}…")
