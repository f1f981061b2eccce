"""The operations on how asynchronous invocations end: further attempts, their age, and destinations.

Not whether a destination outside Lambda exists, and whether the function's role may send to it.

Source: Lambda API Reference, PutFunctionEventInvokeConfig, UpdateFunctionEventInvokeConfig and those that get,
list and delete; AWS Lambda Developer Guide, invocation-async-retain-records (the kinds of destinations); recorded
answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, EventInvokeRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter


class EventInvokeConfigs:
    """PutFunctionEventInvokeConfig and those that update, get, list and delete what it put."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put_function_event_invoke_config(
        self,
        *,
        function_name: str,
        qualifier: str | None = None,
        maximum_retry_attempts: int | None = None,
        maximum_event_age_in_seconds: int | None = None,
        destination_config: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Set all for a version or alias; what is not given has its default again."""
        name, qualifier = self._target(
            function_name,
            qualifier,
            (maximum_retry_attempts, maximum_event_age_in_seconds, destination_config),
        )
        self._check_destinations(name, destination_config)
        record = EventInvokeRecord(
            qualifier=qualifier,
            last_modified=self._state.clock.now(),
            maximum_retry_attempts=maximum_retry_attempts,
            maximum_event_age=maximum_event_age_in_seconds,
            on_success=_destination(destination_config, "OnSuccess"),
            on_failure=_destination(destination_config, "OnFailure"),
        )
        return self._put(name, record)

    def update_function_event_invoke_config(
        self,
        *,
        function_name: str,
        qualifier: str | None = None,
        maximum_retry_attempts: int | None = None,
        maximum_event_age_in_seconds: int | None = None,
        destination_config: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Set what is given, and keep the rest."""
        name, qualifier = self._target(
            function_name,
            qualifier,
            (maximum_retry_attempts, maximum_event_age_in_seconds, destination_config),
        )
        record = evolve(self._found(name, qualifier), last_modified=self._state.clock.now())
        self._check_destinations(name, destination_config)
        if maximum_retry_attempts is not None:
            record = evolve(record, maximum_retry_attempts=maximum_retry_attempts)
        if maximum_event_age_in_seconds is not None:
            record = evolve(record, maximum_event_age=maximum_event_age_in_seconds)
        if "OnSuccess" in (destination_config or {}):
            record = evolve(record, on_success=_destination(destination_config, "OnSuccess"))
        if "OnFailure" in (destination_config or {}):
            record = evolve(record, on_failure=_destination(destination_config, "OnFailure"))
        return self._put(name, record)

    def get_function_event_invoke_config(
        self, *, function_name: str, qualifier: str | None = None
    ) -> dict[str, Any]:
        """What is set for a version or alias."""
        named = self._state.name(function_name, qualifier)
        return self._shown(named.name, self._found(named.name, named.qualifier or LATEST))

    def delete_function_event_invoke_config(
        self, *, function_name: str, qualifier: str | None = None
    ) -> None:
        """Go back to the defaults."""
        named = self._state.name(function_name, qualifier)
        record = self._found(named.name, named.qualifier or LATEST)
        del self._state.event_invoke_configs[named.name, record.qualifier]
        self._state.changed(named.name)

    def list_function_event_invoke_configs(
        self, *, function_name: str, marker: str | None = None, max_items: int | None = None
    ) -> dict[str, Any]:
        """What is set for any version or alias of a function."""
        name = self._state.name(function_name).name
        if name not in self._state.functions:
            raise _no_function()
        page = paged(self._state.event_invoke_configs.of(name).values(), _qualifier, marker, max_items)
        return {
            "FunctionEventInvokeConfigs": [self._shown(name, each) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def _target(
        self, function_name: str, qualifier: str | None, settings: tuple[Any, ...]
    ) -> tuple[str, str]:
        if all(each is None for each in settings):
            raise invalid_parameter("You must specify at least one of error handling or destination setting.")
        state = self._state
        named = state.name(function_name, qualifier)
        wanted = named.qualifier or LATEST
        if wanted not in state.versions.of(named.name) and wanted not in state.aliases.of(named.name):
            raise _no_function()
        return named.name, wanted

    def _found(self, name: str, qualifier: str) -> EventInvokeRecord:
        record = self._state.event_invoke_configs.of(name).get(qualifier)
        if record is None:
            arn = self._state.function_arn(name, qualifier)
            message = f"The function {arn} doesn't have an EventInvokeConfig"
            raise AwsError("ResourceNotFoundException", message, 404)
        return record

    def _put(self, name: str, record: EventInvokeRecord) -> dict[str, Any]:
        self._state.event_invoke_configs[name, record.qualifier] = record
        self._state.changed(name)
        return self._shown(name, record)

    def _check_destinations(self, name: str, config: Mapping[str, Any] | None) -> None:
        for kind in ("OnSuccess", "OnFailure"):
            arn = _destination(config, kind)
            if arn is None:
                continue
            parts = arn.split(":")
            service, resource = parts[2] if len(parts) > 5 else "", ":".join(parts[5:])
            if service == "lambda":
                self._check_function(name, arn)
            elif not _is_destination(service, resource, kind):
                raise invalid_parameter(f"The provided destination config {_in_java(config)} is invalid.")

    def _check_function(self, name: str, arn: str) -> None:
        state = self._state
        try:
            named = state.name(arn)
        except AwsError:
            raise _invalid_arn(arn) from None
        if named.name == name:
            raise invalid_parameter("You can't specify the function as a destination for itself.")
        # Another account's functions cannot be known here.
        is_ours = arn.split(":")[4] == state.account.account_id
        known = {*state.versions.of(named.name), *state.aliases.of(named.name)}
        if is_ours and (named.qualifier or LATEST) not in known:
            raise _invalid_arn(arn)

    def _shown(self, name: str, record: EventInvokeRecord) -> dict[str, Any]:
        return {
            "LastModified": record.last_modified,
            "FunctionArn": self._state.function_arn(name, record.qualifier),
            "MaximumRetryAttempts": record.maximum_retry_attempts,
            "MaximumEventAgeInSeconds": record.maximum_event_age,
            "DestinationConfig": {
                "OnSuccess": {"Destination": record.on_success} if record.on_success else {},
                "OnFailure": {"Destination": record.on_failure} if record.on_failure else {},
            },
        }


def _is_destination(service: str, resource: str, kind: str) -> bool:
    """Whether something may get records of invocations: queues and topics that are no FIFO, buses, buckets."""
    if service in ("sqs", "sns"):
        return bool(resource) and not resource.endswith(".fifo")
    if service == "events":
        return resource.startswith("event-bus/")
    return service == "s3" and bool(resource) and kind == "OnFailure"


def _destination(config: Mapping[str, Any] | None, kind: str) -> str | None:
    return ((config or {}).get(kind) or {}).get("Destination") or None


def _in_java(config: Mapping[str, Any] | None) -> str:
    """A DestinationConfig as AWS's errors write it."""
    members = []
    for kind in ("OnSuccess", "OnFailure"):
        given = (config or {}).get(kind)
        value = "null" if given is None else f"{kind}(destination={given.get('Destination') or 'null'})"
        members.append(f"o{kind[1:]}={value}")
    return f"DestinationConfig({', '.join(members)})"


def _invalid_arn(arn: str) -> AwsError:
    return invalid_parameter(f"The destination ARN {arn} is invalid.")


def _no_function() -> AwsError:
    return AwsError("ResourceNotFoundException", "The function doesn't exist.", 404)


def _qualifier(record: EventInvokeRecord) -> str:
    return record.qualifier
