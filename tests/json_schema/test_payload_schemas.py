"""The JSON Schemas of events: what AWS documents is right, what the classes refuse is wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lambdaform import PayloadError
from lambdaform.json_schema.payloads import answer_schema, event_schema
from lambdaform.payloads import sqs
from lambdaform.payloads.catalog import NAMES, source, takes_answer
from tests.payloads.test_payloads import DOCUMENTED, JSON, documented, source_of


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(event_schema(source(name)))


def is_right(name: str, event: Any) -> bool:
    return bool(validator(name).is_valid(event))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_right(name: str) -> None:
    Draft202012Validator.check_schema(event_schema(source(name)))
    assert list(validator(name).iter_errors(source(name).sample().to_json())) == []


@pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.stem)
def test_what_aws_documents_is_right(file: Path) -> None:
    assert list(validator(source_of(file)).iter_errors(documented(file))) == []


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), wrong=JSON, data=st.data())
def test_the_schema_and_the_class_are_of_one_mind(name: str, wrong: Any, data: st.DataObject) -> None:
    event = source(name).sample().to_json()
    event[data.draw(st.sampled_from(sorted(event)))] = wrong
    try:
        source(name).event.from_json(event)
    except PayloadError:
        read = False
    else:
        read = True
    assert is_right(name, event) is read


@pytest.mark.parametrize("name", [each for each in NAMES if takes_answer(each)])
def test_an_answers_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(answer_schema(source(name)) or {})


def test_an_answer_is_right() -> None:
    schema = answer_schema(source("sqs"))
    assert Draft202012Validator(schema or {}).is_valid(sqs.failed("a").to_json())


def test_an_answer_that_lacks_what_the_service_needs_is_wrong() -> None:
    schema = answer_schema(source("api-rest"))
    assert not Draft202012Validator(schema or {}).is_valid({"body": "hello"})
