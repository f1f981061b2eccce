"""Which of a function's lines are logged where it has the JSON format, for then it has a least level.

What the runtime's own loggers write is filtered by these, with the level that the code may have set. Here is the rest:
what is printed, and what is logged with other libraries and in custom runtimes.

Source: AWS Lambda Developer Guide, monitoring-cloudwatchlogs-log-level, "Log-level filtering".
"""

from __future__ import annotations

import json
import re

_INFO = "INFO"
#: From the most detailed to the least. WARNING and CRITICAL are what AWS's Python client calls WARN and FATAL.
_RANKS = {
    "TRACE": 0,
    "DEBUG": 1,
    _INFO: 2,
    "WARN": 3,
    "WARNING": 3,
    "ERROR": 4,
    "FATAL": 5,
    "CRITICAL": 5,
}
#: What AWS's runtimes call the time of a line; the guide names no others.
_TIMES = ("timestamp", "time")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def is_logged(text: str, least: str | None) -> bool:
    """Whether a line has at least the function's level, which is INFO unless something else was asked for."""
    return _RANKS[level_of(text)] >= _RANKS[least or _INFO]


def level_of(text: str) -> str:
    """The level of a line: its own, if it is an object in JSON with a level and a time, and else INFO."""
    if not text.startswith("{"):
        return _INFO
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return _INFO
    level = str(event.get("level")).upper()
    is_dated = any(_RFC_3339.fullmatch(str(event.get(each))) for each in _TIMES)
    return level if level in _RANKS and is_dated else _INFO
