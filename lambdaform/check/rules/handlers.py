"""LF250, and LF503 to LF509: a function's handler: its form, that it is in the code, that Lambda can read and call it.

Of a custom runtime it is the bootstrap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lambdaform.check.bootstrap import bootstrap_flaw
from lambdaform.check.function_code import FunctionCode, code_of, language_of, nearest
from lambdaform.check.index import kept, per_check
from lambdaform.check.python_source import (
    Absent,
    Definition,
    Known,
    Unreadable,
    flaw_in,
    is_coroutine,
    is_generator,
    look_up,
    look_up_in_text,
    takes_two,
    version_of,
)
from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.code import inline_code
from lambdaform.check.view import functions, setting
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.function import FunctionSettings
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack

#: The form of a handler by language, and what it looks like. Languages that are not here take any text.
_FORMS = {
    "python": (re.compile(r"[^\s.]+(?:[./][^\s./]+)*\.[^\s./]+"), "file.function, such as {0}.handler"),
    "nodejs": (re.compile(r"(?!.*\.\.)(?:\S*/)?[^\s./]*\.[^\s/]+"), "file.function, such as {0}.handler"),
    "ruby": (re.compile(r"[^\s.]+(?:\.[^\s.]+)?\.[^\s.]+"), "file.method or file.Class.method"),
    "java": (re.compile(r"[\w$.]+(?:::[\w$]+)?"), "package.Class::method or package.Class"),
    "dotnet": (
        re.compile(r"[^\s:]+(?:::[^\s:]+::[^\s:]+)?"),
        "Assembly::Namespace.Class::Method, or the name of an executable assembly",
    ),
}


def _handler(stack: Stack, function: FunctionSettings) -> str | None:
    handler = setting(stack, function, "handler")
    return handler if isinstance(handler, str) else None


@rule(
    "LF503",
    "handler-form",
    Level.ERROR,
    demand="A handler has the form of its language: module.function for Python and Node.js.",
    source="AWS Lambda Developer Guide, python-handler, nodejs-handler, ruby-handler, java-handler and csharp-handler",
)
def handler_form(stack: Stack) -> Iterator[Problem]:
    """Handlers that their runtime cannot take apart, such as a module without a function."""
    for function in functions(stack):
        handler = _handler(stack, function)
        form = _FORMS.get(language_of(stack, function))
        if handler is None or form is None or form[0].fullmatch(handler):
            continue
        word = re.search(r"\w+", handler)
        yield function.problem(
            "LF503",
            f"{function.logical_id!r} has the handler {handler!r}.",
            f"A handler is {form[1].format(word[0] if word else 'app')}.",
            "handler",
        )


@rule(
    "LF504",
    "handler-missing",
    Level.ERROR,
    demand="The handler's module and function are in the function's code.",
    source="AWS Lambda Developer Guide, python-handler and nodejs-handler",
)
def handler_missing(stack: Stack) -> Iterator[Problem]:
    """Handlers that the code certainly does not have."""
    finders = {"python": _missing_in_python, "nodejs": _missing_in_nodejs, "ruby": _missing_in_ruby}
    for function in functions(stack):
        language, handler = language_of(stack, function), _handler(stack, function)
        if language not in finders or handler is None or not _FORMS[language][0].fullmatch(handler):
            continue
        text, code = inline_code(function), code_of(stack, function)
        if text is None and code is None:
            continue
        for what, right in finders[language](stack, function, handler, text, code):
            title = f"{function.logical_id!r} has the handler {handler!r}"
            yield function.problem("LF504", f"{title}, but {what}.", right, "handler")
            break


def _missing_in_python(
    stack: Stack, function: FunctionSettings, handler: str, text: str | None, code: FunctionCode | None
) -> Iterator[tuple[str, str]]:
    module, _, name = handler.rpartition(".")
    if text is not None and module != "index":
        yield "its code is inline", f'Inline code becomes the file index.py: the handler is "index.{name}".'
    if text is None and code is not None and _python_file(stack, code, module) is None:
        files = [*code.top_files(".py")]
        above = module.replace("/", ".").rpartition(".")[0]
        inside = above and code.find(f"{above.replace('.', '/')}.py")
        if inside or (code.whole and files and not _is_compiled(code, module)):
            yield code.no_module(module, name, files)
    found = _python_handler(stack, function)
    if isinstance(found, Absent):
        where = (
            code.shown_file(found.file) if code is not None and found.file is not None else "its inline code"
        )
        yield f"{where} has no {name!r}", nearest(name, found.names, f"{module}.")


def _python_file(stack: Stack, code: FunctionCode, module: str) -> Path | None:
    path = module.replace(".", "/")
    return kept(stack, ("python", code, path), lambda: code.find(f"{path}/__init__.py", f"{path}.py"))


def _is_compiled(code: FunctionCode, module: str) -> bool:
    """Whether a module may be an extension, or a package without a file of its own."""
    path = code.own.path / module.replace(".", "/")
    return path.is_dir() or any(each.suffix in (".so", ".pyc") for each in path.parent.glob(f"{path.name}.*"))


@per_check
def _python_handler(stack: Stack, function: FunctionSettings) -> Known:
    """What a Python function's handler is, where that can be told."""
    handler = _handler(stack, function)
    if handler is None or language_of(stack, function) != "python":
        return None
    module, _, name = handler.rpartition(".")
    version = version_of(setting(stack, function, "runtime"))
    text = inline_code(function)
    if text is not None:
        return look_up_in_text(text, name, version)
    code = code_of(stack, function)
    file = _python_file(stack, code, module) if code is not None else None
    if code is None or file is None:
        return None
    find = lambda module: _python_file(stack, code, module)  # noqa: E731
    return look_up(file, module.replace("/", "."), name, find, version)


@rule(
    "LF505",
    "handler-arguments",
    Level.ERROR,
    demand="A Python handler takes two arguments by position, the event and the context.",
    source="AWS Lambda Developer Guide, python-handler",
)
def handler_arguments(stack: Stack) -> Iterator[Problem]:
    """Python handlers that cannot be called with an event and a context."""
    for function in functions(stack):
        found = _python_handler(stack, function)
        if isinstance(found, Definition) and not takes_two(found.node):
            yield function.problem(
                "LF505",
                f"The handler {_handler(stack, function)!r} of {function.logical_id!r} cannot be called with two arguments "
                f"(line {found.node.lineno} of {found.file.name if found.file else 'its inline code'}).",
                "Lambda gives it the event and the context: def handler(event, context).",
                "handler",
            )


@rule(
    "LF506",
    "handler-not-run",
    Level.ERROR,
    demand="A Python handler is a plain function, no coroutine and no generator.",
    source="AWS Lambda Developer Guide, python-handler; AWS Lambda's Python runtime interface client",
)
def handler_not_run(stack: Stack) -> Iterator[Problem]:
    """Python handlers that give a coroutine or a generator when they are called, which nothing runs."""
    for function in functions(stack):
        found = _python_handler(stack, function)
        if not isinstance(found, Definition):
            continue
        kind = "a generator" if is_generator(found.node) else "a coroutine"
        if is_coroutine(found.node) or is_generator(found.node):
            yield function.problem(
                "LF506",
                f"The handler {_handler(stack, function)!r} of {function.logical_id!r} is {kind} "
                f"(line {found.node.lineno} of {found.file.name if found.file else 'its inline code'}).",
                "Lambda calls it and does not wait for it: write a plain function, which may call asyncio.run(...).",
                "handler",
            )


@rule(
    "LF507",
    "handler-misspelt",
    Level.WARNING,
    demand="A handler's module does not differ by a letter or two from one that is there.",
    source="AWS Lambda Developer Guide, python-handler and python-package",
)
def handler_misspelt(stack: Stack) -> Iterator[Problem]:
    """Python handlers whose module only a package could have, while the code has one with nearly that name."""
    for function in functions(stack):
        handler, code = _handler(stack, function), code_of(stack, function)
        if handler is None or code is None or language_of(stack, function) != "python":
            continue
        module, _, name = handler.rpartition(".")
        if not module or _python_file(stack, code, module) is not None or _is_compiled(code, module):
            continue
        near = code.almost(module)
        file = _python_file(stack, code, near) if near is not None else None
        if file is None or isinstance(look_up_in_text(file.read_text("utf-8", "replace"), name), Absent):
            continue
        yield function.problem(
            "LF507",
            f"{function.logical_id!r} has the handler {handler!r}, but {code.shown} has no module {module!r}.",
            f'Did you mean "{near}.{name}"? Only a package that is installed with the code could have the other.',
            "handler",
        )


@rule(
    "LF508",
    "handler-syntax",
    Level.ERROR,
    demand="The module of a Python handler is what its runtime's Python can read.",
    source="AWS Lambda Developer Guide, python-exceptions: Runtime.UserCodeSyntaxError",
)
def handler_syntax(stack: Stack) -> Iterator[Problem]:
    """Python handlers in a module with a syntax error, or that is written for a newer Python than the runtime's."""
    for function in functions(stack):
        found, code = _python_handler(stack, function), code_of(stack, function)
        if not isinstance(found, Unreadable) or found.file is None or code is None:
            continue
        line = f"line {found.flaw.line} of " if found.flaw.line else ""
        title = f"{function.logical_id!r} has the handler {_handler(stack, function)!r}"
        yield function.problem(
            "LF508",
            f"{title}, but Python cannot read {line}{code.shown_file(found.file)}: {found.flaw.what}.",
            f"Lambda imports it with {setting(stack, function, 'runtime')} before it calls the handler.",
            "handler",
        )


@rule(
    "LF509",
    "bootstrap-missing",
    Level.ERROR,
    demand="The code of a function on a provided runtime, or a layer of it, has an executable file named bootstrap.",
    source="AWS Lambda Developer Guide, runtimes-custom",
)
def bootstrap_missing(stack: Stack) -> Iterator[Problem]:
    """Custom runtimes whose bootstrap is certainly not there, or is there without its executable bit."""
    for function in functions(stack):
        if language_of(stack, function) != "provided":
            continue
        flaw = bootstrap_flaw(stack, function)
        if flaw is not None:
            yield function.problem(
                "LF509",
                f"{function.logical_id!r} runs on {setting(stack, function, 'runtime')}, but {flaw.what}.",
                flaw.right,
                flaw.field,
            )


@rule(
    "LF250",
    "inline-syntax",
    Level.ERROR,
    demand="Inline Python code is Python.",
    source="AWS Lambda Developer Guide, python-exceptions: Runtime.UserCodeSyntaxError",
)
def inline_syntax(stack: Stack) -> Iterator[Problem]:
    """Inline code that Python cannot read: every invocation would fail."""
    for function in functions(stack):
        text = inline_code(function)
        flaw = flaw_in(text, version_of(setting(stack, function, "runtime"))) if text is not None else None
        if flaw is None:
            continue
        line = f" in line {flaw.line}" if flaw.line else ""
        yield function.problem(
            "LF250",
            f"{function.logical_id!r} has inline code with a syntax error{line}: {flaw.what}.",
            "Every invocation would end with Runtime.UserCodeSyntaxError.",
            *(("code", "ZipFile") if isinstance(function, LambdaFunction) else ("inline_code",)),
        )


def _missing_in_nodejs(
    stack: Stack, function: FunctionSettings, handler: str, text: str | None, code: FunctionCode | None
) -> Iterator[tuple[str, str]]:
    from lambdaform.check.nodejs_handler import missing_in_nodejs

    return missing_in_nodejs(str(setting(stack, function, "runtime")), handler, text, code)


def _missing_in_ruby(
    stack: Stack,  # noqa: ARG001 - as for the others
    function: FunctionSettings,  # noqa: ARG001
    handler: str,
    text: str | None,  # noqa: ARG001
    code: FunctionCode | None,
) -> Iterator[tuple[str, str]]:
    module, _, method = handler.partition(".")
    if code is not None and code.whole and not module.startswith("/") and code.find(f"{module}.rb") is None:
        files = [*code.top_files(".rb")]
        if files:
            yield code.no_module(module, method, files)
