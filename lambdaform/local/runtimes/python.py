"""Python: AWS's own runtime client (awslambdaric), on an interpreter of the function's version, or the nearest.

Beneath it, in the place of its compiled module, is one of ours that speaks to the Runtime API at a third of the cost.

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

from attrs import evolve, frozen

from lambdaform.errors import LocalError
from lambdaform.local import steps
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.nursery import Ancestor
from lambdaform.local.runtimes.ancestry import OLDEST, ancestors, top_level_names
from lambdaform.local.sandbox import OPT
from lambdaform.local.variables import Paths

#: The runtime client and what Lambda's Python brings along, with what these need.
_PROVIDED = (
    "awslambdaric",
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
#: Of these, what works only on the versions of Python that its own metadata name.
_SDK = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
#: The oldest Python on which the runtime client starts.
_OLDEST = (3, 7)
#: From which version on Lambda's Python lacks the locale that LANG names, and sets this variable itself (PEP 538).
_WITHOUT_LOCALE = (3, 12)
_RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
_FILES = Path(__file__).with_name("python_files")
_STEPS = Path(steps.__file__)
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
    version: str
    wanted: str
    debug_port: int | None = None
    frames_log: bool = False

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """The interpreter under the names of the version that the function asks for."""
        return (("python3", self.interpreter), (f"python{self.wanted}", self.interpreter))

    def command(self, paths: Paths) -> tuple[str, ...]:
        """The interpreter on our bootstrap, without the packages that are installed in it.

        The script comes last, as on Lambda, where wrapper scripts put their options before it.
        """
        options = ["-S"]
        if paths.opt != str(OPT):
            options += ["-X", f"opt={paths.opt}"]
        if self.debug_port is None:
            return (self.interpreter, *options, f"{paths.runtime}/bootstrap.py")
        # Of modules that are frozen into the interpreter a debugger sees no lines, and says so at length.
        options += ["-X", f"port={self.debug_port}", "-X", "frozen_modules=off"]
        return (self.interpreter, *options, f"{paths.runtime}/debug.py")

    def variables(self, paths: Paths) -> dict[str, str]:
        """As on Lambda; the bootstrap adds the layers."""
        own = {"PYTHONPATH": paths.runtime}
        if _numbers(self.wanted) >= _WITHOUT_LOCALE:
            own["LC_CTYPE"] = "C.UTF-8"
        return own

    def ancestors(
        self, configuration: FunctionConfiguration, paths: Paths, *, in_view: bool
    ) -> tuple[Ancestor, ...]:
        """What a function's process may be forked from, the best first; nothing where it could see the difference."""
        if self.debug_port is not None or _numbers(self.version) < OLDEST:
            return ()
        # Where the layers of one function are, no other has its own.
        command = self.command(paths if in_view else evolve(paths, opt=""))
        return ancestors(configuration, command, paths, self.folder, self.variables(paths), in_view=in_view)

    def top_level_names(self, configuration: FunctionConfiguration) -> frozenset[str]:
        """What the function's package and layers put into the search path."""
        return top_level_names(configuration.code, configuration.opt, self.version)


def python_runtime(
    configuration: FunctionConfiguration, shared: Path, debug_port: int | None = None
) -> PythonRuntime:
    """The runtime client on the right interpreter, or on the nearest one with a notice."""
    wanted = configuration.runtime.removeprefix("python")
    interpreter = _interpreter(wanted)
    version = interpreter.version
    origins = _origins()
    notices = []
    if version != wanted:
        notices.append(
            f"No Python {wanted} was found for {configuration.runtime}: Python {version} runs it instead."
        )
    if version != _RUNNING and "boto3" in origins and _numbers(version) < _oldest_for_boto3():
        origins = {name: origin for name, origin in origins.items() if name not in _SDK}
        notices.append(
            f"The boto3 of this machine does not work on Python {version}: a function brings its own."
        )
    name = f"python{version}"
    if debug_port is not None:
        name, origins = f"{name}-debug", {**origins, "debugpy": debugpy()}
    folder = _folder(shared / name, version, origins)
    libraries = tuple(set(map(_library, origins.values())))
    visible = (*interpreter.folders, *libraries)
    return PythonRuntime(
        interpreter.path, folder, visible, " ".join(notices) or None, version, wanted, debug_port
    )


def interpreter_of(runtime: str) -> tuple[str, str]:
    """The version and the path of the interpreter on which a runtime's functions run here."""
    interpreter = _interpreter(runtime.removeprefix("python"))
    return interpreter.version, interpreter.path


def _interpreter(version: str) -> _Interpreter:
    """An interpreter of the version, or of the nearest one that this machine has."""
    if version == _RUNNING:
        return _running()
    return (_find(version) if _numbers(version) >= _OLDEST else None) or _nearest(version)


@cache
def _nearest(version: str) -> _Interpreter:
    """The interpreter of this machine whose version is nearest; of two, the newer."""
    wanted = _numbers(version)

    def distance(other: str) -> tuple[int, int, int]:
        major, minor = _numbers(other)
        return abs(major - wanted[0]), abs(minor - wanted[1]), -minor

    for other in sorted(_installed() - {version}, key=distance):
        found = _running() if other == _RUNNING else _find(other)
        if found is not None:
            return found
    return _running()


def _numbers(version: str) -> tuple[int, int]:
    """A version as numbers; (0, 0) where it is none."""
    match = re.fullmatch(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


@cache
def _oldest_for_boto3() -> tuple[int, int]:
    """The oldest Python that the metadata of this machine's boto3 allow."""
    from importlib.metadata import metadata

    match = re.search(r">=\s*(\d+\.\d+)", metadata("boto3")["Requires-Python"])
    return _numbers(match[1]) if match else (0, 0)


def _installed() -> set[str]:
    """The versions that seem to be on this machine, by the names of files and folders."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    found = {path.name.removeprefix("python") for folder in folders for path in folder.glob("python3.*")}
    for folder, prefix in _managers():
        found |= {
            ".".join(path.name.removeprefix(prefix).split(".")[:2]) for path in folder.glob(f"{prefix}3.*")
        }
    return {version for version in found if _numbers(version) >= _OLDEST} | {_RUNNING}


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
    for folder, prefix in _managers():
        for found in sorted(folder.glob(f"{prefix}{version}.*/bin/python{version}"), reverse=True):
            yield str(found)


def _managers() -> tuple[tuple[Path, str], ...]:
    """Where pyenv and uv put interpreters, and how the names of their folders begin before the version."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    return (pyenv / "versions", ""), (uv, "cpython-")


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


@cache
def _library(origin: Path) -> Path:
    """The folder in which a package really lies."""
    return origin.resolve().parent


def debugpy() -> Path:
    """Where debugpy lies in this installation. Raises `LocalError` where it is not there."""
    spec = importlib.util.find_spec("debugpy")
    if spec is None or spec.origin is None:
        raise LocalError(
            "debugpy is not installed, which debugs Python functions.",
            right="Install it: pip install 'lambdaform[debug]'.",
        )
    return Path(spec.origin).parent


def _folder(folder: Path, version: str, origins: dict[str, Path]) -> Path:
    """A folder that has what Lambda's Python brings and nothing else of this installation."""
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    for name in ("bootstrap.py", "debug.py", "runtime_client.py"):
        shutil.copy(_FILES / name, folder)
    # Under names that no function's modules have.
    shutil.copy(_FILES / "nursery.py", folder / "_lambdaform_nursery.py")
    shutil.copy(_STEPS, folder / "_lambdaform_steps.py")
    for origin in origins.values():
        (folder / origin.name).symlink_to(origin.resolve())
    if version == _RUNNING:
        import py_compile

        # Functions cannot write here: without this each would compile it anew at its start.
        for name in ("runtime_client.py", "_lambdaform_nursery.py", "_lambdaform_steps.py"):
            py_compile.compile(str(folder / name), doraise=True)
    return folder
