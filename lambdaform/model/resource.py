"""A resource of a stack: a logical id, AWS properties, and the attributes that CloudFormation gives to all.

Source: AWS CloudFormation User Guide, "Resource attribute reference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field

from lambdaform.model.constraints import Count, Matching
from lambdaform.model.definition import frozen
from lambdaform.model.embedded_connector import EmbeddedConnector
from lambdaform.model.references import Condition, GetAtt, LogicalRef, Ref
from lambdaform.model.shape import Shape

LogicalId = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9]{1,255}", "A logical id has only letters and digits, at most 255 (CloudFormation)."
    ),
]

Tags = Annotated[
    Mapping[
        Annotated[str, Count(high=128, low=1, unit="characters")],
        Annotated[str, Count(high=256, unit="characters")] | Ref[str],
    ],
    Count(high=50, unit="tags", source="AWS Lambda Developer Guide, configuration-tags"),
]

#: Why a rule's findings on a resource are to be let pass, by the rule's id or name.
Suppressions = Mapping[
    Annotated[str, Count(low=1, unit="characters")],
    Annotated[
        str,
        Matching(r"(?s).*\S.*", 'Say why, such as {"LF402": "until the March release"}.', rule="LF902"),
    ],
]

_ATTRIBUTE = {"property": False}
Policy = Literal["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]


@frozen
class UpdatePolicy(Shape):
    """How CloudFormation changes a resource in place; ``NAME`` is the kind of policy."""

    NAME: ClassVar[str] = ""


def _logical_ids(value: str | Resource | Sequence[str | Resource]) -> Sequence[str]:
    if isinstance(value, str | Resource):
        value = (value,)
    if isinstance(value, list | tuple):
        return tuple(each.logical_id if isinstance(each, Resource) else each for each in value)
    return value  # type: ignore[return-value]  # what is neither is refused by the field


def condition_name(value: Condition | str | None) -> str | None:
    """The name of a condition given as an object."""
    return value.name if isinstance(value, Condition) else value


@frozen
class Tag(Shape):
    """One tag, where AWS wants a list of them in a part of a resource; a resource's own are a plain mapping."""

    key: str | Ref[str]
    value: str | Ref[str]


@frozen
class Resource(Shape):
    """One resource. References to it are values: ``queue.ref``, ``queue.arn``, ``queue.attr("QueueName")``."""

    TYPE: ClassVar[str] = ""
    #: The fields that SAM's ``Globals`` may give to all resources of this type.
    GLOBALS: ClassVar[tuple[str, ...]] = ()
    #: Whether AWS wants this type's tags as a list of ``{Key, Value}`` rather than as a mapping.
    TAGS_AS_LIST: ClassVar[bool] = True

    logical_id: LogicalId = field(metadata=_ATTRIBUTE)
    condition: str | None = field(
        default=None,
        kw_only=True,
        metadata=_ATTRIBUTE,
        converter=condition_name,
    )
    depends_on: Sequence[str] = field(
        default=(),
        kw_only=True,
        metadata=_ATTRIBUTE,
        converter=_logical_ids,
    )
    creation_policy: Mapping[str, Any] | Ref[Any] | None = field(
        default=None, kw_only=True, metadata=_ATTRIBUTE
    )
    update_policy: UpdatePolicy | Mapping[str, Any] | Ref[Any] | None = field(
        default=None, kw_only=True, metadata=_ATTRIBUTE
    )
    deletion_policy: Policy | Ref[str] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    update_replace_policy: Policy | Ref[str] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    metadata: Mapping[str, Any] | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    #: The rules whose findings on this resource and all that is in it are let pass, and why. It goes with the
    #: template, in the resource's ``Metadata``.
    suppress: Suppressions | None = field(default=None, kw_only=True, metadata=_ATTRIBUTE)
    #: SAM's connectors that start at this resource, by name.
    connectors: Mapping[str, EmbeddedConnector] | None = field(
        default=None, kw_only=True, metadata=_ATTRIBUTE
    )
    #: Which of the stack's globals this SAM resource leaves aside, under AWS's names of them; ``"*"`` for all.
    ignore_globals: Literal["*"] | Sequence[str] | None = field(
        default=None, kw_only=True, metadata=_ATTRIBUTE
    )
    #: Attributes that have no field here, under AWS's own names.
    attributes: Mapping[str, Any] = field(factory=dict, kw_only=True, metadata=_ATTRIBUTE, repr=False)

    @property
    def aws_type(self) -> str:
        """The CloudFormation type, such as ``AWS::SQS::Queue``."""
        return self.TYPE

    @property
    def ref(self) -> Ref[str]:
        """What ``Ref`` gives for this type: often the name, for some the ARN or URL."""
        return LogicalRef(self.logical_id, self)

    def attr(self, name: str) -> Ref[Any]:
        """What ``Fn::GetAtt`` gives for the attribute ``name``."""
        return GetAtt(self.logical_id, name, self)


def reference_of(thing: Resource | str | Ref[str], *aws_types: str) -> str | Ref[str]:
    """What ``Ref`` gives for a resource of one of the types, however it was written; anything else as it is.

    A resource of another type is for the field to refuse.
    """
    if isinstance(thing, Resource) and thing.aws_type in aws_types:
        return thing.ref
    return thing  # type: ignore[return-value]  # see above


def attribute_of(thing: Resource | str | Ref[str], attribute: str, *aws_types: str) -> str | Ref[str]:
    """An attribute of a resource of one of the types, however it was written; anything else as it is."""
    if isinstance(thing, Resource) and thing.aws_type in aws_types:
        return thing.attr(attribute)
    return thing  # type: ignore[return-value]  # what is of another type is for the field to refuse


#: The key of a template's or resource's metadata under which lambdaform keeps what templates have no place for.
OWN_METADATA = "lambdaform"


def split_metadata(metadata: Any) -> tuple[Any, Any]:
    """What a template has as a resource's ``Metadata``, without its suppressions, and these."""
    own = metadata.get(OWN_METADATA) if isinstance(metadata, Mapping) else None
    if not isinstance(own, Mapping) or "suppress" not in own:
        return metadata, None
    rest = {key: value for key, value in own.items() if key != "suppress"}
    others = {key: value for key, value in metadata.items() if key != OWN_METADATA}
    return {**others, **({OWN_METADATA: rest} if rest else {})} or None, own["suppress"]


def joined_metadata(resource: Resource) -> Mapping[str, Any] | None:
    """A resource's ``Metadata`` as a template has it, with its suppressions."""
    metadata = resource.metadata
    if not resource.suppress:
        return metadata
    own = (metadata or {}).get(OWN_METADATA)
    own = own if isinstance(own, Mapping) else {}
    return {**(metadata or {}), OWN_METADATA: {**own, "suppress": dict(resource.suppress)}}


@frozen
class RawResource(Resource):
    """A resource of a type that has no class here, with its properties under AWS's own names in ``raw``."""

    type: str = field(metadata=_ATTRIBUTE, kw_only=True)

    @property
    def aws_type(self) -> str:
        """The CloudFormation type."""
        return self.type
