"""What AWS Config has a function evaluate. It answers by PutEvaluations with the event's ``resultToken``.

Source: AWS Config Developer Guide, evaluate-config_develop-rules_example-events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Event(Payload):
    """A change or a time at which to evaluate; ``invokingEvent`` and ``ruleParameters`` are JSON as text."""

    invoking_event: str
    rule_parameters: str | None = None
    result_token: str
    event_left_scope: bool
    execution_role_arn: str
    config_rule_arn: str
    config_rule_name: str
    config_rule_id: str
    account_id: str
    version: str

    @property
    def what(self) -> Mapping[str, Any]:
        """The invoking event."""
        data: Mapping[str, Any] = json.loads(self.invoking_event)
        return data

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The rule's parameters."""
        data: Mapping[str, Any] = json.loads(self.rule_parameters or "{}")
        return data


def sample(
    rule: str = "change-triggered-config-rule",
    *,
    resource_type: str = "AWS::EC2::Instance",
    resource_id: str = "i-00000000",
    parameters: Mapping[str, Any] | None = None,
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """A resource that changed."""
    item = {
        "configurationItemCaptureTime": "2016-02-17T01:36:34.043Z",
        "awsAccountId": account,
        "configurationItemStatus": "OK",
        "resourceId": resource_id,
        "awsRegion": region,
        "resourceType": resource_type,
        "tags": {},
        "relationships": [],
        "configuration": {},
    }
    invoking = {"configurationItem": item, "messageType": "ConfigurationItemChangeNotification"}
    return Event(
        invoking_event=json.dumps(invoking, separators=(",", ":")),
        rule_parameters=json.dumps(
            parameters or {"myParameterKey": "myParameterValue"}, separators=(",", ":")
        ),
        result_token="myResultToken",
        event_left_scope=False,
        execution_role_arn=f"arn:aws:iam::{account}:role/config-role",
        config_rule_arn=f"arn:aws:config:{region}:{account}:config-rule/config-rule-0123456",
        config_rule_name=rule,
        config_rule_id="config-rule-0123456",
        account_id=account,
        version="1.0",
    )
