"""LF501 and LF502: the code behind a function: that there is some, and that it may stand where it does."""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import functions, has_raw, setting
from lambdaform.model.awslambda import Code, LambdaFunction
from lambdaform.model.function import Function, FunctionSettings
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack


def inline_code(function: FunctionSettings) -> str | None:
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
            inline_code(function) is None
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
