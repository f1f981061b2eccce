"""AWS::Lambda::EventInvokeConfig: attempts, age and destinations of asynchronous events.

Source: AWS CloudFormation User Guide, AWS::Lambda::EventInvokeConfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.values import number


class EventInvokeConfig(ResourceType):
    """The configuration of a version or an alias. Its physical id is that one's ARN."""

    aws_type: ClassVar[str] = "AWS::Lambda::EventInvokeConfig"
    replaced_by: ClassVar[tuple[str, ...]] = ("FunctionName", "Qualifier")

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetFunctionEventInvokeConfig", function_name=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        name = str(desired.required("FunctionName")).rpartition(":function:")[2]
        qualifier = str(properties.get("Qualifier", "$LATEST"))
        retries, age = properties.get("MaximumRetryAttempts"), properties.get("MaximumEventAgeInSeconds")
        self._plane.perform(
            "PutFunctionEventInvokeConfig",
            function_name=name,
            qualifier=qualifier,
            maximum_retry_attempts=None if retries is None else number(retries),
            maximum_event_age_in_seconds=None if age is None else number(age),
            destination_config=properties.get("DestinationConfig"),
        )
        if properties.get("DestinationConfig"):
            what = f"{name}: destinations are not simulated yet"
            self._context.note(
                desired.stack, desired.logical_id, f"{what}; results of asynchronous events go nowhere."
            )
        arn = self._state.function_arn(name, qualifier)
        return Made(arn, desired.logical_id)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        return self.create(desired)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteFunctionEventInvokeConfig", function_name=physical_id)
