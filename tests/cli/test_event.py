"""``lambdaform event``: samples of events, with one's own words in them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lambdaform.payloads.catalog import NAMES, source
from tests.cli.command import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys)


def test_all_sources_are_listed_with_their_fields(run: Run) -> None:
    lines = run("event").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(NAMES)
    assert "sqs: messages of an SQS queue (body, queue, region, account)" in lines


@pytest.mark.parametrize("name", NAMES)
def test_a_source_has_a_sample(run: Run, name: str) -> None:
    outcome = run("event", name)
    assert (outcome.code, json.loads(outcome.out)) == (0, source(name).sample().to_json())


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        (("sqs", "--field", "body=hello"), ("Records", 0, "body"), "hello"),
        (("sqs", "--field", "body=1"), ("Records", 0, "body"), "1"),
        (
            ("sqs", "--field", "Records.0.attributes.SenderId=me"),
            ("Records", 0, "attributes", "SenderId"),
            "me",
        ),
        (("sqs", "--field", "Records[0].body=hello"), ("Records", 0, "body"), "hello"),
        (
            ("sqs", "--field", "Records.0.md5OfMessageAttributes=x"),
            ("Records", 0, "md5OfMessageAttributes"),
            "x",
        ),
        (("s3", "--field", "size=7"), ("Records", 0, "s3", "object", "size"), 7),
        (("kinesis", "--field", "data=hello"), ("Records", 0, "kinesis", "data"), "aGVsbG8="),
        (("api-http", "--field", 'query={"a": "b"}'), ("rawQueryString",), "a=b"),
        (("api-http", "--field", "headers.x-count=1"), ("headers", "x-count"), "1"),
        (("eventbridge", "--field", "detail.key1=[1]"), ("detail", "key1"), "[1]"),
        (("eventbridge", "--field", 'detail={"n": 1}', "--field", "detail.n=2"), ("detail", "n"), 2),
        (("step-functions", "--field", 'payload={"id": 1}'), ("Input",), {"id": 1}),
    ],
)
def test_a_field_says_what_the_event_has(
    run: Run, words: tuple[str, ...], path: tuple[str | int, ...], value: Any
) -> None:
    found: Any = json.loads(run("event", *words).out)
    for step in path:
        found = found[step]
    assert found == value


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("sq",), "There is no event source 'sq'. Did you mean 'sqs'?"),
        (("--field", "a=b"), "--field is given, and no source. Write lambdaform event SOURCE --field NAME=VALUE."),
        (("sqs", "--field", "body"), "--field 'body' has no value. Write --field NAME=VALUE."),
        (("sqs", "--field", "boddy=x"), "The event of sqs has no 'boddy'. Did you mean 'body'?"),
        (("sqs", "--field", "Records.0.boddy=x"), "The event of sqs has no 'Records.0.boddy'. Did you mean 'body'?"),
        (("sqs", "--field", "Records.1.body=x"), "The event of sqs has no 'Records.1'. It has 0."),
        (("sqs", "--field", "Records.0.body.x=y"), "The event of sqs has no 'Records.0.body.x'. It has none."),
        (("s3", "--field", "size=large"), "--field size is 'large'. It must be a whole number."),
        (("alb", "--field", "query=a"), "--field query is 'a'. It must be a JSON object."),
        (
            ("dynamodb", "--field", "Records.0.dynamodb.SizeBytes=many"),
            "This is no dynamodb.Event: Records[0].dynamodb.SizeBytes: \"many\" is not a whole number. "
            "Keys and kinds are those that AWS sends.",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told(run: Run, words: tuple[str, ...], error: str) -> None:
    outcome = run("event", *words)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"Error: {error}\n")


def test_an_event_goes_right_into_a_function(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "echo.py").write_text(
        "def handler(event, context):\n    return event['Records'][0]['body']\n"
    )
    (tmp_path / "stack.yaml").write_text(
        f"name: echo\nresources:\n  Echo: {{class: Function, runtime: python3.{sys.version_info.minor}, "
        "handler: echo.handler, code_uri: .}\n"
    )
    printed = run("event", "sqs", "--field", "body=hello").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(printed.encode())))
    assert json.loads(run("invoke", "--from", "stack.yaml", "--event", "-").out) == "hello"


@pytest.mark.parametrize("name", NAMES)
def test_schema_prints_each_events_schema(run: Run, name: str) -> None:
    assert json.loads(run("schema", "event", name).out)["title"].startswith("Event: ")


def test_schema_prints_an_answers_schema(run: Run) -> None:
    assert json.loads(run("schema", "answer", "sqs").out)["required"] == ["batchItemFailures"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("event",), "schema event needs a source. There are activemq, alarm"),
        (("event", "sq"), "There is no event schema for 'sq'. Did you mean 'sqs'?"),
        (("answer", "s3"), "There is no answer schema for 's3'."),
        (("stack", "sqs"), "The schema of a stack has no source. Write lambdaform schema stack."),
    ],
)
def test_a_schema_that_there_is_not_is_told(run: Run, words: tuple[str, ...], error: str) -> None:
    outcome = run("schema", *words)
    assert (outcome.code, outcome.err.startswith(f"Error: {error}")) == (2, True)


def test_a_source_in_capital_letters_is_suggested(run: Run) -> None:
    assert "Did you mean 'sqs'?" in run("event", "SQS").err
