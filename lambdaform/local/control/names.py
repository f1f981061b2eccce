"""Function names in every form that Lambda takes: name, partial and full ARN, each with a qualifier.

Source: Lambda API Reference, Invoke, FunctionName and Qualifier; deck section C6; recorded answers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from lambdaform.local.errors import AwsError, invalid_parameter, not_found

_FORM = re.compile(
    r"(?:arn:(?P<partition>aws[a-zA-Z-]*)?:lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-[0-9]):)?"
    r"(?:(?P<account>[0-9]{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_LONGEST = 256
#: The pattern of the API's NamespacedFunctionName, as its errors have it.
_PATTERN = (
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?"
    "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@frozen
class FunctionName:
    """A function's name and, where it was said, a version or alias."""

    name: str
    qualifier: str | None


@lru_cache(maxsize=1024)
def parse_name(
    text: str,
    qualifier: str | None,
    *,
    region: str,
    account: str | None = None,
    partition: str | None = None,
) -> FunctionName:
    """The name in any form, with the qualifier that goes with it. Raises `AwsError` as Lambda does.

    ``region``, ``account`` and ``partition`` are the service's own: it has no others' functions.
    """
    found = _FORM.fullmatch(text)
    if not found or len(text) > _LONGEST:
        wrong = (
            f"length less than or equal to {_LONGEST}" if found else f"regular expression pattern: {_PATTERN}"
        )
        have = "have" if found else "satisfy"
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{text[:1000]}' at 'functionName' failed to satisfy constraint: "
            f"Member must {have} {wrong}",
            400,
        )
    if found["region"] and found["region"] != region:
        message = f"Functions from '{found['region']}' are not reachable in this region ('{region}')"
        raise AwsError("ResourceNotFoundException", message, 404)
    if account is not None and found["account"] and found["account"] != account:
        message = f"Functions of the account {found['account']} are not reachable from this one ({account})."
        raise AwsError("AccessDeniedException", message, 403)
    if partition is not None and found["partition"] and found["partition"] != partition:
        raise not_found(text)
    own = found["qualifier"]
    if own and qualifier and own != qualifier:
        raise invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return FunctionName(found["name"], own or qualifier)


#: A tenant's id (Lambda API Reference, Invoke, TenantId).
_TENANT, _TENANT_LENGTH = re.compile(r"[a-zA-Z0-9\._:\/=+\-@ ]+"), 256


def check_tenant_id(text: str) -> None:
    """Raise `AwsError` where a text is no tenant's id."""
    if len(text) > _TENANT_LENGTH:
        constraint = f"Member must have length less than or equal to {_TENANT_LENGTH}"
    elif not _TENANT.fullmatch(text):
        constraint = f"Member must satisfy regular expression pattern: {_TENANT.pattern}"
    else:
        return
    message = f"1 validation error detected: Value '{text}' at 'tenantId' failed to satisfy constraint: {constraint}"
    raise AwsError("ValidationException", message, 400)
