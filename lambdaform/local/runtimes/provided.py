"""Custom runtimes: an executable file named bootstrap, in the package or in a layer.

Source: AWS Lambda Developer Guide, runtimes-custom; deck section C10.
"""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths


@frozen
class ProvidedRuntime:
    """A bootstrap: the package's, else the layers'. A missing one is Lambda's to report, when it is started."""

    in_layer: bool
    folder: Path | None = None
    visible: tuple[Path, ...] = ()
    notice: str | None = None

    def command(self, paths: Paths) -> tuple[str, ...]:
        """The bootstrap file."""
        return (f"{paths.opt if self.in_layer else paths.task}/bootstrap",)

    def variables(self, paths: Paths) -> dict[str, str]:  # noqa: ARG002 - as for the others
        """None of its own."""
        return {}


def provided_runtime(configuration: FunctionConfiguration) -> ProvidedRuntime:
    """The bootstrap that Lambda would take."""

    def is_there(folder: Path) -> bool:
        return (folder / "bootstrap").is_file() and os.access(folder / "bootstrap", os.X_OK)

    return ProvidedRuntime(in_layer=not is_there(configuration.code) and is_there(configuration.opt))
