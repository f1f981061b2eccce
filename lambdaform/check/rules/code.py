"""LF5xx: the code behind a function: that there is some, and that its handler is in it."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import functions, has_raw, setting
from lambdaform.model.awslambda import Code, LambdaFunction
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack


def _inline(function: FunctionSettings) -> str | None:
    """The source text in the template itself."""
    if isinstance(function, Function):
        return function.inline_code if isinstance(function.inline_code, str) else None
    if isinstance(function, LambdaFunction) and isinstance(function.code, Code):
        return function.code.zip_file if isinstance(function.code.zip_file, str) else None
    return None


@rule(
    "LF501",
    "missing-setting",
    Level.ERROR,
    demand="A function from a zip archive has a runtime, a handler and code.",
    source="Lambda API, CreateFunction",
)
def missing_settings(stack: Stack) -> Iterator[Problem]:
    """Functions without what Lambda needs to start them."""
    for function in functions(stack):
        if function.package_type is not None and function.package_type != "Zip":
            continue
        if isinstance(function, Function) and (function.image_uri or setting(stack, function, "image_uri")):
            continue
        if (
            isinstance(function, LambdaFunction)
            and isinstance(function.code, Code)
            and function.code.image_uri
        ):
            continue
        if has_raw(stack, function, "PackageType") or (
            function.metadata and "Dockerfile" in function.metadata
        ):
            continue
        missing = []
        for name, aws_name in (("runtime", "Runtime"), ("handler", "Handler")):
            if setting(stack, function, name) is None and not has_raw(stack, function, aws_name):
                missing.append(name)
        if isinstance(function, Function):
            given = any(setting(stack, function, name) is not None for name in ("code_uri", "inline_code"))
            # In a template, SAM takes a function without CodeUri to lie in the template's own folder.
            if (
                not given
                and not stack.loaded
                and not any(has_raw(stack, function, name) for name in ("CodeUri", "InlineCode"))
            ):
                missing.append("code_uri")
        elif isinstance(function, LambdaFunction) and function.code is None and "Code" not in function.raw:
            missing.append("code")
        if missing:
            yield function.problem(
                "LF501",
                f"{function.logical_id!r} has no {', no '.join(missing)}.",
                "A function needs a runtime, a handler and code, unless it is a container image (package_type Image).",
            )


@rule(
    "LF502",
    "inline-runtime",
    Level.ERROR,
    demand="Only Python and Node.js code can stand in the template itself.",
    source="AWS CloudFormation User Guide, AWS::Lambda::Function Code, ZipFile",
)
def inline_runtime(stack: Stack) -> Iterator[Problem]:
    """Inline code in a language that must be built."""
    for function in functions(stack):
        runtime = setting(stack, function, "runtime")
        if (
            _inline(function) is None
            or not isinstance(runtime, str)
            or runtime.startswith(("python", "nodejs"))
        ):
            continue
        yield function.problem(
            "LF502",
            f"{function.logical_id!r} has its code inline (ZipFile), but its runtime is {runtime!s}.",
            "Inline code works for Python and Node.js only: package the code as an archive.",
            "runtime",
        )


_MODULE_DOT_FUNCTION = re.compile(r"[^\s.]+(?:[./][^\s.]+)*\.[^\s./]+")


@rule(
    "LF503",
    "handler-form",
    Level.ERROR,
    demand="A Python or Node.js handler is module.function.",
    source="AWS Lambda Developer Guide, python-handler and nodejs-handler",
)
def handler_form(stack: Stack) -> Iterator[Problem]:
    """Handlers that name a module and no function."""
    for function in functions(stack):
        runtime, handler = setting(stack, function, "runtime"), setting(stack, function, "handler")
        if not isinstance(runtime, str) or not isinstance(handler, str):
            continue
        if runtime.startswith(("python", "nodejs")) and not _MODULE_DOT_FUNCTION.fullmatch(handler):
            yield function.problem(
                "LF503",
                f"{function.logical_id!r} has the handler {handler!r}.",
                f'A handler is file.function, such as "{handler.strip(".") or "app"}.handler".',
                "handler",
            )


@rule(
    "LF504",
    "handler-missing",
    Level.ERROR,
    demand="The handler's module and function are in the function's code.",
    source="AWS Lambda Developer Guide, python-handler",
)
def handler_missing(stack: Stack) -> Iterator[Problem]:
    """Python handlers that the code does not have."""
    base = Path(stack.file).parent if stack.file else Path.cwd()
    for function in functions(stack):
        runtime, handler = setting(stack, function, "runtime"), setting(stack, function, "handler")
        if not isinstance(runtime, str) or not runtime.startswith("python") or not isinstance(handler, str):
            continue
        if not _MODULE_DOT_FUNCTION.fullmatch(handler):
            continue
        module, _, name = handler.rpartition(".")
        source = _inline(function)
        if source is not None:
            if module != "index":
                yield function.problem(
                    "LF504",
                    f"{function.logical_id!r} has its code inline, and the handler {handler!r}.",
                    f'Inline code becomes the file index.py: the handler is "index.{name}".',
                    "handler",
                )
                continue
            defined = _defined(source)
            where = "its inline code"
        else:
            code = setting(stack, function, "code_uri") if isinstance(function, Function) else None
            if isinstance(code, Ref) or not isinstance(code, str) or not (base / code).is_dir():
                continue
            file = base / code / (module.replace(".", "/") + ".py")
            if not file.exists() and not (file.with_suffix("") / "__init__.py").exists():
                if function.layers or _comes_from_elsewhere(base / code, module):
                    continue
                shown = sorted(each.stem for each in (base / code).glob("*.py"))
                if not shown:
                    continue
                near = difflib.get_close_matches(module, shown, n=1)
                hint = f'Did you mean "{near[0]}.{name}"?' if near else f"It has {', '.join(shown)}."
                yield function.problem(
                    "LF504",
                    f"{function.logical_id!r} has the handler {handler!r}, but {code} has no module {module!r}.",
                    hint,
                    "handler",
                )
                continue
            if not file.exists():
                continue
            defined = _defined(file.read_text("utf-8", errors="replace"))
            where = f"{code.rstrip('/')}/{file.relative_to(base / code)}"
        if defined is not None and name not in defined:
            near = difflib.get_close_matches(name, defined, n=1)
            yield function.problem(
                "LF504",
                f"{function.logical_id!r} has the handler {handler!r}, but {where} has no {name!r}.",
                f'Did you mean "{module}.{near[0]}"?' if near else "Name a function that the module defines.",
                "handler",
            )


def _comes_from_elsewhere(code: Path, module: str) -> bool:
    """Whether a build step may still bring the module: a dependency list stands in the code folder."""
    return "." in module or any((code / name).exists() for name in ("requirements.txt", "pyproject.toml"))


def _defined(source: str) -> set[str] | None:
    """The names that a module defines or imports at its top level; None where that cannot be told."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    names: set[str] = set()
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    return None
                names.add((alias.asname or alias.name).partition(".")[0])
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                names.update(each.id for each in ast.walk(target) if isinstance(each, ast.Name))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            pending.extend(each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt))
            pending.extend(each for handler in getattr(node, "handlers", ()) for each in handler.body)
    return names
