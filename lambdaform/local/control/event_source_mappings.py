"""The operations on event source mappings: which queue or stream a function is to get its events from.

Records only, as whoever polls reads them.

Source: Lambda API Reference, CreateEventSourceMapping, GetEventSourceMapping, UpdateEventSourceMapping,
DeleteEventSourceMapping, ListEventSourceMappings; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from lambdaform.local.control.event_source_kinds import EventSourceKind, kind_named, kind_of
from lambdaform.local.control.names import FunctionName
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, EventSourceMappingRecord
from lambdaform.local.control.state import State
from lambdaform.local.control.tags import check_tags
from lambdaform.local.errors import AwsError, invalid_parameter

#: How long a mapping is Creating, Enabling, Disabling, Updating or Deleting.
_SECONDS = 0.2
#: ListEventSourceMappings: "Lambda returns up to 100 items".
_MOST = 100
#: The members whose values are kept as they come, by botocore's name in Python.
_SETTINGS = {
    "batch_size": "BatchSize",
    "filter_criteria": "FilterCriteria",
    "kms_key_arn": "KMSKeyArn",
    "metrics_config": "MetricsConfig",
    "logging_config": "LoggingConfig",
    "scaling_config": "ScalingConfig",
    "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    "parallelization_factor": "ParallelizationFactor",
    "destination_config": "DestinationConfig",
    "maximum_record_age_in_seconds": "MaximumRecordAgeInSeconds",
    "bisect_batch_on_function_error": "BisectBatchOnFunctionError",
    "maximum_retry_attempts": "MaximumRetryAttempts",
    "tumbling_window_in_seconds": "TumblingWindowInSeconds",
    "source_access_configurations": "SourceAccessConfigurations",
    "function_response_types": "FunctionResponseTypes",
    "amazon_managed_kafka_event_source_config": "AmazonManagedKafkaEventSourceConfig",
    "self_managed_kafka_event_source_config": "SelfManagedKafkaEventSourceConfig",
    "document_db_event_source_config": "DocumentDBEventSourceConfig",
    "provisioned_poller_config": "ProvisionedPollerConfig",
}
_SOURCE = {
    "starting_position": "StartingPosition",
    "starting_position_timestamp": "StartingPositionTimestamp",
    "topics": "Topics",
    "queues": "Queues",
    "self_managed_event_source": "SelfManagedEventSource",
}
#: What a source is read by, whose members are changed one by one.
_CONFIGURATIONS = {
    "AmazonManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
}
#: Empty ones take the setting away.
_REMOVABLE = {
    "FilterCriteria",
    "KMSKeyArn",
    "LoggingConfig",
    "MetricsConfig",
    "ProvisionedPollerConfig",
    "ScalingConfig",
}


class EventSourceMappings:
    """CreateEventSourceMapping and those that get, update, delete and list what it made."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def create_event_source_mapping(
        self,
        *,
        function_name: str,
        event_source_arn: str | None = None,
        enabled: bool | None = None,
        tags: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Map an event source to a function."""
        kind, members = self._wanted(event_source_arn, settings, tags)
        await self._look(kind, event_source_arn, self._function(function_name))
        with self._state.store.transaction():
            # While the source was looked at, anything may have changed.
            return self._add(kind, members, function_name, enabled, tags)

    def make(
        self,
        *,
        function_name: str,
        event_source_arn: str | None = None,
        enabled: bool | None = None,
        tags: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> str:
        """Map an event source that nobody looks at to a function; for stacks, which make it. Returns the UUID."""
        with self._state.store.transaction():
            kind, members = self._wanted(event_source_arn, settings, tags)
            return str(self._add(kind, members, function_name, enabled, tags)["UUID"])

    def _wanted(
        self, event_source_arn: str | None, settings: Mapping[str, Any], tags: Mapping[str, str] | None
    ) -> tuple[EventSourceKind, dict[str, Any]]:
        """What a new mapping is to be. Raises `AwsError` for what Lambda does not take."""
        kind = kind_of(event_source_arn, settings.get("self_managed_event_source"))
        given = _members(settings, {**_SETTINGS, **_SOURCE})
        kind.check_takes(given)
        members = _tidy(
            {
                **kind.defaults,
                **{name: value for name, value in given.items() if name in kind.takes},
                **({} if event_source_arn is None else {"EventSourceArn": event_source_arn}),
            }
        )
        kind.check(members, event_source_arn, self._state.clock.now())
        check_tags(tags or {}, self._state.quotas)
        return kind, members

    def _add(
        self,
        kind: EventSourceKind,
        members: Mapping[str, Any],
        function_name: str,
        enabled: bool | None,
        tags: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        state = self._state
        function = self._function(function_name)
        uuid, now = state.new_id(), state.clock.now()
        self._check_single(kind, members, function, uuid)
        is_enabled = enabled is not False
        record = EventSourceMappingRecord(
            uuid=uuid,
            kind=kind.name,
            function_name=function.name,
            qualifier=function.qualifier,
            enabled=is_enabled,
            members=_with_consumer_group(kind, dict(members), uuid),
            last_modified=now,
            transition="Creating",
            settled_at=state.due(_SECONDS) if is_enabled else now,
            state_transition_reason=kind.reason,
            last_processing_result="No records processed" if kind.is_told_to_be_idle else None,
            tags=tags or {},
        )
        state.event_source_mappings[uuid] = record
        return self._shown(record)

    def get_event_source_mapping(self, *, uuid: str) -> dict[str, Any]:
        """A mapping."""
        return self._shown(self._found(uuid))

    async def update_event_source_mapping(
        self,
        *,
        uuid: str,
        function_name: str | None = None,
        enabled: bool | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Change what is given of a mapping; its source stays."""
        given = _members(settings, _SETTINGS)
        before = self._settled(uuid, "update")
        kind = kind_named(before.kind)
        kind.check_takes(given)
        if function_name is not None:
            await self._look(kind, before.members.get("EventSourceArn"), self._function(function_name))
        with self._state.store.transaction():
            return self._change(uuid, function_name, enabled, given)

    def change(
        self,
        *,
        uuid: str,
        function_name: str | None = None,
        enabled: bool | None = None,
        **settings: Any,
    ) -> None:
        """Change a mapping, whose source nobody looks at; for stacks."""
        given = _members(settings, _SETTINGS)
        kind_named(self._settled(uuid, "update").kind).check_takes(given)
        with self._state.store.transaction():
            self._change(uuid, function_name, enabled, given)

    def _change(
        self, uuid: str, function_name: str | None, enabled: bool | None, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        state = self._state
        before = self._settled(uuid, "update")
        kind = kind_named(before.kind)
        changed = {name: value for name, value in given.items() if name in kind.takes}
        for name in _CONFIGURATIONS & changed.keys():
            # The consumer group and the database stay, where only something else of them is given.
            changed[name] = {**before.members.get(name, {}), **changed[name]}
        members = _tidy({**before.members, **changed})
        now = state.clock.now()
        kind.check(members, before.members.get("EventSourceArn"), now)
        function = self._function(function_name) if function_name is not None else _function(before)
        self._check_single(kind, members, function, uuid)
        is_enabled = before.enabled if enabled is None else enabled
        change = "Enabling" if is_enabled else "Disabling"
        record = evolve(
            before,
            function_name=function.name,
            qualifier=function.qualifier,
            enabled=is_enabled,
            members=members,
            last_modified=now,
            transition="Updating" if is_enabled == before.enabled else change,
            settled_at=state.due(_SECONDS),
            state_transition_reason=kind.reason,
        )
        state.event_source_mappings[uuid] = record
        return self._shown(record)

    def delete_event_source_mapping(self, *, uuid: str) -> dict[str, Any]:
        """Delete a mapping, which takes a moment."""
        before = self._settled(uuid, "delete")
        now = self._state.clock.now()
        for gone in [each for each in self._state.event_source_mappings.values() if not self.state_of(each)]:
            del self._state.event_source_mappings[gone.uuid]
        record = evolve(
            before, transition="Deleting", last_modified=now, settled_at=self._state.due(_SECONDS)
        )
        self._state.event_source_mappings[uuid] = record
        return self._shown(record)

    def list_event_source_mappings(
        self,
        *,
        event_source_arn: str | None = None,
        function_name: str | None = None,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The mappings of a source, a function, both, or all."""
        wanted = self._state.name(function_name) if function_name is not None else None
        found = (
            each
            for each in self._state.event_source_mappings.values()
            if event_source_arn in (None, each.members.get("EventSourceArn"))
            and (wanted is None or (wanted.name, wanted.qualifier) == (each.function_name, each.qualifier))
            and self.state_of(each) is not None
        )
        page = paged(found, _uuid, marker, max_items, most=_MOST)
        return {
            "EventSourceMappings": [self._shown(each) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def state_of(self, record: EventSourceMappingRecord) -> str | None:
        """The state that a mapping is in now; None for one that is gone."""
        if self._state.clock.now() < record.settled_at:
            return record.transition
        if record.transition == "Deleting":
            return None
        return "Enabled" if record.enabled else "Disabled"

    def _found(self, uuid: str) -> EventSourceMappingRecord:
        record = self._state.event_source_mappings.get(uuid)
        if record is None or self.state_of(record) is None:
            message = "The resource you requested does not exist."
            raise AwsError("ResourceNotFoundException", message, 404)
        return record

    def _settled(self, uuid: str, verb: str) -> EventSourceMappingRecord:
        record = self._found(uuid)
        if self.state_of(record) not in ("Enabled", "Disabled"):
            message = f"Cannot {verb} the event source mapping because it is in use."
            raise AwsError("ResourceInUseException", message, 400)
        return record

    async def _look(self, kind: EventSourceKind, arn: str | None, function: FunctionName) -> None:
        """See that an event source is there, where somebody can tell, and fits the function. Raises `AwsError`."""
        state = self._state
        if arn is None or state.describe_source is None or arn.split(":")[4] != state.account.account_id:
            return
        timeout = state.version(function.name, function.qualifier).timeout
        source = await state.describe_source(arn)
        if source is None:
            if kind.name == "sqs":
                raise invalid_parameter(
                    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                    "SQS Error Message: The specified queue does not exist."
                )
            if kind.name in ("kinesis", "dynamodb"):
                raise invalid_parameter(f"Stream not found: {arn}")
            return
        hidden = source.get("VisibilityTimeout")
        if hidden is not None and hidden < timeout:
            raise invalid_parameter(
                f"Queue visibility timeout: {hidden} seconds is less than Function timeout: {timeout} seconds"
            )

    def _check_single(
        self, kind: EventSourceKind, members: Mapping[str, Any], function: FunctionName, uuid: str
    ) -> None:
        """See that no other mapping has the same source and function. Raises `AwsError`."""
        for other in self._state.event_source_mappings.values():
            # Most are of another function: said first, for this is asked of all there are.
            if other.function_name != function.name or other.kind != kind.name or other.uuid == uuid:
                continue
            is_same = other.qualifier == function.qualifier and _same_source(kind, members, other.members)
            if is_same and self.state_of(other) is not None:
                raise _duplicate(
                    kind,
                    members,
                    function,
                    self._state.function_arn(function.name, function.qualifier),
                    other.uuid,
                )

    def _function(self, text: str) -> FunctionName:
        state = self._state
        named = state.name(text)
        wanted = named.qualifier or LATEST
        if wanted not in state.versions.of(named.name) and wanted not in state.aliases.of(named.name):
            raise invalid_parameter("Function does not exist")
        return named

    def _shown(self, record: EventSourceMappingRecord) -> dict[str, Any]:
        state = self._state
        shown = {
            "UUID": record.uuid,
            **record.members,
            "FunctionArn": state.function_arn(record.function_name, record.qualifier),
            "EventSourceMappingArn": state.arn(f"event-source-mapping:{record.uuid}"),
            "LastModified": record.last_modified,
            "State": self.state_of(record),
            "StateTransitionReason": record.state_transition_reason,
        }
        if record.last_processing_result is not None:
            shown["LastProcessingResult"] = record.last_processing_result
        return shown


def _members(settings: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What was given, by AWS's names, of JSON's types. Raises `TypeError` for what is no member."""
    members = {}
    for name, value in settings.items():
        if name not in names:
            raise TypeError(f"an event source mapping has no {name!r}")
        if value is not None:
            members[names[name]] = value.timestamp() if isinstance(value, datetime) else value
    return members


def _tidy(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members without what is empty, and with the defaults of nested ones."""
    kept = {
        name: value
        for name, value in members.items()
        if name not in _REMOVABLE or (value and value != {"Filters": []})
    }
    if "DestinationConfig" in kept:
        given = kept["DestinationConfig"]
        kept["DestinationConfig"] = {
            "OnFailure": {},
            **{kind: target for kind, target in given.items() if target},
        }
    if "DocumentDBEventSourceConfig" in kept:
        kept["DocumentDBEventSourceConfig"] = {
            "FullDocument": "Default",
            **kept["DocumentDBEventSourceConfig"],
        }
    return kept


def _with_consumer_group(kind: EventSourceKind, members: Mapping[str, Any], uuid: str) -> dict[str, Any]:
    """Kafka's consumer group has the mapping's own id, unless another was given."""
    name = {"msk": "AmazonManagedKafkaEventSourceConfig", "kafka": "SelfManagedKafkaEventSourceConfig"}.get(
        kind.name
    )
    if name is None:
        return dict(members)
    return {**members, name: {"ConsumerGroupId": uuid, **members.get(name, {})}}


def _same_source(kind: EventSourceKind, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one.get("EventSourceArn") != other.get("EventSourceArn"):
        return False
    if kind.name == "kafka":
        endpoints, others = _endpoints(one), _endpoints(other)
        return bool({*endpoints} & {*others}) and one["Topics"] == other.get("Topics")
    return all(one.get(name) == other.get(name) for name in ("Topics", "Queues"))


def _endpoints(members: Mapping[str, Any]) -> list[str]:
    found = (members.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    return [endpoint for endpoints in found.values() for endpoint in endpoints]


def _duplicate(
    kind: EventSourceKind, members: Mapping[str, Any], function: FunctionName, function_arn: str, uuid: str
) -> AwsError:
    arn = members.get("EventSourceArn")
    name = f"{function.name}:{function.qualifier}" if function.qualifier else function.name
    if kind.name == "sqs":
        what = f'An event source mapping with SQS arn (" {arn} ") and function (" {name} ") already exists.'
    elif kind.name in ("kinesis", "dynamodb"):
        what = f'The event source arn (" {arn} ") and function (" {name} ") provided mapping already exists.'
    else:
        source = arn or ",".join(_endpoints(members))
        topics = "".join(
            f', {word} ("{",".join(members[member])}")'
            for member, word in (("Topics", "topics"), ("Queues", "queues"))
            if member in members
        )
        what = f'An event source mapping with event source ("{source}"), function ("{function_arn}"){topics} already exists.'
    message = f"{what} Please update or delete the existing mapping with UUID {uuid}"
    return AwsError("ResourceConflictException", message, 409)


def _function(record: EventSourceMappingRecord) -> FunctionName:
    return FunctionName(record.function_name, record.qualifier)


def _uuid(record: EventSourceMappingRecord) -> str:
    return record.uuid
