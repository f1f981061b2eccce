"""Node.js: the machine's Node on a small client of our own, since AWS's needs a compiler to install.

Source: AWS Lambda Developer Guide, lambda-nodejs, nodejs-handler, nodejs-context, nodejs-logging; the options are
those that AWS's own ``/var/runtime/bootstrap`` gives to Node.js.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths

_FOLDER = Path(__file__).with_name("nodejs_files")
#: What Node.js has by itself and Lambda takes away, and the first version that it does so for (lambda-nodejs,
#: "Experimental Node.js features").
_TAKEN_AWAY = {"experimental-require-module": 20, "experimental-detect-module": 22}
#: The last version that has Amazon's certificates by itself (lambda-nodejs, "CA certificate loading").
_LAST_WITH_CERTIFICATES = 18


@frozen
class NodejsRuntime:
    """A ``node`` of this machine; ``major`` is the version that the function asks for."""

    node: str
    major: str
    notice: str | None
    #: What is before the file on the command line.
    options: tuple[str, ...] = ()
    folder: Path | None = _FOLDER
    debug_port: int | None = None
    #: The machine's own modules, where AWS's SDK is among them.
    modules: Path | None = None
    frames_log: bool = False

    @property
    def visible(self) -> tuple[Path, ...]:
        """The installation that ``node`` is part of, and the SDK's."""
        installation = Path(self.node).resolve().parent.parent
        return (installation,) if self.modules is None else (installation, self.modules)

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """Node."""
        return (("node", self.node),)

    def command(self, paths: Paths) -> tuple[str, ...]:
        """Node on the client, behind the inspector where it is wanted."""
        if self.debug_port is not None:
            return (self.node, *self.options, f"{paths.runtime}/debug.mjs", str(self.debug_port))
        return (self.node, *self.options, f"{paths.runtime}/index.mjs")

    def variables(self, paths: Paths) -> dict[str, str]:
        """Where ``require`` and ``import`` look: the layers', then the runtime's modules, and AWS's SDK.

        Up to Node.js 18 also the certificates; from then on a function names them itself, if it wants them.
        """
        opt = f"{paths.opt}/nodejs"
        folders = [f"{opt}/node{self.major}/node_modules", f"{opt}/node_modules"]
        folders += [f"{paths.runtime}/node_modules", paths.runtime, paths.task]
        if self.modules is not None:
            folders.append(str(self.modules))
        variables = {"NODE_PATH": ":".join(folders)}
        if int(self.major or 0) <= _LAST_WITH_CERTIFICATES:
            variables["NODE_EXTRA_CA_CERTS"] = f"{paths.runtime}/ca-cert.pem"
        return variables


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
    node = str(Path(node).resolve())
    options = (*_limits(configuration.memory_size), *_without(node, wanted, configuration.environment))
    return NodejsRuntime(node, wanted, notice, options, debug_port=debug_port, modules=_with_sdk(Path(node)))


def _limits(memory_size: int) -> Iterator[str]:
    """How large V8's heap may become in a function of so many MB, and what else Lambda always says."""
    young = memory_size // 10
    yield from ("--expose-gc", "--max-http-header-size", "81920")
    yield f"--max-semi-space-size={young // 2}"
    yield f"--max-old-space-size={memory_size - young}"


def _without(node: str, major: str, environment: Mapping[str, str]) -> Iterator[str]:
    """What switches off that which Lambda takes away, but for what the function's NODE_OPTIONS switch on."""
    wished = environment.get("NODE_OPTIONS", "").split()
    for name, since in _TAKEN_AWAY.items():
        if int(major or 0) >= since and f"--{name}" not in wished and _knows(node, f"--no-{name}"):
            yield f"--no-{name}"


def _with_sdk(node: Path) -> Path | None:
    """Where ``npm install --global`` has put AWS's SDK for JavaScript, which Lambda brings; None where it is not."""
    prefixes = [node.parent.parent, Path("/usr/local"), Path("/opt/homebrew")]
    with contextlib.suppress(OSError):
        npmrc = (Path.home() / ".npmrc").read_text("utf-8", errors="replace")
        prefixes[:0] = [
            Path(found).expanduser() for found in re.findall(r"(?m)^\s*prefix\s*=\s*(\S+)", npmrc)
        ]
    if os.environ.get("NPM_CONFIG_PREFIX"):
        prefixes.insert(0, Path(os.environ["NPM_CONFIG_PREFIX"]))
    folders = (prefix / "lib/node_modules" for prefix in prefixes)
    return next((folder for folder in folders if (folder / "@aws-sdk").is_dir()), None)


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
    return _asked(node).stdout.strip().removeprefix("v").partition(".")[0]


@cache
def _knows(node: str, option: str) -> bool:
    """Whether a Node.js takes an option; others end with an error."""
    return _asked(node, option).returncode == 0


def _asked(node: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a Node.js says of its version."""
    return subprocess.run(
        [node, *options, "--version"], capture_output=True, text=True, timeout=20, check=False
    )
