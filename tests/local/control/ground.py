"""Functions whose records are put into a state directly, and how operations refuse."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.local.control.records import AliasRecord, FunctionRecord, VersionRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def add_function(state: State, name: str, *versions: str, **aliases: str) -> None:
    """A function with ``$LATEST`` and these versions, and aliases by name with the version of each."""
    state.functions[name] = FunctionRecord(name=name, created_at=state.clock.now())
    for version in ("$LATEST", *versions):
        state.versions[name, version] = VersionRecord(
            function_name=name,
            version=version,
            revision_id=state.new_id(),
            last_modified=state.clock.now(),
            active_at=state.clock.now(),
            updated_at=state.clock.now(),
            runtime="python3.13",
            role="arn:aws:iam::123456789012:role/worker",
            handler="index.handler",
            timeout=3,
            memory_size=128,
            ephemeral_storage=512,
            logging_config={},
        )
    for alias, version in aliases.items():
        state.aliases[name, alias] = AliasRecord(name=alias, version=version, revision_id=state.new_id())


def refusal(operation: Any, **members: Any) -> tuple[int, str, str]:
    """The status, code and sentence with which an operation refuses."""
    with pytest.raises(AwsError) as refused:
        operation(**members)
    return refused.value.status, refused.value.code, refused.value.message
