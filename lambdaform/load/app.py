"""An app's Python file → its stacks.

The file is run as a module of its own. Its stacks are the `Stack` objects at its top level and, where it
defines ``app(stage)``, what that function returns for the stage asked for: one or several. Where the file has
``stages`` too, a mapping by the stages' names, the function gets the value that is there for the stage.
"""

from __future__ import annotations

import contextlib
import linecache
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType

from lambdaform.errors import DefinitionError, LambdaformError, UsageError, shown
from lambdaform.load.app_error import app_error
from lambdaform.load.nested import nest_templates, template_path
from lambdaform.model.crossing import deployment_order, family
from lambdaform.model.shape import Problem, collecting_problems
from lambdaform.model.stack import Stack
from lambdaform.origin import Location, shown_path
from lambdaform.suggest import did_you_mean

DEFAULT_STAGE = "dev"


def load_app(file: Path, *, stack_name: str | None = None, stage: str | None = None) -> Stack:
    """The stack in an app's file: its only one, or the one named ``stack_name``, which may be a nested one.

    Raises `UsageError` where the file or the stack is not there, `DefinitionError` with everything that is
    wrong in its definitions.
    """
    return _choose(load_stacks(file, stage=stage), file, stack_name)


def load_stacks(file: Path, *, stage: str | None = None) -> list[Stack]:
    """The stacks in an app's file, without those that are nested in others, in the order in which to deploy them.

    Raises as `load_app` does.
    """
    if not file.exists():
        raise UsageError(f"There is no {file}.", right=_other_source(file))
    if not file.is_file():
        raise UsageError(f"{file} is not a file.", right="Name the app's Python file with --app FILE.")
    if file.suffix in (".yaml", ".yml", ".json", ".template"):
        raise UsageError(
            f"{file} is not a Python file.",
            right=f"A template is named with --template {file}, a stack as data with --from {file}.",
        )
    with collecting_problems() as problems:
        try:
            # What the app prints goes to standard error: standard output is the command's own.
            with contextlib.redirect_stdout(sys.stderr):
                module, modules = _run(file)
                stacks = _stacks_of(module, stage)
        except LambdaformError as error:
            if not problems:
                raise
            problems.append(_as_problem(error))
        except BaseException as error:
            # Ctrl-C reaches the main thread only; in another one it is the app's own.
            if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
                raise
            if not problems:
                raise app_error(file, error) from error
    if problems:
        raise _all(problems)
    return _as_app(stacks, file, modules)


def _other_source(missing: Path) -> str:
    """What to name instead of an app's file that is not there: the template or document beside it, if there is one."""
    for option, stem in (("--template", "template"), ("--from", "stack")):
        for suffix in (".yaml", ".yml", ".json"):
            file = missing.parent / f"{stem}{suffix}"
            if file.is_file():
                return f"There is {file}: name it with {option} {file}."
    return (
        "Name the app with --app FILE, a template with --template FILE, or a stack as data with --from FILE."
    )


def _run(file: Path) -> tuple[ModuleType, tuple[str, ...]]:
    """The file's module, and the files of the project's own that it imports."""
    path = file.resolve()
    linecache.checkcache(str(path))
    try:
        source = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{file} cannot be read: {reason}.", right="Name another with --app FILE."
        ) from error
    module = ModuleType(f"__lambdaform_app__.{path.stem}")
    module.__file__ = str(path)
    known = set(sys.modules)
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(path.parent))
    try:
        # Compiled here and not by the import system, whose cache does not see a change within one second.
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102 - the user's own code
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(path.parent))
        imported = _forget(known, path.parent)
    return module, imported


def _forget(known: set[str], folder: Path) -> tuple[str, ...]:
    """Drop the project's own modules again, so that the next load, or another app, reads its own; gives their files."""
    files = []
    for name in sys.modules.keys() - known:
        if name.partition(".")[0] == __name__.partition(".")[0]:
            continue
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is None:
            continue
        inside = Path(origin).resolve().is_relative_to(folder)
        if inside and "site-packages" not in Path(origin).parts:
            del sys.modules[name]
            files.append(origin)
    return tuple(sorted(files))


def _stacks_of(module: ModuleType, stage: str | None) -> list[Stack]:
    found: list[object] = [each for each in vars(module).values() if isinstance(each, Stack)]
    make = getattr(module, "app", None)
    if callable(make) and not isinstance(make, Stack):
        made = _made_by(make, _stage_value(module, stage))
        # A function may also add to a stack at the top level, and return nothing.
        if not found or made != [None]:
            found.extend(_stacks_in(made, make))
    elif stage is not None:
        raise UsageError(
            f"--stage {stage} was given, and {shown_path(str(module.__file__))} has no function app(stage).",
            right="Write def app(stage: str) -> Stack, which makes the stack of a stage.",
        )
    return [each for each in dict.fromkeys(found) if isinstance(each, Stack)]


def _made_by(make: Callable[..., object], stage: object) -> list[object]:
    """What ``app(stage)`` returns. Raises `UsageError` where it does not take a stage."""
    if not _takes_one(make):
        raise UsageError(
            "app() does not take the stage alone.",
            right="Write def app(stage: str) -> Stack.",
            where=_definition(make),
        )
    made = make(stage)
    return list(made) if isinstance(made, Iterable) and not isinstance(made, Mapping | str) else [made]


def _stacks_in(made: list[object], make: Callable[..., object]) -> list[Stack]:
    """What ``app(stage)`` returned, as stacks. Raises `UsageError` where there is something else."""
    stacks = [each for each in made if isinstance(each, Stack)]
    if len(stacks) < len(made):
        other = next(each for each in made if not isinstance(each, Stack))
        raise UsageError(
            f"app(stage) returned {shown(other)}.",
            right="It must return a Stack, or a list of them.",
            where=_definition(make),
        )
    return stacks


def _definition(make: Callable[..., object]) -> Location | None:
    code = getattr(make, "__code__", None)
    return Location(code.co_filename, code.co_firstlineno) if code is not None else None


def _takes_one(make: Callable[..., object]) -> bool:
    import inspect

    try:
        inspect.signature(make).bind("dev")
    except TypeError:
        return False
    except ValueError:
        pass  # Something callable that does not tell its arguments.
    return True


def _stage_value(module: ModuleType, stage: str | None) -> object:
    """What the app's function is called with: the stage's name, or what the module's ``stages`` has under it."""
    stages = getattr(module, "stages", None)
    if not isinstance(stages, Mapping):
        return stage or DEFAULT_STAGE
    if stage is None and DEFAULT_STAGE not in stages:
        raise UsageError(
            f"{shown_path(str(module.__file__))} has no stage {DEFAULT_STAGE!r}.",
            right=f"Name one of its stages with --stage: {', '.join(map(str, stages))}.",
        )
    name = stage or DEFAULT_STAGE
    if name not in stages:
        names = [str(each) for each in stages]
        right = did_you_mean(name, names, f"It has {', '.join(names)}.")
        raise UsageError(f"{shown_path(str(module.__file__))} has no stage {name!r}.", right=right)
    return stages[name]


def _as_app(stacks: list[Stack], file: Path, modules: tuple[str, ...]) -> list[Stack]:
    """The stacks that are not nested in others, in the order of their deployment; all know that they belong together."""
    nested = {id(each) for stack in stacks for each in stack.descendants()}
    roots = [stack for stack in stacks if id(stack) not in nested]
    every = {id(each): each for stack in roots for each in family(stack)}
    names = [each.name for each in every.values()]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise UsageError(f"{file} has two stacks named {twice!r}.", right="Give each its own name.")
    if not roots:
        raise UsageError(f"{file} has no Stack.", right='Define one at its top level: stack = Stack("name").')
    ordered = deployment_order(roots)
    for stack in every.values():
        stack.file = str(file.resolve())
        stack.modules = modules
        _nest_templates(stack)
        for each in family(stack):
            each.app = tuple(ordered)
    return ordered


def _nest_templates(stack: Stack) -> None:
    """Read the templates that a stack from Python nests by their local paths."""
    if any(template_path(each) for key, each in stack.resources.items() if key not in stack.children):
        from lambdaform.load.template import load_file

        nest_templates(stack, load_file, ())


def _choose(stacks: list[Stack], file: Path, name: str | None) -> Stack:
    if name is None:
        if len(stacks) > 1:
            names = ", ".join(stack.name for stack in stacks)
            raise UsageError(
                f"{file} has several stacks: {names}.",
                right="Name one with --stack, or write all with --all -o DIR.",
            )
        return stacks[0]
    every = {each.name: each for stack in stacks for each in family(stack)}
    if name not in every:
        raise UsageError(f"{file} has no stack {name!r}.", right=did_you_mean(name, every))
    return every[name]


def _as_problem(error: LambdaformError) -> Problem:
    return Problem(error.rule or "LF100", error.what, error.right or "", _At(error.where))


class _At:
    def __init__(self, location: Location | None) -> None:
        self._location = location

    def locate(self, names: Iterable[str] = (), inside: Iterable[str | int] = ()) -> Location | None:  # noqa: ARG002
        return self._location


def _all(problems: list[Problem]) -> DefinitionError:
    first, *others = [problem.as_error() for problem in dict.fromkeys(problems)]
    first.take_in(others)
    return first
