"""What a Python function's process may be forked from, and whether it may be forked at all.

It may where the function could not tell: its variables change nothing in an interpreter that has started already,
and neither does its package in modules that are loaded. A function that imports boto3 comes from a process that
has loaded it, one that does not from a process that has not.

Source: Python's documentation of its variables (using/cmdline); ld.so(8), ENVIRONMENT; locale(7).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.nursery import Ancestor
from lambdaform.local.variables import LANG, TIME_ZONE, Paths, library_path

#: The oldest Python on which `python_files/nursery.py` runs.
OLDEST = (3, 9)
#: How the names of variables begin that Python, the C library or the loader read only once, when they start.
_READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "LOC", "GCONV_", "GLIBC_", "MALLOC_", "OPENSSL_", "SSL_")
_IMPORTS_SDK = re.compile(rb"^\s*(?:import|from)\s+boto(?:3|core)\b", re.MULTILINE)
#: Of how many files of a function at most the imports are looked at, and how much of each.
_FILES, _BYTES = 1000, 1 << 16


def ancestors(
    configuration: FunctionConfiguration,
    command: tuple[str, ...],
    paths: Paths,
    folder: Path,
    own: Mapping[str, str],
    *,
    in_view: bool,
) -> tuple[Ancestor, ...]:
    """The processes from which a function's may be forked that starts with this command, the best first.

    ``own`` are the variables of the runtime.
    """
    code, opt = configuration.code, configuration.opt
    is_read_at_start = any(name.startswith(_READ_AT_START) for name in configuration.environment)
    if is_read_at_start or _brings_libraries(code, opt, in_view=in_view):
        return ()
    libraries = library_path(paths).split(":")
    if not in_view:
        # These are of one function only, which has no libraries in them.
        libraries = [each for each in libraries if not each.startswith((paths.task, paths.opt))]
    variables = {
        "LANG": LANG,
        "LD_LIBRARY_PATH": ":".join(libraries),
        **own,
        "TZ": TIME_ZONE,
    }
    return tuple(
        Ancestor(command=command, variables=tuple(variables.items()), loads=loads, runtime=folder)
        for loads in ((("boto3",), ()) if _imports_sdk(code, opt) and (folder / "boto3").exists() else ((),))
    )


@cache
def top_level_names(code: Path, opt: Path, version: str) -> frozenset[str]:
    """The modules and packages that a function's package and layers put into the search path."""
    names = set()
    for folder in (code, opt / "python" / "lib" / f"python{version}" / "site-packages", opt / "python"):
        for entry in _entries(folder):
            if not entry.is_dir() or os.path.exists(f"{entry.path}/__init__.py"):  # noqa: PTH110
                names.add(entry.name.partition(".")[0])
    return frozenset(names)


@cache
def _brings_libraries(code: Path, opt: Path, *, in_view: bool) -> bool:
    """Whether there are shared libraries where the loader looks for them by their names.

    It has looked into these folders before the function's are there, and remembers that there were none.
    """
    return (
        (code / "lib").is_dir()
        or (opt / "lib").is_dir()
        or (not in_view and any(".so" in entry.name for entry in _entries(code)))
    )


@cache
def _imports_sdk(code: Path, opt: Path) -> bool:
    """Whether some module of the function imports AWS's SDK."""
    left = _FILES
    for folder, _, names in chain(os.walk(code), os.walk(opt / "python")):
        for name in names:
            if name.endswith(".py"):
                left -= 1
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123 - there are many
                    if _IMPORTS_SDK.search(file.read(_BYTES)):
                        return True
                if left == 0:
                    return False
    return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
