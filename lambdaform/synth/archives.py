"""Archives that were made elsewhere, which are only data: what they list, and unpacking them as Lambda would.

Nothing is written outside the folder, no link leads out of it, and no more is unpacked than Lambda would.

Source: AWS Lambda Developer Guide, gettingstarted-limits; the ZIP file format, APPNOTE.TXT 4.3 and 4.4.15.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import quotas

_MAX_ENTRIES = 65_535
#: The end record of a zip archive with the longest comment there can be.
_END_RECORD_BYTES = 22 + 65_535
_MAX_DIRECTORY_BYTES = 32 << 20
#: The longest target of a link, as Linux has it (PATH_MAX).
_MAX_LINK_BYTES = 4096
_CHUNK = 1 << 20
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


def sizes_in(path: Path) -> Iterator[tuple[str, int]]:
    """The name and the unpacked size in bytes of each file in an archive."""
    with _opened(path) as archive:
        yield from ((info.filename, info.file_size) for info in archive.infolist() if not info.is_dir())


def closed_in(path: Path) -> Iterator[tuple[str, int]]:
    """The name and the mode of each file in an archive that not everybody may read, or run where its owner may.

    On Lambda a function is not the owner. An archive that tells no modes (one made on Windows) is open to everybody,
    and so are folders, whatever they have.
    Source: AWS Lambda Developer Guide, troubleshooting-deployment ("General: Permission is denied").
    """
    with _opened(path) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode and not info.is_dir() and not _is_link(info) and mode & needed != needed:
                yield info.filename, stat.S_IMODE(mode)


def _opened(path: Path) -> zipfile.ZipFile:
    unreadable = DefinitionError(f"{path} is not a zip archive that can be read.", right="Build it again.")
    try:
        if _directory_bytes(path) > _MAX_DIRECTORY_BYTES:
            raise DefinitionError(
                f"{path} lists more files than can be unpacked.", right=f"At most {_MAX_ENTRIES:,} are."
            )
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable from error
    except _BROKEN as error:
        raise unreadable from error
    if not all(info.filename for info in archive.infolist()):
        archive.close()
        raise unreadable
    return archive


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


def unzip(path: Path, folder: Path) -> None:
    """Unpack an archive into a folder. What is there where that fails is for the caller to remove.

    Raises `DefinitionError` where the archive would write outside it, or unpack to more than Lambda allows.
    """
    limit = quotas().unzipped_bytes
    with _opened(path) as archive:
        infos = archive.infolist()
        if len(infos) > _MAX_ENTRIES:
            raise DefinitionError(
                f"{path} has {len(infos):,} entries.", right=f"At most {_MAX_ENTRIES:,} are unpacked."
            )
        unpacked = 0
        # Links come last, so that nothing is written through one.
        for info in sorted(infos, key=_is_link):
            _check_entry(info, path)
            try:
                if _is_link(info):
                    _make_link(archive, info, folder, path)
                else:
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
        # A link may have come after those that lead through it.
        for info in filter(_is_link, infos):
            if not _leads_inside(folder / info.filename, folder):
                raise _no_plain_file(info, path)


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _make_link(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, path: Path) -> None:
    """Make a link that stays inside the folder, wherever the links that are there already lead it."""
    target = os.fsdecode(archive.read(info)) if info.file_size <= _MAX_LINK_BYTES else "/"
    link = folder / info.filename
    inside = _leads_inside(link.parent, folder) and _leads_inside(link.parent / target, folder)
    if not inside or target.startswith("/"):
        raise _no_plain_file(info, path)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def _leads_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        # Links that lead to each other lead nowhere.
        return False


def _check_entry(info: zipfile.ZipInfo, path: Path) -> None:
    name = PurePosixPath(info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    plain = kind in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or not plain:
        raise _no_plain_file(info, path)


def _no_plain_file(info: zipfile.ZipInfo, path: Path) -> DefinitionError:
    return DefinitionError(
        f"{path} has the entry {_short(info.filename)}, which is no plain file inside the package.",
        right="Build the archive from the code folder, without parent paths or links that lead out.",
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
