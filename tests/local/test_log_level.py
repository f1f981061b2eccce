"""The level of what a function prints, where its log is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdaform.local.log_level import is_logged, level_of

TIME = "2024-11-02T16:51:31.587199Z"


def line(level: Any, **others: Any) -> str:
    return json.dumps({"level": level, "msg": "x", "timestamp": TIME, **others})


@pytest.mark.parametrize("level", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "WARNING", "CRITICAL"])
def test_an_object_has_the_level_that_it_names_in_whatever_case(level: str) -> None:
    assert level_of(line(level)) == level_of(line(level.lower())) == level


@pytest.mark.parametrize(
    "text",
    [
        "ERROR: out of tea",
        '"ERROR"',
        '["ERROR"]',
        '{"level": "ERROR"',
        "{" * 100_000,
        line("SEVERE"),
        line(50),
        line(None),
        line("ERROR", timestamp=None),
        line("ERROR", timestamp="yesterday"),
        line("ERROR", timestamp="2024-11-02"),
        line("ERROR", timestamp="2024-11-02 16:51:31,587"),
    ],
)
def test_without_a_level_or_a_time_that_is_one_it_is_info(text: str) -> None:
    assert level_of(text) == "INFO"


@pytest.mark.parametrize("time", [TIME, "2024-11-02T16:51:31Z", "2024-11-02T16:51:31.5+01:00"])
@pytest.mark.parametrize("key", ["timestamp", "time"])
def test_a_time_is_one_of_rfc_3339(key: str, time: str) -> None:
    assert level_of(json.dumps({key: time, "level": "warn"})) == "WARN"


@pytest.mark.parametrize(
    ("least", "kept"),
    [("TRACE", "tdiwef"), (None, "iwef"), ("INFO", "iwef"), ("WARN", "wef"), ("FATAL", "f")],
)
def test_what_is_below_the_functions_level_is_left_out(least: str | None, kept: str) -> None:
    levels = ("trace", "debug", "info", "warn", "error", "fatal")
    assert "".join(level[0] for level in levels if is_logged(line(level), least)) == kept
