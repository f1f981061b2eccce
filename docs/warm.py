"""lambdaform's commands in processes of their own that need not import all anew: they fork from one that has.

What a page shows is run as its reader would run it, dozens of times; most of a command's time is imports. The process
that forks is `multiprocessing`'s fork server, which has one thread and has imported modules, and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shlex
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

_SHELL = re.compile(r"[|<>;&`$*?~]")
_LOG = re.compile(r"\s+2> ?(\S+)$")
_IMPORTED = [
    "boto3",
    "lambdaform.check.findings",
    "lambdaform.cli.check",
    "lambdaform.cli.invoke",
    "lambdaform.local.endpoint.server",
    "lambdaform.local.service",
    "lambdaform.model.function",
    "lambdaform.synth.assembly",
    "lambdaform.synth.sam_transform",
    "samtranslator.translator.translator",
]


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def runs(command: str) -> bool:
    """Whether the command is lambdaform's alone: no shell is needed, but for a log that goes to a file."""
    return command.startswith("lambdaform ") and not _SHELL.search(_arguments(command))


def run(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What the command prints in a folder, on both of its outputs. Raises `AssertionError` where it does not end."""
    output = folder.parent / f"{folder.name}.out"
    log = _LOG.search(command)
    process = _context().Process(
        target=_main,
        args=(
            shlex.split(_arguments(command)),
            str(folder),
            dict(environment),
            str(output),
            str(folder / log[1]) if log else None,
        ),
    )
    process.start()
    process.join(120)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f"{command} does not end")
    return output.read_text("utf-8")


def _arguments(command: str) -> str:
    return _LOG.sub("", command.replace("\\\n", " "))


def _main(
    arguments: list[str], folder: str, environment: dict[str, str], output: str, log: str | None
) -> None:
    """The command, in the new process."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    _redirect(0, os.open(os.devnull, os.O_RDONLY))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    _redirect(1, os.open(output, flags | os.O_APPEND, 0o644))
    if log is None:
        os.dup2(1, 2)
    else:
        _redirect(2, os.open(log, flags, 0o644))
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115 - of the process
    sys.argv[:] = arguments
    from lambdaform.cli.main import main

    main()


def _redirect(number: int, opened: int) -> None:
    os.dup2(opened, number)
    os.close(opened)
