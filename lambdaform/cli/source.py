"""Where a command's stack comes from: the app's Python file, a template or a stack as data, chosen by its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import evolve, frozen

from lambdaform.errors import UsageError
from lambdaform.facts.schemas import PROFILES
from lambdaform.model.crossing import family
from lambdaform.model.stack import Stack
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.check.settings import Settings
    from lambdaform.cli.project import Project

F = TypeVar("F", bound=Callable[..., Any])


@frozen
class Source:
    """What the options of a command say about where the stack is."""

    app: Path | None
    template: Path | None
    document: Path | None
    stack_name: str | None
    stage: str | None
    parameters: Mapping[str, str]
    profile: str | None = None
    project: Project | None = None

    def settings(self) -> Settings:
        """What the project wants of the checks. Raises `UsageError` where that is not right."""
        from lambdaform.check.settings import Settings

        return self.project.settings() if self.project is not None else Settings()

    def stack(self) -> Stack:
        """The stack that the options name.

        Raises `UsageError` or `DefinitionError` where there is none, or its definition is wrong.
        """
        [stack] = self._prepared([self._named()])
        return stack

    def stacks(self) -> list[Stack]:
        """All stacks of the app in the order in which to deploy them, or the one that the options name.

        Raises as `stack` does.
        """
        if (self.template, self.document, self.stack_name) != (None, None, None):
            return self._prepared([self._named()])
        from lambdaform.load.app import load_stacks

        return self._prepared(load_stacks(self.app or Path("app.py"), stage=self.stage))

    def parameters_of(self, stack: Stack) -> dict[str, str]:
        """The values that were given for the stack's parameters."""
        return {name: value for name, value in self.parameters.items() if name in stack.parameters}

    def _named(self) -> Stack:
        given = {"--app": self.app, "--template": self.template, "--from": self.document}
        named = [option for option, path in given.items() if path is not None]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named[:2])} name two sources.", right="Give one of them.")
        if self.template is not None:
            from lambdaform.load.template import load_file

            return load_file(self.template, stack_name=self.stack_name)
        if self.document is not None:
            from lambdaform.load.document import load_document

            return load_document(self.document, stack_name=self.stack_name)
        from lambdaform.load.app import load_app

        return load_app(self.app or Path("app.py"), stack_name=self.stack_name, stage=self.stage)

    def _prepared(self, stacks: list[Stack]) -> list[Stack]:
        """The stacks with the profile that was asked for, once the parameters are known to fit them."""
        if self.profile is not None:
            for stack in stacks:
                for each in family(stack):
                    each.head = evolve(each.head, profile=self.profile)  # type: ignore[arg-type]  # one of the option's
        _check_parameters(stacks, self.parameters)
        return stacks

    def names_a_stack(self) -> bool:
        """Whether the options, the project or an ``app.py`` that is there name a stack at all."""
        given = (self.app, self.template, self.document, self.stack_name)
        return any(each is not None for each in given) or Path("app.py").exists()

    def files(self) -> list[Path]:
        """The file that defines the stack, to watch for changes."""
        return [self.template or self.document or self.app or Path("app.py")]


def source_options(command: F) -> F:
    """The options that say where the stack is; the command takes them as one `Source`."""

    def with_source(
        *args: Any,
        app: Path | None,
        template: Path | None,
        document: Path | None,
        stack_name: str | None,
        stage: str | None,
        parameter: tuple[str, ...],
        profile: str | None,
        **options: Any,
    ) -> Any:
        if document is not None and stage is not None:
            raise UsageError(
                "--stage is given, and a stack as data has no stages.",
                right="Leave it out, or write a document for each stage.",
            )
        given = template or document or app
        project = _project(given.parent if given else Path.cwd())
        if project is not None:
            if given is None:
                project.require_source()
                app, template, document = project.app, project.template, project.document
            stage = stage or project.stage
            stack_name = stack_name or project.stack
        source = Source(app, template, document, stack_name, stage, _parameters(parameter), profile, project)
        return command(*args, source=source, **options)

    with_source.__name__ = command.__name__
    with_source.__doc__ = command.__doc__
    decorated: Any = with_source
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--parameter", multiple=True, metavar="NAME=VALUE", help="A value for a parameter of the stack."
        ),
        click.option(
            "--profile",
            type=click.Choice(PROFILES),
            help="The dated limits and prices to go by, instead of the stack's own.",
        ),
        click.option("--stage", metavar="NAME", help="The stage that the app's function is called with."),
        click.option("--stack", "stack_name", metavar="NAME", help="Which stack, where the app has several."),
        click.option(
            "--from",
            "document",
            type=path,
            metavar="FILE",
            help="A stack written as data (YAML or JSON), instead of an app.",
        ),
        click.option(
            "--template",
            type=path,
            metavar="FILE",
            help="A SAM or CloudFormation template, instead of an app.",
        ),
        click.option(
            "--app", type=path, metavar="FILE", help="The Python file with the stack.  [default: app.py]"
        ),
    ):
        decorated = option(decorated)
    decorated.__click_params__ = [
        *getattr(command, "__click_params__", []),
        *getattr(decorated, "__click_params__", []),
    ]
    return decorated  # type: ignore[no-any-return]


def _project(start: Path) -> Project | None:
    """The settings in the nearest ``pyproject.toml`` that has any, from a folder upwards as far as its repository."""
    folder = start.absolute()
    for each in (folder, *folder.parents):
        try:
            text = (each / "pyproject.toml").read_bytes()
        except OSError:
            text = b""
        if b"tool.lambdaform" in text:
            from lambdaform.cli.project import read_project

            project = read_project(each / "pyproject.toml", text)
            if project is not None:
                return project
        if (each / ".git").exists():
            break
    return None


def _parameters(given: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not separator or not name:
            raise UsageError(f"--parameter {each!r} has no value.", right="Write --parameter NAME=VALUE.")
        values[name] = value
    return values


def _check_parameters(stacks: Sequence[Stack], given: Mapping[str, str]) -> None:
    for name, value in given.items():
        having = [stack for stack in stacks if name in stack.parameters]
        if not having:
            known = dict.fromkeys(each for stack in stacks for each in stack.parameters)
            whose = f"Stack {stacks[0].name!r}" if len(stacks) == 1 else "None of the stacks"
            verb = "has no" if len(stacks) == 1 else "has a"
            right = did_you_mean(
                name, known, None if len(stacks) == 1 else f"They have {', '.join(known) or 'none'}."
            )
            raise UsageError(f"{whose} {verb} parameter {name!r}.", right=right)
        for stack in having:
            allowed = stack.parameters[name].allowed_values
            if allowed is not None and value not in [str(each) for each in allowed]:
                choices = ", ".join(str(each) for each in allowed)
                raise UsageError(
                    f"Parameter {name!r} cannot be {value!r}.", right=f"It must be one of {choices}."
                )
