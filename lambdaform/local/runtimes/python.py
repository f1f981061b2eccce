"""Python: AWS's own runtime client (awslambdaric), on an interpreter of the function's version.

The function sees what Lambda's Python has, the standard library, the runtime client and boto3, and its own
package and layers; not whatever else happens to be installed beside lambdaform.

Source: AWS Lambda Developer Guide, lambda-python and python-package (search path).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths

#: The runtime client and what Lambda's Python brings along, with what these need.
_PROVIDED = (
    "awslambdaric",
    "runtime_client",
    "snapshot_restore_py",
    "simplejson",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "six",
    "urllib3",
)
_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
_FILES = Path(__file__).with_name("python_files")
_PROBE = (
    "import json, sys; print(json.dumps([sys.version_info[:2], sys.executable, sys.prefix, sys.base_prefix]))"
)


@frozen
class _Interpreter:
    path: str
    version: str
    folders: tuple[Path, ...]


@frozen
class PythonRuntime:
    """The runtime client on one interpreter."""

    interpreter: str
    folder: Path
    visible: tuple[Path, ...]
    notice: str | None

    def command(self, paths: Paths) -> tuple[str, ...]:
        """The interpreter on our bootstrap, without the packages that are installed in it."""
        return (self.interpreter, "-S", f"{paths.runtime}/bootstrap.py", paths.opt)

    def variables(self, paths: Paths) -> dict[str, str]:
        """As on Lambda; the bootstrap adds the layers."""
        return {"PYTHONPATH": paths.runtime}


def python_runtime(configuration: FunctionConfiguration, shared: Path) -> PythonRuntime:
    """The runtime client on the right interpreter, or on the running one with a notice."""
    wanted = configuration.runtime.removeprefix("python")
    interpreter = _interpreter(wanted)
    notice = None
    if interpreter.version != wanted:
        notice = f"No Python {wanted} was found for {configuration.runtime}: this Python {_RUNNING} runs it instead."
    origins = _origins()
    folder = _folder(shared / f"python{interpreter.version}", interpreter.version, origins)
    libraries = tuple({origin.resolve().parent for origin in origins.values()})
    return PythonRuntime(interpreter.path, folder, (*interpreter.folders, *libraries), notice)


def interpreter_of(runtime: str) -> tuple[str, str]:
    """The version and the path of the interpreter on which a runtime's functions run here."""
    interpreter = _interpreter(runtime.removeprefix("python"))
    return interpreter.version, interpreter.path


def _interpreter(version: str) -> _Interpreter:
    """An interpreter of the version, or the running one where this machine has none."""
    return _running() if version == _RUNNING else _find(version) or _running()


def _running() -> _Interpreter:
    return _Interpreter(sys.executable, _RUNNING, (Path(sys.prefix), Path(sys.base_prefix)))


@cache
def _find(version: str) -> _Interpreter | None:
    """An interpreter of the version on this machine, or None."""
    if not re.fullmatch(r"\d+\.\d+", version):
        return None
    for candidate in _candidates(version):
        try:
            answer = subprocess.run(
                [candidate, "-S", "-c", _PROBE], capture_output=True, timeout=20, check=False, text=True
            )
            found, executable, prefix, base = json.loads(answer.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            continue
        if f"{found[0]}.{found[1]}" == version:
            # What was found may be a script that starts it, such as pyenv's, and needs more than a function sees.
            folders = (Path(prefix), Path(base), Path(executable).resolve().parent)
            return _Interpreter(executable, version, folders)
    return None


def _candidates(version: str) -> Iterator[str]:
    """Where an interpreter of a version may be: on the PATH, and where pyenv and uv put theirs."""
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    for folder, pattern in ((pyenv / "versions", f"{version}.*"), (uv, f"cpython-{version}.*")):
        for found in sorted(folder.glob(f"{pattern}/bin/python{version}"), reverse=True):
            yield str(found)


@cache
def _origins() -> dict[str, Path]:
    """Where each package that Lambda's Python brings lies in this installation."""
    origins = {}
    for name in _PROVIDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            origins[name] = origin.parent if spec.submodule_search_locations else origin
    if "awslambdaric" not in origins:
        raise LocalError("awslambdaric is not installed.", right="Install it: pip install awslambdaric.")
    return origins


def _folder(folder: Path, version: str, origins: dict[str, Path]) -> Path:
    """A folder that has what Lambda's Python brings and nothing else of this installation."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    shutil.copy(_FILES / "bootstrap.py", folder)
    for name, origin in origins.items():
        if name != "runtime_client":
            (folder / origin.name).symlink_to(origin.resolve())
    compiled = origins.get("runtime_client")
    if compiled is not None and version == _RUNNING:
        (folder / compiled.name).symlink_to(compiled.resolve())
    else:
        shutil.copy(_FILES / "runtime_client.py", folder)
    return folder
