"""Node.js: the machine's Node on a small bootstrap of our own, since AWS's client needs a compiler to install.

Source: AWS Lambda Developer Guide, nodejs-handler, nodejs-context, nodejs-logging.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths

_FOLDER = Path(__file__).with_name("nodejs_files")


@frozen
class NodejsRuntime:
    """A ``node`` of this machine; ``major`` is the version that the function asks for."""

    node: str
    major: str
    notice: str | None
    folder: Path | None = _FOLDER

    @property
    def visible(self) -> tuple[Path, ...]:
        """The installation that ``node`` is part of."""
        return (Path(self.node).resolve().parent.parent,)

    def command(self, paths: Paths) -> tuple[str, ...]:
        """Node on the bootstrap."""
        return (self.node, f"{paths.runtime}/bootstrap.mjs")

    def variables(self, paths: Paths) -> dict[str, str]:
        """Where ``require`` looks: the layers', then the runtime's modules."""
        opt = f"{paths.opt}/nodejs"
        folders = (f"{opt}/node{self.major}/node_modules", f"{opt}/node_modules")
        return {"NODE_PATH": ":".join((*folders, f"{paths.runtime}/node_modules", paths.runtime, paths.task))}


def nodejs_runtime(configuration: FunctionConfiguration) -> NodejsRuntime:
    """The ``node`` of this machine's PATH, with a notice where it has another version."""
    node = shutil.which("node")
    if node is None:
        raise LocalError(
            f"Function {configuration.function_name!r} needs Node.js, and there is no node on this machine's PATH.",
            right="Install Node.js.",
        )
    wanted = re.sub(r"\D.*", "", configuration.runtime.removeprefix("nodejs"))
    have = _version(node)
    notice = None
    if wanted and have and wanted != have:
        notice = f"{configuration.runtime} runs on Node.js {have}, the version of this machine."
    return NodejsRuntime(str(Path(node).resolve()), wanted, notice)


@cache
def _version(node: str) -> str:
    """The major version of a Node.js."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)
    return answer.stdout.strip().removeprefix("v").partition(".")[0]
