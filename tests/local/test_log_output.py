"""What functions write, in whatever way, is in the log whole, in order, and with the right event."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from lambdaform.local.logs import MAX_EVENT_BYTES
from tests.local.lab import Lab

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)


def writes(lab: Lab, statement: str, **configuration: Any) -> str:
    code = f"import os, sys\ndef handler(event, context):\n    {statement}\n"
    return lab.function(code, **configuration)


def between(lab: Lab, name: str, event: Any = None) -> tuple[str, ...]:
    """The events between START and END."""
    log = lab.invoke(name, event).log
    start = next(at for at, line in enumerate(log) if line.startswith("START "))
    return log[start + 1 : next(at for at, line in enumerate(log) if line.startswith("END "))]


def test_a_line_without_end_is_of_the_event_that_wrote_it(lab: Lab) -> None:
    name = writes(lab, "os.write(1, b'%d' % event)")
    assert between(lab, name, 1) == ("1",)
    assert between(lab, name, 2) == ("2",)


def test_a_line_without_end_of_the_initialisation_is_not_joined_with_the_events(lab: Lab) -> None:
    name = lab.function("import os\nos.write(1, b'init')\ndef handler(event, context):\n    print('event')\n")
    assert lab.invoke(name).log[1] == "init"


def test_a_line_over_256_kb_is_several_events(lab: Lab) -> None:
    told = between(lab, writes(lab, f"print('x' * {2 * MAX_EVENT_BYTES + 5})"))
    assert [len(event) for event in told] == [MAX_EVENT_BYTES, MAX_EVENT_BYTES, 5]


def test_bytes_that_are_no_text_are_carried_with_replacements(lab: Lab) -> None:
    name = writes(lab, r"os.write(1, b'caf\xe9 \x00\x1b[0m ' + bytes(range(128, 256)) + b'\nnext\n')")
    garbage, following = between(lab, name)
    assert garbage.startswith("caf\ufffd \x00\x1b[0m \ufffd")
    assert following == "next"


def test_of_a_hundred_thousand_lines_none_is_lost_or_out_of_order(lab: Lab) -> None:
    name = writes(lab, "sys.stdout.write(''.join('%d\\n' % n for n in range(100_000)))", timeout=60)
    assert between(lab, name) == tuple(map(str, range(100_000)))


def node(lab: Lab, source: str, **configuration: Any) -> list[dict[str, Any]]:
    """The function's own log events, in JSON."""
    code = f"exports.handler = async (event) => {{\n{source}\n}};"
    name = lab.function({"index.js": code}, runtime="nodejs22.x", log_format="JSON", **configuration)
    return [told for line in lab.invoke(name).log if "level" in (told := json.loads(line))]


def test_what_a_python_logger_writes_over_several_lines_is_one_event_in_its_place(any_lab: Lab) -> None:
    name = any_lab.function(
        """
        import logging
        def handler(event, context):
            print("before")
            logging.getLogger().warning("first\\nsecond\\r\\nthird")
            try:
                1 / 0
            except ZeroDivisionError:
                logging.exception("failed")
            print("between\\nafter")
        """
    )
    log = any_lab.invoke(name).log
    [warning] = [line for line in log if line.startswith("[WARNING]")]
    assert warning.endswith("first\nsecond\nthird")
    [error] = [line for line in log if line.startswith("[ERROR]")]
    assert error.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert [log.index(each) for each in ("before", warning, error, "between", "after")] == sorted(
        log.index(each) for each in ("before", warning, error, "between", "after")
    )


@needs_node
def test_node_writes_json_where_it_is_asked_to(lab: Lab) -> None:
    [told] = node(lab, "console.warn('stock of %s', 'tea', 3);")
    assert list(told) == ["timestamp", "level", "requestId", "message"]
    assert (told["level"], told["message"]) == ("WARN", "stock of tea 3")


@needs_node
def test_node_keeps_an_object_that_is_logged_alone(lab: Lab) -> None:
    [told] = node(lab, "console.log({ stock: { tea: 3 } });")
    assert told["message"] == {"stock": {"tea": 3}}


@needs_node
def test_node_tells_an_errors_type_and_stack(lab: Lab) -> None:
    alone, beside = node(lab, "console.error(new RangeError('a')); console.error('no', new RangeError('b'));")
    assert (alone["message"]["errorType"], alone["message"]["errorMessage"]) == ("RangeError", "a")
    assert (beside["errorType"], beside["errorMessage"]) == ("RangeError", "b")
    assert beside["stackTrace"][0] == "RangeError: b"


@needs_node
def test_node_logs_what_cannot_be_written_as_json(lab: Lab) -> None:
    [told] = node(lab, "const a = {}; a.a = a; console.log(a);")
    assert "Circular" in told["message"]


@needs_node
@pytest.mark.parametrize(
    ("least", "kept"),
    [("TRACE", "tdiwef"), ("DEBUG", "diwef"), ("WARN", "wef"), ("FATAL", "f")],
)
def test_node_leaves_out_what_is_below_the_functions_level(lab: Lab, least: str, kept: str) -> None:
    levels = {"t": "trace", "d": "debug", "i": "info", "w": "warn", "e": "error", "f": "fatal"}
    source = "".join(f"console.{method}('{letter}');" for letter, method in levels.items())
    told = node(lab, source, application_log_level=least)
    assert "".join(each["message"] for each in told) == kept


@needs_node
def test_node_tells_a_functions_error_in_json(lab: Lab) -> None:
    [told] = node(lab, "throw new RangeError('no stock');")
    assert (told["level"], told["message"]["errorMessage"]) == ("ERROR", "no stock")
