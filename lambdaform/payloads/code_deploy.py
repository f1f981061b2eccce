"""What CodeDeploy asks a hook before or after it shifts traffic.

The function says how it went with PutLifecycleEventHookExecutionStatus, with both ids of the event.

Source: CodeDeploy User Guide, reference-appspec-file-structure-hooks; CodeDeploy API, PutLifecycleEventHookExecutionStatus.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class HookEvent(Payload):
    """The deployment that waits for the hook."""

    FORM: ClassVar[str] = "pascal"

    deployment_id: str
    lifecycle_event_hook_execution_id: str


def sample_hook(deployment: str = "d-ABCDEF123") -> HookEvent:
    """A deployment that waits."""
    return HookEvent(
        deployment_id=deployment, lifecycle_event_hook_execution_id="eyJlbmNyeXB0ZWREYXRhIjoiRVhBTVBMRSJ9"
    )
