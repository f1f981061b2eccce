"""The code behind a function as it lies on this machine: its folder, its layers' folders, and what may still come.

It is read, never run. What is not plain to see (code in a bucket, packages that are still to be installed, a build of
another tool's) is left open, so that no rule finds fault with what it cannot know.

Source: AWS Lambda Developer Guide, python-package (search path), packaging-layers, nodejs-package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from lambdaform.check.index import per_check
from lambdaform.check.view import behind, has_raw, setting
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.code_folder import CodeFolder, local_path
from lambdaform.model.code_patterns import Patterns, patterns_for
from lambdaform.model.function import FunctionSettings
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack

#: Files from which code is made, by the runtime's language: what is not there yet may come of them.
_MAKERS = {
    "python": ("requirements.txt", "pyproject.toml", "Pipfile", "Makefile"),
    "nodejs": ("tsconfig.json", "Makefile"),
    "ruby": ("Gemfile", "Makefile"),
}


@frozen
class Folder:
    """One folder of a package, without what its patterns leave out; ``only`` is its one file, where that is all."""

    path: Path
    patterns: Patterns
    only: str | None = None

    def has(self, name: str) -> bool:
        """Whether a file of this path within the folder is packaged."""
        if self.only is not None:
            return name == self.only
        parts = name.split("/")
        above = ("/".join(parts[:end]) for end in range(1, len(parts)))
        if self.patterns.leave_out(name, folder=False):
            return False
        return (self.path / name).is_file() and not any(
            self.patterns.leave_out(each, folder=True) for each in above
        )


@frozen
class FunctionCode:
    """A function's code: ``shown`` is its path as written, ``own`` its folder, ``layers`` theirs in order.

    ``whole`` says whether nothing else can be there when the function runs.
    """

    shown: str
    own: Folder
    layers: tuple[Folder, ...]
    whole: bool

    def find(self, *names: str) -> Path | None:
        """The first of the files that is packaged, in the function's own folder before the layers'."""
        for folder in (self.own, *self.layers):
            for name in names:
                if folder.has(name):
                    return folder.path / name
        return None

    def top_files(self, *endings: str) -> Iterator[str]:
        """The names, without the ending, of the files with one of the endings that lie at the top of the folder."""
        for each in sorted(self.own.path.iterdir()) if self.own.only is None else ():
            if each.suffix in endings and self.own.has(each.name):
                yield each.stem


@per_check
def code_of(stack: Stack, function: FunctionSettings) -> FunctionCode | None:
    """A function's code on this machine; None where it lies elsewhere, or is an archive, or is not there."""
    name = "code" if isinstance(function, LambdaFunction) else "code_uri"
    value = setting(stack, function, name)
    path = local_path(value)
    base = Path(stack.file).parent if stack.file else Path.cwd()
    if path is None or has_raw(stack, function, "CodeUri"):
        return None
    own = _folder(base / path, value)
    if own is None:
        return None
    layers, known = _layers(stack, function, base)
    language = language_of(stack, function)
    return FunctionCode(path, own, tuple(layers), known and not _grows(own, value, function, language))


def language_of(stack: Stack, function: FunctionSettings) -> str:
    """The language of a function's runtime (``python``, ``nodejs``), empty where that is not known."""
    runtime = setting(stack, function, "runtime")
    found = re.match("[a-z]+", runtime) if isinstance(runtime, str) else None
    return found[0] if found else ""


def _folder(path: Path, value: object) -> Folder | None:
    patterns = patterns_for()
    if isinstance(value, CodeFolder):
        patterns = patterns_for(tuple(value.exclude or ()), tuple(value.include or ()))
    if path.is_dir():
        return Folder(path, patterns)
    if path.is_file() and path.suffix not in (".zip", ".jar"):
        return Folder(path.parent, patterns, path.name)
    return None


def _grows(folder: Folder, value: object, owner: Resource, language: str) -> bool:
    """Whether packages, or a build, may add to what lies in a folder."""
    method = owner.metadata.get("BuildMethod") if isinstance(owner.metadata, Mapping) else None
    listed = value.dependencies if isinstance(value, CodeFolder) else None
    makers = () if listed is False else _MAKERS.get(language, ())
    return bool(method or listed) or any((folder.path / name).is_file() for name in makers)


def _layers(stack: Stack, function: FunctionSettings, base: Path) -> tuple[list[Folder], bool]:
    """The folders in which a function's layers have modules, and whether these are all there is in them."""
    own, shared = getattr(function, "layers", None), setting(stack, function, "layers")
    folders: list[Folder] = []
    runtime = str(setting(stack, function, "runtime"))
    inside = ("python", f"python/lib/{runtime}/site-packages")
    for each in (*_items(own), *(_items(shared) if shared is not own else ())):
        layer = behind(stack, each)
        value = getattr(layer, "content_uri", None) or getattr(layer, "content", None)
        path = local_path(value)
        content = _folder(base / path, value) if path is not None else None
        if layer is None or content is None or _grows(content, value, layer, language_of(stack, function)):
            return folders, False
        folders += [Folder(content.path / name, content.patterns) for name in inside]
    return folders, True


def _items(layers: object) -> Sequence[object]:
    """The layers of a list; one that stands for what is not known where that is no list."""
    if layers is None:
        return ()
    return layers if isinstance(layers, list | tuple) else (None,)
