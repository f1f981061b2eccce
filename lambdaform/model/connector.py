"""Connectors: a source, what it may do, and the destinations it may do it with; SAM writes the policies.

Source: SAM Developer Guide, AWS::Serverless::Connector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import field

from lambdaform.model.definition import frozen
from lambdaform.model.embedded_connector import (
    END,
    Permissions,
    ResourceReference,
    to_permissions,
    to_resource_reference,
    to_resource_references,
)
from lambdaform.model.resource import Resource


@frozen(kw_only=True)
class Connector(Resource):
    """``AWS::Serverless::Connector``: ``Connector("MayWrite", source=fn, destination=table, permissions="Write")``."""

    TYPE: ClassVar[str] = "AWS::Serverless::Connector"

    source: ResourceReference = field(
        converter=to_resource_reference, metadata={"shorthand": "a resource or a ResourceReference"}
    )
    destination: ResourceReference | Sequence[ResourceReference] = field(
        converter=to_resource_references, metadata=END
    )
    permissions: Permissions = field(converter=to_permissions)
