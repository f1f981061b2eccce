"""AWS::Lambda::Url: a function's own HTTPS address.

Source: AWS CloudFormation User Guide, AWS::Lambda::Url.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType


class Url(ResourceType):
    """A URL. Its physical id is the ARN of the function or alias that it calls."""

    aws_type: ClassVar[str] = "AWS::Lambda::Url"
    replaced_by: ClassVar[tuple[str, ...]] = ("TargetFunctionArn", "Qualifier")

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetFunctionUrlConfig", function_name=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        return self._put("CreateFunctionUrlConfig", desired)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - as in the base
        return self._put("UpdateFunctionUrlConfig", desired)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteFunctionUrlConfig", function_name=physical_id)

    def _put(self, operation: str, desired: Desired) -> Made:
        properties = desired.properties
        name, qualifier = str(desired.required("TargetFunctionArn")), properties.get("Qualifier")
        made = self._plane.perform(
            operation,
            function_name=name,
            qualifier=qualifier,
            auth_type=str(desired.required("AuthType")),
            cors=_cors(properties.get("Cors")),
            invoke_mode=properties.get("InvokeMode"),
        )
        arn = str(made["FunctionArn"])
        return Made(arn, arn, {"FunctionUrl": str(made["FunctionUrl"]), "FunctionArn": arn})


def _cors(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """CORS as the operation takes it: a template has its numbers and truth values as text, too."""
    if given is None:
        return None
    cors = dict(given)
    if "MaxAge" in cors:
        cors["MaxAge"] = int(cors["MaxAge"])
    if "AllowCredentials" in cors:
        cors["AllowCredentials"] = str(cors["AllowCredentials"]).lower() == "true"
    return cors
