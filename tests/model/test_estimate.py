"""Estimates: the deck's formulas, AWS's worked examples, and what must hold for every traffic."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from lambdaform import (
    EventSourceMapping,
    Function,
    KinesisEvent,
    LambdaFunction,
    Queue,
    Runtime,
    ScalingConfig,
    SqsEvent,
    Stack,
    Traffic,
    VpcConfig,
    estimate,
    ref,
)
from lambdaform.errors import DefinitionError, UsageError
from lambdaform.facts.quotas import quotas
from lambdaform.model.price import HOURS_PER_MONTH

MONTH_S = HOURS_PER_MONTH * 3600
OLD: Literal["2019-04-01"] = "2019-04-01"
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
VPC = VpcConfig(subnet_ids=["subnet-1", "subnet-2", "subnet-3"], security_group_ids=["sg-1"])


def function(name: str = "Fn", **properties: Any) -> Function:
    given = {"runtime": Runtime.PYTHON_3_13, "handler": "app.handler", "code_uri": "src", "timeout": 900}
    return Function(name, **{**given, **properties})


# Concurrency


@pytest.mark.parametrize(
    ("rate", "duration_ms", "concurrency"),
    [
        (100, 1000, 100),  # the four examples of lambda-concurrency, "Calculating concurrency"
        (100, 500, 50),
        (200, 250, 50),
        (5000, 200, 1000),
        (0, 200, 0),
        (1, 1, 1),
    ],
)
def test_concurrency_is_requests_per_second_times_duration(
    rate: float, duration_ms: float, concurrency: int
) -> None:
    made = function().estimate(requests_per_second=rate, duration_ms=duration_ms)
    assert (made.concurrency, made.excess_per_second) == (concurrency, 0)


def test_short_requests_are_limited_by_their_number() -> None:
    # lambda-concurrency, "Understanding concurrency and requests per second": a limit of 1,000 takes 10,000 requests
    # a second, also where their concurrency is 400 only.
    made = function().estimate(requests_per_second=20_000, duration_ms=20)
    assert (made.concurrency, made.excess_per_second) == (2000, 10_000)


def test_what_goes_over_the_limit_is_throttled() -> None:
    made = function().estimate(requests_per_second=3000, duration_ms=500)
    assert (made.concurrency, made.limit, made.limited_by) == (1500, 1000, "account")
    assert made.excess_per_second == pytest.approx(1000)


def test_reserved_concurrency_is_the_limit() -> None:
    made = function(reserved_concurrent_executions=100).estimate(requests_per_second=400, duration_ms=500)
    assert (made.limit, made.limited_by) == (100, "reserved concurrency")
    assert made.excess_per_second == pytest.approx(200)


def test_an_account_may_have_another_limit() -> None:
    made = function().estimate(requests_per_second=4000, duration_ms=500, account_concurrency=10_000)
    assert (made.concurrency, made.excess_per_second) == (2000, 0)


# Streams and queues


def test_a_stream_has_as_many_at_once_as_shards() -> None:
    # Deck, B10.
    events = {"Clicks": KinesisEvent(STREAM, starting_position="LATEST")}
    made = function(events=events).estimate(shards=200, duration_ms=500, profile=OLD)
    assert (made.concurrency, made.limited_by, made.excess_per_second) == (200, "shards", 0)


def test_batches_of_a_shard_may_be_under_way_at_once() -> None:
    events = {"Clicks": KinesisEvent(STREAM, starting_position="LATEST", parallelization_factor=10)}
    assert function(events=events).estimate(shards=20, duration_ms=500).concurrency == 200


def test_a_stream_that_gets_more_than_it_handles_falls_behind() -> None:
    # 1,000 records/s in batches of 100 are 10 batches/s; one shard handles two of 500 ms.
    made = function().estimate(shards=1, records_per_second=1000, duration_ms=500)
    assert made.invocations_per_second == 10
    assert made.excess_per_second == pytest.approx(8)
    assert made.requests == pytest.approx(2 * MONTH_S)


def test_a_queue_s_messages_come_in_batches() -> None:
    events = {"Jobs": SqsEvent("arn:aws:sqs:eu-west-1:123456789012:jobs", batch_size=5)}
    made = function(events=events).estimate(messages_per_second=100, duration_ms=1000)
    assert (made.invocations_per_second, made.concurrency) == (20, 20)


@pytest.mark.parametrize(
    ("profile", "seconds"),
    [
        (OLD, 16 * 60),  # deck, B10: 5 at first, 60 more each minute; 965 to go
        ("current", 4 * 60),  # services-sqs-scaling: 300 more each minute
    ],
)
def test_pollers_of_a_queue_grow_by_the_minute(profile: Any, seconds: float) -> None:
    made = function().estimate(
        messages_per_second=9650, duration_ms=1000, profile=profile, account_concurrency=3000
    )
    assert (made.concurrency, made.scale_up_s) == (965, seconds)


def test_a_maximum_concurrency_keeps_messages_in_the_queue() -> None:
    scaling = ScalingConfig(maximum_concurrency=2)
    events = {"Jobs": SqsEvent("arn:aws:sqs:eu-west-1:123456789012:jobs", scaling_config=scaling)}
    made = function(events=events).estimate(messages_per_second=50, duration_ms=1000)
    assert (made.limit, made.limited_by) == (2, "maximum concurrency")
    assert made.excess_per_second == pytest.approx(3)


# Scaling


@pytest.mark.parametrize(
    ("profile", "concurrency", "seconds"),
    [
        (OLD, 1000, 0),  # deck, B10: 1,000 at once in Tokyo, then 500 more each minute
        (OLD, 1001, 60),
        (OLD, 10_000, 18 * 60),
        ("current", 1000, 0),  # scaling-behavior: 1,000 each 10 s for each function
        ("current", 10_000, 90),
    ],
)
def test_environments_grow_by_the_scaling_rate(profile: Any, concurrency: int, seconds: float) -> None:
    made = function().estimate(
        requests_per_second=concurrency, duration_ms=1000, profile=profile, account_concurrency=20_000
    )
    assert (made.concurrency, made.scale_up_s) == (concurrency, seconds)


def test_provisioned_environments_need_not_be_started() -> None:
    made = function(provisioned_concurrency_config=1000).estimate(
        requests_per_second=2000, duration_ms=1000, account_concurrency=5000
    )
    assert made.scale_up_s == 0


# Network interfaces


@pytest.mark.parametrize(
    ("memory", "concurrency", "interfaces"),
    [(3072, 100, 100), (1536, 100, 50), (1024, 100, 34), (512, 1000, 167), (128, 1, 1)],
)
def test_interfaces_grew_with_concurrency_and_memory(memory: int, concurrency: int, interfaces: int) -> None:
    # Deck, B8: projected peak concurrent executions * (memory in GB / 3 GB).
    made = function(vpc_config=VPC, memory_size=memory).estimate(
        requests_per_second=concurrency, duration_ms=1000, profile=OLD
    )
    assert made.network_interfaces == interfaces == math.ceil(concurrency * memory / 1024 / 3)
    assert made.network_interface_wait_s == (10, 60)


def test_interfaces_are_one_for_each_subnet_today() -> None:
    made = function(vpc_config=VPC, memory_size=3072).estimate(requests_per_second=500, duration_ms=1000)
    assert (made.network_interfaces, made.network_interface_wait_s) == (3, None)


def test_without_a_vpc_there_are_no_interfaces() -> None:
    assert function().estimate(requests_per_second=5, duration_ms=10, profile=OLD).network_interfaces == 0


def test_subnets_that_a_deployment_chooses_are_not_counted() -> None:
    vpc = VpcConfig(subnet_ids=ref("Subnets"), security_group_ids=["sg-1"])
    made = function(vpc_config=vpc).estimate(requests_per_second=5, duration_ms=10)
    assert made.network_interfaces is None
    assert "known at deployment" in str(made)


def test_functions_in_the_same_subnets_share_interfaces() -> None:
    stack = Stack("shop")
    other = VpcConfig(subnet_ids=["subnet-1", "subnet-2", "subnet-3"], security_group_ids=["sg-2"])
    for name, vpc in (("A", VPC), ("B", VPC), ("C", other)):
        stack.add(function(name, vpc_config=vpc))
    traffic = {name: Traffic(requests_per_second=1, duration_ms=10) for name in "ABC"}
    assert estimate(stack, traffic).network_interfaces == 6


# Price


def test_the_deck_s_price_of_128_mb_for_100_ms() -> None:
    # Deck, B13: about $0.000000208, and $0.0000002 for the request.
    made = function(memory_size=128).estimate(requests_per_second=1, duration_ms=42, profile=OLD)
    assert made.billed_ms == 100
    assert made.price.compute / made.requests == pytest.approx(0.000_000_208, rel=0.01)
    assert made.price.requests / made.requests == pytest.approx(0.000_000_2)


def test_the_deck_s_price_of_1_gb_for_1_s() -> None:
    made = function(memory_size=1024).estimate(requests_per_second=1, duration_ms=1000, profile=OLD)
    assert made.price.compute / made.requests == pytest.approx(0.000_016_67)


@pytest.mark.parametrize(
    ("duration_ms", "then", "now"), [(1, 100, 1), (100, 100, 100), (100.2, 200, 101), (1499.9, 1500, 1500)]
)
def test_durations_are_rounded_up(duration_ms: float, then: float, now: float) -> None:
    for profile, billed in ((OLD, then), ("current", now)):
        made = function().estimate(
            requests_per_second=1,
            duration_ms=duration_ms,
            profile=profile,  # type: ignore[arg-type]  # one of the two
        )
        assert made.billed_ms == billed


def test_cold_starts_are_billed_today_and_were_not() -> None:
    traffic: dict[str, Any] = {
        "requests_per_second": 1,
        "duration_ms": 100,
        "cold_starts": 0.1,
        "init_ms": 500,
    }
    assert function().estimate(**traffic).billed_ms == pytest.approx(150)
    assert function().estimate(**traffic, profile=OLD).billed_ms == 100


def test_a_month_of_a_million_free_requests_costs_nothing() -> None:
    rate = 900_000 / MONTH_S
    made = function(memory_size=128).estimate(requests_per_second=rate, duration_ms=100, free_tier=True)
    assert made.price.total == 0


def test_gb_seconds_go_through_the_tiers() -> None:
    # 10 GB for a second, 1,000 times a second: 26.28e9 GB-seconds, over all three tiers of x86_64.
    made = function(memory_size=10_240).estimate(requests_per_second=1000, duration_ms=1000)
    first, second, third = quotas().price_gb_s_usd["x86_64"]
    expected = 6e9 * first.usd + 9e9 * second.usd + (made.gb_s - 15e9) * third.usd
    assert made.gb_s == pytest.approx(26.28e9)
    assert made.price.compute == pytest.approx(expected)


def test_arm64_costs_a_fifth_less() -> None:
    prices = [
        function(architectures=[each]).estimate(requests_per_second=10, duration_ms=100).price.compute
        for each in ("x86_64", "arm64")
    ]
    assert prices[1] / prices[0] == pytest.approx(0.8, rel=0.001)


def test_arm64_had_no_price_in_2019() -> None:
    with pytest.raises(DefinitionError, match="no price for arm64 as of 2019-04-01"):
        function(architectures=["arm64"]).estimate(requests_per_second=1, duration_ms=1, profile=OLD)


def test_storage_above_512_mb_is_paid_for() -> None:
    made = function(ephemeral_storage=1536).estimate(requests_per_second=1, duration_ms=1000)
    assert made.price.ephemeral_storage == pytest.approx(MONTH_S * 1 * 3.09e-8)


def test_provisioned_concurrency_is_paid_for_whether_it_is_used_or_not() -> None:
    made = function(memory_size=1024, provisioned_concurrency_config=10).estimate(
        requests_per_second=0, duration_ms=1000
    )
    assert made.price.total == pytest.approx(10 * MONTH_S * 4.1667e-6)


def test_what_provisioned_environments_serve_has_its_own_price() -> None:
    made = function(memory_size=1024, provisioned_concurrency_config=5).estimate(
        requests_per_second=10, duration_ms=1000
    )
    assert made.price.compute == pytest.approx(5 * MONTH_S * 1.66667e-5)
    assert made.price.provisioned_concurrency == pytest.approx(5 * MONTH_S * (4.1667e-6 + 9.7222e-6))


def test_what_is_throttled_is_not_paid_for() -> None:
    made = function(reserved_concurrent_executions=1).estimate(requests_per_second=10, duration_ms=1000)
    assert made.requests == pytest.approx(MONTH_S)


# A stack


def test_the_deck_s_split_of_the_account_s_concurrency() -> None:
    # Deck, C4: of 1,000, A has 100 and B 200; 700 are left for the others.
    stack = Stack("shop")
    stack.add(function("A", reserved_concurrent_executions=100))
    stack.add(function("B", reserved_concurrent_executions=200))
    stack.add(function("C"))
    made = estimate(stack, {"C": Traffic(requests_per_second=1000, duration_ms=1000)})
    assert (made.reserved, made.unreserved_limit, made.functions[0].limit) == (300, 700, 700)
    assert made.throttled_per_second == pytest.approx(300)


def test_functions_share_what_is_too_little() -> None:
    stack = Stack("shop")
    stack.add(function("A"))
    stack.add(function("B"))
    traffic = {
        "A": Traffic(requests_per_second=900, duration_ms=1000),
        "B": Traffic(requests_per_second=900, duration_ms=1000),
    }
    made = estimate(stack, traffic)
    assert [each.limit for each in made.functions] == [500, 500]
    assert made.throttled_per_second == pytest.approx(800)


def test_globals_are_a_function_s_settings() -> None:
    stack = Stack("shop")
    stack.globals_for(Function, memory_size=2048, timeout=20, architectures=["arm64"])
    stack.add(Function("Fn", runtime=Runtime.PYTHON_3_13, handler="app.handler", code_uri="src"))
    [made] = estimate(stack, {"Fn": Traffic(requests_per_second=1, duration_ms=10_000)}).functions
    assert (made.memory_mb, made.architecture) == (2048, "arm64")


def test_what_globals_reserve_is_taken_from_the_accounts_concurrency() -> None:
    stack = Stack("shop")
    stack.globals_for(Function, reserved_concurrent_executions=100)
    stack.add(Function("Other", handler="app.handler", runtime=Runtime.PYTHON_3_13, code_uri="src"))
    stack.add(function(ignore_globals="*"))
    assert estimate(stack, {"Fn": Traffic(requests_per_second=1, duration_ms=100)}).unreserved_limit == 900


def test_globals_that_a_function_ignores_are_not() -> None:
    stack = Stack("shop")
    stack.globals_for(Function, memory_size=2048)
    stack.add(function(ignore_globals=["MemorySize"]))
    [made] = estimate(stack, {"Fn": Traffic(requests_per_second=1, duration_ms=10)}).functions
    assert made.memory_mb == 128


def test_mappings_of_plain_cloudformation_say_the_batch() -> None:
    stack = Stack("shop")
    queue = stack.add(Queue("Jobs"))
    worker = stack.add(
        LambdaFunction(
            "Worker",
            runtime=Runtime.PYTHON_3_13,
            handler="app.handler",
            code="src",
            timeout=60,
            role="arn:aws:iam::123456789012:role/worker",
        )
    )
    stack.add(EventSourceMapping("Poll", function_name=worker, event_source_arn=queue, batch_size=2))
    [made] = estimate(stack, {"Worker": Traffic(messages_per_second=10, duration_ms=1000)}).functions
    assert made.invocations_per_second == 5


def test_the_stack_s_profile_is_the_estimate_s() -> None:
    stack = Stack("shop", profile="2019-04-01")
    stack.add(function())
    made = estimate(stack, {"Fn": Traffic(requests_per_second=1, duration_ms=1)})
    assert made.functions[0].billed_ms == 100


def test_prices_of_a_stack_go_through_the_tiers_and_the_free_tier_once() -> None:
    stack = Stack("shop")
    stack.add(function("A"))
    stack.add(function("B"))
    rate = 600_000 / MONTH_S
    traffic = {name: Traffic(requests_per_second=rate, duration_ms=100) for name in "AB"}
    made = estimate(stack, traffic, free_tier=True)
    assert made.price.requests == pytest.approx(200_000 * 2e-7)


# What cannot be estimated


def test_an_unknown_function_is_told_with_the_nearest_name() -> None:
    stack = Stack("shop")
    stack.add(function("Checkout"))
    with pytest.raises(UsageError, match="no function 'Chekout'"):
        estimate(stack, {"Chekout": Traffic(requests_per_second=1, duration_ms=1)})


@pytest.mark.parametrize(
    ("traffic", "message"),
    [
        ({}, "The traffic has no rate"),
        ({"requests_per_second": 1, "shards": 1}, "requests_per_second and shards"),
        ({"requests_per_second": -1}, "requests_per_second is -1"),
        ({"requests_per_second": math.nan}, "requests_per_second is nan"),
        ({"requests_per_second": math.inf}, "requests_per_second is inf"),
        ({"requests_per_second": True}, "requests_per_second is True"),
        ({"requests_per_second": "many"}, "requests_per_second is 'many'"),
        ({"shards": 1.5}, "shards is 1.5"),
        ({"requests_per_second": 1, "records_per_second": 1}, "records_per_second has no shards"),
        ({"requests_per_second": 1, "duration_ms": 0}, "duration_ms is 0"),
        ({"requests_per_second": 1, "cold_starts": 2}, "cold_starts is 2"),
        ({"messages_per_second": 1, "batch_size": 0}, "batch_size is 0"),
        ({"requests_per_second": 1, "duration_ms": 900_001}, "may run for 900 s"),
        ({"requests_per_second": 1, "account_concurrency": 0}, "account_concurrency is 0"),
    ],
)
def test_traffic_that_cannot_be_is_refused_at_its_line(traffic: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as caught:
        function().estimate(**{"duration_ms": 100, **traffic})
    assert caught.value.where is not None
    assert caught.value.where.file.endswith("test_estimate.py")


def test_a_setting_that_a_deployment_chooses_is_told() -> None:
    with pytest.raises(DefinitionError, match="'Fn': memory_size is known at deployment only"):
        function(memory_size=ref("Memory")).estimate(requests_per_second=1, duration_ms=1)


# What always holds

AMOUNTS = st.floats(min_value=0.001, max_value=20_000)
DURATIONS = st.floats(min_value=0.1, max_value=900_000)


@given(AMOUNTS, DURATIONS, st.sampled_from(["current", OLD]))
def test_what_is_served_fits_into_the_limit(rate: float, duration_ms: float, profile: Any) -> None:
    made = function().estimate(requests_per_second=rate, duration_ms=duration_ms, profile=profile)
    served = made.invocations_per_second - made.excess_per_second
    assert served * duration_ms / 1000 <= made.limit * (1 + 1e-9)
    assert (made.excess_per_second > 0) == (made.concurrency > made.limit)


@given(AMOUNTS, DURATIONS, st.integers(2, 5))
def test_more_traffic_is_never_cheaper(rate: float, duration_ms: float, times: int) -> None:
    one, more = (
        function().estimate(requests_per_second=rate * factor, duration_ms=duration_ms)
        for factor in (1, times)
    )
    assert more.price.total >= one.price.total * (1 - 1e-9)
    assert more.concurrency >= one.concurrency
    assert more.scale_up_s >= one.scale_up_s


@given(st.sampled_from(["requests_per_second", "messages_per_second", "shards"]), st.integers(0, 5000))
def test_every_estimate_can_be_read(kind: str, amount: int) -> None:
    made = function(vpc_config=VPC, ephemeral_storage=1024).estimate(**{kind: amount}, duration_ms=100)  # type: ignore[arg-type]  # one of the three
    assert evolve(made) == made
    assert str(made).startswith("Fn: ")
    assert "USD" in str(made)
