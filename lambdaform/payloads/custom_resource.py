"""What CloudFormation asks the function behind a custom resource, and what that sends to the event's ``ResponseURL``.

Source: AWS Lambda Developer Guide, services-cloudformation; CloudFormation User Guide, crpg-ref-requests, crpg-ref-responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Event(Payload):
    """Create, Update or Delete something. Only the last two know its physical id, only Update its old properties."""

    FORM: ClassVar[str] = "pascal"

    request_type: str
    service_token: str | None = None
    response_url: str = named("ResponseURL")
    stack_id: str
    request_id: str
    logical_resource_id: str
    physical_resource_id: str | None = None
    resource_type: str
    resource_properties: Mapping[str, Any] | None = None
    old_resource_properties: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Response(Payload):
    """How it went; ``data`` is what `Fn::GetAtt` gives of the resource."""

    FORM: ClassVar[str] = "pascal"

    status: Literal["SUCCESS", "FAILED"]
    reason: str | None = None
    physical_resource_id: str
    stack_id: str
    request_id: str
    logical_resource_id: str
    no_echo: bool | None = None
    data: Mapping[str, Any] | None = None


def answer(event: Event, physical_resource_id: str, **data: Any) -> Response:
    """The response that all went well."""
    return Response(
        status="SUCCESS",
        physical_resource_id=physical_resource_id,
        stack_id=event.stack_id,
        request_id=event.request_id,
        logical_resource_id=event.logical_resource_id,
        data=data or None,
    )


def sample(
    request_type: str = "Create",
    *,
    resource: str = "primerinvoke",
    resource_type: str = "AWS::CloudFormation::CustomResource",
    properties: Mapping[str, Any] | None = None,
    function: str = "primer",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One request."""
    token = f"arn:aws:lambda:{region}:{account}:function:{function}"
    given = {"ServiceToken": token, **(properties or {})}
    new = request_type == "Create"
    return Event(
        request_type=request_type,
        service_token=token,
        response_url=f"https://cloudformation-custom-resource-response.s3.{region}.amazonaws.com/response",
        stack_id=f"arn:aws:cloudformation:{region}:{account}:stack/my-stack/1134083a-2608-1e91-9897-022501a2c456",
        request_id="5d478078-13e9-baf0-464a-7ef285ecc786",
        logical_resource_id=resource,
        physical_resource_id=None if new else f"my-stack-{resource}",
        resource_type=resource_type,
        resource_properties=given,
        old_resource_properties=given if request_type == "Update" else None,
    )
