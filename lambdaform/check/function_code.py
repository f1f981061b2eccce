"""The code behind a function as it lies on this machine: its folder, its layers' folders, and what may still come.

It is read, never run. What is not plain to see (code in a bucket, packages that are still to be installed, a build of
another tool's) is left open, so that no rule finds fault with what it cannot know.

Source: AWS Lambda Developer Guide, python-package (search path), packaging-layers, nodejs-package.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from lambdaform.check.index import kept, per_check
from lambdaform.check.view import behind, has_raw, setting
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.code_folder import CodeFolder, local_path
from lambdaform.model.code_patterns import Patterns, patterns_for
from lambdaform.model.function import FunctionSettings
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack

_LANGUAGE = re.compile("[a-z]+")
#: Files from which code is made, by the runtime's language: what is not there yet may come of them.
_MAKERS = {
    "python": ("requirements.txt", "pyproject.toml", "Pipfile", "Makefile"),
    "nodejs": ("tsconfig.json", "Makefile"),
    "ruby": ("Gemfile", "Makefile"),
    "provided": (
        "Makefile",
        "CMakeLists.txt",
        "go.mod",
        "main.go",
        "Cargo.toml",
        "Package.swift",
        "package.json",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
    ),
}


@frozen
class Folder:
    """One folder of a package, without what its patterns leave out; ``only`` is its one file, where that is all."""

    path: Path
    patterns: Patterns
    only: str | None = None

    def inside(self, name: str) -> Folder:
        """A folder in it."""
        return Folder(self.path / name, self.patterns)

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

    def sizes(self) -> Iterator[tuple[str, int]]:
        """The path within the folder and the size in bytes of each file that is packaged."""
        if self.only is not None:
            yield self.only, (self.path / self.only).stat().st_size
            return
        pending = [""]
        while pending:
            prefix = pending.pop()
            with os.scandir(self.path / prefix) as children:
                for child in children:
                    name = f"{prefix}{child.name}"
                    # Links to folders may lead round in circles; what they hold is counted when it is packaged.
                    folder = child.is_dir(follow_symlinks=False)
                    if self.patterns.leave_out(name, folder=folder):
                        continue
                    if folder:
                        pending.append(f"{name}/")
                    elif child.is_file():
                        yield name, child.stat().st_size


@frozen
class FunctionCode:
    """A function's code: ``shown`` is its path as written, ``own`` its folder, ``layers`` where theirs has modules.

    ``whole`` says whether nothing else can be there when the function runs; ``content`` are the folders that are
    unpacked for it, as far as they are known.
    """

    shown: str
    own: Folder
    layers: tuple[Folder, ...]
    whole: bool
    content: tuple[Folder, ...]

    def find(self, *names: str) -> Path | None:
        """The first of the files that is packaged, in the function's own folder before the layers'."""
        for folder in (self.own, *self.layers):
            for name in names:
                if folder.has(name):
                    return folder.path / name
        return None

    def shown_file(self, file: Path) -> str:
        """A file of it as people would write its path."""
        if not file.is_relative_to(self.own.path):
            return f"{file.name} in a layer"
        if self.own.only is not None:
            return self.shown
        return f"{self.shown.rstrip('/')}/{file.relative_to(self.own.path).as_posix()}"

    def no_module(self, module: str, name: str, files: Sequence[str]) -> tuple[str, str]:
        """What is wrong and what would be right where a handler names a module that is not there."""
        near = difflib.get_close_matches(module, files, n=1)
        right = f'Did you mean "{near[0]}.{name}"?' if near else f"It has {', '.join(files)}."
        return f"{self.shown} has no module {module!r}", right if files else ""

    def almost(self, module: str) -> str | None:
        """The module at the top of the folder whose name is nearly that of a Python module which is not there.

        None where all is known without it, and where what is still to be installed or built looks as if it brought
        the module.
        """
        near = difflib.get_close_matches(module, [*self.top_files(".py")], n=1, cutoff=0.75)
        if self.whole or not near or (self.own.path / "Makefile").is_file():
            return None
        lists = [self.own.path / name for name in _MAKERS["python"] if (self.own.path / name).is_file()]
        text = "\n".join(each.read_text("utf-8", errors="replace") for each in lists)
        is_listed = re.search(rf"\b{re.escape(module)}\b", text.replace("-", "_"), re.IGNORECASE)
        return None if is_listed else near[0]

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
    language = language_of(stack, function)

    def look() -> tuple[Folder | None, bool]:
        folder = _folder(base / path, value)
        return folder, folder is not None and _grows(folder, value, function, language)

    # Many functions lie in one folder.
    shared = isinstance(value, str) and function.metadata is None
    own, grows = kept(stack, ("code", path, language), look) if shared else look()
    if own is None:
        return None
    contents, known = _layers(stack, function, base)
    runtime = str(setting(stack, function, "runtime"))
    return FunctionCode(
        path,
        own,
        tuple(
            each.inside(name)
            for each in contents
            for name in ("python", f"python/lib/{runtime}/site-packages")
        ),
        known and not grows,
        (own, *contents),
    )


def language_of(stack: Stack, function: FunctionSettings) -> str:
    """The language of a function's runtime (``python``, ``nodejs``), empty where that is not known."""
    runtime = setting(stack, function, "runtime")
    found = _LANGUAGE.match(runtime) if isinstance(runtime, str) else None
    return found[0] if found else ""


def nearest(name: str, names: Iterable[str], before: str) -> str:
    """What would be right where a module does not have a name."""
    near = difflib.get_close_matches(name, names, n=1)
    return f'Did you mean "{before}{near[0]}"?' if near else "Name a function that the module has."


def _folder(path: Path, value: object) -> Folder | None:
    patterns = patterns_for()
    if isinstance(value, CodeFolder):
        patterns = patterns_for(tuple(value.exclude or ()), tuple(value.include or ()))
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:
        return None  # no file can have such a name
    if is_folder:
        return Folder(path, patterns)
    if is_file and path.suffix not in (".zip", ".jar"):
        return Folder(path.parent, patterns, path.name)
    return None


def _grows(folder: Folder, value: object, owner: Resource, language: str) -> bool:
    """Whether packages, or a build, may add to what lies in a folder."""
    method = owner.metadata.get("BuildMethod") if isinstance(owner.metadata, Mapping) else None
    listed = value.dependencies if isinstance(value, CodeFolder) else None
    makers = () if listed is False else _MAKERS.get(language, ())
    return bool(method or listed) or any((folder.path / name).is_file() for name in makers)


def _layers(stack: Stack, function: FunctionSettings, base: Path) -> tuple[list[Folder], bool]:
    """The content of a function's layers, and whether that is all of it."""
    folders: list[Folder] = []
    for each in _items(setting(stack, function, "layers")):
        layer = behind(stack, each)
        value = getattr(layer, "content_uri", None) or getattr(layer, "content", None)
        path = local_path(value)
        content = _folder(base / path, value) if path is not None else None
        if layer is None or content is None or _grows(content, value, layer, language_of(stack, function)):
            return folders, False
        folders.append(content)
    return folders, True


def _items(layers: object) -> Sequence[object]:
    """The layers of a list; one that stands for what is not known where that is no list."""
    if layers is None:
        return ()
    return layers if isinstance(layers, list | tuple) else (None,)
