"""A Node.js function bundled by esbuild, as SAM's ``Metadata: BuildMethod: esbuild`` asks for: TypeScript, one file.

esbuild is the project's own, beside its other development tools, else that of the PATH.

Source: SAM Developer Guide, "Building Node.js Lambda functions with esbuild"; esbuild's documentation, "API".
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lambdaform.errors import DefinitionError
from lambdaform.origin import Location, shown_path
from lambdaform.synth.assets import Entry
from lambdaform.synth.tool import run, shown

#: Where the handler's file may be for which no entry point is given.
_SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
#: What SAM takes where the template says nothing.
_DEFAULTS: Mapping[str, Any] = {"Minify": True, "Target": "es2020"}
_FLAGS = {"Minify": "--minify", "Sourcemap": "--sourcemap"}
_VALUES = {"Format": "--format", "Target": "--target", "SourcesContent": "--sources-content"}
_JOINED = {"MainFields": "--main-fields"}
_REPEATED = {"External": "--external", "Loader": "--loader", "OutExtension": "--out-extension"}
_ENTRY_POINTS = "EntryPoints"
_FIXED = ("--bundle", "--platform=node", "--log-level=error")
_MOST_LINES = 12


def bundled(
    root: Path, project: Path, handler: str | None, properties: Mapping[str, Any], where: Location | None
) -> list[Entry]:
    """The files that esbuild makes of the code in a folder.

    Raises `DefinitionError` where there is no esbuild, or it fails, or is asked for what is not known here.
    """
    esbuild = _find(root, project)
    if esbuild is None:
        raise DefinitionError(
            f"The code {shown_path(str(root))} is bundled by esbuild, which is not installed.",
            right="Install it there: npm install --save-dev esbuild.",
            where=where,
        )
    command = [esbuild, *_entry_points(root, handler, properties, where), *_options(properties, where)]
    with tempfile.TemporaryDirectory(prefix="lambdaform-esbuild-") as scratch:
        output = run([*command, *_FIXED, f"--outdir={scratch}"], root)
        if output is not None:
            raise DefinitionError(
                f"esbuild cannot bundle the code {shown_path(str(root))}.",
                right=f"Mend what it names.{shown(output, _MOST_LINES)}",
                where=where,
            )
        files = (each for each in Path(scratch).rglob("*") if each.is_file())
        return [Entry(each.relative_to(scratch).as_posix(), each.read_bytes()) for each in files]


def _find(root: Path, project: Path) -> str | None:
    """The nearest esbuild among the project's development tools, else that of the PATH."""
    for folder in (root, *root.parents):
        own = folder / "node_modules" / ".bin" / "esbuild"
        if own.is_file():
            return str(own.absolute())
        if folder == project:
            break
    return shutil.which("esbuild")


def _entry_points(
    root: Path, handler: str | None, properties: Mapping[str, Any], where: Location | None
) -> list[str]:
    given = properties.get(_ENTRY_POINTS)
    names = [given] if isinstance(given, str) else given
    if names is None and handler is not None:
        stem = handler.rpartition(".")[0]
        names = [f"{stem}{ending}" for ending in _SOURCES if (root / f"{stem}{ending}").is_file()][:1]
    if not isinstance(names, Sequence) or not names or not all(isinstance(each, str) for each in names):
        raise DefinitionError(
            f"The code {shown_path(str(root))} has no file to bundle for the handler {handler!r}.",
            right="Name it: EntryPoints in BuildProperties, such as app.ts.",
            where=where,
        )
    for each in names:
        if not (root / each).is_file():
            raise DefinitionError(
                f"EntryPoints has {each!r}, and {shown_path(str(root))} has no such file.", where=where
            )
    # As a path, so that a name that begins with a dash is no option.
    return [f"./{each}" for each in names]


def _options(properties: Mapping[str, Any], where: Location | None) -> Iterator[str]:
    for name, value in {**_DEFAULTS, **properties}.items():
        values = [value] if isinstance(value, str | bool | int) else value
        plain = isinstance(values, Sequence) and all(isinstance(each, str | bool | int) for each in values)
        if name == _ENTRY_POINTS:
            continue
        if not plain or name not in (*_FLAGS, *_VALUES, *_JOINED, *_REPEATED):
            raise DefinitionError(
                f"BuildProperties has {name}: {value!r}, which lambdaform does not give to esbuild.",
                right=f"It knows {', '.join((_ENTRY_POINTS, *_FLAGS, *_VALUES, *_JOINED, *_REPEATED))}.",
                where=where,
            )
        texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
        if name in _FLAGS:
            yield from [_FLAGS[name]] if texts == ["true"] else []
        elif name in _VALUES:
            yield f"{_VALUES[name]}={texts[0]}"
        elif name in _JOINED:
            yield f"{_JOINED[name]}={','.join(texts)}"
        else:
            # Loaders and extensions are pairs, of which the first part belongs to the option's name.
            yield from (f"{_REPEATED[name]}:{each}" for each in texts)
