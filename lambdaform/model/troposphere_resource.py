"""troposphere's resources as members of a stack.

CloudFormation has well over a thousand resource types; those that are not Lambda's own, or what Lambda applications
are wired to, are troposphere's. A troposphere object that is added to a stack becomes a `TroposphereResource`, with
the references, source line, tags and checks of every other resource.

This module never imports troposphere: whoever has an object of it has imported it.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

from attrs import evolve, field

from lambdaform.errors import DefinitionError
from lambdaform.model.definition import frozen
from lambdaform.model.references import from_long_form
from lambdaform.model.resource import RawResource, split_metadata
from lambdaform.origin import CalleeOrigin, CodeOrigin, FieldOrigin, Origin


class TroposphereObject(Protocol):
    """What type checkers know a resource of troposphere's by; troposphere has no types of its own."""

    @property
    def title(self) -> str | None:
        """Its logical id."""

    @property
    def resource_type(self) -> str | None:
        """Its CloudFormation type."""

    def to_dict(self) -> dict[str, Any]:
        """It as template data."""


@frozen
class TroposphereResource(RawResource):
    """A resource that was written with troposphere, as it was when it was added to its stack."""

    source: object = field(kw_only=True, eq=False, repr=False, metadata={"property": False})

    @property
    def has_changed(self) -> bool:
        """Whether the troposphere object is no longer what was added."""
        now = evolve(adopt(self.source, self.origin), logical_id=self.logical_id)
        return now != self


def is_troposphere(thing: object) -> bool:
    """Whether something is a resource of troposphere's."""
    troposphere = sys.modules.get("troposphere")
    return troposphere is not None and isinstance(thing, troposphere.AWSObject)


def adopt(source: Any, origin: Origin | None) -> TroposphereResource:
    """A troposphere object as a resource of ours; ``origin`` is where it was added.

    Raises `DefinitionError` where troposphere itself finds it incomplete.
    """
    try:
        written = source.to_dict()
    except (TypeError, ValueError, AttributeError) as error:
        raise DefinitionError(
            f"{source.resource_type} {source.title!r}: {error}.",
            right="Give it what troposphere asks for, or use a RawResource.",
            where=origin.locate() if origin else None,
            rule="LF106",
        ) from error
    if isinstance(origin, CodeOrigin):
        origin = CalleeOrigin(origin, type(source).__name__, source.title)
    properties = {
        name: from_long_form(value, origin and FieldOrigin(origin, name))
        for name, value in written.pop("Properties", {}).items()
    }
    entry = {name: from_long_form(value) for name, value in written.items() if name != "Type"}
    condition = entry.pop("Condition", None)
    metadata, suppress = split_metadata(entry.pop("Metadata", None))
    return TroposphereResource(
        source.title,
        type=source.resource_type,
        raw=properties,
        condition=getattr(condition, "argument", condition),
        depends_on=entry.pop("DependsOn", ()),
        metadata=metadata,
        suppress=suppress,
        creation_policy=entry.pop("CreationPolicy", None),
        update_policy=entry.pop("UpdatePolicy", None),
        deletion_policy=entry.pop("DeletionPolicy", None),
        update_replace_policy=entry.pop("UpdateReplacePolicy", None),
        attributes=entry,
        source=source,
        origin=origin,
    )
