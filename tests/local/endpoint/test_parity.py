"""The page on Lambda's API says of every operation whether it is served, and of each that is not, why."""

from __future__ import annotations

from docs import parity
from lambdaform.facts.service_model import service_model


def test_what_is_not_served_has_a_reason_and_is_an_operation() -> None:
    assert service_model().operations.keys() - parity.served() == parity.ABSENT.keys()


def test_what_is_stored_is_served() -> None:
    assert parity.STORED.keys() <= parity.served()


def test_the_page_names_every_operation() -> None:
    rows = [line.split("|")[1].strip() for line in parity.page().splitlines() if line.startswith("| `")]
    assert rows == [f"`{name}`" for name in service_model().operations]
