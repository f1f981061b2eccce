"""Grants, permissions, estimates and schedules answer every strange argument with a sentence, never with a traceback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdaform import (
    Bucket,
    Function,
    LambdaformError,
    Queue,
    Runtime,
    SimpleTable,
    Version,
    cron,
    grants,
    rate,
)
from tests.model.test_every_constructor import NEVER_RIGHT, PERHAPS_RIGHT

FUNCTION = Function("Fn", runtime=Runtime.PYTHON_3_13, handler="app.handler", code_uri="src")
NOON = datetime(2026, 11, 24, 12, 34, tzinfo=UTC)
VERBS = ("read", "write", "read_write", "delete", "stream_read", "send", "consume", "publish")
MORE_VERBS = ("put_events", "invoke", "start", "decrypt", "encrypt")

CALLS: dict[str, Callable[[Any], object]] = {
    **{f"grants.{verb}": getattr(grants, verb) for verb in VERBS + MORE_VERBS},
    "a prefix to read": lambda value: Bucket("Files").read(value),
    "a prefix to write": lambda value: Bucket("Files").write(value),
    "a prefix to delete": lambda value: Bucket("Files").delete(value),
    "a table's prefix": lambda value: grants.read_write(SimpleTable("T"), value),
    "a qualifier": lambda value: FUNCTION.invoke(value),
    "a version's qualifier": lambda value: grants.invoke(Version("One", function_name=FUNCTION), value),
    "a source": lambda value: FUNCTION.allow_invoke_from(value),
    "a source's ARN": lambda value: FUNCTION.allow_invoke_from("sns.amazonaws.com", source_arn=value),
    "a source's account": lambda value: FUNCTION.allow_invoke_from("sns.amazonaws.com", source_account=value),
    "an organization": lambda value: FUNCTION.allow_invoke_from(organization=value),
    "a logical id": lambda value: FUNCTION.allow_invoke_from("123456789012", logical_id=value),
    "requests": lambda value: FUNCTION.estimate(requests_per_second=value, duration_ms=1),
    "messages": lambda value: FUNCTION.estimate(messages_per_second=value, duration_ms=1),
    "shards": lambda value: FUNCTION.estimate(shards=value, duration_ms=1),
    "records": lambda value: FUNCTION.estimate(shards=1, records_per_second=value, duration_ms=1),
    "a duration": lambda value: FUNCTION.estimate(requests_per_second=1, duration_ms=value),
    "a batch": lambda value: FUNCTION.estimate(messages_per_second=1, duration_ms=1, batch_size=value),
    "cold starts": lambda value: FUNCTION.estimate(requests_per_second=1, duration_ms=1, cold_starts=value),
    "init": lambda value: FUNCTION.estimate(requests_per_second=1, duration_ms=1, init_ms=value),
    "an account": lambda value: FUNCTION.estimate(
        requests_per_second=1, duration_ms=1, account_concurrency=value
    ),
    "a profile": lambda value: FUNCTION.estimate(requests_per_second=1, duration_ms=1, profile=value),
    "a count": lambda value: cron(hours=1).next(value, after=NOON),
    "a moment": lambda value: rate(1, "day").next(after=value),
    "a zone": lambda value: rate(1, "day").next(after=NOON, zone=value),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_never_right_is_refused(name: str) -> None:
    for kind, value in NEVER_RIGHT.items():
        with pytest.raises(LambdaformError) as caught:
            CALLS[name](value)
        assert len(caught.value.text()) < 2_000, kind


@pytest.mark.parametrize("name", CALLS)
def test_what_may_be_right_is_taken_or_refused_in_a_sentence(name: str) -> None:
    for value in (*PERHAPS_RIGHT.values(), Queue("Jobs"), SimpleTable("Orders")):
        text = ""
        try:
            CALLS[name](value)
        except LambdaformError as error:
            text = error.text()
        assert len(text) < 2_000
