"""AWS::Lambda::Alias.

Source: AWS CloudFormation User Guide, AWS::Lambda::Alias.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.control.records import StackResource
from lambdaform.local.errors import AwsError
from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.provisioning.types.provisioned_concurrency import set_provisioned_concurrency

_VERSION_NOT_FOUND = re.compile(r"Function not found: \S+:function:([^:]+):(\d+)")


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

    def property_at_fault(self, error: AwsError) -> str | None:
        """The weights, where they name the alias's own version again."""
        return "RoutingConfig" if "already included" in error.message else None

    def remedy(self, error: AwsError) -> str:
        """Why a version is not there, or is there twice."""
        if "already included" in error.message:
            return (
                "Lambda publishes no new version while code and configuration are those of the last one, so that both "
                "names are the same version. Leave the weight out until the function has changed."
            )
        found = _VERSION_NOT_FOUND.fullmatch(error.message)
        if found is None:
            return ""
        function, version = found.groups()
        there = ", ".join(self._state.versions.of(function))
        return (
            f"The account on this machine has no version {version} of {function}: it has {there}. What is published "
            "on AWS is not known here: give a Version of the stack, as function_version or in VersionWeight."
        )

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
