"""Who may invoke a function, a version or an alias: single permissions, and whole policies.

A policy belongs to what its qualifier names; it goes with that. Its revision id is its own; before it has one, that of
the function or alias counts.

Source: Lambda API Reference, AddPermission, RemovePermission, GetPolicy, PutResourcePolicy, GetResourcePolicy,
DeleteResourcePolicy; errors as recorded from AWS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lambdaform.local.access.statements import Statement
from lambdaform.local.control.policy import (
    PolicyRecord,
    empty_policy,
    parsed_policy,
    rendered_principal,
    written,
)
from lambdaform.local.control.records import LATEST
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter, not_found

_ALIAS = re.compile(r"(?!\d+$)[a-zA-Z0-9-_]+")


class ResourcePolicies:
    """AddPermission, RemovePermission, GetPolicy, and Put-, Get- and DeleteResourcePolicy."""

    def __init__(self, state: State) -> None:
        self._state = state

    def statements(self, function_name: str, qualifier: str | None = None) -> Sequence[Statement]:
        """The statements that could decide on calls of a function by a qualifier: its own, and the function's."""
        policies = self._state.policies.of(function_name)
        if not policies:
            return ()
        found = (policies.get(name) for name in dict.fromkeys(("", qualifier or "")))
        return [each for policy in found if policy is not None for each in policy.statements]

    def add_permission(
        self,
        *,
        function_name: str,
        statement_id: str,
        action: str,
        principal: str,
        source_arn: str | None = None,
        function_url_auth_type: str | None = None,
        invoked_via_function_url: bool | None = None,
        source_account: str | None = None,
        event_source_token: str | None = None,
        qualifier: str | None = None,
        revision_id: str | None = None,
        principal_org_id: str | None = None,
    ) -> dict[str, Any]:
        """Add one statement to a policy."""
        function, wanted = self._subject(function_name, qualifier)
        equal = {
            "AWS:SourceAccount": source_account,
            "lambda:FunctionUrlAuthType": function_url_auth_type,
            "aws:PrincipalOrgID": principal_org_id,
            "lambda:EventSourceToken": event_source_token,
        }
        condition: dict[str, Any] = {
            "StringEquals": {key: value for key, value in equal.items() if value is not None},
            "ArnLike": {"AWS:SourceArn": source_arn} if source_arn is not None else {},
            "Bool": {"lambda:InvokedViaFunctionUrl": "true"} if invoked_via_function_url else {},
        }
        if function_url_auth_type is not None and action != "lambda:InvokeFunctionUrl":
            raise invalid_parameter(
                "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
            )
        statement: dict[str, Any] = {
            "Sid": statement_id,
            "Effect": "Allow",
            "Principal": rendered_principal(principal, self._state.account.partition),
            "Action": action,
            "Resource": self._state.function_arn(function, wanted),
        }
        if tests := {operator: each for operator, each in condition.items() if each}:
            statement["Condition"] = tests
        policy = self._state.policies.of(function).get(wanted or "")
        self._check_revision(function, wanted, policy, revision_id)
        self._state.policies[function, wanted or ""] = (policy or empty_policy()).with_statement(
            statement, self._state.new_id()
        )
        return {"Statement": written(statement)}

    def remove_permission(
        self,
        *,
        function_name: str,
        statement_id: str,
        qualifier: str | None = None,
        revision_id: str | None = None,
    ) -> dict[str, Any]:
        """Take one statement out of a policy."""
        named = self._state.name(function_name, qualifier)
        if named.name not in self._state.functions:
            arn = self._state.function_arn(named.name, named.qualifier)
            raise AwsError("ResourceNotFoundException", f"No policy found for: {arn}", 404)
        function, wanted = self._subject(function_name, qualifier)
        policy = self._state.policies.of(function).get(wanted or "")
        if policy is None:
            raise _no_policy()
        self._check_revision(function, wanted, policy, revision_id)
        self._put(function, wanted, policy.without_statement(statement_id, self._state.new_id()))
        return {}

    def get_policy(self, *, function_name: str, qualifier: str | None = None) -> dict[str, Any]:
        """A policy, with its revision id."""
        named = self._state.name(function_name, qualifier)
        return self._told(self._state.policies.of(named.name).get(named.qualifier or ""))

    def put_resource_policy(
        self, *, resource_arn: str, policy: str, revision_id: str | None = None
    ) -> dict[str, Any]:
        """Put a whole policy in the place of what there is."""
        function, wanted = self._by_arn(resource_arn)
        document = parsed_policy(policy, resource_arn)
        before = self._state.policies.of(function).get(wanted or "")
        self._check_revision(function, wanted, before, revision_id, call="GetResourcePolicy")
        made = PolicyRecord(document=document, revision_id=self._state.new_id())
        self._put(function, wanted, made)
        return self._told(made)

    def get_resource_policy(self, *, resource_arn: str) -> dict[str, Any]:
        """A whole policy, with its revision id."""
        function, wanted = self._by_arn(resource_arn)
        return self._told(self._state.policies.of(function).get(wanted or ""))

    def delete_resource_policy(self, *, resource_arn: str, revision_id: str | None = None) -> dict[str, Any]:
        """Delete a whole policy."""
        function, wanted = self._by_arn(resource_arn)
        policy = self._state.policies.of(function).get(wanted or "")
        if policy is None:
            raise _no_policy()
        self._check_revision(function, wanted, policy, revision_id, call="GetResourcePolicy")
        del self._state.policies[function, wanted or ""]
        return {}

    def _put(self, function: str, qualifier: str | None, policy: PolicyRecord) -> None:
        """Keep a policy; one whose last statement is gone is none any more."""
        if policy.statements:
            self._state.policies[function, qualifier or ""] = policy
        else:
            del self._state.policies[function, qualifier or ""]

    def _by_arn(self, resource_arn: str) -> tuple[str, str | None]:
        parts = resource_arn.split(":")
        account = self._state.account
        if parts[3:6] != [account.region, account.account_id, "function"]:
            raise _no_resource()
        return self._subject(resource_arn, None)

    def _subject(self, function_name: str, qualifier: str | None) -> tuple[str, str | None]:
        """The function and qualifier that a policy is for. Raises `AwsError` where there is no such thing."""
        function, wanted = self._state.function(function_name, qualifier)
        if wanted == LATEST:
            raise invalid_parameter("We currently do not support adding policies for $LATEST.")
        if wanted is not None and not self._exists(function.name, wanted):
            arn = self._state.function_arn(function.name, wanted)
            if _ALIAS.fullmatch(wanted):
                raise AwsError("ResourceNotFoundException", f"Cannot find alias arn: {arn}", 404)
            raise not_found(arn)
        return function.name, wanted

    def _exists(self, function: str, qualifier: str) -> bool:
        state = self._state
        return (function, qualifier) in state.versions or (function, qualifier) in state.aliases

    def _check_revision(
        self,
        function: str,
        qualifier: str | None,
        policy: PolicyRecord | None,
        given: str | None,
        *,
        call: str = "GetPolicy",
    ) -> None:
        if given is None:
            return
        if policy is not None:
            latest = policy.revision_id
        elif (alias := self._state.aliases.of(function).get(qualifier or "")) is not None:
            latest = alias.revision_id
        else:
            version = self._state.versions[function, qualifier or LATEST]
            latest = version.revision(self._state.clock.now())
        if given != latest:
            raise stale_revision(call)

    def _told(self, policy: PolicyRecord | None) -> dict[str, Any]:
        if policy is None:
            raise _no_resource()
        return {"Policy": policy.text, "RevisionId": policy.revision_id}


def stale_revision(call: str) -> AwsError:
    """A revision id that is not the latest one, which ``call`` would tell."""
    return AwsError(
        "PreconditionFailedException",
        f"The Revision Id provided does not match the latest Revision Id. Call the {call} API to retrieve the "
        "latest Revision Id",
        412,
    )


def _no_policy() -> AwsError:
    return AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)


def _no_resource() -> AwsError:
    return AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
