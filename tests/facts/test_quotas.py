"""The quotas' tables: whole, sourced, and what AWS and the deck say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from attrs import fields_dict

from lambdaform.errors import UsageError
from lambdaform.facts.quotas import PriceTier, Quotas, quotas
from lambdaform.facts.schemas import PROFILES, dated_table

#: What changed between the deck's date and today.
CHANGED: list[tuple[str, object, object]] = [
    ("memory_size_max", 3008, 10_240),
    ("memory_size_step", 64, 1),
    ("ephemeral_storage_max", 512, 10_240),
    ("payload_async_bytes", 256 * 1024, 1024 * 1024),
    ("scaling_environments", 500, 1000),
    ("scaling_period_s", 60, 10),
    ("scaling_scope", "account and region", "function"),
    ("sqs_concurrency_per_minute", 60, 300),
    ("billing_granularity_ms", 100, 1),
    ("init_is_billed", False, True),
    (
        "dead_letter_attributes",
        ("RequestId", "ErrorCode", "ErrorMessage"),
        ("RequestID", "ErrorCode", "ErrorMessage"),
    ),
]

#: What did not.
UNCHANGED: list[tuple[str, object]] = [
    ("memory_size_min", 128),
    ("memory_size_default", 128),
    ("timeout_max", 900),
    ("timeout_default", 3),
    ("ephemeral_storage_min", 512),
    ("ephemeral_storage_default", 512),
    ("environment_bytes", 4096),
    ("layers_per_function", 5),
    ("payload_sync_bytes", 6 * 1024 * 1024),
    ("zip_bytes", 50 * 1024 * 1024),
    ("unzipped_bytes", 250 * 1024 * 1024),
    ("resource_policy_bytes", 20 * 1024),
    ("account_concurrency", 1000),
    ("file_descriptors", 1024),
    ("processes", 1024),
    ("async_retries", 2),
    ("dead_letter_error_bytes", 1024),
    ("price_request_usd", 0.000_000_2),
    ("free_requests", 1_000_000),
]

#: What the deck does not say, so that today's value stands in.
TAKEN_FROM_TODAY: list[tuple[str, object]] = [
    ("subnets_max", 16),
    ("security_groups_max", 5),
    ("tags_max", 50),
    ("function_name_max", 64),
    ("unreserved_minimum", 100),
    ("init_seconds", 10),
    ("async_retry_delays_s", (60, 120)),
    ("async_event_age_s", 6 * 60 * 60),
]

ENTRIES = [
    pytest.param(entry, id=f"{profile}-{name}")
    for profile in PROFILES
    for name, entry in dated_table(profile)["quotas"].items()
]


@pytest.mark.parametrize(("name", "then", "now"), CHANGED)
def test_what_has_changed_since_the_deck_differs_by_profile(name: str, then: object, now: object) -> None:
    assert (getattr(quotas("2019-04-01"), name), getattr(quotas(), name)) == (then, now)


@pytest.mark.parametrize(("name", "value"), UNCHANGED + TAKEN_FROM_TODAY)
def test_everything_else_is_the_same_in_both_profiles(name: str, value: object) -> None:
    assert (getattr(quotas("2019-04-01"), name), getattr(quotas(), name)) == (value, value)


@pytest.mark.parametrize("name", [name for name, _ in TAKEN_FROM_TODAY])
def test_what_the_deck_does_not_say_is_not_put_in_its_mouth(name: str) -> None:
    entry = fields_dict(Quotas)[name].metadata["path"][0]
    assert entry not in dated_table("2019-04-01")["quotas"]


def test_compute_has_one_price_in_the_deck_and_tiers_today() -> None:
    assert quotas("2019-04-01").price_gb_s_usd == {"x86_64": (PriceTier(None, 0.000_016_67),)}
    tiers = quotas().price_gb_s_usd["arm64"]
    assert [tier.up_to_gb_s for tier in tiers] == [7_500_000_000, 18_750_000_000, None]


def test_the_deck_s_own_example_of_a_price_comes_out() -> None:
    deck = quotas("2019-04-01")
    price = 128 / 1024 * deck.billing_granularity_ms / 1000 * deck.price_gb_s_usd["x86_64"][0].usd
    assert price == pytest.approx(0.000_000_208, rel=0.01)


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no quota profile '2020'") as caught:
        quotas("2020")
    assert caught.value.right == "There are current, 2019-04-01."


def test_a_profile_is_made_once() -> None:
    assert quotas("2019-04-01") is quotas("2019-04-01")


def test_quotas_can_be_keys() -> None:
    assert len({quotas(), quotas("2019-04-01")}) == 2


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_has_a_value_a_unit_and_a_source(entry: dict[str, Any]) -> None:
    assert set(entry) <= {"value", "unit", "source", "note", "confidence"}
    assert entry["value"] is not None
    assert entry["unit"]
    assert entry["source"]
    assert all(isinstance(source, str) and source for source in entry["source"])


@pytest.mark.parametrize("entry", ENTRIES)
def test_sources_are_publications_and_no_places_on_a_machine(entry: dict[str, Any]) -> None:
    text = json.dumps([entry["source"], entry.get("note", "")])
    assert not re.search(r"(?<!\w)/\w+/|[A-Z]:\\|file:|localhost", text)


@pytest.mark.parametrize("profile", PROFILES)
def test_entries_are_in_order(profile: str) -> None:
    names = list(dated_table(profile)["quotas"])
    assert names == sorted(names)
