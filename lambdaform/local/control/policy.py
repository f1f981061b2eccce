"""Resource policies: documents of statements on functions, versions, aliases and layer versions, with their rules.

Source: AWS Lambda Developer Guide, access-control-resource-based; statements and errors as recorded from AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from lambdaform.local.access.conditions import is_operator
from lambdaform.local.access.statements import Statement, principals, texts
from lambdaform.local.errors import AwsError, invalid_parameter

#: The most bytes of a policy (AWS Lambda Developer Guide, gettingstarted-limits).
LIMIT = 20_480
_VERSIONS = ("2012-10-17", "2008-10-17")
_SERVICE = re.compile(
    r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)"
)
_IDENTITY = re.compile(
    r"arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|(?:user|role|federated-user)/\S+)|sts::\d{12}:(?:assumed-role|federated-user)/\S+)"
)


@frozen(kw_only=True)
class PolicyRecord:
    """A resource's policy: the document as AWS writes it, and the id that changes with it."""

    document: Mapping[str, Any]
    revision_id: str

    @property
    def statements(self) -> Sequence[Statement]:
        """Its statements."""
        found: Sequence[Statement] = self.document["Statement"]
        return found

    @property
    def text(self) -> str:
        """The document as AWS tells it."""
        return written(self.document)

    def with_statement(self, statement: Statement, revision_id: str) -> PolicyRecord:
        """The policy with one more. Raises `AwsError` where it has one of that id, or grows too large."""
        sid = statement["Sid"]
        if any(each.get("Sid") == sid for each in self.statements):
            raise AwsError(
                "ResourceConflictException",
                f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove "
                "the existing statement.",
                409,
            )
        return self._of([*self.statements, statement], revision_id)

    def without_statement(self, sid: str, revision_id: str) -> PolicyRecord:
        """The policy without one. Raises `AwsError` where it has none of that id."""
        left = [each for each in self.statements if each.get("Sid") != sid]
        if len(left) == len(self.statements):
            raise AwsError(
                "ResourceNotFoundException", f"Statement {sid} is not found in resource policy.", 404
            )
        return self._of(left, revision_id)

    def _of(self, statements: Sequence[Statement], revision_id: str) -> PolicyRecord:
        made = evolve(self, document={**self.document, "Statement": statements}, revision_id=revision_id)
        check_size(made.text)
        return made


def empty_policy() -> PolicyRecord:
    """A policy without statements, to which some are added."""
    return PolicyRecord(document={"Version": _VERSIONS[0], "Id": "default", "Statement": []}, revision_id="")


def written(document: Mapping[str, Any]) -> str:
    """A document or statement as AWS writes it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def check_size(text: str) -> None:
    """Raise `AwsError` where a policy is too large."""
    size = len(text.encode())
    if size > LIMIT:
        raise AwsError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({LIMIT}).",
            400,
        )


def rendered_principal(principal: str, partition: str) -> str | dict[str, str]:
    """A principal as it stands in a statement. Raises `AwsError` for one that is none."""
    if principal == "*":
        return "*"
    if re.fullmatch(r"\d{12}", principal):
        return {"AWS": f"arn:{partition}:iam::{principal}:root"}
    if _IDENTITY.fullmatch(principal):
        return {"AWS": principal}
    if _SERVICE.fullmatch(principal):
        return {"Service": principal}
    raise invalid_parameter("The provided principal was invalid. Please check the principal and try again.")


def parsed_policy(text: str, resource_arn: str) -> dict[str, Any]:
    """A whole policy that somebody wrote, for a function, version or alias. Raises `AwsError` for one that is wrong.

    AWS's sentences on wrong policies are not documented; these say what is wrong.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid_parameter(f"The policy is not valid JSON: {error}.") from error
    if not isinstance(document, dict):
        raise invalid_parameter("The policy must be a JSON object.")
    if document.get("Version", _VERSIONS[1]) not in _VERSIONS:
        raise invalid_parameter("The policy's Version must be 2012-10-17 or 2008-10-17.")
    given = document.get("Statement")
    statements = [given] if isinstance(given, dict) else given
    if not isinstance(statements, list) or not statements:
        raise invalid_parameter("The policy must have at least one Statement.")
    sids: set[str] = set()
    for number, statement in enumerate(statements, 1):
        _check_statement(statement, number, resource_arn)
        sid = statement.get("Sid")
        if sid is not None and sid in sids:
            raise invalid_parameter(f"The policy has two statements with the Sid {sid}.")
        sids.add(sid)
    document = {**document, "Statement": statements}
    check_size(written(document))
    return document


def _check_statement(statement: Any, number: int, resource_arn: str) -> None:
    where = f"Statement {number} of the policy"
    if not isinstance(statement, dict):
        raise invalid_parameter(f"{where} must be a JSON object.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise invalid_parameter(f"{where}: Effect must be Allow or Deny.")
    for element in ("Principal", "Action", "Resource"):
        if (element in statement) == (f"Not{element}" in statement):
            raise invalid_parameter(f"{where} must have {element} or Not{element}, and one of them only.")
    whose = statement.get("Principal", statement.get("NotPrincipal"))
    if whose != "*" and not (isinstance(whose, dict) and whose):
        raise invalid_parameter(
            f'{where}: Principal must be "*" or a JSON object of principals by their kind.'
        )
    for kind, principal in principals(whose):
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise invalid_parameter(f"{where}: Principal has the kind {kind}, which IAM does not know.")
        if kind in ("AWS", "Service") and principal != "*":
            rendered_principal(principal, "aws")
    for action in texts(statement.get("Action", statement.get("NotAction"))):
        if action != "*" and not action.lower().startswith("lambda:"):
            raise invalid_parameter(f"{where}: the action {action} is none of Lambda's.")
    function_arn = ":".join(resource_arn.split(":")[:7])
    for resource in texts(statement.get("Resource", statement.get("NotResource"))):
        if resource != "*" and ":".join(resource.split(":")[:7]) != function_arn:
            raise invalid_parameter(f"{where}: the resource {resource} is not {function_arn}.")
    _check_condition(statement.get("Condition"), where)


def _check_condition(condition: Any, where: str) -> None:
    if condition is None:
        return
    if not isinstance(condition, dict):
        raise invalid_parameter(f"{where}: Condition must be a JSON object.")
    for operator, tests in condition.items():
        if not is_operator(operator):
            raise invalid_parameter(f"{where}: IAM has no condition operator {operator}.")
        if not isinstance(tests, dict):
            raise invalid_parameter(f"{where}: the condition {operator} must have keys and values.")
