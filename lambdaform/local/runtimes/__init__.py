"""How each runtime starts: its command, its own variables, and what lies in its folder ``/var/runtime``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths

if TYPE_CHECKING:
    from lambdaform.local.nursery import Ancestor


class Runtime(Protocol):
    """A runtime of this machine, for one function."""

    @property
    def folder(self) -> Path | None:
        """What the process finds under ``/var/runtime``."""

    @property
    def visible(self) -> tuple[Path, ...]:
        """Folders that must be there under their own paths: the interpreter and its libraries."""

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """What the process finds under ``/var/lang/bin``: names, and the programs of this machine."""

    @property
    def notice(self) -> str | None:
        """What to say once about it, where it is not quite what was asked for."""

    @property
    def frames_log(self) -> bool:
        """Whether its client writes the log in frames (`lambdaform.local.frames`), where it may."""

    def command(self, paths: Paths) -> tuple[str, ...]:
        """The command that starts it."""

    def variables(self, paths: Paths) -> dict[str, str]:
        """The environment variables that are its own."""


@runtime_checkable
class Forkable(Protocol):
    """A runtime whose processes may be forked from another one that has loaded what they have in common."""

    def ancestors(
        self, configuration: FunctionConfiguration, paths: Paths, *, in_view: bool
    ) -> tuple[Ancestor, ...]:
        """What a function's process may be forked from, the best first; nothing where it could see the difference."""

    def top_level_names(self, configuration: FunctionConfiguration) -> frozenset[str]:
        """What the function's package and layers put into the search path."""


_LANGUAGES = ("python", "nodejs", "ruby", "java", "provided", "go1.x")


def missing_runtime(name: str) -> LocalError | None:
    """What to say of a runtime that does not run on any machine, and what to do about it; None for one that may."""
    if name.startswith("dotnet"):
        return LocalError(
            f"The runtime is {name}, and lambdaform runs no .NET.",
            right="Publish it as an executable named bootstrap on Amazon.Lambda.RuntimeSupport, with the runtime "
            "provided.al2023, which runs here; or test it with sam local invoke, which needs Docker.",
        )
    if name == "python2.7":
        return LocalError(
            f"The runtime is {name}, and AWS's runtime client needs Python 3.",
            right="Move the function on to a runtime that Lambda still takes, such as python3.13.",
        )
    if not name.startswith(_LANGUAGES):
        return LocalError(
            f"The runtime is {name!r}, which lambdaform does not know.",
            right="Python, Node.js, Ruby, Java and provided.* (with a bootstrap file) run here.",
        )
    return None


def require_debugger(function_name: str, runtime: str) -> None:
    """Raise `LocalError` where there is no debugger for a function with this runtime."""
    if runtime.startswith("python"):
        from lambdaform.local.runtimes.python import debugpy

        debugpy()
    elif not runtime.startswith("nodejs"):
        what = f"has the runtime {runtime}, which" if runtime else "is a container image, which"
        raise LocalError(
            f"Function {function_name!r} {what} cannot be debugged here.", right="Python and Node.js can."
        )


def runtime_of(configuration: FunctionConfiguration, shared: Path, debug_port: int | None = None) -> Runtime:
    """The runtime for a function; ``shared`` is a folder in which runtimes keep files for all environments.

    With ``debug_port`` it waits there for a debugger before it starts.

    Raises `LocalError` where this machine or lambdaform cannot run it.
    """
    name = configuration.runtime
    missing = missing_runtime(name)
    if missing is not None:
        what = f"Function {configuration.function_name!r} cannot run here. {missing.what}"
        raise LocalError(what, right=missing.right)
    if name.startswith("python"):
        from lambdaform.local.runtimes.python import python_runtime

        return python_runtime(configuration, shared, debug_port)
    if name.startswith("nodejs"):
        from lambdaform.local.runtimes.nodejs import nodejs_runtime

        return nodejs_runtime(configuration, debug_port)
    if debug_port is not None:
        require_debugger(configuration.function_name, name)
    if name.startswith("ruby"):
        from lambdaform.local.runtimes.ruby import ruby_runtime

        return ruby_runtime(configuration)
    if name.startswith("java"):
        from lambdaform.local.runtimes.java import java_runtime

        return java_runtime(configuration, shared)
    from lambdaform.local.runtimes.provided import provided_runtime

    return provided_runtime(configuration)
