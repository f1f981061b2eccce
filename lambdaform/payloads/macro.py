"""What CloudFormation asks the function behind a macro, and what that answers.

Source: CloudFormation User Guide, template-macros-author.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Event(Payload):
    """A piece of a template, or the whole of one, to rewrite."""

    region: str
    account_id: str
    fragment: Mapping[str, Any]
    transform_id: str
    params: Mapping[str, Any]
    request_id: str
    template_parameter_values: Mapping[str, Any]


@frozen(kw_only=True)
class Response(Payload):
    """The piece as it is to be. Any ``status`` but success ends the deployment."""

    request_id: str
    status: str
    fragment: Any
    error_message: str | None = None


def sample(
    transform: str = "Echo",
    *,
    fragment: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """A template to rewrite."""
    return Event(
        region=region,
        account_id=account,
        fragment=fragment if fragment is not None else {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}},
        transform_id=f"{account}::{transform}",
        params=params or {},
        request_id="5d478078-13e9-baf0-464a-7ef285ecc786",
        template_parameter_values={},
    )
