"""Which operation a request is for, by its method, path and query, as the service's model lists them.

Labels are one segment of the path each, and come percent-decoded: a function's ARN may stand where its name may.

Source: Smithy, "HTTP bindings" (http trait, httpLabel); Lambda API Reference, each action's "Request Syntax".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote

from attrs import frozen

from lambdaform.facts.service_model import Operation


@frozen
class Route:
    """A request's operation, and what stands in its path for each label."""

    operation: Operation
    labels: Mapping[str, str]


@frozen
class _Template:
    operation: Operation
    #: The label's name, or the text that must stand there.
    segments: tuple[tuple[bool, str], ...]
    query: frozenset[tuple[str, str]]

    def match(self, given: list[str]) -> dict[str, str] | None:
        labels = {}
        for (is_label, expected), segment in zip(self.segments, given, strict=True):
            if is_label and segment:
                labels[expected] = unquote(segment)
            elif is_label or segment != expected:
                return None
        return labels


class Routes:
    """The operations, by the form of their requests."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._templates: dict[tuple[str, int], list[_Template]] = {}
        for operation in operations:
            segments = tuple(
                (each.startswith("{"), each.strip("{}")) for each in operation.path.strip("/").split("/")
            )
            query = frozenset(parse_qsl(operation.query, keep_blank_values=True))
            templates = self._templates.setdefault((operation.method, len(segments)), [])
            templates.append(_Template(operation, segments, query))
        for templates in self._templates.values():
            # One that asks for something in the query goes before those that do not, words before labels.
            templates.sort(key=lambda each: (-len(each.query), sum(label for label, _ in each.segments)))

    def find(self, method: str, path: str, query: str) -> Route | None:
        """The operation of a request. Older SDKs end some paths with a slash."""
        given = path.removeprefix("/").removesuffix("/").split("/")
        for template in self._templates.get((method, len(given)), ()):
            labels = template.match(given)
            if labels is None:
                continue
            if template.query and not template.query <= set(parse_qsl(query, keep_blank_values=True)):
                continue
            return Route(template.operation, labels)
        return None
