"""Programs that tests run and that a compiler makes of files in ``bootstraps/``: built once, then kept.

What is built lies in pytest's cache, under a name that changes with its files and its compiler.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

SOURCES = Path(__file__).with_name("bootstraps")


def needed(*programs: str) -> None:
    """Skip where one of the programs is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def built(
    config: pytest.Config, sources: Sequence[str], version: Sequence[str], build: Callable[[Path], None]
) -> Path:
    """The folder in which ``build`` was run on a copy of the sources; ``version`` prints the compiler's.

    Several processes of a test run wait for the one that builds.
    """
    said = subprocess.run(version, capture_output=True, check=True, timeout=60).stdout
    key = hashlib.sha256(said)
    for name in sources:
        key.update(name.encode() + b"\0" + (SOURCES / name).read_bytes())
    assert config.cache is not None
    shelf = config.cache.mkdir("bootstraps")
    folder = shelf / f"{Path(sources[0]).stem}-{key.hexdigest()[:16]}"
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=shelf) as made:
                work = Path(made) / "work"
                work.mkdir()
                for name in sources:
                    shutil.copy(SOURCES / name, work / Path(name).name)
                build(work)
                work.rename(folder)
    return folder


def run(
    folder: Path, *command: str, environment: Mapping[str, str] | None = None, seconds: float = 300
) -> None:
    """Run a step of a build; what it prints is shown where it fails."""
    answer = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
