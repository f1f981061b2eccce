"""Assets: the content of one code or layer archive, and its reproducible zip.

An asset is known by a hash over its entries (name, mode, content), not over the zip's bytes. The zip itself has
the same bytes on every machine: entries in order of name, a fixed date, fixed modes, and no compression, for
two builds of zlib compress differently. (Transport compresses; Lambda's limit on an upload through S3 is on the
unzipped size.) File contents are read when they are needed and never held; whoever copies them hashes each once more,
for somebody may have written to it since.

Source: AWS Lambda Developer Guide, python-package and gettingstarted-limits; deck section C3.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from attrs import evolve, field, frozen

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.model.code_patterns import Patterns, patterns_for
from lambdaform.origin import Location, shown_path
from lambdaform.synth.archives import sizes_in, unzip
from lambdaform.synth.file_digests import digest_of, forget

_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
#: What reading a file raises that was there when it was hashed, and is gone or something else now.
_GONE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
_NONE: Mapping[tuple[str, bytes, int], str] = {}


class CodeChangedError(UsageError):
    """Code is not what it was when it was hashed: what has been copied of it is nothing that ever was."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path} changed while its code was being copied.", right="Try again once nothing writes there."
        )


class NoCodeError(DefinitionError):
    """A definition names code that is not there, or a folder that ``is_empty``.

    ``users`` are the logical ids of the resources whose code it is.
    """

    def __init__(self, path: Path, where: Location | None, *, is_empty: bool = False) -> None:
        shown = shown_path(str(path))
        if is_empty:
            what, right = f"The code folder {shown} has no files.", "Put code in it."
        else:
            what = f"There is no code at {shown}."
            right = "Paths are relative to the file that defines the stack."
        super().__init__(what, right=right, where=where)
        self.path = path
        self.users: list[str] = []
        self._lost = f"{shown} has no files" if is_empty else f"there is no {shown}"

    def gone(self) -> DefinitionError:
        """What to say where the code was there before."""
        *others, last = map(repr, self.users)
        whose = f"{', '.join(others)} and {last}" if others else last
        return DefinitionError(
            f"The code of {whose} is gone: {self._lost} any more.",
            right="It is taken as soon as it is there again.",
            where=self.where,
        )


@frozen
class Entry:
    """One file of an asset: its name in the archive, its path or its bytes, and whether it is executable.

    ``digest`` is the SHA-256 of its content, once that has been read.
    """

    name: str
    source: str | bytes
    executable: bool = False
    digest: bytes = field(default=b"", eq=False, repr=False)

    @property
    def mode(self) -> int:
        """The permissions it gets, whatever they are on this machine: readable for all."""
        return 0o755 if self.executable else 0o644

    @property
    def size(self) -> int:
        """Its size in bytes."""
        if isinstance(self.source, bytes):
            return len(self.source)
        return os.stat(self.source).st_size  # noqa: PTH116 - thousands of files

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time."""
        if isinstance(self.source, bytes):
            yield self.source
            return
        with open(self.source, "rb", buffering=0) as file:  # noqa: PTH123 - thousands of files
            while chunk := file.read(_CHUNK):
                yield chunk

    def hashed(self, status: os.stat_result | None = None) -> Entry:
        """The same with the hash of its content; ``status`` is what was seen of its file just now."""
        source = self.source
        digest = hashlib.sha256(source).digest() if isinstance(source, bytes) else digest_of(source, status)
        return Entry(self.name, source, self.executable, digest)

    def as_hashed(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time. Raises `CodeChangedError` after the last, where they are not those that were hashed."""
        found = hashlib.sha256()
        for chunk in self.chunks():
            found.update(chunk)
            yield chunk
        if found.digest() != self.digest:
            if isinstance(self.source, str):
                forget(self.source)
            raise CodeChangedError(self.source)


@frozen
class Asset:
    """An archive's content: its files, or an archive that was made elsewhere and is passed on as it is."""

    sha256: str
    entries: tuple[Entry, ...] = field(default=(), repr=False, eq=False)
    archive: Path | None = field(default=None, eq=False)

    @classmethod
    def from_path(
        cls,
        path: Path,
        *,
        patterns: Patterns | None = None,
        under: str = "",
        further: Iterable[Entry] = (),
        where: Location | None = None,
    ) -> Asset:
        """A folder's files, a single file, or a .zip or .jar archive as it is.

        ``patterns`` say what of a folder is left out, and ``under`` where its files lie in the package; ``further``
        files, such as dependencies, join where the folder has none of that name. ``where`` is the place of the
        definition that names the path. Raises `DefinitionError` where there is nothing there, or something that
        cannot be packaged.
        """
        try:
            if is_archive(path):
                return cls(digest_of(str(path)).hex(), archive=path)
            own = list(files_of(path, patterns or patterns_for(), where))
            if not own:
                raise NoCodeError(path, where, is_empty=True)
            return cls.of([*further, *(evolve(each, name=f"{under}{each.name}") for each in own)])
        except OSError as error:
            name = error.filename or path
            reason = (error.strerror or str(error)).lower()
            raise DefinitionError(f"{name} cannot be packaged: {reason}.", where=where) from error

    @classmethod
    def from_text(cls, files: Mapping[str, str]) -> Asset:
        """Files from their texts."""
        return cls.of([Entry(name, text.encode()) for name, text in files.items()])

    @classmethod
    def of(cls, files: Iterable[Entry]) -> Asset:
        """These files; of several that have a name, the last."""
        # By their bytes, as every file system and Python orders them alike.
        entries = sorted({each.name: each for each in files}.values(), key=lambda entry: entry.name.encode())
        hashed = tuple(each if each.digest else each.hashed() for each in entries)
        digest = hashlib.sha256()
        for each in hashed:
            name = each.name.encode()
            digest.update(b"%d:%s:%o:%s" % (len(name), name, each.mode, each.digest))
        return cls(digest.hexdigest(), hashed)

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
            yield from sizes_in(self.archive)

    def write_zip(self, path: Path) -> None:
        """Write the archive, whole or not at all. Raises `CodeChangedError` where it would be another."""
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
            try:
                # The file itself: its wrapper looks each method up anew, and a zip calls a dozen for each entry.
                if self.archive is not None:
                    self._copy(self.archive, file.file)
                else:
                    self._zip(file.file)
                file.close()
                Path(file.name).chmod(0o644)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _copy(self, archive: Path, file: IO[bytes]) -> None:
        entry = Entry(archive.name, str(archive), digest=bytes.fromhex(self.sha256))
        with _told_where_gone():
            file.writelines(entry.as_hashed())

    def _zip(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive, _told_where_gone():
            for entry in self.entries:
                info = zipfile.ZipInfo(entry.name, _DATE)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | entry.mode) << 16
                chunks = entry.as_hashed()
                first = next(chunks, b"")
                if len(first) < _CHUNK:
                    # Most are small, and are written much faster as a whole.
                    archive.writestr(info, b"".join((first, *chunks)))
                    continue
                info.file_size = entry.size
                with archive.open(info, "w") as target:
                    for chunk in chain([first], chunks):
                        target.write(chunk)

    def unpack(self, folder: Path, kept: Mapping[tuple[str, bytes, int], str] = _NONE) -> None:
        """The files as Lambda would unpack them into a new ``folder``; nothing stays there where that fails.

        ``kept`` are files that are there already, by name, hash of their content and mode, and that nobody writes to:
        they are linked, not copied.

        Raises `DefinitionError` where an archive would write outside it, or unpack to more than Lambda allows, and
        `CodeChangedError` where the files are not those any more that were hashed.
        """
        folder.mkdir(parents=True)
        try:
            if self.archive is None:
                with _told_where_gone():
                    self._copy_into(str(folder), kept)
            else:
                self._unzip(self.archive, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _copy_into(self, folder: str, kept: Mapping[tuple[str, bytes, int], str]) -> None:
        made: set[str] = set()
        for entry in self.entries:
            target = f"{folder}/{entry.name}"
            if (parent := target.rpartition("/")[0]) not in made:
                Path(parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            same = kept.get((entry.name, entry.digest, entry.mode))
            if same is not None and linked(same, target):
                continue
            with open(target, "wb", buffering=0) as file:  # noqa: PTH123 - thousands of files
                file.writelines(entry.as_hashed())
                os.fchmod(file.fileno(), entry.mode)

    def _unzip(self, archive: Path, folder: Path) -> None:
        try:
            unzip(archive, folder)
        finally:
            # One that is being written may be broken now, and soon is not.
            if self._is_other(archive):
                raise CodeChangedError(archive)

    def _is_other(self, archive: Path) -> bool:
        try:
            with archive.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() != self.sha256
        except _GONE:
            return True

    def unpacked_in(self, folder: Path) -> Asset:
        """The same files, to be read where `unpack` has put them, and nobody writes."""
        return evolve(
            self,
            entries=tuple(
                Entry(each.name, f"{folder}/{each.name}", each.executable, each.digest)
                for each in self.entries
            ),
        )


def _is_executable(status: os.stat_result) -> bool:
    return bool(status.st_mode & stat.S_IXUSR)


@contextmanager
def _told_where_gone() -> Iterator[None]:
    """Raises `CodeChangedError` where a file is gone that was there when it was hashed."""
    try:
        yield
    except _GONE as error:
        raise CodeChangedError(error.filename) from error


def linked(file: str, name: str) -> bool:
    """Whether a file could get one more name: some file systems have none, and all have a limit."""
    try:
        os.link(file, name)
    except OSError:
        return False
    return True


def is_archive(path: Path) -> bool:
    """Whether code is an archive that was made elsewhere."""
    return path.suffix in (".zip", ".jar") and path.is_file()


def files_of(path: Path, patterns: Patterns, where: Location | None = None) -> Iterator[Entry]:
    """The files of a folder that the patterns do not leave out, or a single file, hashed.

    Raises `DefinitionError` where there is nothing, or something that cannot be packaged.
    """
    if path.is_file():
        yield Entry(path.name, str(path), _is_executable(path.stat())).hashed()
    elif path.is_dir():
        yield from _files(path, patterns, where)
    else:
        raise NoCodeError(path, where)


def _files(root: Path, patterns: Patterns, where: Location | None) -> Iterator[Entry]:
    real_root = root.resolve()
    # Each with the place where it really is, and those above it.
    pending = [(str(root), "", str(real_root), frozenset({str(real_root)}))]
    while pending:
        folder, prefix, real, above = pending.pop()
        with os.scandir(folder) as children:
            for child in children:
                name, path, place = f"{prefix}{child.name}", child.path, f"{real}/{child.name}"
                is_folder = Path(path).is_dir() if child.is_symlink() else child.is_dir()
                if patterns.leave_out(name, folder=is_folder):
                    continue
                if not _is_unicode(child.name):
                    raise DefinitionError(
                        f"The file {name!a} has a name that is no UTF-8 text, and cannot be packaged.",
                        right="Rename it.",
                        where=where,
                    )
                if child.is_symlink():
                    path = place = str(_linked(Path(path), real_root, above, where))
                status = child.stat()
                if stat.S_ISDIR(status.st_mode):
                    pending.append((path, f"{name}/", place, above | {place}))
                elif stat.S_ISREG(status.st_mode):
                    yield Entry(name, path, _is_executable(status)).hashed(status)
                else:
                    raise DefinitionError(
                        f"{child.path} is neither a file nor a folder, and cannot be packaged.",
                        right="Remove it from the code folder.",
                        where=where,
                    )


def _is_unicode(name: str) -> bool:
    """Whether a name was readable as UTF-8: Python keeps other bytes as lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def _linked(link: Path, root: Path, above: frozenset[str], where: Location | None) -> Path:
    """What a symbolic link stands for; it must lie inside the code folder's parent, and not lead back up."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise DefinitionError(
            f"The link {link} leads nowhere.", right="Remove it, or let it point to a file.", where=where
        ) from error
    if str(target) in above:
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
