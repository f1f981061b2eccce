"""The reference, from the classes themselves: fields, what fits them, docstrings; the commands, from click.

Nothing is written twice: a page's text is the code's own docstrings, so what is missing here is mended there.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import attrs
import click

import lambdaform
from docs import parity
from lambdaform import payloads
from lambdaform.cli.main import cli
from lambdaform.facts.quotas import quotas
from lambdaform.facts.runtimes import Runtime, runtime_facts
from lambdaform.model.constraints import Count, JsonBytes, Matching, Within
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import (
    AnyFit,
    ChoiceFit,
    ClassFit,
    ConstrainedFit,
    Fit,
    ListFit,
    MappingFit,
    Shape,
    Slot,
    UnionFit,
    slots_of,
)
from lambdaform.payloads.payload import Payload, keys_of

#: The pages: a title, a sentence, and the modules whose public names stand there. What no page names is on the last.
AREAS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "stack": (
        "Stacks",
        "The stack, its sections, and what every resource has.",
        (
            "stack",
            "scope",
            "sections",
            "resource",
            "globals",
            "cloudformation",
            "application",
            "update_policy",
        ),
    ),
    "functions": (
        "Functions",
        "SAM's function and the parts it is made of.",
        (
            *(
                "function",
                "function_parts",
                "function_url",
                "location",
                "layer",
                "asynchronous",
                "deployment",
            ),
            *("estimate", "traffic", "price", "execution_role", "code_folder"),
        ),
    ),
    "events": (
        "Events",
        "What invokes functions and starts state machines.",
        (
            *("event", "poll_events", "push_events", "api_events", "rule_events", "schedule_events"),
            *("schedule_expression", "polling", "s3_filter", "delivery"),
        ),
    ),
    "references": (
        "References and intrinsic functions",
        "Values that CloudFormation works out at deployment.",
        ("references", "dynamic_references"),
    ),
    "permissions": (
        "Permissions",
        "Statements, policies, roles, grants, and SAM's policy templates and connectors.",
        ("iam", "grants", "grant", "policies", "connector", "embedded_connector"),
    ),
    "queues-and-topics": ("Queues and topics", "SQS and SNS.", ("queue", "subscription")),
    "tables-and-streams": ("Tables and streams", "DynamoDB and Kinesis.", ("table", "stream")),
    "buckets": ("Buckets", "S3.", ("bucket",)),
    "buses-and-schedules": (
        "Buses and schedules",
        "EventBridge rules, buses and archives, and EventBridge Scheduler.",
        ("rule", "schedule"),
    ),
    "apis": (
        "APIs",
        "REST, HTTP, WebSocket and GraphQL APIs.",
        (
            *("api", "api_auth", "api_domain", "api_policy", "http_api", "websocket_api", "route_settings"),
            "graphql_api",
        ),
    ),
    "state-machines": ("State machines", "Step Functions.", ("state_machine",)),
    "observability": ("Logs and alarms", "CloudWatch and its logs.", ("log_group", "alarm")),
    "code-deploy": ("CodeDeploy", "Deployments of one's own making.", ("code_deploy",)),
    "lambda": (
        "AWS::Lambda",
        "CloudFormation's own Lambda resources, which SAM's are expanded to.",
        (
            *("awslambda", "managed_instances", "capacity_provider", "network_connector"),
            *("microvm", "microvm_image", "sam_web_function", "web_function"),
        ),
    ),
    "runtimes": ("Runtimes", "Every runtime identifier, and until when AWS supports it.", ("runtimes",)),
    "errors": ("Errors", "What goes wrong, as exceptions.", ("errors",)),
    "more": ("More", "Everything else.", ()),
}
_ON_EVERY_RESOURCE = frozenset(attrs.fields_dict(Resource))
_ITSELF = ("origin", "raw")
_STARS: Mapping[object, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
_HOMES: Mapping[str, str] = vars(lambdaform)["_HOMES"]


def pages() -> dict[str, str]:
    """Each page of the reference by its file's name."""
    home_of = {name: home.rpartition(".")[2] for home, names in _HOMES.items() for name in names.split()}
    area_of_module = {module: area for area, (_, _, modules) in AREAS.items() for module in modules}
    names: dict[str, list[str]] = {
        area: [name for module in modules for name, home in home_of.items() if home == module]
        for area, (_, _, modules) in AREAS.items()
    }
    names["more"] += [name for name, module in home_of.items() if module not in area_of_module]
    links = {name: f"{area}.md#{name.lower()}" for area, listed in names.items() for name in listed}
    made = {
        f"{area}.md": _area(area, title, sentence, names[area], links)
        for area, (title, sentence, _) in AREAS.items()
        if names[area]
    }
    made["policy-templates.md"] = _policy_templates()
    made["event-payloads.md"] = _event_payloads() + _payload_classes()
    made["commands.md"] = _commands()
    made["parity.md"] = parity.page()
    made["index.md"] = _index(made)
    return made


def _index(made: Mapping[str, str]) -> str:
    lines = ["# Reference", "", "Generated from the docstrings by `make docs`.", ""]
    for file, text in made.items():
        title, sentence = re.findall(r"^(?!<!--)\S.*", text, re.MULTILINE)[:2]
        lines.append(f"- [{title.removeprefix('# ')}]({file}): {sentence}")
    return "\n".join(lines) + "\n"


def _area(area: str, title: str, sentence: str, names: list[str], links: Mapping[str, str]) -> str:
    parts = [f"# {title}\n\n{sentence}\n"]
    if len(names) > 1:
        parts.append(", ".join(f"[`{name}`](#{name.lower()})" for name in names) + "\n")
    parts += [_entry(area, name, getattr(lambdaform, name), links) for name in names]
    return "\n".join(parts)


def _entry(area: str, name: str, thing: Any, links: Mapping[str, str]) -> str:
    heading = f"## `{name}`\n"
    if thing is Runtime:
        return f"{heading}\n{_runtimes()}"
    if inspect.isclass(thing) and issubclass(thing, Shape):
        return f"{heading}\n{_shape(area, thing, links)}"
    if inspect.isclass(thing):
        return f"{heading}\n{_plain_class(thing)}"
    if callable(thing):
        return f"{heading}\n```python\n{name}{_signature(thing)}\n```\n\n{_prose(thing.__doc__)}"
    return f"{heading}\n`{thing!r}`\n"


# -- classes -----------------------------------------------------------------------------------------------------


def _shape(area: str, cls: type[Shape], links: Mapping[str, str]) -> str:
    parts = []
    kind = getattr(cls, "TYPE", "")
    if kind and not (cls.__doc__ or "").startswith(f"``{kind}``"):
        parts.append(f"`{kind}`\n")
    parts.append(_prose(cls.__doc__))
    own = [slot for slot in slots_of(cls) if slot.name not in _ITSELF]
    if issubclass(cls, Resource) and cls is not Resource:
        own = [slot for slot in own if slot.name not in _ON_EVERY_RESOURCE]
    if own:
        parts.append(_fields(area, own, cls, links))
    if issubclass(cls, Resource) and cls is not Resource:
        everywhere = links.get("Resource", "")
        parts.append(f"And what [every resource]({_relative(area, everywhere)}) has.\n")
    returns = _returns(cls)
    if returns:
        parts.append(returns)
    return "\n".join(parts)


def _fields(area: str, slots: list[Slot], cls: type[Shape], links: Mapping[str, str]) -> str:
    lines = ["| field | AWS's name | what it takes | default |", "| --- | --- | --- | --- |"]
    positional = {each.name for each in attrs.fields(cls) if not each.kw_only}
    for slot in slots:
        takes = _takes(area, slot, links)
        name = f"`{slot.name}`" + (" ¹" if slot.name in positional else "")
        aws = f"`{slot.aws_name}`" if slot.is_property else ""
        lines.append(f"| {name} | {aws} | {takes} | {_default(slot)} |")
    if any(slot.name in positional for slot in slots):
        lines += ["", "¹ may be given by position."]
    return "\n".join(lines) + "\n"


def _default(slot: Slot) -> str:
    if slot.required:
        return "**required**"
    default = slot.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class at run time, a function to mypy
        return "derived" if default.takes_self else ""
    if default is None or default == ():
        return ""
    return f"`{str(default) if isinstance(default, Enum) else default!r}`"


def _takes(area: str, slot: Slot, links: Mapping[str, str]) -> str:
    members = _members(slot.fit)
    references = [
        member for member in members if isinstance(member, ClassFit) and issubclass(member.cls, Ref)
    ]
    values = [member for member in members if member not in references]
    if slot.shorthand:
        return _linked(area, _cell(slot.shorthand), links) + _all_rules(values)
    words = list(dict.fromkeys(_described(area, each, links) for each in values))
    text = ", or ".join(words) or "a reference"
    return f"{text}; or a reference" if references and values else text


def _linked(area: str, text: str, links: Mapping[str, str]) -> str:
    """The text with each public name in it as a link."""

    def link(found: re.Match[str]) -> str:
        name = found[0] if found[0] in links else found[0].removesuffix("s")
        return f"[{found[0]}]({_relative(area, links[name])})" if name in links else found[0]

    return re.sub(r"\b[A-Z][A-Za-z]+\b(?!\()", link, text)


def _all_rules(fits: list[Fit]) -> str:
    rules = [
        text
        for fit in fits
        if isinstance(fit, ConstrainedFit)
        for text in map(_rule, fit.constraints)
        if text
    ]
    return f" ({'; '.join(rules)})" if rules else ""


def _members(fit: Fit) -> list[Fit]:
    if isinstance(fit, UnionFit):
        return [inner for member in fit.members for inner in _members(member)]
    return [fit]


def _described(area: str, fit: Fit, links: Mapping[str, str]) -> str:
    if isinstance(fit, ConstrainedFit):
        return _described(area, fit.base, links) + _all_rules([fit])
    if isinstance(fit, ChoiceFit):
        if fit.name == "runtime":
            return f"a [`Runtime`]({_relative(area, links['Runtime'])})"
        return "one of " + ", ".join(f"`{json.dumps(each)}`" for each in fit.choices)
    if isinstance(fit, ListFit):
        return f"a list, each item {_alternatives(area, fit.item, links)}"
    if isinstance(fit, MappingFit):
        return f"a mapping to {_alternatives(area, fit.value, links)}"
    if isinstance(fit, ClassFit) and fit.cls.__name__ in links and not issubclass(fit.cls, Ref):
        return f"[`{fit.cls.__name__}`]({_relative(area, links[fit.cls.__name__])})"
    if isinstance(fit, AnyFit):
        return "any value"
    return _cell(fit.expected())


def _alternatives(area: str, fit: Fit, links: Mapping[str, str]) -> str:
    return " or ".join(dict.fromkeys(_described(area, each, links) for each in _members(fit)))


def _rule(constraint: object) -> str:
    limits = quotas()

    def bound(value: Any) -> Any:
        return value(limits) if callable(value) else value

    if isinstance(constraint, Within):
        low, high, step = bound(constraint.low), bound(constraint.high), bound(constraint.step)
        unit = f" {constraint.unit}" if constraint.unit else ""
        span = (
            f"{low:,} to {high:,}{unit}"
            if high is not None and low is not None
            else f"at least {low:,}{unit}"
        )
        return span + (f" in steps of {step}" if step and step > 1 else "")
    if isinstance(constraint, Count):
        low, high = bound(constraint.low), bound(constraint.high)
        limit = [f"at least {low}"] if low else []
        limit += [f"at most {high:,}"] if high is not None else []
        return f"{' and '.join(limit)} {constraint.unit}" if limit else ""
    if isinstance(constraint, JsonBytes):
        return f"{constraint.unit} of at most {bound(constraint.high):,} bytes together"
    if isinstance(constraint, Matching):
        return _cell(constraint.right.rstrip("."))
    return _cell((inspect.getdoc(type(constraint)) or "").partition("\n")[0].rstrip("."))


def _returns(cls: type[Shape]) -> str:
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("lambdaform"):
            for name, member in vars(base).items():
                if not name.startswith("_") and _is_shown(cls, name, member):
                    found[name] = _call(name, member)
    hidden = {"aws_type", "property_value", "property_values", "problem", "names_of", "event_type"}
    if issubclass(cls, Resource) and cls is not Resource:
        hidden |= {name for name in vars(Resource) if not name.startswith("_")}
    shown = {name: text for name, text in found.items() if name not in hidden}
    if not shown:
        return ""
    lines = ["| | |", "| --- | --- |"]
    for name, text in shown.items():
        lines.append(f"| `{text}` | {_cell(_first_line(getattr(cls, name)))} |")
    return "\n".join(lines) + "\n"


def _is_shown(cls: type, name: str, member: object) -> bool:
    if isinstance(member, property):
        return bool(member.__doc__)
    return inspect.isfunction(member) and bool(member.__doc__) and inspect.isfunction(getattr(cls, name))


def _call(name: str, member: object) -> str:
    return f".{name}" if isinstance(member, property) else f".{name}{_short_signature(member)}"


def _short_signature(function: Any) -> str:
    names = []
    for each in list(inspect.signature(function).parameters.values())[1:]:
        star = _STARS.get(each.kind, "")
        optional = "=…" if each.default is not inspect.Parameter.empty else ""
        names.append(f"{star}{each.name}{optional}")
    return f"({', '.join(names)})"


def _plain_class(cls: type) -> str:
    parts = [_prose(cls.__doc__)]
    if attrs.has(cls):
        attrs.fields(cls)  # a class of the model is built when it is first used
    if not issubclass(cls, BaseException):
        if "__init__" in vars(cls):
            parts.append(f"```python\n{cls.__name__}{_signature(cls)}\n```\n")
        members = _members_of(cls)
        if members:
            parts.append(members)
    return "\n".join(parts)


def _members_of(cls: type) -> str:
    values, methods = [], []
    bases = [base for base in reversed(cls.__mro__) if base.__module__.startswith("lambdaform")]
    for name, member in {name: each for base in bases for name, each in vars(base).items()}.items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            values.append(f"| `.{name}` | {_cell(_first_line(member))} |")
        elif inspect.isfunction(member):
            methods.append(
                f"### `.{name}`\n\n```python\n.{name}{_signature(member)}\n```\n\n{_prose(member.__doc__)}"
            )
        elif isinstance(member, Ref):
            values.append(f"| `{cls.__name__}.{name}` | `{getattr(member, 'logical_id', '')}` |")
    table = ["\n".join(["| | |", "| --- | --- |", *values]) + "\n"] if values else []
    return "\n".join([*table, *methods])


def _signature(thing: Callable[..., Any]) -> str:
    """The parameters with their types, one a line where they are many, and what comes back."""
    signature = inspect.signature(thing)
    parameters = [each for each in signature.parameters.values() if each.name not in ("self", "origin")]
    shown = list(_parameters(parameters))
    returned = signature.return_annotation
    nothing = returned is inspect.Signature.empty or inspect.isclass(thing)
    arrow = "" if nothing else f" -> {_annotation(returned)}"
    text = f"({', '.join(shown)}){arrow}"
    inside = ",\n    ".join(shown)
    return text if len(text) <= 90 else f"(\n    {inside},\n){arrow}"


def _parameters(parameters: list[inspect.Parameter]) -> Iterator[str]:
    starred = False
    for each in parameters:
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            yield "*"
        starred = starred or each.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.KEYWORD_ONLY)
        text = f"{_STARS.get(each.kind, '')}{each.name}"
        if each.annotation is not inspect.Parameter.empty:
            text += f": {_annotation(each.annotation)}"
        if each.default is not inspect.Parameter.empty:
            text += f" = {str(each.default) if isinstance(each.default, Enum) else repr(each.default)}"
        yield text


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


# -- text --------------------------------------------------------------------------------------------------------


def _prose(docstring: str | None) -> str:
    """A docstring as Markdown: ``code`` and `names` as code, indented examples after ``::`` as Python."""
    text = inspect.cleandoc(docstring or "")
    lines: list[str] = []
    in_code = False
    for line in text.splitlines():
        if line.strip() == "::":
            in_code = True
            lines.append("```python")
        elif in_code and line.strip() and not line.startswith(" "):
            _close(lines)
            in_code = False
            lines.append(_inline(line))
        else:
            lines.append(line.removeprefix("    ") if in_code else _inline(line))
    if in_code:
        _close(lines)
    joined = re.sub(r"```python\n\n", "```python\n", "\n".join(lines))
    return joined + "\n"


def _close(lines: list[str]) -> None:
    while lines and not lines[-1].strip():
        lines.pop()
    lines.extend(["```", ""])


def _inline(line: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", line)


def _first_line(thing: Any) -> str:
    return _inline(inspect.cleandoc(thing.__doc__ or "").partition("\n")[0])


def _cell(text: str) -> str:
    return _inline(text).replace("|", "\\|").replace("\n", " ")


def _relative(area: str, link: str) -> str:
    return link.removeprefix(f"{area}.md")


# -- other pages -------------------------------------------------------------------------------------------------


def _runtimes() -> str:
    lines = [
        f'{inspect.cleandoc(Runtime.__doc__ or "")} Text does as well: `runtime="python3.13"`.',
        "",
        "| name | identifier | system | deprecated | no new functions | no updates |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for runtime in Runtime:
        facts = runtime_facts(runtime)
        dates = (facts.deprecated, facts.create_blocked, facts.update_blocked)
        cells = " | ".join(str(each) if each else "" for each in dates)
        note = " (preview)" if facts.preview else ""
        lines.append(f"| `Runtime.{runtime.name}` | `{runtime}`{note} | {facts.os or ''} | {cells} |")
    return "\n".join(lines) + "\n"


def _policy_templates() -> str:
    from lambdaform.model import policies

    lines = [
        "# SAM policy templates",
        "",
        "Each of SAM's policy templates as a call, for a function's `policies`: `policies.dynamodb_crud(table)`.",
        "",
        "| call | what it allows |",
        "| --- | --- |",
    ]
    for name, function in vars(policies).items():
        if (
            inspect.isfunction(function)
            and not name.startswith("_")
            and function.__module__ == policies.__name__
        ):
            names = ", ".join(inspect.signature(function).parameters)
            lines.append(f"| `policies.{name}({names})` | {_cell(_first_line(function))} |")
    return "\n".join(lines) + "\n"


def _event_payloads() -> str:
    from lambdaform.payloads.catalog import NAMES, source

    lines = [
        "# Event payloads",
        "",
        "What event sources hand to functions, and what functions answer: the modules of `lambdaform.payloads`.",
        "",
        "`lambdaform event SOURCE` prints a sample; its own fields are what `--field` takes beside paths. In Python the",
        "same is `source.sample(...)`, or the function named below. Each class has `from_json` and `to_json`; keys that",
        "it does not know are in `unknown`.",
        "",
        "| source | what it is | sample | event | answer |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in NAMES:
        kind = source(name)
        call = f"{_in_payloads(kind.sample)}({', '.join(kind.parameters())})"
        answer = f"`{_in_payloads(kind.answer)}`" if kind.answer else ""
        lines.append(
            f"| `{name}` | {_cell(kind.title)} | `{call}` | `{_in_payloads(kind.event)}` | {answer} |"
        )
    return "\n".join(lines) + "\n"


def _in_payloads(thing: Any) -> str:
    return f"{thing.__module__.rpartition('.')[2]}.{thing.__name__}"


def _payload_classes() -> str:
    parts = [""]
    for name in vars(payloads)["__all__"]:
        module = getattr(payloads, name)
        if not inspect.ismodule(module) or name == "payload":
            continue
        parts += [f"## `{name}`", _inline(inspect.cleandoc(module.__doc__ or "").partition("\n\n")[0])]
        for each, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == module.__name__ and not each.startswith("_")
            if own and inspect.isclass(thing) and issubclass(thing, Payload):
                keys = ", ".join(f"`{key.field}` (`{key.name}`)" for key in keys_of(thing))
                parts += [f"**`{name}.{each}`**: {_first_line(thing)}", keys]
    return "\n\n".join(part for part in parts if part or part is parts[0]) + "\n"


def _commands() -> str:
    context = click.Context(cli, info_name="lambdaform")
    parts = ["# Commands", "", "What the command line takes. Exit codes are in the README.", ""]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        parts += [f"## `lambdaform {name}`", "", "```", _usage(command, inner), "```", ""]
        parts += [inspect.cleandoc(command.help or ""), "", "| option | |", "| --- | --- |"]
        for parameter in command.get_params(inner):
            record = parameter.get_help_record(inner)
            if record is not None:
                parts.append(f"| `{_cell(record[0])}` | {_cell(re.sub(r' +', ' ', record[1]))} |")
        parts.append("")
    return "\n".join(parts)


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])
