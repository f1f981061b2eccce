"""Function names in every form that Lambda takes: name, partial and full ARN, each with a qualifier.

Source: Lambda API Reference, Invoke, FunctionName; deck section C6.
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from lambdaform.local.errors import AwsError, invalid_parameter

_FORM = re.compile(
    r"(?:arn:(?P<partition>aws[a-zA-Z-]*):lambda:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)


@frozen
class FunctionName:
    """A function's name and, where it was said, a version or alias."""

    name: str
    qualifier: str | None


@lru_cache(maxsize=1024)
def parse_name(text: str, qualifier: str | None, *, region: str) -> FunctionName:
    """The name in any form, with the qualifier that goes with it. Raises `AwsError` as Lambda does."""
    found = _FORM.fullmatch(text)
    if not found or len(text) > 170:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{text[:200]}' at 'functionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-"
            "\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
            400,
        )
    if found["region"] and found["region"] != region:
        message = f"Functions from '{found['region']}' are not reachable in this region ('{region}')"
        raise AwsError("ResourceNotFoundException", message, 404)
    own = found["qualifier"]
    if own and qualifier and own != qualifier:
        raise invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return FunctionName(found["name"], own or qualifier)
