"""AWS::Lambda::Alias.

Source: AWS CloudFormation User Guide, AWS::Lambda::Alias.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.control.records import StackResource
from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.provisioning.types.provisioned_concurrency import set_provisioned_concurrency


class Alias(ResourceType):
    """An alias. Its physical id is its ARN."""

    aws_type: ClassVar[str] = "AWS::Lambda::Alias"
    replaced_by: ClassVar[tuple[str, ...]] = ("Name", "FunctionName")

    def expected(self, stack: StackTemplate, logical_id: str, record: StackResource | None) -> Made | None:  # noqa: ARG002
        """The alias's ARN, which its name tells."""
        properties = stack.properties(logical_id, "Name", "FunctionName")
        return self._made(str(properties.get("FunctionName", "")), str(properties.get("Name")))

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        function, _, name = physical_id.rpartition(":")
        return self._plane.perform("GetAlias", function_name=function, name=name)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        return self._put("CreateAlias", desired)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        return self._put("UpdateAlias", desired)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        function, _, name = physical_id.rpartition(":")
        self._plane.perform("DeleteAlias", function_name=function, name=name)

    def _put(self, operation: str, desired: Desired) -> Made:
        properties = desired.properties
        weights = (properties.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
        self._plane.perform(
            operation,
            function_name=str(desired.required("FunctionName")),
            name=str(desired.required("Name")),
            function_version=str(desired.required("FunctionVersion")),
            description=str(properties.get("Description", "")),
            routing_config={
                "AdditionalVersionWeights": {
                    str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in weights
                }
            },
        )
        made = self._made(str(desired.required("FunctionName")), str(desired.required("Name")))
        set_provisioned_concurrency(
            self._plane, made.physical_id, properties.get("ProvisionedConcurrencyConfig")
        )
        return made

    def _made(self, function: str, name: str) -> Made:
        arn = self._state.function_arn(function.rpartition(":function:")[2], name)
        return Made(arn, arn, {"AliasArn": arn})
