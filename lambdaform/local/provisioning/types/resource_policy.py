"""AWS::Lambda::ResourcePolicy: a function's whole resource policy, in the place of what there was.

Source: AWS CloudFormation User Guide, AWS::Lambda::ResourcePolicy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType


class ResourcePolicy(ResourceType):
    """A policy. Its physical id is the ARN of the function, version or alias that it is for."""

    aws_type: ClassVar[str] = "AWS::Lambda::ResourcePolicy"
    replaced_by: ClassVar[tuple[str, ...]] = ("ResourceArn",)

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetResourcePolicy", resource_arn=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        arn = str(desired.required("ResourceArn"))
        policy = json.dumps(desired.required("PolicyDocument"), separators=(",", ":"))
        self._plane.perform("PutResourcePolicy", resource_arn=arn, policy=policy)
        return Made(arn, arn)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        return self.create(desired)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteResourcePolicy", resource_arn=physical_id)
