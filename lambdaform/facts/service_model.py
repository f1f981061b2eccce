"""The service model of Lambda: its operations, and the shapes of what goes in and comes out, as botocore has them.

It is read from botocore's file, without botocore, whose own loader takes eight times as long. What people read in it
(documentation, examples) is left out. Shapes are made when they are first asked for.

::

    operation = service_model().operations["CreateAlias"]
    operation.method, operation.path      # 'POST', '/2015-03-31/functions/{FunctionName}/aliases'
    operation.input.members["Name"].shape.pattern

Source: Smithy, "AWS restJson1 protocol"; botocore, data/lambda/2015-03-31/service-2.json.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from lambdaform.errors import LocalError

Kind = Literal[
    "structure", "list", "map", "string", "integer", "long", "double", "boolean", "timestamp", "blob"
]
Location = Literal["body", "uri", "querystring", "header", "statusCode"]


@frozen(eq=False)
class Shape:
    """A kind of value. ``least`` and ``most`` bound a number, or the length of anything else."""

    name: str
    kind: Kind
    least: float | None
    most: float | None
    pattern: str | None
    enum: Sequence[str]
    is_sensitive: bool
    required: Sequence[str]
    #: The member that is the whole body, where one is.
    payload: str | None
    _document: Mapping[str, Any] = field(repr=False)
    _model: ServiceModel = field(repr=False)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """The members of a structure, by name, in AWS's order."""
        return {
            name: Member(
                name,
                self._model.shape(found["shape"]),
                "body" if name == self.payload else found.get("location", "body"),
                found.get("locationName", name),
            )
            for name, found in self._document.get("members", {}).items()
        }

    @property
    def status(self) -> int:
        """The HTTP status of an error."""
        status: int = self._document["error"]["httpStatusCode"]
        return status

    @cached_property
    def key(self) -> Shape:
        """The keys of a map."""
        return self._model.shape(self._document["key"]["shape"])

    @cached_property
    def value(self) -> Shape:
        """The values of a map or the elements of a list."""
        of = "value" if self.kind == "map" else "member"
        return self._model.shape(self._document[of]["shape"])


@frozen(eq=False)
class Member:
    """One member of a structure: where it travels in a request or an answer, and under which name."""

    name: str
    shape: Shape
    location: Location
    wire_name: str


@frozen(eq=False)
class Operation:
    """One operation. ``path`` has labels in braces; ``query`` is what the query always has."""

    name: str
    method: str
    path: str
    query: str
    status: int
    is_deprecated: bool
    _document: Mapping[str, Any] = field(repr=False)
    _model: ServiceModel = field(repr=False)

    @cached_property
    def input(self) -> Shape:
        """What it takes."""
        return self._model.shape(self._document["input"]["shape"])

    @cached_property
    def output(self) -> Shape | None:
        """What it gives back; None for nothing."""
        given = self._document.get("output")
        return self._model.shape(given["shape"]) if given else None


class ServiceModel:
    """All operations and shapes."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._shapes: dict[str, Shape] = {}

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """The operations, by name."""
        return {
            name: Operation(
                name,
                found["http"]["method"],
                found["http"]["requestUri"].partition("?")[0],
                found["http"]["requestUri"].partition("?")[2],
                found["http"].get("responseCode", 200),
                found.get("deprecated", False),
                found,
                self,
            )
            for name, found in sorted(self._document["operations"].items())
        }

    @cached_property
    def errors(self) -> Mapping[str, Shape]:
        """The errors that the model knows, by their code."""
        return {
            name: self.shape(name)
            for name, found in self._document["shapes"].items()
            if found.get("exception")
        }

    def shape(self, name: str) -> Shape:
        """The shape with a name."""
        if name not in self._shapes:
            found = self._document["shapes"][name]
            self._shapes[name] = Shape(
                name,
                found["type"],
                found.get("min"),
                found.get("max"),
                found.get("pattern"),
                found.get("enum", ()),
                found.get("sensitive", False),
                found.get("required", ()),
                found.get("payload"),
                found,
                self,
            )
        return self._shapes[name]


@lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """The model of the botocore that is installed. Raises `LocalError` where it has none."""
    found = find_spec("botocore")
    if found is None or found.origin is None:
        raise LocalError(
            "botocore is not installed.", right="Install lambdaform again, with what it depends on."
        )
    folder = Path(found.origin).parent / "data" / "lambda" / "2015-03-31"
    try:
        packed = folder / "service-2.json.gz"
        text = (
            gzip.decompress(packed.read_bytes())
            if packed.is_file()
            else (folder / "service-2.json").read_bytes()
        )
    except OSError as error:
        raise LocalError(
            f"botocore's model of Lambda cannot be read: {error}.", right="Install botocore again."
        ) from error
    return ServiceModel(json.loads(text))
