"""Where an account of this machine lasts between runs: its records, and the archives of its functions and layers.

One folder an account and region, under the project's ``.lambdaform``, and one service at a time: what two would write would be
neither's. It may be deleted whenever nothing runs; then all begins anew.

Source: design, "state persists in a local folder between runs".
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lambdaform.errors import UsageError
from lambdaform.local.control.store import Store
from lambdaform.local.state_folder import make_state_folder

#: The file of an account's records.
RECORDS = "records.sqlite3"


def kept_accounts(state_folder: Path) -> Iterator[tuple[str, str, Path]]:
    """The accounts that earlier runs have left: the number and the region of each, and the file of its records."""
    for file in sorted((state_folder / "account").glob(f"*/*/{RECORDS}")):
        yield file.parent.parent.name, file.parent.name, file


class AccountFolder:
    """The folder of an account in one region, kept for one service until it is closed.

    Raises `UsageError` where another has it.
    """

    def __init__(self, state_folder: Path, account_id: str, region: str) -> None:
        self.folder = state_folder / "account" / account_id / region
        try:
            make_state_folder(self.folder)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{self.folder}, where the account is kept, cannot be used: {reason}."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = os.read(self._lock, 32).decode("ascii", errors="replace").strip()
            os.close(self._lock)
            raise UsageError(
                f"Another lambdaform run serves the account in {self.folder}{f' (process {who})' if who else ''}.",
                right="End it, or give this one an account of its own: --state FOLDER.",
            ) from error
        os.truncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    @property
    def code(self) -> Path:
        """Where archives are."""
        return self.folder / "code"

    def store(self) -> Store:
        """The records."""
        return Store(self.folder / RECORDS)

    def clear(self) -> None:
        """Forget all that was made."""
        for each in self.folder.iterdir():
            if each.name == "lock":
                continue
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()

    def close(self) -> None:
        """Let others have it."""
        os.close(self._lock)
