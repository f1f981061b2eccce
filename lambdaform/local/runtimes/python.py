"""Python: AWS's own runtime client (awslambdaric), on the interpreter of the function's version.

The function sees what Lambda's Python has, the standard library, the runtime client and boto3, and its own
package and layers; not whatever else happens to be installed beside lambdaform.

Source: AWS Lambda Developer Guide, lambda-python and python-package (search path).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import Launch

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


def launch_python(configuration: FunctionConfiguration, opt: Path, runtime_folder: Path) -> Launch:
    """The runtime client on the right interpreter, or on the running one with a notice."""
    version = configuration.runtime.removeprefix("python")
    interpreter = _interpreter(version)
    notice = None
    if interpreter is None:
        interpreter = sys.executable
        notice = (
            f"No Python {version} with awslambdaric was found for {configuration.runtime}: "
            f"this Python {_RUNNING} runs it instead."
        )
    running = interpreter == sys.executable
    folder = _provided_folder(runtime_folder) if running else None
    # Lambda's order: the package (first, by the runtime client itself), layers, then what the runtime brings.
    search = [
        str(opt / "python" / "lib" / f"python{version}" / "site-packages"),
        str(opt / "python"),
        *([str(folder)] if folder else []),
    ]
    environment = {"PYTHONPATH": os.pathsep.join(search)}
    if folder is not None:
        environment["LAMBDA_RUNTIME_DIR"] = str(folder)
    options = ("-S",) if running else ()
    return Launch((interpreter, *options, "-m", "awslambdaric", configuration.handler), environment, notice)


@cache
def _interpreter(version: str) -> str | None:
    """An interpreter of the version that has the runtime client, or None."""
    if version == _RUNNING:
        return sys.executable
    if not re.fullmatch(r"\d+\.\d+", version):
        return None
    candidate = shutil.which(f"python{version}")
    if candidate is None:
        return None
    probe = "import sys, awslambdaric; assert '%d.%d' % sys.version_info[:2] == sys.argv[1]"
    try:
        found = subprocess.run(
            [candidate, "-c", probe, version],
            capture_output=True,
            timeout=20,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return candidate if found.returncode == 0 else None


def _provided_folder(runtime_folder: Path) -> Path:
    """A folder that has what Lambda's Python brings and nothing else of this installation."""
    folder = runtime_folder / f"python{_RUNNING}"
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    for name in _PROVIDED:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            if name in ("awslambdaric", "runtime_client"):
                raise LocalError(
                    "awslambdaric is not installed.", right="Install it: pip install awslambdaric."
                )
            continue
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (folder / source.name).symlink_to(source)
    return folder
