"""The page on what of Lambda's API is served here: every operation of botocore's model, and how far it goes.

Whether an operation is served is asked of the control plane itself; what one does not do, although it is served, and
why one is not, is said here.
"""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

from lambdaform.facts.quotas import quotas
from lambdaform.facts.service_model import service_model
from lambdaform.local.clock import WallClock
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.state import State
from lambdaform.local.control.store import Store
from lambdaform.local.endpoint.operations import INVOCATIONS
from lambdaform.local.physical import Account

_RUNTIMES = "Kept and told. The runtime is this machine's, and changes with it alone."
_DURABLE = "Durable executions are not simulated."
_INSTANCES = "Lambda Managed Instances are EC2 instances of one's own; there are none here."
_ENVIRONMENTS = "Kept and told. It is for Lambda Managed Instances, of which there are none here."
_POLLED = "Kept and told, with its states. Nothing polls the source yet."
_LOOPS = "Kept and told. No loop is detected here."
#: What is kept and told again, and changes nothing that runs here.
STORED: Mapping[str, str] = {
    "CreateEventSourceMapping": _POLLED,
    "DeleteEventSourceMapping": _POLLED,
    "GetEventSourceMapping": _POLLED,
    "GetFunctionRecursionConfig": _LOOPS,
    "GetFunctionScalingConfig": _ENVIRONMENTS,
    "GetRuntimeManagementConfig": _RUNTIMES,
    "ListEventSourceMappings": _POLLED,
    "PutFunctionRecursionConfig": _LOOPS,
    "PutFunctionScalingConfig": _ENVIRONMENTS,
    "PutRuntimeManagementConfig": _RUNTIMES,
    "UpdateEventSourceMapping": _POLLED,
}
#: Why what is not served is not.
ABSENT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "CheckpointDurableExecution",
            "DeleteDurableExecution",
            "GetDurableExecution",
            "GetDurableExecutionHistory",
            "GetDurableExecutionState",
            "ListDurableExecutionsByFunction",
            "PauseDurableExecution",
            "ResumeDurableExecution",
            "SendDurableExecutionCallbackFailure",
            "SendDurableExecutionCallbackHeartbeat",
            "SendDurableExecutionCallbackSuccess",
            "StopDurableExecution",
        ),
        _DURABLE,
    ),
    **dict.fromkeys(
        (
            "CreateCapacityProvider",
            "DeleteCapacityProvider",
            "GetCapacityProvider",
            "ListCapacityProviders",
            "ListFunctionVersionsByCapacityProvider",
            "UpdateCapacityProvider",
        ),
        _INSTANCES,
    ),
}


def served() -> frozenset[str]:
    """The operations that the endpoint serves."""
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        state = State(
            Account("parity"),
            quotas(),
            WallClock(),
            Store(),
            CodeStore(None, Path(folder)),
            lambda: str(uuid.UUID(int=chance.getrandbits(128))),
        )
        plane = ControlPlane(state)
        names = service_model().operations
        return frozenset(name for name in names if name in INVOCATIONS or plane.handler(name) is not None)


def page() -> str:
    """The page."""
    names, here = service_model().operations, served()
    stored = len(here & STORED.keys())
    lines = [
        "# Lambda's API",
        "",
        "What the endpoint of `lambdaform run` answers, operation by operation.",
        "",
        f"Of the {len(names)} operations that botocore's model has, {len(here)} are served: {len(here) - stored} work, "
        f"and {stored} are stored and change nothing here. The others are refused with `NotImplemented` (501). Requests "
        "are checked by the model, with AWS's own sentences; the tests compare answers with recordings of AWS's.",
        "",
        "| operation | state | |",
        "| --- | --- | --- |",
    ]
    for name, operation in names.items():
        if name not in here:
            state, note = "not here", ABSENT[name]
        elif name in STORED:
            state, note = "stored", STORED[name]
        else:
            state, note = "works", "Deprecated; use `Invoke`." if operation.is_deprecated else ""
        lines.append(f"| `{name}` | {state} | {note} |")
    return "\n".join(lines) + "\n"
