"""Node.js: the machine's Node on a small bootstrap of our own, since AWS's client needs a compiler to install.

Source: AWS Lambda Developer Guide, nodejs-handler, nodejs-context, nodejs-logging.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import Launch

_BOOTSTRAP = Path(__file__).with_name("nodejs_bootstrap.mjs")


def launch_nodejs(configuration: FunctionConfiguration, opt: Path) -> Launch:
    """The bootstrap on the ``node`` of this machine, with a notice where it has another version."""
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
    paths = [
        opt / "nodejs" / f"node{wanted}" / "node_modules",
        opt / "nodejs" / "node_modules",
        configuration.code,
    ]
    return Launch((node, str(_BOOTSTRAP)), {"NODE_PATH": ":".join(map(str, paths))}, notice)


@cache
def _version(node: str) -> str:
    """The major version of a Node.js."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)
    return answer.stdout.strip().removeprefix("v").partition(".")[0]
