"""Payloads: what AWS documents is read and written again to the last key, and the samples are like it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform import PayloadError
from lambdaform.payloads import (
    alexa,
    api_gateway,
    authorizer,
    custom_resource,
    dynamodb,
    firehose,
    iot,
    kinesis,
    logs,
    polling,
    s3,
    sqs,
)
from lambdaform.payloads.catalog import NAMES, source
from lambdaform.payloads.payload import Payload, keys_of, parts_of, unknown_in

DOCUMENTED = sorted((Path(__file__).parent / "documented").glob("*.json"))
#: Keys that AWS's page on SNS writes in another way than the service does.
OTHERWISE = {"sns": {"SigningCertURL"}}


def documented(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def source_of(file: Path) -> str:
    return file.name.partition(".")[0]


each_documented = pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.stem)
each_source = pytest.mark.parametrize("name", NAMES)


@each_documented
def test_what_aws_documents_is_written_as_it_was_read(file: Path) -> None:
    assert source(source_of(file)).event.from_json(documented(file)).to_json() == documented(file)


@each_documented
def test_every_key_that_aws_documents_has_a_field(file: Path) -> None:
    event = source(source_of(file)).event.from_json(documented(file))
    nulls = {"pathParameters", "stageVariables"}
    unknown = {str(each[-1]) for each in unknown_in(event)} - nulls
    assert unknown == OTHERWISE.get(source_of(file), set())


def always(cls: type[Payload], event: Any, path: str = "") -> Iterator[str]:
    """The keys that a payload's class always has, as far as JSON data of it goes."""
    for key in keys_of(cls):
        if key.required or key.null:
            yield f"{path}.{key.name}".lstrip(".")
    for key in keys_of(cls):
        parts = [part for part in parts_of(cls) if part is key.annotation]
        if parts and isinstance(event.get(key.name), dict):
            yield from always(parts[0], event[key.name], f"{path}.{key.name}")


@each_documented
def test_a_sample_has_the_keys_that_aws_documents_and_its_class_always_has(file: Path) -> None:
    kind = source(source_of(file))
    assert set(always(kind.event, kind.sample().to_json())) >= set(always(kind.event, documented(file)))


@each_source
def test_a_sample_is_read_back_as_it_was(name: str) -> None:
    kind = source(name)
    sample = kind.sample()
    assert kind.event.from_json(json.dumps(sample.to_json())) == sample


@each_source
def test_a_sample_has_only_keys_of_its_class(name: str) -> None:
    sample = source(name).sample()
    assert isinstance(sample, iot.Message) or list(unknown_in(sample)) == []


@each_source
def test_a_sample_can_be_asked_for_with_words_of_ones_own(name: str) -> None:
    kind = source(name)
    first, *_ = kind.parameters().values()
    if first.annotation not in ("str", "str | None"):
        pytest.skip("its first parameter is no text")
    assert json.dumps(kind.sample("PROBE").to_json()) != json.dumps(kind.sample().to_json())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(extra=st.dictionaries(st.text(min_size=1, max_size=8).map("new-{}".format), JSON, max_size=3))
def test_keys_that_are_new_are_kept_at_every_level(extra: dict[str, Any]) -> None:
    event = sqs.sample().to_json()
    event.update(extra)
    event["Records"][0].update(extra)
    event["Records"][0]["attributes"].update(extra)
    assert sqs.Event.from_json(event).to_json() == event


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(NAMES), data=JSON)
def test_whatever_is_given_is_read_or_refused_as_a_payload_error(name: str, data: Any) -> None:
    event = read(source(name).event, data)
    assert isinstance(event, str) or has(event.to_json(), data)


def read(cls: type[Payload], event: Any) -> Payload | str:
    """The payload, or what is said against it."""
    try:
        return cls.from_json(event)
    except PayloadError as error:
        return str(error)


def has(written: Any, given: Any) -> bool:
    """Whether all that was given was written; fields that are always sent may have come."""
    if isinstance(given, dict):
        return isinstance(written, dict) and all(has(written.get(key), item) for key, item in given.items())
    return bool(written == given)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), wrong=JSON, data=st.data())
def test_a_wrong_value_anywhere_is_kept_or_refused_with_its_key(
    name: str, wrong: Any, data: st.DataObject
) -> None:
    event = source(name).sample().to_json()
    key = data.draw(st.sampled_from(sorted(event)))
    event[key] = wrong
    again = read(source(name).event, event)
    assert key in again if isinstance(again, str) else has(again.to_json(), event)


def test_all_that_is_wrong_is_told_with_its_path() -> None:
    event = sqs.sample().to_json()
    del event["Records"][0]["messageId"]
    event["Records"][0]["body"] = 5
    with pytest.raises(PayloadError) as caught:
        sqs.Event.from_json(event)
    assert str(caught.value) == (
        "This is no sqs.Event: Records[0].body: 5 is not text; Records[0]: messageId is missing. "
        "Keys and kinds are those that AWS sends."
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "5", b"\xff"])
def test_text_that_is_no_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(PayloadError):
        sqs.Event.from_json(text)


def test_a_batch_response_names_what_failed() -> None:
    assert sqs.failed("a", "b").to_json() == {
        "batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]
    }
    assert polling.failed().to_json() == {"batchItemFailures": []}


def test_a_fifo_queues_message_has_its_group() -> None:
    attributes = sqs.sample(queue="orders.fifo").records[0].attributes
    assert (attributes.message_group_id, sqs.sample().records[0].attributes.message_group_id) == ("1", None)


def test_packed_log_events_are_unpacked() -> None:
    batch = logs.sample("hello", log_group="/aws/lambda/a").awslogs.decode()
    assert (batch.log_group, batch.log_events[0].message) == ("/aws/lambda/a", "hello")


def test_log_events_that_are_packed_otherwise_are_refused() -> None:
    with pytest.raises(PayloadError, match=r"awslogs\.data cannot be unpacked"):
        logs.Packed(data="aGVsbG8=").decode()


def test_data_in_base64_is_at_hand_as_bytes() -> None:
    assert kinesis.sample("hé").records[0].kinesis.decoded == "hé".encode()


def test_a_transformed_record_has_its_own_id_and_new_data() -> None:
    record = firehose.sample("a").records[0]
    assert firehose.transformed(record, "b", customer="1").to_json() == {
        "recordId": record.record_id,
        "result": "Ok",
        "data": "Yg==",
        "metadata": {"partitionKeys": {"customer": "1"}},
    }


def test_an_objects_key_is_encoded_as_s3_does_it() -> None:
    record = s3.sample("a folder/red+flower.jpg").records[0].s3.object
    assert (record.key, record.plain_key) == ("a+folder/red%2Bflower.jpg", "a folder/red+flower.jpg")


def test_a_removed_item_has_no_new_image() -> None:
    change = dynamodb.sample("REMOVE").records[0].dynamodb
    assert (change.new_image, change.old_image is None) == (None, False)


def test_an_authorizer_answers_with_a_policy() -> None:
    assert authorizer.deny("user", "arn:aws:execute-api:x").to_json() == {
        "principalId": "user",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": "arn:aws:execute-api:x"}
            ],
        },
    }


def test_a_custom_resources_answer_goes_to_its_request() -> None:
    response = custom_resource.answer(custom_resource.sample(), "made", Count=3)
    assert (response.to_json()["LogicalResourceId"], response.to_json()["Data"]) == (
        "primerinvoke",
        {"Count": 3},
    )


def test_a_response_leaves_out_what_it_does_not_say() -> None:
    assert api_gateway.HttpResponse(status_code=204).to_json() == {"statusCode": 204}


def test_a_client_that_sends_has_a_body_and_no_headers() -> None:
    sent = api_gateway.sample_websocket("hello", route="send")
    assert (sent.body, sent.headers, sent.request_context.event_type) == ("hello", None, "MESSAGE")


def test_a_device_alone_knows_what_its_message_is() -> None:
    assert iot.Message.from_json({"any": ["thing"]}).unknown == {"any": ["thing"]}


def test_a_skill_knows_the_intent() -> None:
    assert alexa.sample("Hello").request["intent"]["name"] == "Hello"
