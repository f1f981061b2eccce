"""What the commands that run functions have in common: their options, and the stack they run."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lambdaform.cli.source import Source
from lambdaform.errors import DefinitionError, UsageError
from lambdaform.local.physical import ACCOUNT_ID
from lambdaform.local.state_folder import NAME

if TYPE_CHECKING:
    from lambdaform.cli.function import Chosen
    from lambdaform.local.control.function import FunctionConfiguration
    from lambdaform.local.logs import LogLine
    from lambdaform.local.provisioning.overrides import Overrides
    from lambdaform.model.stack import Stack
    from lambdaform.synth.assembly import Assembly

F = TypeVar("F", bound=Callable[..., Any])
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def local_options(command: F) -> F:
    """``--env-vars``, ``--layer``, ``--region``, ``--account-id``, ``--account-concurrency`` and ``--cpu-share``."""
    decorated: Any = command
    for option in (
        click.option(
            "--cpu-share",
            is_flag=True,
            help="Give each function the CPU of its memory and no more, once it is initialised: 1,769 MB are one vCPU.",
        ),
        click.option(
            "--account-concurrency",
            type=click.IntRange(min=0),
            metavar="N",
            help="The account's limit of concurrent executions, where it is not AWS's usual one.",
        ),
        click.option(
            "--account-id",
            default=ACCOUNT_ID,
            metavar="NUMBER",
            show_default=True,
            callback=_account_id,
            help="The account that it plays.",
        ),
        click.option(
            "--region",
            default="us-east-1",
            metavar="NAME",
            show_default=True,
            callback=_region,
            help="The region that it plays.",
        ),
        click.option(
            "--layer",
            "layers",
            multiple=True,
            metavar="ARN=PATH",
            help="The content, a folder or archive, of a layer that is not the stack's own.",
        ),
        click.option(
            "--env-vars",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help='Environment variables by function, as JSON: {"Checkout": {"TABLE": "orders"}}.',
        ),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def state_option(text: str) -> Callable[[F], F]:
    """``--state``: the folder that keeps what runs have left."""
    return click.option(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        default=Path(NAME),
        show_default=True,
        help=text,
    )


def _region(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's
    if not _REGION.fullmatch(value):
        raise UsageError(f"{value!r} is no region.", right="Write one such as eu-central-1.")
    return value


def _account_id(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's
    if not _ACCOUNT_ID.fullmatch(value):
        raise UsageError(f"{value!r} is no account's number.", right="It has twelve digits: 111122223333.")
    return value


def overrides(env_vars: Path | None, layers: tuple[str, ...]) -> Overrides:
    """What the options give for this machine only. Raises `UsageError` where they are wrong."""
    from lambdaform.local.provisioning.overrides import Overrides, read_overrides

    paths = {}
    for each in layers:
        arn, separator, path = each.partition("=")
        if not separator:
            raise UsageError(f"--layer {each!r} has no path.", right="Write --layer ARN=FOLDER.")
        if not Path(path).exists():
            raise UsageError(f"--layer: there is no {path}.", right="Name a folder or an archive.")
        paths[arn] = Path(path)
    variables = read_overrides(env_vars) if env_vars is not None else {}
    return Overrides(variables=variables, layers=paths)


def local_assembly(
    stack: Stack, source: Source, missing: Callable[[DefinitionError], object], only: str | None = None
) -> Assembly:
    """The stack as it would be deployed, in CloudFormation's form; code that cannot be packaged is left out.

    ``missing`` gets why. ``only`` is the function for which packages are installed, where it is not for all.
    """
    from lambdaform.local.runtimes.python import interpreter_of
    from lambdaform.synth.assembly import assemble, expand
    from lambdaform.synth.packaging import Packaging

    packaging = Packaging(interpreter=interpreter_of, only=only, progress=note)
    return expand(assemble(stack, source.parameters_of(stack), packaging=packaging, missing=missing))


#: Where a debugger usually is awaited: debugpy's port, and that of Node.js.
_PYTHON_PORT, _NODE_PORT = 5678, 9229


def require_debugger(chosen: Chosen) -> None:
    """Raise `LocalError` where there is no debugger for a function, as far as its definition says which runtime it has."""
    from lambdaform.check.view import setting
    from lambdaform.local.runtimes import require_debugger

    runtime = setting(chosen.home, chosen.function, "runtime")
    if isinstance(runtime, str):
        require_debugger(chosen.short, runtime)


def port_to_debug(configuration: FunctionConfiguration, given: int | None, number: int = 0) -> int:
    """The port on which the function with this ``number`` among those that are debugged waits for a debugger.

    Raises `UsageError` where somebody listens there, and `LocalError` where there is no debugger for the function.
    """
    import socket

    from lambdaform.local.runtimes import require_debugger

    runtime = configuration.runtime
    require_debugger(configuration.function_name, runtime)
    port = (given or (_NODE_PORT if runtime.startswith("nodejs") else _PYTHON_PORT)) + number
    try:
        with socket.create_server(("127.0.0.1", port)):
            return port
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Port {port}, where a debugger would be awaited, cannot be used.",
            right="End what listens there, or choose another with --debug-port.",
        ) from error


def files_of(stacks: Sequence[Stack], source: Source) -> tuple[Path, ...]:
    """The files of which any change matters to what runs here: code, definitions, and the modules that they import."""
    from lambdaform.model.crossing import family

    files = {file.resolve() for file in source.files()}
    for stack in stacks:
        for each in family(stack):
            files.update(_files_of(each))
    return tuple(sorted(files))


def _files_of(stack: Stack) -> Iterator[Path]:
    """The code that a stack names, the modules that it is written in, and the template that it was read from."""
    from lambdaform.local.watch import watched_path
    from lambdaform.synth.template import code_files

    base = Path(stack.file).parent if stack.file else Path.cwd()
    yield from (watched_path(base / path) for path in code_files(stack))
    yield from map(Path, stack.modules)
    if stack.loaded and stack.file:
        yield Path(stack.file).resolve()


_FORMS = "Give a file, - for standard input, or the JSON itself."


def read_event(text: str | None, option: str = "--event", what: str = "event") -> bytes:
    """The JSON that an option names: a file, ``-`` for standard input, or the JSON itself. ``what`` is it, for errors.

    Raises `UsageError` where it is none of these, or no JSON.
    """
    if text is None:
        return b"{}"
    data: bytes
    if text == "-" and sys.stdin is None:
        raise UsageError(
            f"{option} is -, and standard input is closed.", right="Give a file, or the JSON itself."
        )
    if text == "-":
        data, name = sys.stdin.buffer.read(), "Standard input"
    elif _is_file(text):
        data, name = Path(text).read_bytes(), text
    elif text.lstrip()[:1] in ("{", "[", '"') or text in ("null", "true", "false") or _NUMBER.fullmatch(text):
        data, name = text.encode(), option
    elif not text.strip():
        raise UsageError(f"{option} is empty.", right=_FORMS)
    elif _is_folder(text):
        raise UsageError(f"The {what} {text} is a folder.", right="Give a file in it.")
    else:
        raise UsageError(f"There is no {what} file {text}.", right=_FORMS)
    article = "An" if what == "event" else "A"
    if not data.strip():
        raise UsageError(f"{name} is empty.", right=f"{article} {what} is one JSON value, such as {{}}.")
    try:
        # Windows' editors write a mark before the first character; it is no part of the event.
        event = data.decode("utf-8-sig")
        # Numbers are as long as they are: whether they are too long for it, the function's runtime says.
        json.loads(event, parse_constant=_refuse_constant, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{name} is not JSON: {error}.", right=f"{article} {what} is one JSON value."
        ) from error
    return event.encode()


def event_file(text: str | None) -> Path | None:
    """The file that ``--event`` names, if it names one."""
    return Path(text) if text is not None and text != "-" and _is_file(text) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        # Too long for a name, or with a null byte: no file, so perhaps the JSON itself.
        return False


def say(text: str) -> None:
    """Something a person should know, beside the logs."""
    click.echo(text, err=True)


def what_changed(names: Sequence[str]) -> str:
    """The sentence on files that have changed."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{Path(names[0]).name}{more} changed."


def note(text: str) -> None:
    """Something that may be overlooked."""
    say(click.style(text, dim=True))


def print_log(line: LogLine) -> None:
    """A log event of the function, as it is."""
    click.echo(line.text, err=True)
