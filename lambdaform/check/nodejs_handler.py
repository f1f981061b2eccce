"""Whether a Node.js function's handler is in its code, in the order in which Lambda's runtime looks for it.

Source: AWS Lambda's Node.js runtime interface client, how it loads a handler; Node.js documentation, "Determining
module system".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from lambdaform.check.function_code import FunctionCode, nearest
from lambdaform.check.nodejs_source import Exports, candidates, exports_in, exports_of


def missing_in_nodejs(
    runtime: str, handler: str, text: str | None, code: FunctionCode | None
) -> Iterator[tuple[str, str]]:
    """What a handler names that the code, or its text in the template, certainly does not have."""
    folder, slash, name = handler.rpartition("/")
    stem, _, path = name.partition(".")
    module = f"{folder}{slash}{stem}".removeprefix("./")
    export = path.partition(".")[0]
    if text is not None:
        if re.search(r"^def \w+\(.*\):", text, re.MULTILINE):
            return  # Python's text: not the handler is wrong, but the runtime or the whole text.
        if module != "index":
            yield (
                "its code is inline",
                f'Inline code becomes the file index.js: the handler is "index.{path}".',
            )
        yield from _not_exported(exports_in(text), "its inline code", module, export)
        return
    if code is None or module.startswith("/") or "node_modules" in module:
        return
    file = code.find(*candidates(module, typescript=_runs_typescript(runtime)))
    source = code.find(f"{module}.ts", f"{module}.mts", f"{module}.cts")
    if file is None and source is not None and code.whole:
        yield (
            f"{code.shown_file(source)} is TypeScript, which its runtime does not run",
            "Bundle it (Metadata: BuildMethod: esbuild), or compile it and name the folder with the JavaScript.",
        )
    elif file is None and source is None and code.whole:
        files = [*code.top_files(".js", ".mjs", ".cjs")]
        if files:
            yield code.no_module(module, path, files)
    if (file or source) is not None:
        read = file or source
        assert read is not None
        yield from _wrong_kind(code, read, export)
        yield from _not_exported(exports_of(read), code.shown_file(read), module, export)


def _runs_typescript(runtime: str) -> bool:
    """Whether a runtime runs TypeScript as it is. Source: the Node.js runtime interface client."""
    version = re.search(r"\d+", runtime)
    return version is not None and int(version[0]) >= 24


def _not_exported(found: Exports, where: str, module: str, export: str) -> Iterator[tuple[str, str]]:
    if found.whole and export not in found.names:
        yield f"{where} does not export {export!r}", nearest(export, sorted(found.names), f"{module}.")


def _wrong_kind(code: FunctionCode, file: Path, export: str) -> Iterator[tuple[str, str]]:
    """A module that exports in the words of the other kind of module."""
    found = exports_of(file)
    is_module = file.suffix == ".mjs" or (file.suffix == ".js" and _says_module(code, file))
    if is_module and found.is_common and not found.is_es and export in found.names:
        yield (
            f"{code.shown_file(file)} is an ES module, where exports.{export} is nothing",
            f"Write export const {export} = …, or name the file .cjs.",
        )
    if file.suffix == ".cjs" and found.is_es and not found.is_common:
        yield (
            f"{code.shown_file(file)} is a CommonJS module, where export is no word",
            f"Write exports.{export} = …, or name the file .mjs.",
        )


def _says_module(code: FunctionCode, file: Path) -> bool:
    """Whether the nearest package.json makes a file an ES module."""
    for folder in file.relative_to(code.own.path).parents if file.is_relative_to(code.own.path) else ():
        listed = code.own.path / folder / "package.json"
        if listed.is_file():
            try:
                data = json.loads(listed.read_text("utf-8"))
            except ValueError:
                return False
            return isinstance(data, dict) and data.get("type") == "module"
    return False
