"""Whether the conditions of a policy's statement hold for one request.

A request is told by its context: condition keys in lower case, each with one value or several. Policy variables
(``${aws:username}``) are not replaced.

Source: AWS IAM User Guide, reference_policies_elements_condition_operators and
reference_policies_condition-logic-multiple-context-keys-or-values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Context = Mapping[str, str | Sequence[str]]
_Matches = Callable[[str, str], bool]


def first_failing(condition: Any, context: Context) -> str | None:
    """The condition key that does not hold, as the policy spells it; None where all do."""
    if not isinstance(condition, Mapping):
        return None if condition is None else "Condition"
    for operator, tests in condition.items():
        if not isinstance(tests, Mapping):
            return str(operator)
        for key, expected in tests.items():
            if not _holds(str(operator), _texts(expected), context.get(str(key).lower())):
                return str(key)
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern, in which ``*`` is any characters and ``?`` one."""
    return _pattern(pattern).fullmatch(text) is not None


def is_operator(name: str) -> bool:
    """Whether IAM has an operator of this name."""
    _, plain = _split(name)
    plain = plain.removesuffix("IfExists")
    return plain == "Null" or plain in _OPERATORS


def _holds(name: str, expected: Sequence[str], given: str | Sequence[str] | None) -> bool:
    quantifier, operator = _split(name)
    if operator == "Null":
        return (given is None) == (expected == ["true"])
    if_exists = operator.endswith("IfExists")
    known = _OPERATORS.get(operator.removesuffix("IfExists"))
    if known is None:
        return False
    match, is_negated = known
    if given is None:
        return if_exists or quantifier == "ForAllValues" or (is_negated and quantifier != "ForAnyValue")

    def passes(value: str) -> bool:
        return any(match(each, value) for each in expected) != is_negated

    values = [given] if isinstance(given, str) else list(given)
    # A key with several values needs a quantifier; without one every value has to pass, as for a single one.
    return any(map(passes, values)) if quantifier == "ForAnyValue" else all(map(passes, values))


def _split(name: str) -> tuple[str, str]:
    quantifier, colon, operator = name.partition(":")
    return (quantifier, operator) if colon else ("", name)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _arn_like(pattern: str, arn: str) -> bool:
    """ARNs are compared part by part, so that a wildcard does not reach over a colon before the sixth part."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) == 6 and all(map(matches, wanted, given))


def _number(compare: Callable[[float, float], bool]) -> _Matches:
    def match(expected: str, given: str) -> bool:
        try:
            return compare(float(given), float(expected))
        except ValueError:
            return False

    return match


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _date(compare: Callable[[float, float], bool]) -> _Matches:
    def match(expected: str, given: str) -> bool:
        try:
            return compare(_moment(given), _moment(expected))
        except ValueError:
            return False

    return match


def _in_network(network: str, address: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _equals(expected: str, given: str) -> bool:
    return expected == given


def _equals_in_any_case(expected: str, given: str) -> bool:
    return expected.lower() == given.lower()


#: Each operator: how a value is compared with what is given, and whether it asks for the contrary.
_OPERATORS: Mapping[str, tuple[_Matches, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_in_any_case, False),
    "StringNotEqualsIgnoreCase": (_equals_in_any_case, True),
    "StringLike": (matches, False),
    "StringNotLike": (matches, True),
    "NumericEquals": (_number(lambda given, expected: given == expected), False),
    "NumericNotEquals": (_number(lambda given, expected: given == expected), True),
    "NumericLessThan": (_number(lambda given, expected: given < expected), False),
    "NumericLessThanEquals": (_number(lambda given, expected: given <= expected), False),
    "NumericGreaterThan": (_number(lambda given, expected: given > expected), False),
    "NumericGreaterThanEquals": (_number(lambda given, expected: given >= expected), False),
    "DateEquals": (_date(lambda given, expected: given == expected), False),
    "DateNotEquals": (_date(lambda given, expected: given == expected), True),
    "DateLessThan": (_date(lambda given, expected: given < expected), False),
    "DateLessThanEquals": (_date(lambda given, expected: given <= expected), False),
    "DateGreaterThan": (_date(lambda given, expected: given > expected), False),
    "DateGreaterThanEquals": (_date(lambda given, expected: given >= expected), False),
    "Bool": (_equals_in_any_case, False),
    "BinaryEquals": (_equals, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
}
