"""Functions that are in a control plane's state without having been created by a call, and calls one after another."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lambdaform.local.control.records import LATEST, FunctionRecord, VersionRecord
from lambdaform.local.errors import AwsError
from tests.local.control.planes import ROLE, START, Bench


def place(bench: Bench, name: str = "checkout", versions: int = 2) -> None:
    """Put a function with ``$LATEST`` and so many published versions there."""
    state = bench.state
    state.functions[name] = FunctionRecord(name=name, created_at=START, last_version=versions)
    for version in (LATEST, *(str(number + 1) for number in range(versions))):
        state.versions[name, version] = VersionRecord(
            function_name=name,
            version=version,
            revision_id=state.new_id(),
            last_modified=START,
            active_at=START,
            updated_at=START,
            runtime="python3.13",
            handler="index.handler",
            role=ROLE,
            timeout=3,
            memory_size=128,
            ephemeral_storage=512,
            logging_config={"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        )


def ask(bench: Bench, operation: str, **members: Any) -> dict[str, Any]:
    """Call an operation."""
    return asyncio.run(bench.call(operation, **members))


def refused(bench: Bench, operation: str, **members: Any) -> AwsError:
    """Call an operation that is refused, and give the error."""
    with pytest.raises(AwsError) as caught:
        ask(bench, operation, **members)
    return caught.value
