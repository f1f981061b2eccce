"""LF123 to LF126: an API's paths, and the pages that may call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lambdaform.check.index import per_check
from lambdaform.check.rule import Level, rule
from lambdaform.check.view import (
    events,
    items,
    of_aws_type,
    problem_at,
)
from lambdaform.model.references import LogicalRef
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack


@per_check
def _routes(stack: Stack) -> Iterable[tuple[str, str, Shape, str, str]]:
    """Each path of an API: the API, what has it, the event, the path, the method."""
    for function, name, event in events(stack):
        if event.event_type not in ("Api", "HttpApi"):
            continue
        api = prop(event, "RestApiId" if event.event_type == "Api" else "ApiId")
        path, method = prop(event, "Path"), prop(event, "Method")
        if isinstance(path, str):
            key = api.logical_id if isinstance(api, LogicalRef) else str(api)
            title = f"{function.logical_id!r}: the {event.event_type} event {name!r}"
            yield f"{event.event_type} {key}", title, event, path, str(method or "any").lower()


_PART = re.compile(r"\{[A-Za-z0-9._:-]+\+*\}|[^{}]*")


@rule(
    "LF123",
    "path-variable",
    Level.ERROR,
    demand="A variable is a whole part of a path in braces, and one that takes all the rest is the last.",
    source="API Gateway Developer Guide, api-gateway-method-settings-method-request and http-api-develop-routes",
)
def path_variable(stack: Stack) -> Iterator[Problem]:
    """Paths with an open brace, with text beside a variable, or with ``{proxy+}`` in the middle."""
    for _, title, event, path, _ in _routes(stack):
        segments = path.strip("/").split("/")
        broken = next((each for each in segments if not _PART.fullmatch(each)), None)
        greedy = next((each for each in segments[:-1] if each.endswith("+}")), None)
        if broken is not None:
            what, right = (
                f"has the part {broken!r}",
                "A variable is a whole part of the path: {id}, or {proxy+}.",
            )
        elif greedy is not None:
            what, right = (
                f"has {greedy} before its end",
                "What takes all the rest of a path is its last part.",
            )
        else:
            continue
        yield event.problem("LF123", f"{title}: the path {path} {what}.", right, "path")


@rule(
    "LF124",
    "path-conflict",
    Level.ERROR,
    demand="The variables at one place of a REST API's paths have one name.",
    source="API Gateway Developer Guide, api-gateway-create-resource",
)
def path_conflict(stack: Stack) -> Iterator[Problem]:
    """``/{id}`` and ``/{name}`` side by side, which API Gateway refuses."""
    names: dict[tuple[str, ...], tuple[str, str]] = {}
    for api, title, event, path, _ in _routes(stack):
        parts = path.strip("/").split("/")
        for depth, part in enumerate(parts):
            if not api.startswith("Api ") or not part.startswith("{") or part.endswith("+}"):
                continue
            first, whole = names.setdefault((api, *parts[:depth]), (part, path))
            if first != part:
                yield event.problem(
                    "LF124",
                    f"{title}: {path} has {part} where {whole} has {first}.",
                    f"API Gateway takes one name for a variable at one place: write {first} in both.",
                    "path",
                )
                break


#: The property that says which pages may call, by type, and the name of the origins in it.
_CORS = {
    "AWS::Serverless::HttpApi": (("CorsConfiguration",), "AllowOrigins"),
    "AWS::ApiGatewayV2::Api": (("CorsConfiguration",), "AllowOrigins"),
    "AWS::Serverless::Api": (("Cors",), "AllowOrigin"),
    "AWS::Lambda::Url": (("Cors",), "AllowOrigins"),
    "AWS::Serverless::Function": (("FunctionUrlConfig", "Cors"), "AllowOrigins"),
}


@per_check
def _cors(stack: Stack) -> Iterable[tuple[str, Shape, str]]:
    """Each object that says which pages may call: its resource, itself, and the name of the origins in it."""
    for aws_type, (path, name) in _CORS.items():
        for each in of_aws_type(stack, aws_type):
            cors = prop(each, *path)
            if isinstance(cors, Shape):
                yield each.logical_id, cors, name


@rule(
    "LF125",
    "credentials-for-all",
    Level.ERROR,
    demand="An API that lets every page call it asks for no credentials.",
    source="API Gateway Developer Guide, http-api-cors; Lambda API, Cors",
)
def credentials_for_all(stack: Stack) -> Iterator[Problem]:
    """CORS with credentials for any origin, which browsers refuse."""
    for title, cors, name in _cors(stack):
        origins = [str(each).strip("'") for each in items(prop(cors, name))]
        if "*" in origins and prop(cors, "AllowCredentials") is True:
            yield problem_at(
                cors,
                "LF125",
                f"{title} allows credentials to pages of any origin (*).",
                "Browsers refuse that: name the origins, or leave AllowCredentials out.",
                "AllowCredentials",
            )


@rule(
    "LF126",
    "origin-form",
    Level.WARNING,
    demand="An allowed origin is a scheme and a host, or *.",
    source="Lambda API, Cors",
)
def origin_form(stack: Stack) -> Iterator[Problem]:
    """Origins without https://, which match no page."""
    for title, cors, name in _cors(stack):
        for index, origin in enumerate(items(prop(cors, name)) if name == "AllowOrigins" else ()):
            if isinstance(origin, str) and origin != "*" and "://" not in origin:
                yield problem_at(
                    cors,
                    "LF126",
                    f"{title} allows the origin {origin!r}.",
                    f'An origin has its scheme: "https://{origin.strip("/")}".',
                    "AllowOrigins",
                    index,
                )
