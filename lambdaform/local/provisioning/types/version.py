"""AWS::Lambda::Version: a version of a function, published when the resource is made.

Source: AWS CloudFormation User Guide, AWS::Lambda::Version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.control.records import StackResource
from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.provisioning.types.provisioned_concurrency import set_provisioned_concurrency


class Version(ResourceType):
    """A version. Its physical id is its ARN."""

    aws_type: ClassVar[str] = "AWS::Lambda::Version"
    replaced_by: ClassVar[tuple[str, ...]] = ("FunctionName", "CodeSha256", "Description")

    def expected(self, stack: StackTemplate, logical_id: str, record: StackResource | None) -> Made | None:
        """The version that it is, or the number that the function's next one will have."""
        if record is not None:
            return super().expected(stack, logical_id, record)
        name = str(stack.properties(logical_id, "FunctionName").get("FunctionName", ""))
        name = name.rpartition(":function:")[2]
        function = self._state.functions.get(name)
        return self._made(name, str((function.last_version if function is not None else 0) + 1))

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetFunctionConfiguration", function_name=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        published = self._plane.perform(
            "PublishVersion",
            function_name=str(desired.required("FunctionName")),
            code_sha256=properties.get("CodeSha256"),
            description=properties.get("Description"),
        )
        made = self._made(str(published["FunctionName"]), str(published["Version"]))
        self._provision(desired, made.physical_id)
        return made

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        self._provision(desired, physical_id)
        arn, _, version = physical_id.rpartition(":")
        return self._made(arn.rpartition(":")[2], version)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteFunction", function_name=physical_id)

    def _provision(self, desired: Desired, arn: str) -> None:
        set_provisioned_concurrency(self._plane, arn, desired.properties.get("ProvisionedConcurrencyConfig"))

    def _made(self, function_name: str, version: str) -> Made:
        arn = self._state.function_arn(function_name, version)
        return Made(arn, arn, {"Version": version, "FunctionArn": arn})
