"""The code store: deployment packages and layer archives, known by what is in them, and each unpacked once.

An archive lasts as long as the store's folder; what it unpacks to is the run's own. The same content is kept once,
however many functions and versions have it. An archive that somebody uploads is only data: it is unpacked before it is
taken, and refused as AWS refuses it where that fails.

Source: Lambda API Reference, CreateFunction (Code, CodeSha256) and GetFunction (Code.Location); AWS Lambda Developer
Guide, gettingstarted-limits.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from lambdaform.errors import DefinitionError, LocalError
from lambdaform.facts.quotas import quotas
from lambdaform.local.control.records import StoredCode
from lambdaform.local.errors import AwsError, invalid_parameter
from lambdaform.origin import shown_path

if TYPE_CHECKING:
    from lambdaform.synth.assets import Asset


class CodeStore:
    """Archives in ``folder``, or beside what is unpacked where they are not to last.

    ``unpack_folder`` holds their content, a folder each that is whole once it is there and that nothing changes any
    more. ``notice`` is told of what a function could not read on Lambda. With ``shares_files`` a file that packages of
    assemblies have in common is there once: no function can write to its code. All methods may be called from any thread.
    """

    def __init__(
        self,
        folder: Path | None,
        unpack_folder: Path,
        notice: Callable[[str], None] = lambda _: None,
        *,
        shares_files: bool = False,
    ) -> None:
        self._archives = folder if folder is not None else unpack_folder / ".archives"
        self._unpacked = unpack_folder
        self._lasts = folder is not None
        self._notice = notice
        self._known: dict[str, StoredCode] = {}
        self._assets: dict[str, Asset] = {}
        self._shares_files = shares_files
        #: The files that were copied, by their names in the package, the hash of their content and their mode: a file is
        #: one with what it was before, never with another one of its package.
        self._files: dict[tuple[str, bytes, int], str] = {}

    def put_zip(self, data: bytes) -> StoredCode:
        """Take an archive that was uploaded. Raises `AwsError` for one that Lambda would not take."""
        digest = hashlib.sha256(data)
        key = digest.hexdigest()
        if key not in self._known:
            archive = self._archive(key)
            if not archive.exists():
                _write(archive, data)
            try:
                unzipped = _unzipped_bytes(archive)
                self._unpack(key, archive)
            except AwsError:
                archive.unlink(missing_ok=True)
                raise
            except DefinitionError as error:
                archive.unlink(missing_ok=True)
                raise _no_zip() from error
            self._known[key] = StoredCode(key, _base64(digest.digest()), len(data), unzipped)
            self._say_what_is_closed("An archive that was uploaded", archive)
        return self._known[key]

    def put_asset(self, asset: Asset) -> StoredCode:
        """Take a package of an assembly.

        Where nothing is to last, files are zipped only for whoever asks for their archive, and told by the hash of
        their content. Raises `DefinitionError`, which names the user's own file, where it is an archive that cannot be
        unpacked, `CodeChangedError` where the content is not what was hashed, and `LocalError` where there is no room.
        """
        key = asset.sha256
        if key not in self._known:
            try:
                self._known[key] = self._taken(asset)
            except OSError as error:
                place = error.filename or self._unpacked
                reason = (error.strerror or str(error)).lower()
                raise LocalError(f"The code cannot be copied: {place}: {reason}.") from error
        return self._known[key]

    def _taken(self, asset: Asset) -> StoredCode:
        key, folder = asset.sha256, self._folder(asset.sha256)
        if not folder.exists():
            _place(folder, lambda passing: asset.unpack(passing, self._files))
        if asset.archive is not None:
            archive = self._archive(key)
            if not archive.exists():
                archive.parent.mkdir(parents=True, exist_ok=True)
                asset.write_zip(archive)
            self._say_what_is_closed(shown_path(str(asset.archive)), archive)
            unzipped = evolve(asset, archive=archive).size_unzipped
            return StoredCode(key, _base64(bytes.fromhex(key)), archive.stat().st_size, unzipped)
        # From here on only the copy is read: the user may write to the files at any moment.
        copy = asset.unpacked_in(folder)
        if self._shares_files:
            self._files |= {(each.name, each.digest, each.mode): str(each.source) for each in copy.entries}
        unzipped = copy.size_unzipped
        if not self._lasts:
            self._assets[key] = copy
            return StoredCode(key, _base64(bytes.fromhex(key)), unzipped, unzipped)
        with self._archive_of(copy).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            return StoredCode(key, _base64(digest), file.tell(), unzipped)

    def _say_what_is_closed(self, what: str, archive: Path) -> None:
        from lambdaform.synth.archives import closed_in

        closed = list(closed_in(archive))
        if closed:
            [(name, mode), *others] = closed
            more = f", and {len(others)} more" if others else ""
            self._notice(
                f"{what} has {name} with mode {mode:03o}{more}: it can be read here, but not on Lambda. "
                "Give files 644 and programs 755 before they are zipped."
            )

    def archive(self, code: StoredCode) -> Path:
        """The zip file of what is kept."""
        asset = self._assets.get(code.key)
        return self._archive_of(asset) if asset is not None else self._archive(code.key)

    def _archive_of(self, asset: Asset) -> Path:
        archive = self._archive(asset.sha256)
        if not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            asset.write_zip(archive)
        return archive

    def unpacked(self, code: StoredCode) -> Path:
        """The folder with the content of what is kept. Raises `LocalError` where somebody has taken it away."""
        archive = self._archive(code.key)
        try:
            return self._unpack(code.key, archive)
        except DefinitionError as error:
            raise LocalError(
                f"Its code, which was kept in {archive}, cannot be read any more.",
                right="Send the code again, with UpdateFunctionCode.",
            ) from error

    def forget_all_but(self, used: Iterable[StoredCode]) -> None:
        """Delete the archives that nothing has any more."""
        keys = {each.key for each in used}
        for archive in self._archives.glob("*.zip"):
            if archive.stem not in keys:
                archive.unlink(missing_ok=True)
                self._known.pop(archive.stem, None)

    def _archive(self, key: str) -> Path:
        return self._archives / f"{key}.zip"

    def _folder(self, key: str) -> Path:
        return self._unpacked / key

    def _unpack(self, key: str, archive: Path) -> Path:
        folder = self._folder(key)
        if not folder.exists():
            _place(folder, lambda passing: _unzip(archive, passing))
        return folder


def _unzipped_bytes(archive: Path) -> int:
    """What an archive says it unpacks to: never less than what comes out. Raises `AwsError` where that is too much."""
    from lambdaform.synth.archives import sizes_in

    sizes = [size for _, size in sizes_in(archive)]
    if not sizes:
        raise invalid_parameter("Uploaded file must be a non-empty zip")
    limit = quotas().unzipped_bytes
    if sum(sizes) >= limit:
        raise invalid_parameter(f"Unzipped size must be smaller than {limit} bytes")
    return sum(sizes)


def _no_zip() -> AwsError:
    return invalid_parameter(
        "Could not unzip uploaded file. Please check your file, then try to upload again."
    )


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _unzip(archive: Path, folder: Path) -> None:
    from lambdaform.synth.archives import unzip

    folder.mkdir()
    unzip(archive, folder)


def _write(file: Path, data: bytes) -> None:
    """Under a passing name first, so that a file that is there is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as passing:
        try:
            passing.write(data)
            passing.close()
            Path(passing.name).replace(file)
        except BaseException:
            Path(passing.name).unlink(missing_ok=True)
            raise


def _place(folder: Path, fill: Callable[[Path], object]) -> None:
    """Under a passing name first, so that a folder that is there is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    passing = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    try:
        content = passing / folder.name
        fill(content)
        content.chmod(0o755)
        try:
            content.rename(folder)
        except OSError:
            # Another thread was first; its content is the same.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(passing, ignore_errors=True)
