"""The operations on provisioned concurrency: environments that are ready before events come.

What is told of an allocation is what the service keeps for it; without a service it is ready after a moment.

Source: Lambda API Reference, PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig,
ListProvisionedConcurrencyConfigs, DeleteProvisionedConcurrencyConfig; recorded answers.
"""

from __future__ import annotations

import re
import time
from typing import Any

from lambdaform.local.control.alias_operations import alias_not_found
from lambdaform.local.control.allocation import AllocationStatus
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, ProvisionedRecord
from lambdaform.local.control.reservations import check_one_allocation_each, check_provisioned
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter, not_found

#: How long an allocation takes where nothing is really made for it.
_SECONDS = 0.2
_NUMBER = re.compile(r"\d+")


class ProvisionedConcurrency:
    """PutProvisionedConcurrencyConfig and those that get, list and delete what it put."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put_provisioned_concurrency_config(
        self, *, function_name: str, qualifier: str, provisioned_concurrent_executions: int
    ) -> dict[str, Any]:
        """Have environments made ready for a version or alias."""
        state = self._state
        name, qualifier = self._target(
            function_name,
            qualifier,
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        )
        check_one_allocation_each(state, name, qualifier)
        check_provisioned(state, state.functions[name], qualifier, provisioned_concurrent_executions)
        now = state.clock.now()
        record = ProvisionedRecord(
            qualifier=qualifier,
            requested=provisioned_concurrent_executions,
            last_modified=now,
            ready_at=state.due(_SECONDS),
        )
        state.provisioned[name, qualifier] = record
        state.changed(name)
        return _shown(record, 0, AllocationStatus.IN_PROGRESS)

    def get_provisioned_concurrency_config(self, *, function_name: str, qualifier: str) -> dict[str, Any]:
        """How far a version's or alias's environments are."""
        name, qualifier = self._target(function_name, qualifier)
        record = self._state.provisioned.of(name).get(qualifier)
        if record is None:
            message = "No Provisioned Concurrency Config found for this function"
            raise AwsError("ProvisionedConcurrencyConfigNotFoundException", message, 404)
        return self._now(name, record)

    def list_provisioned_concurrency_configs(
        self, *, function_name: str, marker: str | None = None, max_items: int | None = None
    ) -> dict[str, Any]:
        """All versions and aliases of a function that have environments made ready."""
        state = self._state
        name = state.unqualified(function_name)
        if name not in state.functions:
            raise not_found(state.function_arn(name))
        page = paged(state.provisioned.of(name).values(), _qualifier, marker, max_items)
        return {
            "ProvisionedConcurrencyConfigs": [
                {"FunctionArn": state.function_arn(name, each.qualifier), **self._now(name, each)}
                for each in page.items
            ],
            "NextMarker": page.next_marker,
        }

    def delete_provisioned_concurrency_config(self, *, function_name: str, qualifier: str) -> None:
        """Let a version's or alias's environments go; where there are none it is no error."""
        name, qualifier = self._target(function_name, qualifier)
        if self._state.provisioned.pop((name, qualifier), None) is not None:
            self._state.changed(name)

    def _target(
        self,
        function_name: str,
        qualifier: str,
        unpublished: str = "The function resource provided must be an alias or a published version.",
    ) -> tuple[str, str]:
        """The function and its version or alias; ``unpublished`` is what is said of ``$LATEST``."""
        state = self._state
        named = state.name(function_name, qualifier or None)
        wanted = named.qualifier or LATEST
        if wanted == LATEST:
            raise invalid_parameter(unpublished)
        arn = state.function_arn(named.name, wanted)
        if _NUMBER.fullmatch(wanted):
            if wanted not in state.versions.of(named.name):
                raise not_found(arn)
        elif wanted not in state.aliases.of(named.name):
            raise alias_not_found(arn)
        return named.name, wanted

    def _now(self, name: str, record: ProvisionedRecord) -> dict[str, Any]:
        allocation = self._state.allocation_of(name, record.qualifier)
        if allocation is None:
            is_ready = self._state.clock.now() >= record.ready_at
            status = AllocationStatus.READY if is_ready else AllocationStatus.IN_PROGRESS
            return _shown(record, record.requested if is_ready else 0, status)
        return _shown(record, allocation.allocated, allocation.status, allocation.reason)


def _shown(
    record: ProvisionedRecord, allocated: int, status: AllocationStatus, reason: str | None = None
) -> dict[str, Any]:
    shown = {
        "RequestedProvisionedConcurrentExecutions": record.requested,
        "AvailableProvisionedConcurrentExecutions": allocated,
        "AllocatedProvisionedConcurrentExecutions": allocated,
        "Status": status.value,
        "LastModified": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(record.last_modified)),
    }
    return {**shown, "StatusReason": reason} if reason is not None else shown


def _qualifier(record: ProvisionedRecord) -> str:
    return record.qualifier
