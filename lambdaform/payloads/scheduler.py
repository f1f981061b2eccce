"""What EventBridge Scheduler sends for a schedule without an input of its own. With one, it sends just that.

Source: EventBridge Scheduler User Guide, managing-targets-templated; AWS Lambda Developer Guide, with-eventbridge-scheduler.
"""

from __future__ import annotations

from lambdaform.payloads.eventbridge import Event

__all__ = ["Event", "sample"]


def sample(
    schedule: str = "my-schedule",
    *,
    group: str = "default",
    time: str = "2024-07-26T16:55:00Z",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One run of a schedule."""
    return Event(
        version="0",
        id="27ca4a98-2d2b-4d2a-9a71-4b6bd3d1c1f0",
        detail_type="Scheduled Event",
        source="aws.scheduler",
        account=account,
        time=time,
        region=region,
        resources=[f"arn:aws:scheduler:{region}:{account}:schedule/{group}/{schedule}"],
        detail={},
    )
