"""Running a tool that installs or bundles: to its end, with nothing to read, and what it says only where it fails."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lambdaform.errors import DefinitionError

_PASSWORD = re.compile(r"//[^/@\s]+@")


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> str | None:
    """What the command says where it fails, without passwords in addresses; None where it does not.

    ``variables`` are its environment, where that is not this process's. Raises `DefinitionError` where it cannot
    be started.
    """
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DefinitionError(f"{command[0]} cannot be started: {reason}.") from error
    if ended.returncode == 0:
        return None
    return without_passwords(ended.stdout.decode(errors="replace"))


def without_passwords(text: str) -> str:
    """A text in which addresses have no names and passwords."""
    return _PASSWORD.sub("//****@", text)


def shown(output: str, most: int) -> str:
    """The first lines of what a tool said, each on a further line."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return "".join(f"\n  {line}" for line in lines[:most])
