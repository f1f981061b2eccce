"""What a request's members are read from, and what is no such request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.facts.service_model import service_model
from lambdaform.local.endpoint import members
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Head, Request


def read(operation: str, body: bytes = b"", query: str = "", **labels: str) -> dict[str, Any]:
    request = Request(Head("POST", "/", query, {}), body, len(body))
    return members.read(service_model().operations[operation], labels, request)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "Could not parse request body into json: "),
        (b"\xff", "Could not parse request body into json: "),
        (b"[" * 100_000, "Could not parse request body into json: "),
        (b'{"MemorySize": NaN}', "Could not parse request body into json: Unexpected token NaN"),
        (b"1" * 10_000, "Could not parse request body into json: "),
        (b"[]", "Start of list found where not expected"),
        (b'"text"', "Unexpected field type"),
        (b'{"MemorySize": "128"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"MemorySize": true}', "TRUE_VALUE can not be converted to an Integer"),
        (b'{"MemorySize": 2147483648}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"MemorySize": 1e999}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"MemorySize": {}}', "Start of structure or map found where not expected"),
        (b'{"Description": 1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"Description": []}', "Start of list found where not expected"),
        (b'{"Description": "\\ud800"}', "Incomplete surrogate pair in a string of the request body."),
        (b'{"Publish": "yes"}', "STRING_VALUE can not be converted to a Boolean"),
        (b'{"Code": "x"}', "Unexpected field type"),
        (b'{"Code": {"ZipFile": "?"}}', "Failed to decode a member of the request body as Base64: "),
        (b'{"Layers": "x"}', "Unexpected field type"),
        (b'{"Tags": []}', "Start of list found where not expected"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(AwsError) as raised:
        read("CreateFunction", body)
    assert (raised.value.code, raised.value.status) == ("SerializationException", 400)
    assert raised.value.message.startswith(told)


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("ListFunctions", "MaxItems=ten"),
        ("ListFunctions", "MaxItems=99999999999"),
        ("ListFunctions", "MaxItems="),
        ("GetDurableExecutionHistory", "ReverseOrder=maybe"),
        ("ListDurableExecutionsByFunction", "StartedAfter=yesterday"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(operation: str, query: str) -> None:
    with pytest.raises(AwsError) as raised:
        read(operation, query=query, FunctionName="f", DurableExecutionArn="a")
    assert raised.value.code == "SerializationException"


def test_what_the_model_does_not_know_is_left_out() -> None:
    body = b'{"FunctionName": "f", "Colour": "red", "VpcConfig": {"SubnetIds": [], "Colour": 1}}'
    assert read("CreateFunction", body) == {"FunctionName": "f", "VpcConfig": {"SubnetIds": []}}


def test_null_is_as_good_as_nothing() -> None:
    assert read("CreateFunction", b'{"Role": null, "VpcConfig": {"SubnetIds": null}}') == {"VpcConfig": {}}


def test_no_body_is_one_without_members() -> None:
    assert read("PublishVersion", FunctionName="f") == {"FunctionName": "f"}


def test_a_list_in_the_query_is_repeated() -> None:
    assert read("UntagResource", query="tagKeys=a&tagKeys=b%20c", Resource="r")["TagKeys"] == ["a", "b c"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
NAMES = sorted(service_model().operations["CreateFunction"].input.members)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        read("CreateFunction", json.dumps(document).encode())
    except AwsError as error:
        assert error.code == "SerializationException"  # noqa: PT017 - nothing else may be raised


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read("CreateFunction", body)
    except AwsError as error:
        assert error.code == "SerializationException"  # noqa: PT017 - nothing else may be raised
