"""The ``lambdaform`` command: its subcommands, loaded when they are called, and how errors leave it.

Nothing heavy is imported here, so that ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from typing import NoReturn

import click

from lambdaform import __version__
from lambdaform.cli.entry import EXIT_INTERRUPTED
from lambdaform.errors import LambdaformError

_COMMANDS = {
    "synth": "Write the stack's template: SAM YAML, CloudFormation, JSON, or a whole assembly.",
    "check": "Check the stack against the rules, and show each finding at its line.",
    "estimate": "Estimate a function's concurrency, throttling and monthly price under given traffic.",
    "explain": "Explain a rule of the check, or list all of them.",
    "invoke": "Run one function here with one event, as Lambda would.",
    "run": "Serve an AWS account here, with the stack's functions in it, and fire their schedules.",
    "status": "Show what is in the account that run serves: functions, versions, aliases, layers.",
    "logs": "Show what functions have logged here, and follow what they log.",
    "trail": "Show the calls that the local endpoint has recorded, as CloudTrail does.",
    "event": "Print a sample of what an event source hands to a function.",
    "schema": "Print a JSON Schema: of a stack written as data, of findings, of an event or its answer.",
}

EXIT_FINDINGS = 1
EXIT_USAGE = 2


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"lambdaform.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name not in _COMMANDS and not name.startswith("-"):
            from lambdaform.suggest import did_you_mean

            hint = did_you_mean(name, _COMMANDS, f"There are {', '.join(_COMMANDS)}.")
            raise click.UsageError(f"There is no command {name!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="lambdaform")
def cli() -> None:
    """AWS Lambda applications as typed Python values: synthesise, check, run locally.

    Exit codes: 0 all is well; 1 findings, or the function failed; 2 a mistake in the command or definition.
    """


def main() -> None:
    """Run the command line; a mistake of the user's ends as a sentence and exit code 2, never a traceback."""
    # A command ends before a collection would pay; one that goes on for long turns it on again.
    gc.disable()
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows its escape.
            stream.reconfigure(errors="backslashreplace")
    output = sys.stdout
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except LambdaformError as error:
        for line in error.texts():
            click.echo(f"Error: {line}", err=True)
        sys.exit(EXIT_USAGE)
    except SystemExit:
        if sys.stdout is not output:
            # Click has met the broken pipe first: it puts a wrapper there, and ends as after a failure.
            _end_for_lack_of_a_reader()
        raise
    except BrokenPipeError:
        _end_for_lack_of_a_reader()
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        click.echo(f"Error: {error.strerror or error}:{place or ' the output'}.", err=True)
        if error.errno == errno.ENOSPC:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_USAGE)


def _open_what_is_closed() -> None:
    """Give standard output and error somewhere to go where whoever started us has closed them."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - it is no file


def _end_for_lack_of_a_reader() -> NoReturn:
    """Whoever read the output has enough: all is well. What is still buffered must not fail once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
