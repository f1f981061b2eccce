"""What an app's file raised → one sentence at the user's own line, with the nearest name where one is misspelt.

Python's messages are for who wrote the library: an enumeration's is the missing name alone, from a line of its own.
"""

from __future__ import annotations

import os
import re
import sysconfig
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING

from attrs import fields

import lambdaform
from lambdaform.errors import DefinitionError
from lambdaform.model.shape import Shape, properties_of
from lambdaform.origin import Location
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    import traceback

#: Lambdaform's own folder and those of Python's modules.
_LIBRARIES = tuple(
    f"{each}{os.sep}"
    for each in (
        Path(__file__).resolve().parent.parent,
        *map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")),
    )
)
_UNKNOWN_ARGUMENT = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_MISSING_ARGUMENTS = re.compile(r"(\w+)\.__init__\(\) missing \d+ required [\w-]+ arguments?: (.+)")
_MISSING_IMPORT = re.compile(r"cannot import name '(\w+)' from 'lambdaform'")
#: What the folders are called into which packages are installed.
_PACKAGES = frozenset({"site-packages", "dist-packages"})


class AppError(DefinitionError):
    """The app's file raised an exception; the text ends with the user's own frames of the traceback."""


def app_error(file: Path, error: BaseException) -> AppError:
    """The error that a command shows for what the app's file raised."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        where = Location(error.filename, error.lineno, error.offset or 1)
        return AppError(f"syntax error: {error.msg}.", where=where)
    import traceback

    frames = _own_frames(error.__traceback__)
    trace = "".join(traceback.format_list(frames)).rstrip()
    place = Location(frames[-1].filename, frames[-1].lineno or 1) if frames else None
    if isinstance(error, SystemExit):
        return AppError(
            f"{file} ended the program: sys.exit({error.code!r}).",
            right="It only defines stacks.",
            where=place,
        )
    unknown = _unknown_property(error)
    if unknown is not None:
        what, right = unknown
        return AppError(what, right=right, where=place, rule="LF106")
    explained = _missing_arguments(error) or _unknown_name(error)
    if explained is not None:
        what, right = explained
        return AppError(what, right=right, where=place)
    summary = "".join(traceback.format_exception_only(error)).strip()
    return AppError(f"{file} raised {summary}" + (f"\n{trace}" if trace else ""), where=place)


def _class_named(name: str) -> type[Shape] | None:
    """A class of the model by its public name."""
    cls = getattr(lambdaform, name, None)
    return cls if isinstance(cls, type) and issubclass(cls, Shape) else None


def _unknown_property(error: BaseException) -> tuple[str, str] | None:
    """A keyword that a class of the model does not take: what is wrong, and what would be right."""
    found = _UNKNOWN_ARGUMENT.match(str(error)) if isinstance(error, TypeError) else None
    cls = _class_named(found[1]) if found else None
    if found is None or cls is None:
        return None
    names = ", ".join(each.name for each in properties_of(cls))
    arguments = [each.alias or each.name for each in fields(cls)]
    right = did_you_mean(found[2], arguments, f"It has {names}.")
    return f"{cls.__name__} has no property {found[2]!r}.", right


def _missing_arguments(error: BaseException) -> tuple[str, str] | None:
    """What a class of the model cannot be made without."""
    found = _MISSING_ARGUMENTS.match(str(error)) if isinstance(error, TypeError) else None
    cls = _class_named(found[1]) if found else None
    if found is None or cls is None:
        return None
    missing = re.findall(r"'(\w+)'", found[2])
    if missing == ["logical_id"]:
        return f"{cls.__name__} has no logical id.", f'Give it first: {cls.__name__}("Name", …).'
    return f"{cls.__name__} lacks {' and '.join(missing)}.", "It cannot be made without."


def _unknown_name(error: BaseException) -> tuple[str, str] | None:
    """A misspelt name of ours: one that is imported, or looked up in a module, a class or an object."""
    if isinstance(error, ImportError):
        found = _MISSING_IMPORT.match(str(error))
        return _not_in(lambdaform, found[1]) if found else None
    if not isinstance(error, AttributeError) or not isinstance(error.name, str) or not _is_by_the_user(error):
        return None
    owner = error.obj
    home = owner.__name__ if isinstance(owner, ModuleType) else _class_of(owner).__module__
    is_ours = home.partition(".")[0] == lambdaform.__name__
    return _not_in(owner, error.name) if is_ours else None


def _not_in(owner: object, name: str) -> tuple[str, str]:
    title = owner.__name__ if isinstance(owner, ModuleType) else _class_of(owner).__name__
    known = [each for each in dir(owner) if not each.startswith("_")]
    return f"{title} has no {name!r}.", did_you_mean(name, known, "")


def _class_of(value: object) -> type:
    return value if isinstance(value, type) else type(value)


def _own_frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    """The frames of the user's code: none of lambdaform's, of a library's, of the import machinery, nor made by attrs."""
    import traceback

    return [frame for frame in traceback.extract_tb(trace) if not _is_of_a_library(frame.filename)]


def _is_by_the_user(error: BaseException) -> bool:
    """Whether the user's own line asked for what is not there, and no line of a library's."""
    import traceback

    asking = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name != "__getattr__"]
    return bool(asking) and not _is_of_a_library(asking[-1].filename)


def _is_of_a_library(file: str) -> bool:
    return file.startswith(("<", *_LIBRARIES)) or bool(_PACKAGES.intersection(Path(file).parts))
