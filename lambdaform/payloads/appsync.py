"""A field that AWS AppSync has a function resolve, and a request that it has one authorize.

Source: AWS AppSync Developer Guide, resolver-context-reference, direct-lambda-reference, security-authz.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class Request(Payload):
    """The request: its headers, and the custom domain that it came to."""

    headers: Mapping[str, Any]
    domain_name: str | None = nullable()


@frozen(kw_only=True)
class Info(Payload):
    """Which field is asked for, and what of it."""

    selection_set_list: Sequence[str]
    selection_set_graphql: str = named("selectionSetGraphQL")
    field_name: str
    parent_type_name: str
    variables: Mapping[str, Any]


@frozen(kw_only=True)
class Event(Payload):
    """A field to resolve. What ``identity`` has depends on how the caller was authorized."""

    arguments: Mapping[str, Any]
    identity: Mapping[str, Any] | None = nullable()
    source: Mapping[str, Any] | None = nullable()
    request: Request
    prev: Mapping[str, Any] | None = nullable()
    info: Info
    stash: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class AuthorizerContext(Payload):
    """The request to authorize."""

    api_id: str
    account_id: str
    request_id: str
    query_string: str
    operation_name: str | None = nullable()
    variables: Mapping[str, Any]


@frozen(kw_only=True)
class AuthorizerEvent(Payload):
    """A token to check."""

    authorization_token: str
    request_context: AuthorizerContext
    request_headers: Mapping[str, str] | None = None


@frozen(kw_only=True)
class AuthorizerResponse(Payload):
    """Whether the caller may, and which fields not; what ``resolver_context`` says reaches the resolvers."""

    is_authorized: bool
    resolver_context: Mapping[str, Any] | None = None
    denied_fields: Sequence[str] | None = None
    #: For how many seconds the answer holds.
    ttl_override: int | None = None


def sample(
    field: str = "getPost",
    *,
    parent_type: str = "Query",
    arguments: Mapping[str, Any] | None = None,
    selection: str = "id",
) -> Event:
    """A field of a query; ``selection`` names what is asked of it, with commas."""
    asked = selection.split(",")
    return Event(
        arguments=arguments if arguments is not None else {"id": "1234"},
        request=Request(headers={"x-forwarded-for": "192.0.2.1", "content-type": "application/json"}),
        info=Info(
            selection_set_list=asked,
            selection_set_graphql="{\n  " + "\n  ".join(asked) + "\n}",
            field_name=field,
            parent_type_name=parent_type,
            variables={},
        ),
        stash={},
    )


def sample_authorizer(
    token: str = "ExampleAUTHtoken123123123", *, query: str = "query MyQuery { getPost(id: 1) { id } }"
) -> AuthorizerEvent:
    """A token to check."""
    return AuthorizerEvent(
        authorization_token=token,
        request_context=AuthorizerContext(
            api_id="aaaaaa123123123example123",
            account_id="111122223333",
            request_id="f4081827-1111-4444-5555-5cf4695f339f",
            query_string=query,
            operation_name="MyQuery",
            variables={},
        ),
        request_headers={"accept": "application/json", "host": "example.appsync-api.us-east-1.amazonaws.com"},
    )
