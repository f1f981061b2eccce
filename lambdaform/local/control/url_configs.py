"""The operations on function URLs: who may call one, from which web pages, and how it answers.

Not the URLs themselves, which the endpoint serves.

Source: Lambda API Reference, CreateFunctionUrlConfig, GetFunctionUrlConfig, UpdateFunctionUrlConfig,
DeleteFunctionUrlConfig, ListFunctionUrlConfigs; AWS Lambda Developer Guide, tenant-isolation; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from lambdaform.local.clock import utc_text
from lambdaform.local.control.names import FunctionName
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, UrlRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter


class UrlConfigs:
    """CreateFunctionUrlConfig and those that get, update, delete and list what it made."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create_function_url_config(
        self,
        *,
        function_name: str,
        auth_type: str,
        qualifier: str | None = None,
        cors: Mapping[str, Any] | None = None,
        invoke_mode: str | None = None,
    ) -> dict[str, Any]:
        """Give a function or an alias a URL."""
        state = self._state
        named = self._target(function_name, qualifier)
        if state.versions[named.name, LATEST].tenancy_config is not None:
            raise invalid_parameter("Function URLs are not supported for functions with tenant isolation.")
        key = named.name, named.qualifier or ""
        if key in state.urls:
            arn = state.function_arn(named.name, named.qualifier)
            raise AwsError(
                "ResourceConflictException",
                f"Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig "
                "exists for this Lambda function",
                409,
            )
        now = state.clock.now()
        record = UrlRecord(
            qualifier=key[1],
            url_id=state.new_id().replace("-", ""),
            auth_type=auth_type,
            created_at=now,
            last_modified=now,
            cors=cors,
            invoke_mode=invoke_mode,
        )
        state.urls[key] = record
        state.changed(named.name)
        return self._shown(named.name, record)

    def get_function_url_config(self, *, function_name: str, qualifier: str | None = None) -> dict[str, Any]:
        """The URL of a function or an alias."""
        named = self._state.name(function_name, qualifier)
        return self._told(named.name, self._found(named))

    def update_function_url_config(
        self,
        *,
        function_name: str,
        qualifier: str | None = None,
        auth_type: str | None = None,
        cors: Mapping[str, Any] | None = None,
        invoke_mode: str | None = None,
    ) -> dict[str, Any]:
        """Change what is given of a URL; it stays the same address."""
        named = self._target(function_name, qualifier)
        before = self._found(named)
        record = evolve(
            before,
            auth_type=auth_type or before.auth_type,
            cors=before.cors if cors is None else cors or None,
            invoke_mode=invoke_mode or before.invoke_mode,
            last_modified=self._state.clock.now(),
        )
        self._state.urls[named.name, record.qualifier] = record
        self._state.changed(named.name)
        return {**self._shown(named.name, record), "LastModifiedTime": utc_text(record.last_modified)}

    def delete_function_url_config(self, *, function_name: str, qualifier: str | None = None) -> None:
        """Take a URL away; another one will have another address."""
        named = self._state.name(function_name, qualifier)
        del self._state.urls[named.name, self._found(named).qualifier]
        self._state.changed(named.name)

    def list_function_url_configs(
        self, *, function_name: str, marker: str | None = None, max_items: int | None = None
    ) -> dict[str, Any]:
        """The URLs of a function and its aliases."""
        name = self._state.name(function_name).name
        if name not in self._state.functions:
            raise _no_function()
        page = paged(self._state.urls.of(name).values(), _qualifier, marker, max_items)
        return {
            "FunctionUrlConfigs": [self._told(name, each) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def _target(self, function_name: str, qualifier: str | None) -> FunctionName:
        state = self._state
        named = state.name(function_name, qualifier)
        is_there = named.name in state.functions
        if not is_there or (named.qualifier and named.qualifier not in state.aliases.of(named.name)):
            raise _no_function()
        return named

    def _found(self, named: FunctionName) -> UrlRecord:
        record = self._state.urls.of(named.name).get(named.qualifier or "")
        if record is None:
            message = "The resource you requested does not exist."
            raise AwsError("ResourceNotFoundException", message, 404)
        return record

    def _told(self, name: str, record: UrlRecord) -> dict[str, Any]:
        """A URL as the operations tell it that change nothing."""
        return {
            **self._shown(name, record),
            "InvokeMode": record.invoke_mode or "BUFFERED",
            "LastModifiedTime": utc_text(record.last_modified),
        }

    def _shown(self, name: str, record: UrlRecord) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "FunctionUrl": self._state.url_of(record.url_id),
            "FunctionArn": self._state.function_arn(name, record.qualifier or None),
            "AuthType": record.auth_type,
            "CreationTime": utc_text(record.created_at),
        }
        if record.cors:
            shown["Cors"] = record.cors
        return {**shown, "InvokeMode": record.invoke_mode} if record.invoke_mode else shown


def _no_function() -> AwsError:
    return AwsError("ResourceNotFoundException", "Function does not exist", 404)


def _qualifier(record: UrlRecord) -> str:
    return record.qualifier
