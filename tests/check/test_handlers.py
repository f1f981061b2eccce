"""Handlers in the code itself: what is certainly wrong is found, and what is not plain to see is let be."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from lambdaform import CodeFolder, Function, Layer, Stack
from lambdaform.check import python_source
from lambdaform.check.findings import check, check_handlers
from lambdaform.check.nodejs_source import exports_in
from lambdaform.check.python_source import look_up_in_text
from lambdaform.check.rule import _rules as registered
from lambdaform.check.rule import rule_named
from lambdaform.check.rules import handlers
from lambdaform.check.settings import Settings
from lambdaform.model.shape import Problem

HANDLER = "def handler(event, context): pass\n"


def found(folder: Path, files: dict[str, str], handler: str = "app.handler", **settings: Any) -> list[str]:
    """The rules that find something on a function with this code, each with what it says."""
    for name, text in files.items():
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "src" / name).write_text(text)
    stack = Stack("shop")
    stack.file = str(folder / "app.py")
    layer = settings.pop("layer", None)
    if layer is not None:
        settings["layers"] = [stack.add(layer)]
    given = {"runtime": "python3.13", "code_uri": "src", **settings}
    stack.add(Function("Fn", handler=handler, **given))
    return [f"{each.rule} {each.what} {each.right}" for each in check(stack) if each.rule.startswith("LF5")]


PYTHON_RIGHT: dict[str, tuple[dict[str, str], str]] = {
    "function": ({"app.py": HANDLER}, "app.handler"),
    "folder": ({"shop/app.py": HANDLER}, "shop/app.handler"),
    "package": ({"shop/__init__.py": "", "shop/app.py": HANDLER}, "shop.app.handler"),
    "package-itself": ({"shop/__init__.py": HANDLER}, "shop.handler"),
    "namespace-package": ({"shop/app.py": HANDLER}, "shop.app.handler"),
    "import": ({"app.py": "from core import handler\n", "core.py": HANDLER}, "app.handler"),
    "import-as": ({"app.py": "from core import main as handler\n", "core.py": "def main(e, c): pass\n"}, "app.handler"),
    "relative-import": (
        {"shop/__init__.py": "", "shop/app.py": "from .core import handler\n", "shop/core.py": HANDLER},
        "shop.app.handler",
    ),
    "re-export": (
        {"shop/__init__.py": "from .core import *\n", "shop/core.py": HANDLER},
        "shop.handler",
    ),
    "import-of-a-package-elsewhere": ({"app.py": "from mangum import handler\n"}, "app.handler"),
    "import-of-all-of-a-package-elsewhere": ({"app.py": "from mangum import *\n"}, "app.handler"),
    "alias": ({"app.py": "def main(e, c): pass\nhandler = main\n"}, "app.handler"),
    "object": ({"app.py": "import mangum\nhandler = mangum.Mangum(1)\n"}, "app.handler"),
    "lambda": ({"app.py": "handler = lambda event, context: 1\n"}, "app.handler"),
    "annotated": ({"app.py": "handler: object = object()\n"}, "app.handler"),
    "tuple": ({"app.py": "handler, other = object(), 1\n"}, "app.handler"),
    "fallback": (
        {"app.py": "try:\n    from a import handler\nexcept ImportError:\n    def handler(a): pass\n"},
        "app.handler",
    ),
    "condition": ({"app.py": "import os\nif os.name:\n    def handler(e, c): pass\n"}, "app.handler"),
    "with": ({"app.py": "import x\nwith x.y():\n    def handler(e, c): pass\n"}, "app.handler"),
    "loop": ({"app.py": "for handler in [print]: pass\n"}, "app.handler"),
    "global": ({"app.py": "def make():\n    global handler\n    handler = print\nmake()\n"}, "app.handler"),
    "made-by-name": ({"app.py": "globals()['handler'] = print\n"}, "app.handler"),
    "getattr": ({"app.py": "def __getattr__(name): return print\n"}, "app.handler"),
    "decorated-coroutine": ({"app.py": "@app\nasync def handler(e): pass\n"}, "app.handler"),
    "defaults": ({"app.py": "def handler(event=None, context=None, more=1): pass\n"}, "app.handler"),
    "any-arguments": ({"app.py": "def handler(*args, **kwargs): pass\n"}, "app.handler"),
    "inner-generator": ({"app.py": "def handler(e, c):\n    def rows(): yield 1\n    return [*rows()]\n"}, "app.handler"),
    "packages-to-come": ({"app.py": "", "requirements.txt": "shop\n"}, "shop.handler"),
    "extension": ({"app.py": "", "fast.cpython-313-x86_64-linux-gnu.so": ""}, "fast.handler"),
    "circle": ({"app.py": "from core import handler\n", "core.py": "from app import handler\n"}, "app.handler"),
    "assigned-to-each-other": ({"app.py": "handler = other\nother = handler\n"}, "app.handler"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "handler"), PYTHON_RIGHT.values(), ids=PYTHON_RIGHT)
def test_python_that_may_be_right_is_let_be(tmp_path: Path, files: dict[str, str], handler: str) -> None:
    assert found(tmp_path, files, handler) == []


@pytest.mark.parametrize("maker", ["requirements.txt", "pyproject.toml"])
def test_a_module_that_only_a_package_could_have_is_warned_of_where_one_is_nearly_called_so(
    tmp_path: Path, maker: str
) -> None:
    files = {"price.py": HANDLER, maker: "requests\n"}
    [text] = found(tmp_path, files, "prices.handler")
    assert text.startswith("LF507 'Fn' has the handler 'prices.handler', but src has no module 'prices'.")
    assert 'Did you mean "price.handler"?' in text


@pytest.mark.parametrize(
    "files",
    [
        {"price.py": HANDLER, "requirements.txt": "Prices==2\n"},
        {"price.py": HANDLER, "requirements.txt": "", "Makefile": ""},
        {"price.py": "", "requirements.txt": ""},
        {"core.py": HANDLER, "requirements.txt": ""},
    ],
    ids=["listed", "built", "no-such-function", "another-name"],
)
def test_a_module_that_packages_may_bring_is_let_be(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, files, "prices.handler") == []


PYTHON_WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "name": (
        {"app.py": HANDLER},
        "app.handlr",
        r"LF504 .* src/app\.py has no 'handlr'\. Did you mean \"app\.handler\"\?",
    ),
    "module": (
        {"app.py": HANDLER},
        "ap.handler",
        r"LF504 .* src has no module 'ap'\. Did you mean \"app\.handler\"\?",
    ),
    "class": ({"app.py": "class Shop: pass\n"}, "app.Shop.handler", "LF504 .* src has no module 'app.Shop'"),
    "import": (
        {"app.py": "from core import handler\n", "core.py": ""},
        "app.handler",
        "src/core.py has no 'handler'",
    ),
    "re-export": (
        {"shop/__init__.py": "from .core import *\n", "shop/core.py": "x = 1\n"},
        "shop.handler",
        "has no 'handler'",
    ),
    "for-type-checkers": (
        {"app.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import handler\n"},
        "app.handler",
        "has no 'handler'",
    ),
    "main-only": (
        {"app.py": 'if __name__ == "__main__":\n    handler = print\n'},
        "app.handler",
        "has no 'handler'",
    ),
    "declared-only": ({"app.py": "handler: object\n"}, "app.handler", "has no 'handler'"),
    "inside": ({"app.py": "def make():\n    def handler(e, c): pass\n"}, "app.handler", "has no 'handler'"),
    "one-argument": ({"app.py": "def handler(event): pass\n"}, "app.handler", "LF505 .*line 1 of app.py"),
    "three-arguments": ({"app.py": "def handler(a, b, c): pass\n"}, "app.handler", "LF505"),
    "by-name-only": ({"app.py": "def handler(event, context, *, table): pass\n"}, "app.handler", "LF505"),
    "lambda": ({"app.py": "handler = lambda event: 1\n"}, "app.handler", "LF505"),
    "alias": ({"app.py": "def main(): pass\nhandler = main\n"}, "app.handler", "LF505"),
    "arguments-elsewhere": (
        {"app.py": "from core import main as handler\n", "core.py": "\ndef main(): pass\n"},
        "app.handler",
        "LF505 .*line 2 of core.py",
    ),
    "coroutine": (
        {"app.py": "async def handler(event, context): pass\n"},
        "app.handler",
        "LF506 .*a coroutine",
    ),
    "generator": ({"app.py": "def handler(e, c):\n    yield 1\n"}, "app.handler", "LF506 .*a generator"),
}


@pytest.mark.parametrize(("files", "handler", "what"), PYTHON_WRONG.values(), ids=PYTHON_WRONG)
def test_python_that_cannot_run_is_found(
    tmp_path: Path, files: dict[str, str], handler: str, what: str
) -> None:
    [only] = found(tmp_path, files, handler)
    assert re.search(what, only), only


UNREADABLE: dict[str, tuple[dict[str, str], str, str]] = {
    "grammar": ({"app.py": "\ndef handler(:\n"}, "app.handler", r"cannot read line 2 of src/app\.py: invalid syntax\."),
    "compiler": ({"app.py": f"{HANDLER}return 1\n"}, "app.handler", r"line 2 of src/app\.py: 'return' outside function"),
    "encoding": ({"app.py": f"# coding: nothing\n{HANDLER}"}, "app.handler", r"read src/app\.py: unknown encoding: nothing"),
    "imported": (
        {"app.py": "from core import handler\n", "core.py": f"{HANDLER})\n"},
        "app.handler",
        r"line 2 of src/core\.py: unmatched '\)'",
    ),
    "package": (
        {"shop/__init__.py": "x = = 1\n", "shop/app.py": HANDLER},
        "shop.app.handler",
        r"line 1 of src/shop/__init__\.py: invalid syntax",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "handler", "what"), UNREADABLE.values(), ids=UNREADABLE)
def test_python_that_cannot_be_read_is_found(
    tmp_path: Path, files: dict[str, str], handler: str, what: str
) -> None:
    [only] = found(tmp_path, files, handler, runtime="python3.11")
    assert only.startswith(f"LF508 'Fn' has the handler {handler!r}, but Python ")
    assert re.search(what, only), only


def test_python_that_is_newer_than_the_runtime_is_found(tmp_path: Path) -> None:
    files = {"app.py": f"{HANDLER}match 1:\n    case _: pass\n"}
    assert found(tmp_path, files, runtime="python3.10") == []
    [only] = found(tmp_path, files, runtime="python3.9")
    assert "line 3 of src/app.py: Pattern matching is only supported in Python 3.10" in only
    assert only.endswith("Lambda imports it with python3.9 before it calls the handler.")


@pytest.mark.parametrize(
    "text", ["type Row = list[int]\n", "def first[T](of: list[T]): pass\n", "x = (1 + \n f'{1:{')\n"]
)
def test_what_a_newer_python_may_read_is_let_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(python_source, "_THIS", (3, 11))
    assert found(tmp_path, {"app.py": HANDLER + text}, runtime="python3.14") == []


@pytest.mark.parametrize("rest", ["", "name = f'{1}'\n"])
def test_what_no_newer_python_reads_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.setattr(python_source, "_THIS", (3, 11))
    [only] = found(tmp_path, {"app.py": f"def handler(:\n    pass\n{rest}"}, runtime="python3.14")
    assert "LF508" in only


def test_code_that_python_cannot_read_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(:\n")
    stack = Stack("shop")
    stack.file = str(tmp_path / "stack.py")
    stack.add(Function("File", runtime="python3.11", handler="app.handler", code_uri="."))
    stack.add(Function("Inline", runtime="python3.11", handler="index.handler", inline_code="def handler(:"))
    assert [each.rule for each in check_handlers(stack, Settings())] == ["LF508", "LF250"]


def test_what_python_warns_of_is_read_in_silence(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert found(tmp_path, {"app.py": f"{HANDLER}x = '\\d'\nassert (x, 1)\n"}, runtime="python3.11") == []
    assert not recwarn.list


def test_a_file_that_is_not_packaged_is_not_there(tmp_path: Path) -> None:
    files = {"app.py": HANDLER, "main.py": HANDLER}
    [only] = found(tmp_path, files, code_uri=CodeFolder("src", exclude=["app.py"]))
    assert "src has no module 'app'" in only


def test_a_single_file_is_its_own_module(tmp_path: Path) -> None:
    assert found(tmp_path, {"app.py": HANDLER}, code_uri="src/app.py") == []


def test_a_handler_may_be_in_the_stacks_own_layer(tmp_path: Path) -> None:
    (tmp_path / "layer/python").mkdir(parents=True)
    (tmp_path / "layer/python/shared.py").write_text("def main(event): pass\n")
    layer = Layer("Shared", content_uri="layer")
    [only] = found(tmp_path, {"app.py": HANDLER}, "shared.main", layer=layer)
    assert "LF505" in only


def test_what_a_layer_of_somebody_elses_has_is_not_known(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:wrapper:1"
    assert found(tmp_path, {"app.py": HANDLER}, "wrapper.handler", layers=[arn]) == []


@given(st.text())
def test_any_text_is_read_as_python(text: str) -> None:
    look_up_in_text(text, "handler")
    look_up_in_text(text, "handler", (3, 11))


NODE_RIGHT: dict[str, tuple[dict[str, str], str]] = {
    "exports": ({"index.js": "exports.handler = async () => 1"}, "index.handler"),
    "module-exports": ({"index.js": "module.exports.handler = function () {}"}, "index.handler"),
    "object": ({"index.js": "module.exports = {\n  other: 1, // x\n  handler,\n}"}, "index.handler"),
    "object-methods": ({"index.js": "module.exports = { async handler(e) { return {a: 1} }, 'x': 2 }"}, "index.handler"),
    "object-function": ({"index.js": "module.exports = { a: {b: 1}, handler: (e, c) => ({x: 1}) }"}, "index.handler"),
    "spread": ({"index.js": "module.exports = { ...require('./a') }"}, "index.handler"),
    "call": ({"index.js": "module.exports = wrap({a: 1})"}, "index.handler"),
    "star": ({"index.js": "__exportStar(require('./a'), exports)"}, "index.handler"),
    "property": ({"index.js": 'Object.defineProperty(exports, "handler", {get: () => 1})'}, "index.handler"),
    "by-text": ({"index.js": "exports['handler'] = 1"}, "index.handler"),
    "computed": ({"index.js": "for (const n of names) exports[n] = 1"}, "index.handler"),
    "assign": ({"index.js": "Object.assign(module.exports, require('./a'))"}, "index.handler"),
    "this": ({"index.js": "this.handler = () => 1"}, "index.handler"),
    "bundled": ({"index.js": "0&&(module.exports={handler});"}, "index.handler"),
    "export-const": ({"index.mjs": "export const handler = async () => 1"}, "index.handler"),
    "export-function": ({"index.mjs": "export async function handler() {}"}, "index.handler"),
    "export-list": ({"index.mjs": "const x = 1\nexport { x as handler, x }"}, "index.handler"),
    "export-from": ({"index.mjs": "export { handler } from './a.mjs'"}, "index.handler"),
    "export-all": ({"index.mjs": "export * from './a.mjs'"}, "index.handler"),
    "export-pattern": ({"index.mjs": "export const { handler } = make()"}, "index.handler"),
    "type-module": ({"package.json": '{"type": "module"}', "index.js": "export const handler = 1"}, "index.handler"),
    "syntax-is-detected": ({"index.js": "export const handler = 1"}, "index.handler"),
    "common": ({"index.cjs": "exports.handler = 1"}, "index.handler"),
    "folder": ({"src/index.js": "exports.handler = 1"}, "./src/index.handler"),
    "nested": ({"index.js": "exports.orders = {create: 1}"}, "index.orders.create"),
    "typescript": ({"index.ts": "export const handler: Handler = async () => 1"}, "index.handler"),
    "to-be-compiled": ({"tsconfig.json": "{}", "x.js": ""}, "dist/index.handler"),
    "layer": ({"index.js": ""}, "/opt/nodejs/wrapper.handler"),
    "package": ({"index.js": ""}, "node_modules/datadog/handler.handler"),
    "regular-expression": ({"index.js": "const a = x.replace(/'/g, '\"')\nexports.handler = 1"}, "index.handler"),
    "template": ({"index.js": "const a = `exports.x = ${`nested`}`\nexports.other = 1"}, "index.handler"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "handler"), NODE_RIGHT.values(), ids=NODE_RIGHT)
def test_javascript_that_may_be_right_is_let_be(tmp_path: Path, files: dict[str, str], handler: str) -> None:
    assert found(tmp_path, files, handler, runtime="nodejs24.x") == []


NODE_WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "name": ({"index.js": "exports.handler = 1"}, "index.hanlder", "src/index.js does not export 'hanlder'"),
    "name-near": ({"index.js": "exports.handler = 1"}, "index.hanlder", 'Did you mean "index.handler"?'),
    "module": ({"index.js": "exports.handler = 1"}, "indx.handler", "src has no module 'indx'"),
    "object": ({"index.js": "module.exports = { other: () => ({handler: 1}) }"}, "index.handler", "does not export 'handler'"),
    "nothing": ({"index.js": "const handler = async () => 1"}, "index.handler", "does not export 'handler'"),
    "comment": ({"index.js": "// exports.handler = 1\nexports.other = 1"}, "index.handler", "does not export 'handler'"),
    "default": ({"index.mjs": "export default async () => 1"}, "index.handler", "does not export 'handler'"),
    "list": ({"index.mjs": "const handler = 1\nexport { handler as main }"}, "index.handler", "does not export 'handler'"),
    "common-in-module": ({"index.mjs": "exports.handler = 1"}, "index.handler", "exports.handler is nothing"),
    "common-in-package": (
        {"package.json": '{"type": "module"}', "index.js": "exports.handler = 1"},
        "index.handler",
        "is an ES module",
    ),
    "export-in-common": ({"index.cjs": "export const handler = 1"}, "index.handler", "is a CommonJS module"),
    "nested": ({"index.js": "exports.order = {create: 1}"}, "index.orders.create", "does not export 'orders'"),
    "parent": ({"index.js": "exports.handler = 1"}, "../index.handler", "LF503"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "handler", "what"), NODE_WRONG.values(), ids=NODE_WRONG)
def test_javascript_that_cannot_run_is_found(
    tmp_path: Path, files: dict[str, str], handler: str, what: str
) -> None:
    [only] = found(tmp_path, files, handler, runtime="nodejs24.x")
    assert what in only


def test_typescript_is_not_run_by_an_older_node(tmp_path: Path) -> None:
    [only] = found(tmp_path, {"index.ts": "export const handler = 1"}, "index.handler", runtime="nodejs22.x")
    assert "src/index.ts is TypeScript" in only
    assert "esbuild" in only


def test_typescript_that_is_bundled_is_read(tmp_path: Path) -> None:
    metadata = {"BuildMethod": "esbuild"}
    files = {"index.ts": "export const handler = 1"}
    assert found(tmp_path, files, "index.handler", runtime="nodejs22.x", metadata=metadata) == []
    [only] = found(tmp_path, files, "index.hander", runtime="nodejs22.x", metadata=metadata)
    assert "does not export 'hander'" in only


@given(st.text(alphabet=st.sampled_from("exports.module={},'\"`/*\\\n ${}()[]:handler=>")))
def test_any_text_is_read_as_javascript(text: str) -> None:
    exports_in(text)


@pytest.mark.parametrize(
    "text",
    ["a / b;", "exports.handler = 1;", "export const a = 1;\n", "x = /'/; '';", "{[(", "module.exports={a:"],
)
def test_a_long_text_is_read_in_linear_time(text: str) -> None:
    def steps(times: int) -> int:
        counted = 0

        def count(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal counted
            counted += 1
            return count

        sys.settrace(count)
        try:
            exports_in(text * times)
        finally:
            sys.settrace(None)
        return counted

    assert steps(4_000) < 10 * steps(1_000)


def test_a_bundle_is_not_read(tmp_path: Path) -> None:
    files = {"index.js": "x = 1;" * 200_000}
    assert found(tmp_path, files, "index.handler", runtime="nodejs24.x") == []


@pytest.mark.parametrize(
    ("runtime", "handler", "right"),
    [
        ("ruby3.4", "app.handler", True),
        ("ruby3.4", "app.Shop::Orders.handle", True),
        ("ruby3.4", "app", False),
        ("java21", "shop.Orders", True),
        ("java21", "shop.Orders::handle", True),
        ("java21", "shop/Orders::handle", False),
        ("dotnet10", "Shop", True),
        ("dotnet10", "Shop::Shop.Orders::Handle", True),
        ("dotnet10", "Shop::Orders", False),
        ("provided.al2023", "anything at all", True),
        ("go1.x", "main", True),
    ],
)
def test_a_handler_has_the_form_of_its_language(
    tmp_path: Path, runtime: str, handler: str, right: bool
) -> None:
    rules = [each[:5] for each in found(tmp_path, {"x": ""}, handler, runtime=runtime)]
    assert ("LF503" not in rules) is right


def test_a_ruby_file_must_be_there(tmp_path: Path) -> None:
    [only] = found(tmp_path, {"app.rb": ""}, "ap.handler", runtime="ruby3.4")
    assert "src has no module 'ap'" in only


def test_a_bootstrap_needs_its_executable_bit(tmp_path: Path) -> None:
    custom = {"runtime": "provided.al2023"}
    [only] = found(tmp_path, {"bootstrap": "#!/bin/sh\n"}, **custom)
    assert only.startswith("LF509 'Fn' runs on provided.al2023, but src/bootstrap is not executable.")
    assert only.endswith("chmod +x src/bootstrap.")
    (tmp_path / "src/bootstrap").chmod(0o755)
    assert found(tmp_path, {}, **custom) == []


def test_a_bootstrap_may_be_in_the_stacks_own_layer(tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    layer = Layer("Shell", content_uri="layer")
    custom: dict[str, Any] = {"files": {"greet.sh": ""}, "runtime": "provided.al2023", "layer": layer}
    [none] = found(tmp_path, **custom)
    assert "neither src nor a layer has a file bootstrap" in none
    (tmp_path / "layer/bootstrap").write_text("#!/bin/sh\n")
    [only] = found(tmp_path, **custom)
    assert "layer/bootstrap is not executable" in only
    (tmp_path / "layer/bootstrap").chmod(0o755)
    assert found(tmp_path, **custom) == []


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({"main.sh": ""}, {"layers": ["arn:aws:lambda:us-east-1:123456789012:layer:shell:1"]}),
        ({"go.mod": "", "main.go": ""}, {}),
        ({"main.zig": ""}, {"metadata": {"BuildMethod": "makefile"}}),
        ({"bootstrap": ""}, {"metadata": {"BuildMethod": "makefile"}}),
        ({}, {"code_uri": "s3://code/fn.zip"}),
        ({}, {"code_uri": "to-be-built"}),
    ],
    ids=["a layer of somebody else's", "source", "a build", "a build's own", "a bucket", "no code yet"],
)
def test_a_bootstrap_that_may_still_come_is_let_be(
    tmp_path: Path, files: dict[str, str], settings: dict[str, Any]
) -> None:
    assert not [
        each for each in found(tmp_path, files, runtime="provided.al2023", **settings) if "LF509" in each
    ]


def test_the_bootstrap_of_an_archive_has_its_mode_there(tmp_path: Path) -> None:
    custom = {"runtime": "provided.al2023", "code_uri": "fn.zip"}
    for name, mode, said in (
        (
            "bootstrap",
            0o644,
            ["LF509 'Fn' runs on provided.al2023, but bootstrap in fn.zip is not executable."],
        ),
        ("main", 0o755, ["LF509 'Fn' runs on provided.al2023, but fn.zip has no file bootstrap."]),
        ("bootstrap", 0o755, []),
    ):
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        with zipfile.ZipFile(tmp_path / "fn.zip", "w") as archive:
            archive.writestr(entry, "#!/bin/sh\n")
        assert [each.partition(" Lambda ")[0] for each in found(tmp_path, {}, **custom)] == said


def test_the_rules_on_handlers_alone_are_all_that_their_module_has(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = rule_named("LF503")
    assert rule is not None
    asked: list[Stack] = []

    def found_nothing(stack: Stack) -> Iterator[Problem]:
        asked.append(stack)
        yield from ()

    found_nothing.__module__ = handlers.__name__
    monkeypatch.setitem(registered, "LF503", evolve(rule, find=found_nothing))
    stack = Stack("shop")
    assert check_handlers(stack, Settings()) == []
    assert asked == [stack]
