"""Connectors written into the resource they start from, and the ends of connectors.

`lambdaform.model.connector` has the connector that is a resource of its own.

Source: SAM Developer Guide, "Managing resource permissions with AWS SAM connectors".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import field

from lambdaform.model.constraints import Count
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.resource import Resource

_ATTRIBUTE = {"property": False}
Permissions = Annotated[Sequence[Literal["Read", "Write"]], Count(high=2, low=1, unit="permissions")]


@frozen(kw_only=True)
class ResourceReference(Shape):
    """One end of a connector: a resource of the template by its logical ``id``, or any other by what is known of it.

    Where a resource object is at hand, it stands for itself.
    """

    id: str | None = None
    type: str | None = None
    arn: str | Ref[str] | None = None
    name: str | Ref[str] | None = None
    qualifier: str | Ref[str] | None = None
    queue_url: str | Ref[str] | None = None
    resource_id: str | Ref[str] | None = None
    role_name: str | Ref[str] | None = None


def to_resource_reference(end: ResourceReference | Resource) -> ResourceReference:
    """A resource of the stack as a connector's end."""
    logical_id = getattr(end, "logical_id", None)
    return ResourceReference(id=logical_id) if logical_id else end  # type: ignore[return-value]  # the field refuses others


def to_resource_references(
    ends: ResourceReference | Resource | Sequence[ResourceReference | Resource],
) -> ResourceReference | Sequence[ResourceReference]:
    """One resource or several as a connector's destination."""
    if isinstance(ends, list | tuple):
        return tuple(to_resource_reference(each) for each in ends)
    return to_resource_reference(ends)  # type: ignore[arg-type]  # a sequence that is neither is refused by the field


def to_permissions(permissions: str | Sequence[str]) -> Any:
    """One permission as a list of it."""
    return (permissions,) if isinstance(permissions, str) else permissions


#: Field metadata: what may be given as a connector's end.
END = {"shorthand": "a resource, a ResourceReference, or a list of these"}


@frozen
class SourceReference(Shape):
    """What more must be said of an embedded connector's source."""

    qualifier: str | Ref[str] | None = None


@frozen
class EmbeddedConnector(Shape):
    """What the resource it stands in may do with others: ``connectors={"Orders": EmbeddedConnector(table, "Write")}``."""

    destination: ResourceReference | Sequence[ResourceReference] = field(
        converter=to_resource_references, metadata=END
    )
    permissions: Permissions = field(converter=to_permissions)
    source_reference: SourceReference | Ref[Any] | None = field(default=None, kw_only=True)
    condition: str | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    depends_on: str | Sequence[str] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    metadata: Mapping[str, Any] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    deletion_policy: str | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    update_replace_policy: str | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    ignore_globals: str | Sequence[str] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
