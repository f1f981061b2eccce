"""Custom runtimes: an executable file named bootstrap, in the package or in a layer; for go1.x a program.

Source: AWS Lambda Developer Guide, runtimes-custom and lambda-golang (go1.x); deck section C10.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths


@frozen
class ProvidedRuntime:
    """A bootstrap: the package's, else the layers'. That it is missing, or no program, Lambda reports at its start."""

    in_layer: bool
    is_there: bool
    file: str = "bootstrap"
    folder: Path | None = None
    visible: tuple[Path, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()
    notice: str | None = None
    frames_log: bool = False

    def command(self, paths: Paths) -> tuple[str, ...]:
        """The executable file."""
        return (f"{paths.opt if self.in_layer else paths.task}/{self.file}",)

    def variables(self, paths: Paths) -> dict[str, str]:  # noqa: ARG002 - as for the others
        """None of its own."""
        return {}


def provided_runtime(configuration: FunctionConfiguration) -> ProvidedRuntime:
    """The file that Lambda would start: a bootstrap, or the one that the handler of a go1.x function names."""
    if configuration.runtime == "go1.x":
        return ProvidedRuntime(in_layer=False, is_there=True, file=configuration.handler)

    # One that may not be executed is taken all the same, and fails as it is started.
    in_package, in_layer = (
        (folder / "bootstrap").is_file() for folder in (configuration.code, configuration.opt)
    )
    return ProvidedRuntime(in_layer=not in_package and in_layer, is_there=in_package or in_layer)
