"""Whether the bootstrap of a custom runtime is where Lambda looks for it, and may be executed.

Source: AWS Lambda Developer Guide, runtimes-custom ("Building a custom runtime").
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from lambdaform.check.function_code import FunctionCode, code_of
from lambdaform.check.view import setting
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.code_folder import local_path
from lambdaform.model.function import FunctionSettings
from lambdaform.model.stack import Stack

_NAME = "bootstrap"
_NOT_STARTED = "Lambda cannot start it (permission denied)"
_MISSING = "Lambda starts that file: give the program this name, or write a script with it, and chmod +x it."


@frozen
class BootstrapFlaw:
    """What is wrong, what would be right, and which property of the function it is about."""

    what: str
    right: str
    field: str


def bootstrap_flaw(stack: Stack, function: FunctionSettings) -> BootstrapFlaw | None:
    """What is wrong with a custom runtime's bootstrap for certain."""
    if isinstance(function.metadata, Mapping) and "BuildMethod" in function.metadata:
        return None  # A build makes it.
    field = "code" if isinstance(function, LambdaFunction) else "code_uri"
    base = Path(stack.file).parent if stack.file else Path.cwd()
    code = code_of(stack, function)
    if code is not None:
        return _flaw_in_folders(code, base, field)
    path = local_path(setting(stack, function, field))
    has_layers = setting(stack, function, "layers") is not None
    return _flaw_in_archive(path, base, field, has_layers=has_layers) if path is not None else None


def _flaw_in_folders(code: FunctionCode, base: Path, field: str) -> BootstrapFlaw | None:
    own, *layers = code.content
    # The last of the layers lies over the others.
    folder = next((each for each in (own, *reversed(layers)) if each.has(_NAME)), None)
    if folder is None:
        what = f"neither {code.shown} nor a layer has a file {_NAME}"
        return BootstrapFlaw(what, _MISSING, field) if code.whole else None
    file = folder.path / _NAME
    if file.stat().st_mode & stat.S_IXUSR or not (folder is own or code.whole):
        return None
    shown = os.path.relpath(file, base)
    right = f"{_NOT_STARTED}: chmod +x {shown}."
    return BootstrapFlaw(f"{shown} is not executable", right, field if folder is own else "layers")


def _flaw_in_archive(path: str, base: Path, field: str, *, has_layers: bool) -> BootstrapFlaw | None:
    if not path.endswith(".zip"):
        return None
    try:
        with zipfile.ZipFile(base / path) as archive:
            mode = archive.getinfo(_NAME).external_attr >> 16
    except KeyError:
        return None if has_layers else BootstrapFlaw(f"{path} has no file {_NAME}", _MISSING, field)
    except (OSError, zipfile.BadZipFile):
        return None
    if mode & stat.S_IXUSR:
        return None
    right = f"{_NOT_STARTED}: chmod +x it before it is zipped, by a tool that keeps the mode."
    return BootstrapFlaw(f"{_NAME} in {path} is not executable", right, field)
