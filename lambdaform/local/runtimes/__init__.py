"""How each runtime starts: the command, and the variables that are the runtime's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration


@frozen
class Launch:
    """A command to start a runtime with, its own variables, and what to say once about it."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(factory=dict)
    notice: str | None = None


def launch(configuration: FunctionConfiguration, opt: Path, runtime_folder: Path) -> Launch:
    """How to start the function's runtime.

    ``opt`` is the folder of its merged layers; ``runtime_folder`` one in which the runtime may keep files that
    all environments share. Raises `LocalError` where this machine or lambdaform cannot run it.
    """
    runtime = configuration.runtime
    if runtime.startswith("python"):
        from lambdaform.local.runtimes.python import launch_python

        return launch_python(configuration, opt, runtime_folder)
    if runtime.startswith("nodejs"):
        from lambdaform.local.runtimes.nodejs import launch_nodejs

        return launch_nodejs(configuration, opt)
    if runtime.startswith("provided") or runtime == "go1.x":
        from lambdaform.local.runtimes.provided import launch_bootstrap

        return launch_bootstrap(configuration, opt)
    raise LocalError(
        f"Function {configuration.function_name!r} has the runtime {runtime}, which does not run locally yet.",
        right="Python, Node.js and provided.* (with a bootstrap file) do.",
    )
