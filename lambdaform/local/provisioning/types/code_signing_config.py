"""AWS::Lambda::CodeSigningConfig.

Source: AWS CloudFormation User Guide, AWS::Lambda::CodeSigningConfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType


class CodeSigningConfig(ResourceType):
    """A configuration. Its physical id is its ARN."""

    aws_type: ClassVar[str] = "AWS::Lambda::CodeSigningConfig"

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetCodeSigningConfig", code_signing_config_arn=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        return self._made(self._plane.perform("CreateCodeSigningConfig", **self._members(desired)))

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        return self._made(
            self._plane.perform(
                "UpdateCodeSigningConfig", code_signing_config_arn=physical_id, **self._members(desired)
            )
        )

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteCodeSigningConfig", code_signing_config_arn=physical_id)

    def _members(self, desired: Desired) -> dict[str, Any]:
        properties = desired.properties
        return {
            "allowed_publishers": desired.required("AllowedPublishers"),
            "description": properties.get("Description"),
            "code_signing_policies": properties.get("CodeSigningPolicies"),
        }

    def _made(self, answer: Mapping[str, Any]) -> Made:
        config = answer["CodeSigningConfig"]
        arn, identifier = str(config["CodeSigningConfigArn"]), str(config["CodeSigningConfigId"])
        return Made(arn, arn, {"CodeSigningConfigArn": arn, "CodeSigningConfigId": identifier})
