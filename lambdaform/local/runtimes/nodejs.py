"""Node.js: the machine's Node on a small bootstrap of our own, since AWS's client needs a compiler to install.

Source: AWS Lambda Developer Guide, nodejs-handler, nodejs-context, nodejs-logging.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
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
    debug_port: int | None = None

    @property
    def visible(self) -> tuple[Path, ...]:
        """The installation that ``node`` is part of."""
        return (Path(self.node).resolve().parent.parent,)

    def command(self, paths: Paths) -> tuple[str, ...]:
        """Node on the bootstrap, behind the inspector where it is wanted."""
        if self.debug_port is not None:
            return (self.node, f"{paths.runtime}/debug.mjs", str(self.debug_port))
        return (self.node, f"{paths.runtime}/bootstrap.mjs")

    def variables(self, paths: Paths) -> dict[str, str]:
        """Where ``require`` looks: the layers', then the runtime's modules."""
        opt = f"{paths.opt}/nodejs"
        folders = (f"{opt}/node{self.major}/node_modules", f"{opt}/node_modules")
        return {"NODE_PATH": ":".join((*folders, f"{paths.runtime}/node_modules", paths.runtime, paths.task))}


def nodejs_runtime(configuration: FunctionConfiguration, debug_port: int | None = None) -> NodejsRuntime:
    """A ``node`` of the function's version, else the one of this machine's PATH with a notice."""
    wanted = re.sub(r"\D.*", "", configuration.runtime.removeprefix("nodejs"))
    usual = shutil.which("node")
    have = _version(usual) if usual is not None else None
    # The one on the PATH is asked first: where it fits, nothing else is looked at.
    node = usual if have == wanted else next(_managed(wanted), usual)
    if node is None:
        raise LocalError(
            f"Function {configuration.function_name!r} needs Node.js, and there is no node on this machine's PATH.",
            right="Install Node.js.",
        )
    notice = None
    if node == usual and wanted and have and wanted != have:
        notice = f"{configuration.runtime} runs on Node.js {have}, the version of this machine."
    return NodejsRuntime(str(Path(node).resolve()), wanted, notice, debug_port=debug_port)


def _managed(major: str) -> Iterator[str]:
    """Nodes of a version where nvm, fnm, asdf, mise, Volta, nodenv and Homebrew put theirs, the newest first."""
    if not major:
        return
    home = Path.home()
    for folder, pattern in (
        (Path(os.environ.get("NVM_DIR") or home / ".nvm") / "versions/node", f"v{major}.*/bin/node"),
        (
            Path(os.environ.get("FNM_DIR") or home / ".local/share/fnm") / "node-versions",
            f"v{major}.*/installation/bin/node",
        ),
        (Path(os.environ.get("ASDF_DATA_DIR") or home / ".asdf") / "installs/nodejs", f"{major}.*/bin/node"),
        (
            Path(os.environ.get("MISE_DATA_DIR") or home / ".local/share/mise") / "installs/node",
            f"{major}.*/bin/node",
        ),
        (Path(os.environ.get("VOLTA_HOME") or home / ".volta") / "tools/image/node", f"{major}.*/bin/node"),
        (Path(os.environ.get("NODENV_ROOT") or home / ".nodenv") / "versions", f"{major}.*/bin/node"),
        (Path("/opt/homebrew/opt"), f"node@{major}/bin/node"),
        (Path("/usr/local/opt"), f"node@{major}/bin/node"),
    ):
        found = sorted(
            folder.glob(pattern), key=lambda each: _numbers(each.relative_to(folder)), reverse=True
        )
        yield from map(str, found)


def _numbers(path: Path) -> list[int]:
    """The numbers of a version in a path, to compare."""
    return [int(part) for part in re.findall(r"\d+", path.parts[0])]


@cache
def _version(node: str) -> str:
    """The major version of a Node.js."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)
    return answer.stdout.strip().removeprefix("v").partition(".")[0]
