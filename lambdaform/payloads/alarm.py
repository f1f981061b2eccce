"""What a CloudWatch alarm tells a function that is one of its actions.

Source: Amazon CloudWatch User Guide, alarms-and-actions-Lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class State(Payload):
    """OK, ALARM or INSUFFICIENT_DATA, since when, and why; ``reason_data`` is JSON as text."""

    value: str
    reason: str
    reason_data: str | None = None
    timestamp: str
    actions_suppressed_by: str | None = None
    actions_suppressed_reason: str | None = None
    query_execution_id: str | None = None


@frozen(kw_only=True)
class Data(Payload):
    """The alarm, its state and the one before; the configuration is that of its kind: metric, composite or log."""

    alarm_name: str
    state: State
    previous_state: State
    configuration: Mapping[str, Any]


@frozen(kw_only=True)
class Event(Payload):
    """An alarm whose state changed."""

    source: str
    alarm_arn: str
    account_id: str
    time: str
    region: str
    alarm_data: Data


def sample(
    alarm: str = "lambda-demo-metric-alarm",
    *,
    state: str = "ALARM",
    namespace: str = "AWS/Lambda",
    metric: str = "Errors",
    region: str = "us-east-1",
    account: str = "444455556666",
) -> Event:
    """An alarm on one metric."""
    time = "2023-08-04T12:36:15.490+0000"
    data = Data(
        alarm_name=alarm,
        state=State(value=state, reason="test", timestamp=time),
        previous_state=State(
            value="INSUFFICIENT_DATA",
            reason="Insufficient Data: 5 datapoints were unknown.",
            timestamp="2023-08-04T12:31:29.595+0000",
        ),
        configuration={
            "description": "Metric Alarm to test Lambda actions",
            "metrics": [
                {
                    "id": "1234e046-06f0-a3da-9534-EXAMPLEe4c",
                    "metricStat": {
                        "metric": {"namespace": namespace, "name": metric, "dimensions": {}},
                        "period": 60,
                        "stat": "Average",
                    },
                    "returnData": True,
                }
            ],
        },
    )
    return Event(
        source="aws.cloudwatch",
        alarm_arn=f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}",
        account_id=account,
        time=time,
        region=region,
        alarm_data=data,
    )
