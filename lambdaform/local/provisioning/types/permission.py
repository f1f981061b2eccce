"""AWS::Lambda::Permission: a statement of a function's resource policy.

Source: AWS CloudFormation User Guide, AWS::Lambda::Permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.types.statements import found_statement, statement_id


class Permission(ResourceType):
    """One statement. Its physical id is the function's ARN, with its qualifier, and the statement's id."""

    aws_type: ClassVar[str] = "AWS::Lambda::Permission"
    replaced_by: ClassVar[tuple[str, ...]] = (
        *("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "EventSourceToken"),
        *("FunctionUrlAuthType", "PrincipalOrgID", "InvokedViaFunctionUrl"),
    )

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        function, _, statement = physical_id.rpartition("#")
        return found_statement(self._plane.perform("GetPolicy", function_name=function), statement)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        function, statement = str(desired.required("FunctionName")), statement_id(desired)
        via_url = properties.get("InvokedViaFunctionUrl")
        self._plane.perform(
            "AddPermission",
            function_name=function,
            statement_id=statement,
            action=str(desired.required("Action")),
            principal=str(desired.required("Principal")),
            source_arn=properties.get("SourceArn"),
            source_account=properties.get("SourceAccount"),
            event_source_token=properties.get("EventSourceToken"),
            function_url_auth_type=properties.get("FunctionUrlAuthType"),
            invoked_via_function_url=None if via_url is None else str(via_url).lower() == "true",
            principal_org_id=properties.get("PrincipalOrgID"),
        )
        return Made(f"{function}#{statement}", statement, {"Id": statement})

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - nothing can change
        statement = physical_id.rpartition("#")[2]
        return Made(physical_id, statement, {"Id": statement})

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        function, _, statement = physical_id.rpartition("#")
        self._plane.perform("RemovePermission", function_name=function, statement_id=statement)
