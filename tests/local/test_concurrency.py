"""How many invocations may be in flight: the account's limit, and reservations."""

from __future__ import annotations

import pytest
from attrs import evolve

from lambdaform.facts.quotas import quotas
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.errors import AwsError

ACCOUNT = "ConcurrentInvocationLimitExceeded"
RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"


def concurrency(limit: int = 3) -> Concurrency:
    return Concurrency(evolve(quotas(), account_concurrency=limit))


def refusal(of: Concurrency, name: str) -> AwsError:
    with pytest.raises(AwsError) as raised:
        of.enter(name)
    return raised.value


def test_up_to_the_accounts_limit_all_may_enter() -> None:
    counting = concurrency(2)
    counting.enter("A")
    counting.enter("B")
    assert refusal(counting, "A").extra == {"Reason": ACCOUNT}


def test_a_refusal_is_aws_s_429() -> None:
    error = refusal(concurrency(0), "A")
    assert (error.code, error.status, error.message) == ("TooManyRequestsException", 429, "Rate Exceeded.")


def test_who_leaves_makes_room() -> None:
    counting = concurrency(1)
    counting.enter("A")
    counting.leave("A")
    counting.enter("B")
    assert refusal(counting, "B").status == 429


def test_a_reservation_is_its_functions_limit() -> None:
    counting = concurrency()
    counting.reserve({"A": 1})
    counting.enter("A")
    assert refusal(counting, "A").extra == {"Reason": RESERVED}


def test_a_reservation_is_its_functions_guarantee() -> None:
    counting = concurrency(3)
    counting.reserve({"A": 1})
    counting.enter("B")
    counting.enter("B")
    assert refusal(counting, "B").extra == {"Reason": ACCOUNT}
    counting.enter("A")


def test_a_reservation_of_0_lets_nothing_in() -> None:
    counting = concurrency()
    counting.reserve({"A": 0})
    assert refusal(counting, "A").extra == {"Reason": RESERVED}


def test_what_is_in_flight_when_a_reservation_comes_is_counted_by_it() -> None:
    counting = concurrency(3)
    counting.enter("A")
    counting.enter("B")
    counting.reserve({"A": 1})
    assert refusal(counting, "A").extra == {"Reason": RESERVED}
    counting.enter("B")
    assert refusal(counting, "B").extra == {"Reason": ACCOUNT}


def test_what_is_set_aside_is_there_once_others_have_ended_that_ran_before() -> None:
    counting = concurrency(2)
    counting.enter("B")
    counting.enter("B")
    counting.reserve({"A": 1})
    assert refusal(counting, "A").extra == {"Reason": ACCOUNT}
    counting.leave("B")
    counting.enter("A")


def test_what_is_in_flight_when_a_reservation_goes_is_counted_by_the_account() -> None:
    counting = concurrency(1)
    counting.reserve({"A": 1})
    counting.enter("A")
    counting.reserve({})
    assert refusal(counting, "B").extra == {"Reason": ACCOUNT}
    counting.leave("A")
    counting.enter("B")
