"""What SAM makes of a stack, at least, is counted without its transform, and never too high."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lambdaform import (
    Allow,
    Api,
    ApiEvent,
    Bucket,
    Function,
    FunctionUrlConfig,
    HttpApi,
    HttpApiEvent,
    KinesisEvent,
    Layer,
    Queue,
    S3Event,
    ScheduleEvent,
    SimpleTable,
    SnsEvent,
    SqsEvent,
    Stack,
    Stream,
    Topic,
    rate,
)
from lambdaform.model.expansion import counted, least_resources, sources_of
from lambdaform.synth.sam_transform import transform
from lambdaform.synth.template import template_of

CODE: dict[str, Any] = {
    "runtime": "python3.13",
    "handler": "index.handler",
    "inline_code": "def handler(event, context): return 1",
}


def shop() -> Stack:
    """A function for each kind of source, and other resources of SAM's."""
    stack = Stack("shop")
    queue, topic = stack.add(Queue("Jobs")), stack.add(Topic("News"))
    stream, bucket = stack.add(Stream("Clicks")), stack.add(Bucket("Photos"))
    stack.add(SimpleTable("Table"))
    stack.add(Layer("Shared", content_uri="s3://bucket/layer.zip"))
    api, http = stack.add(Api("Rest", stage_name="prod")), stack.add(HttpApi("Http"))
    events = {
        "Jobs": SqsEvent(queue),
        "News": SnsEvent(topic),
        "Clicks": KinesisEvent(stream, starting_position="LATEST"),
        "Photos": S3Event(bucket, events="s3:ObjectCreated:*"),
        "Often": ScheduleEvent(rate(5, "minutes")),
        "Rest": ApiEvent(path="/", method="GET", rest_api_id=api),
        "Http": HttpApiEvent(path="/", method="GET", api_id=http),
    }
    stack.add(Function("Plain", **CODE))
    stack.add(Function("WithRole", **CODE, role="arn:aws:iam::123456789012:role/mine"))
    stack.add(
        Function("Published", **CODE, auto_publish_alias="live", policies=[Allow("s3:GetObject", on="*")])
    )
    stack.add(Function("Open", **CODE, function_url_config=FunctionUrlConfig(auth_type="AWS_IAM")))
    for name, event in events.items():
        stack.add(Function(f"From{name}", **CODE, events={name: event}))
    return stack


def made_by_sam(stack: Stack) -> Counter[str]:
    return Counter(each["Type"] for each in transform(template_of(stack))["Resources"].values())


def test_no_more_is_counted_than_sam_makes() -> None:
    _, types = least_resources(shop())
    made = made_by_sam(shop())
    assert {name: count for name, count in types.items() if count > made[name]} == {}


def test_little_of_what_sam_makes_is_not_counted() -> None:
    _, types = least_resources(shop())
    assert types.total() >= 0.9 * made_by_sam(shop()).total()


def test_globals_count() -> None:
    stack = Stack("shop")
    stack.globals_for(Function, auto_publish_alias="live")
    stack.add(Function("Fn", **CODE, role="arn:aws:iam::123456789012:role/mine"))
    owners, types = least_resources(stack)
    assert owners == {"Fn": 3}
    assert types == made_by_sam(stack)


@pytest.mark.parametrize(
    ("counter", "text"),
    [
        (Counter(a=1), "1 a"),
        (Counter(a=1200, b=30), "1,200 a, 30 b"),
        (Counter(a=6, b=5, c=4, d=3, e=2, f=1), "6 a, 5 b, 4 c, 3 d and 2 more"),
    ],
)
def test_the_largest_numbers_are_told(counter: Counter[str], text: str) -> None:
    assert counted(counter) == text


def test_what_makes_a_good_part_of_the_stack_is_named() -> None:
    assert sources_of(Counter(Web=80, Fn=20)) == "; most come from 80 Web, 20 Fn"
    assert sources_of(Counter({f"Fn{number}": 4 for number in range(30)})) == ""
