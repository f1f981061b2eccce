"""LF0xx and LF6xx: the template as a whole: that it can be read, that SAM takes it, and that it is not too large.

Source: AWS CloudFormation User Guide, cloudformation-limits; AWS Lambda Developer Guide, gettingstarted-limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lambdaform.check.function_code import Folder, code_of
from lambdaform.check.largest import table
from lambdaform.check.rule import Level, declare, rule
from lambdaform.check.view import functions, setting
from lambdaform.model.awslambda import LambdaFunction
from lambdaform.model.code_folder import local_path
from lambdaform.model.function import FunctionSettings
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_LIMITS = "AWS CloudFormation User Guide, cloudformation-limits"
_TEMPLATE_BYTES = 1_000_000
_INLINE_BYTES = 4_194_304
_MOST = {"resources": 500, "parameters": 200, "outputs": 200, "mappings": 200}

declare("LF001", "unreadable", demand="A template is one mapping in YAML or JSON.", source=_LIMITS)
declare(
    "LF002",
    "sam-refuses",
    demand="AWS's own SAM transform takes the template.",
    source="aws-sam-translator",
)
declare(
    "LF003",
    "unusable",
    demand="The app's file runs to its end, and the files that it names are there.",
    source="lambdaform, docs/tutorial.md",
)


@rule(
    "LF601",
    "template-size",
    Level.ERROR,
    demand="A template has at most 1 MB.",
    source=_LIMITS,
)
def template_size(stack: Stack) -> Iterator[Problem]:
    """Templates that CloudFormation does not take, wherever they come from."""
    if stack.loaded and stack.file and Path(stack.file).is_file():
        size, exact = Path(stack.file).stat().st_size, True
    else:
        # Names, punctuation and indentation come on top: what has this many bytes of values alone is too large.
        size, exact = sum(_bytes(each) for each in stack.resources.values()), False
    # Code that is too long for a function is the first thing to mend (LF603).
    if size > _TEMPLATE_BYTES and not any(True for _ in _too_long(stack)):
        yield Problem(
            "LF601",
            f"The template has {'' if exact else 'more than '}{size:,} bytes{_largest(stack)}.",
            f"CloudFormation takes at most {_TEMPLATE_BYTES:,} bytes (1 MB). Move code out of the template, or split "
            "the stack, as lambdaform synth --split -o DIR does.",
            stack.origin,
        )


def _largest(stack: Stack) -> str:
    """What makes a good part of a template."""
    from collections import Counter

    from lambdaform.model.expansion import sources_of

    return sources_of(Counter({name: _bytes(each) for name, each in stack.resources.items()}))


def _bytes(value: Any) -> int:
    # By the class: `isinstance` asks a reference, of which there are many, for more than that.
    cls = type(value)
    if cls is str or issubclass(cls, str):
        return len(value) if value.isascii() else len(value.encode())
    if cls is tuple or cls is list:
        return sum(map(_bytes, value))
    if issubclass(cls, Shape):
        return sum(len(name) + _bytes(item) for name, item in value.property_values())
    if issubclass(cls, Mapping):
        return sum(len(str(name)) + _bytes(item) for name, item in value.items())
    return 1


@rule(
    "LF602",
    "too-many",
    Level.ERROR,
    demand="A template has at most 500 resources, and 200 each of parameters, outputs and mappings.",
    source=_LIMITS,
)
def too_many(stack: Stack) -> Iterator[Problem]:
    """Sections with more entries than CloudFormation takes."""
    for section, most in _MOST.items():
        count = len(getattr(stack, section))
        if count <= most:
            continue
        what, right = (
            f"The stack has {count:,} {section}",
            f"CloudFormation takes at most {most}: split the stack.",
        )
        if section == "resources":
            from lambdaform.model.expansion import TO_SPLIT, counted, least_resources, sources_of

            owners, types = least_resources(stack)
            made = f", of which SAM makes at least {types.total():,}" if types.total() > count else ""
            what += f"{made}: {counted(types)}{sources_of(owners)}"
            right = f"CloudFormation takes at most {most}. {TO_SPLIT}"
        yield Problem("LF602", f"{what}.", right, stack.origin)


@rule(
    "LF603",
    "inline-size",
    Level.ERROR,
    demand="Inline code has at most 4 MB.",
    source="AWS CloudFormation User Guide, AWS::Lambda::Function Code, ZipFile",
)
def inline_size(stack: Stack) -> Iterator[Problem]:
    """Code in the template itself that is too long."""
    for function, name, size in _too_long(stack):
        yield function.problem(
            "LF603",
            f"{function.logical_id!r} has {size:,} bytes of inline code.",
            f"At most {_INLINE_BYTES:,} fit: package the code as an archive.",
            name,
        )


def _too_long(stack: Stack) -> Iterator[tuple[FunctionSettings, str, int]]:
    """Each function whose inline code is too long: the field that has it, and how many bytes there are."""
    for function in functions(stack):
        for name, text in (
            ("inline_code", prop(function, "InlineCode")),
            ("code", prop(function, "Code", "ZipFile")),
        ):
            if isinstance(text, str) and len(text) > _INLINE_BYTES // 4:
                size = len(text.encode())
                if size > _INLINE_BYTES:
                    yield function, name, size


@rule(
    "LF604",
    "code-size",
    Level.ERROR,
    demand="A function's code and layers have at most 250 MB unzipped.",
    source="AWS Lambda Developer Guide, gettingstarted-limits",
)
def code_size(stack: Stack) -> Iterator[Problem]:
    """Local code that is too large as it lies there, with the stack's own layers."""
    from lambdaform.facts.quotas import quotas

    limit = quotas(stack.profile).unzipped_bytes
    sizes: dict[Path, int] = {}
    for function in functions(stack):
        code = code_of(stack, function)
        if code is None or sum(_bytes_in(each, sizes, limit) for each in code.content) <= limit:
            continue
        files = [file for each in code.content for file in each.sizes()]
        layers = ", with its layers" if len(code.content) > 1 else ""
        yield function.problem(
            "LF604",
            f"The code of {function.logical_id!r}, {code.shown}{layers}, has {sum(size for _, size in files):,} bytes.",
            f"Lambda unzips at most {limit:,} bytes (250 MB), layers included: leave out what the function does not need, or "
            f"use a container image.{table(files)}",
            "code" if isinstance(function, LambdaFunction) else "code_uri",
        )


@rule(
    "LF605",
    "archive-size",
    Level.INFO,
    demand="A package that is uploaded straight to Lambda has at most 50 MB zipped.",
    source="AWS Lambda Developer Guide, gettingstarted-limits",
)
def archive_size(stack: Stack) -> Iterator[Problem]:
    """Archives that Lambda takes through S3 only."""
    from lambdaform.facts.quotas import quotas

    limit = quotas(stack.profile).zip_bytes
    base = Path(stack.file).parent if stack.file else Path.cwd()
    for function in functions(stack):
        name = "code" if isinstance(function, LambdaFunction) else "code_uri"
        path = local_path(setting(stack, function, name))
        if path is None or not path.endswith((".zip", ".jar")) or not (base / path).is_file():
            continue
        size = (base / path).stat().st_size
        if size > limit:
            yield function.problem(
                "LF605",
                f"The archive of {function.logical_id!r}, {path}, has {size:,} bytes.",
                f"An upload straight to Lambda takes {limit:,} (50 MB); through S3, as CloudFormation does it, more.",
                name,
            )


def _bytes_in(folder: Folder, known: dict[Path, int], enough: int) -> int:
    """The sizes of the files in a folder; counting stops once there are more than ``enough``."""
    path = folder.path / (folder.only or "")
    if path not in known:
        known[path] = 0
        for _, size in folder.sizes():
            known[path] += size
            if known[path] > enough:
                break
    return known[path]
