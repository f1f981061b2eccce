"""The 2019 table is what the deck says: every entry, against the numbers as they were read in the deck.

The sections are those of "Let's Dive Deep into AWS Lambda" (2019-04-09), in its order.
"""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.facts.runtimes import Runtime, runtimes
from lambdaform.facts.schemas import dated_table

KB, MB = 1024, 1024 * 1024

#: Entry, the members that the deck states, and the deck's section. Members left out are the API's, and the note says so.
DECK: dict[str, tuple[Any, str]] = {
    "memory": ({"min": 128, "max": 3008, "step": 64}, "B2, B12: 128 MB to 3008 MB in steps of 64 MB"),
    "timeout": ({"max": 900}, "B2, B12: 900 seconds"),
    "network_interface_creation": ({"min": 10, "max": 60}, "B8: 10-60 s; B11: 10-30 s"),
    "network_interface_demand": (
        "peak concurrent executions * (memory in GB / 3 GB)",
        "B8: Projected peak concurrent executions * (Memory in GB / 3GB)",
    ),
    "account_concurrency": (1000, "B10, B12: 1000"),
    "async_throttle_tolerance": ({"min": 15 * 60, "max": 30 * 60}, "B10: 15 to 30 minutes"),
    "parallelization_factor": ({"max": 1}, "B10: as many as there are shards"),
    "sqs_scaling": ({"initial_concurrent": 5, "added_per_minute": 60}, "B10: 5, and 60 more a minute"),
    "scaling": ({"burst": 1000, "environments": 500, "per_seconds": 60}, "B10: Tokyo 1000, +500 a minute"),
    "init_is_billed": (False, "B11: step 5 is not part of Duration"),
    "code_storage": (75, "B12: 75 GB"),
    "environment_size": (4 * KB, "B12, C5: 4 KB"),
    "resource_policy_size": (20 * KB, "B12: 20 KB"),
    "layers_per_function": (5, "B12, C7: 5 layers"),
    "payload_sync": (6 * MB, "B12: 6 MB synchronous"),
    "payload_async": (256 * KB, "B12: 256 KB asynchronous"),
    "zip_size": (50 * MB, "B12: 50 MB zipped"),
    "unzipped_size": (250 * MB, "B12: 250 MB unzipped, layers included"),
    "console_upload": (3, "B12: 3 MB in the console's editor"),
    "console_test_events": (10, "B12: 10"),
    "ephemeral_storage": ({"max": 512}, "B12: /tmp 512 MB"),
    "file_descriptors": (1024, "B12: 1024"),
    "processes": (1024, "B12: 1024"),
    "free_tier": ({"requests": 1_000_000}, "B13: the first 1,000,000 requests of a month"),
    "price_request": (0.0000002, "B13: $0.20 a million"),
    "price_gb_s": (
        {"x86_64": [{"up_to_gb_s": None, "usd": 0.00001667}]},
        "B13: $0.00001667 for 1 GB and one second",
    ),
    "billing_granularity": (100, "B13: in units of 100 ms, rounded up"),
    "async_retries": ({"max": 2, "default": 2}, "B7, C9: two automatic retries"),
    "stream_retry": (
        {"max_retry_attempts": {"min": -1, "max": -1, "default": -1}},
        "B7: until the data expires",
    ),
    "environment_name_pattern": ("[a-zA-Z][a-zA-Z0-9_]*", "C5: starts with a letter; letters, digits, _"),
    "alias_routing_versions": (2, "C6: two versions"),
    "dead_letter_attributes": (["RequestId", "ErrorCode", "ErrorMessage"], "C9"),
    "dead_letter_error_message": (1 * KB, "C9: the first 1 KB"),
    "kinesis_shards_tokyo": (200, "C11: Tokyo 200 shards"),
    "xray_daemon_memory": ({"max_mb": 16, "or_fraction": 0.03}, "C11: 16 MB or 3 % of the memory"),
    "schedule_interval_min": (60, "C13: at least one minute"),
}  # fmt: skip


@pytest.mark.parametrize("name", DECK)
def test_an_entry_is_what_the_deck_says(name: str) -> None:
    value, _ = DECK[name]
    entry = dated_table("2019-04-01")["quotas"][name]["value"]
    if isinstance(value, dict) and name != "price_gb_s":
        entry = {member: entry[member] for member in value}
    assert entry == value


def test_no_entry_is_unverified_and_each_names_the_deck() -> None:
    table = dated_table("2019-04-01")["quotas"]
    assert table.keys() == DECK.keys()
    assert all(entry["source"] == ["deck"] for entry in table.values())


def test_the_runtimes_are_the_deck_s_languages() -> None:
    # B1: Python 2.7, 3.6, 3.7; Node.js 6.10, 8.10; .NET Core 1.0, 2.0, 2.1; Go 1.x; Java 8; Ruby 2.5; custom runtimes.
    assert set(runtimes("2019-04-01")) == {
        Runtime.PYTHON_2_7,
        Runtime.PYTHON_3_6,
        Runtime.PYTHON_3_7,
        Runtime.NODEJS_6_10,
        Runtime.NODEJS_8_10,
        Runtime.DOTNETCORE_1_0,
        Runtime.DOTNETCORE_2_0,
        Runtime.DOTNETCORE_2_1,
        Runtime.GO1_X,
        Runtime.JAVA8,
        Runtime.RUBY_2_5,
        Runtime.PROVIDED,
    }
