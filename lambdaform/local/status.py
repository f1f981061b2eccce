"""What is in an account of this machine, as one document: functions with their versions and aliases, layers, and more.

It reads what is kept, whether a service runs on it or not.

Source: `aws cloudformation describe-stack-resources` and `aws lambda list-functions` set what people expect to see.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lambdaform.facts.quotas import quotas
from lambdaform.local.clock import VirtualClock, wall_time
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.records import LATEST, AliasRecord, FunctionRecord
from lambdaform.local.control.settling import last_moment
from lambdaform.local.control.state import State
from lambdaform.local.control.store import Store
from lambdaform.local.physical import Account

#: More than any transition takes, in seconds.
_TRANSITION_S = 1.0


def account_status(account_id: str, region: str, records: Path) -> dict[str, Any]:
    """The account in a region whose records are in a file. Raises `LocalError` where they cannot be read."""
    store = Store(records, read_only=True)
    try:
        codes = CodeStore(records.parent / "code", records.parent / "unpacked")
        clock = VirtualClock(wall_time())
        state = State(Account("", region=region, account_id=account_id), quotas(), clock, store, codes, str)
        last = last_moment(store)
        if last > clock.now() + _TRANSITION_S:
            # A run with a faster clock has made it, and is that far.
            state.clock = VirtualClock(last)
        return _told(ControlPlane(state))
    finally:
        store.close()


def _told(plane: ControlPlane) -> dict[str, Any]:
    state = plane.state
    layers: dict[str, list[int]] = {}
    for layer in state.layers.values():
        if not layer.is_deleted:
            layers.setdefault(layer.layer_arn, []).append(layer.version)
    stacks: dict[str, dict[str, str]] = {}
    for record in state.stack_resources.values():
        stacks.setdefault(record.stack, {})[record.logical_id] = record.aws_type
    mappings = (
        (each, plane.event_source_mappings.state_of(each)) for each in state.event_source_mappings.values()
    )
    return {
        "account": state.account.account_id,
        "region": state.account.region,
        "functions": [_function(state, each) for each in state.functions.values()],
        "layers": [{"arn": arn, "versions": versions} for arn, versions in layers.items()],
        "event_source_mappings": [
            {
                "uuid": each.uuid,
                "source": each.members.get("EventSourceArn"),
                "function": _qualified(each.function_name, each.qualifier),
                "state": how,
            }
            for each, how in mappings
            if how is not None
        ],
        "stacks": [{"name": name, "resources": resources} for name, resources in stacks.items()],
    }


def _function(state: State, function: FunctionRecord) -> dict[str, Any]:
    name = function.name
    latest = state.versions[name, LATEST]
    return {
        "name": name,
        "arn": state.function_arn(name),
        "stack": function.stack or None,
        "logical_id": function.logical_id or None,
        "runtime": latest.runtime,
        "package_type": latest.package_type,
        "memory_size": latest.memory_size,
        "timeout": latest.timeout,
        "state": latest.state(state.clock.now()),
        "refusal": function.refusal,
        "versions": [version for version in state.versions.of(name) if version != LATEST],
        "aliases": {each.name: _shares(each) for each in state.aliases.of(name).values()},
        "reserved_concurrency": function.reserved_concurrency,
        "provisioned_concurrency": {
            qualifier: each.requested for qualifier, each in state.provisioned.of(name).items()
        },
        "urls": {qualifier or LATEST: each.auth_type for qualifier, each in state.urls.of(name).items()},
    }


def _shares(alias: AliasRecord) -> dict[str, float]:
    """The share of events, 0 to 1, that goes to each version."""
    others = sum(alias.weights.values())
    return {alias.version: round(1 - others, 6), **alias.weights}


def _qualified(name: str, qualifier: str | None) -> str:
    return f"{name}:{qualifier}" if qualifier else name
