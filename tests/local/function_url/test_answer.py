"""A function's result as an HTTP response: as AWS's recordings and its guide have it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local.sources.function_url.answer import BadAnswer, head_of, result_of

JSON = (("Content-Type", "application/json"),)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ANY_ANSWER = st.fixed_dictionaries(
    {"statusCode": ANY_JSON},
    optional={"headers": ANY_JSON, "body": ANY_JSON, "cookies": ANY_JSON, "isBase64Encoded": ANY_JSON},
)


def answered(result: Any) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    made = result_of(json.dumps(result).encode())
    return made.head.status, made.head.headers, made.body


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"hello": "world"}, b'{"hello":"world"}'),
        (["hello", 3, True], b'["hello",3,true]'),
        ("hello", b"hello"),
        (3, b"3"),
        (3.1, b"3.1"),
        (True, b"true"),
        (None, b"null"),
        ({"body": "x", "headers": {"a": "b"}}, b'{"body":"x","headers":{"a":"b"}}'),
    ],
)
def test_without_a_status_code_the_result_is_the_body(result: Any, body: bytes) -> None:
    assert answered(result) == (200, JSON, body)


def test_with_a_status_code_the_result_says_it_all() -> None:
    headers = {"Content-Type": "text/plain", "My-Custom-Header": "Custom Value"}
    result = {"statusCode": 201, "headers": headers, "body": "made", "isBase64Encoded": False}
    assert answered(result) == (201, tuple(headers.items()), b"made")


def test_a_status_code_may_be_a_text() -> None:
    assert answered({"statusCode": "418", "body": "i'm a teapot"}) == (418, JSON, b"i'm a teapot")


def test_a_body_that_is_not_there_is_empty() -> None:
    assert answered({"statusCode": 202}) == (202, JSON, b"")


def test_a_body_that_is_an_object_is_json() -> None:
    assert answered({"statusCode": 200, "body": {"a": 1}})[2] == b'{"a":1}'


def test_a_body_in_base64_is_bytes() -> None:
    body = base64.b64encode(b"\xff\x00").decode()
    assert answered({"statusCode": 200, "body": body, "isBase64Encoded": True})[2] == b"\xff\x00"


def test_cookies_are_headers_each() -> None:
    assert answered({"statusCode": 200, "cookies": ["a=1; Max-Age=9", "b=2"]})[1] == (
        *JSON,
        ("Set-Cookie", "a=1; Max-Age=9"),
        ("Set-Cookie", "b=2"),
    )


def test_header_values_are_written_as_text() -> None:
    assert answered({"statusCode": 200, "headers": {"content-type": "a/b", "x-n": 5, "x-b": True}})[1] == (
        ("content-type", "a/b"),
        ("x-n", "5"),
        ("x-b", "true"),
    )


def test_what_the_connection_needs_is_not_the_functions_to_say() -> None:
    headers = {"Content-Length": "9", "Transfer-Encoding": "chunked", "Connection": "close", "Date": "today"}
    assert answered({"statusCode": 200, "headers": headers})[1] == JSON


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 99},
        {"statusCode": 600},
        {"statusCode": "ok"},
        {"statusCode": None},
        {"statusCode": True},
        {"statusCode": 200.5},
        {"statusCode": 200, "headers": "x"},
        {"statusCode": 200, "headers": {"a": ["b", "c"]}},
        {"statusCode": 200, "headers": {"a": None}},
        {"statusCode": 200, "headers": {"a": "b\r\nSet-Cookie: c"}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "headers": {"": "c"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "cookies": ["a=1\n"]},
        {"statusCode": 200, "body": "no base64", "isBase64Encoded": True},
    ],
)
def test_a_result_that_is_no_response_is_refused(result: Any) -> None:
    with pytest.raises(BadAnswer):
        answered(result)


def test_a_streamed_answer_that_was_waited_for_has_its_prelude() -> None:
    made = result_of(b'{"statusCode": 201, "headers": {"content-type": "a/b"}}' + b"\0" * 8 + b"\xffbody")
    assert (made.head.status, made.head.headers, made.body) == (201, (("content-type", "a/b"),), b"\xffbody")


def test_bytes_that_are_no_json_are_the_body() -> None:
    made = result_of(b"plain")
    assert (made.head.status, made.head.headers, made.body) == (200, JSON, b"plain")


def test_a_prelude_says_status_headers_and_cookies() -> None:
    head = head_of(b'{"statusCode": 404, "headers": {"x-a": "1"}, "cookies": ["c=1"]}')
    assert head.status == 404
    assert head.headers == (
        ("Content-Type", "application/octet-stream"),
        ("x-a", "1"),
        ("Set-Cookie", "c=1"),
    )
    assert head_of(b"{}").status == 200


@pytest.mark.parametrize("prelude", [b"", b"no json", b"[]", b'{"statusCode": 7}'])
def test_a_prelude_that_is_none_is_refused(prelude: bytes) -> None:
    with pytest.raises(BadAnswer):
        head_of(prelude)


@given(ANY_ANSWER | ANY_JSON)
def test_any_result_is_a_response_or_refused(result: Any) -> None:
    try:
        status, headers, _ = answered(result)
    except BadAnswer:
        return
    assert 200 <= status <= 599
    for name, value in headers:
        assert not set("\r\n\0") & set(name + value)
        (name + value).encode("latin-1")
