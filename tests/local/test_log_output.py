"""What functions write, in whatever way, is in the log whole, in order, and with the right event."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.logs import MAX_EVENT_BYTES
from tests.local.lab import Lab, laboratory

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


@pytest.mark.parametrize("statement", ["print(text)", "logging.getLogger().warning(text)"])
def test_a_long_line_is_cut_between_characters(lab: Lab, statement: str) -> None:
    text = "a" + "€" * 200_000
    told = between(lab, writes(lab, f"import logging; text = 'a' + '€' * 200_000; {statement}"))
    assert "".join(told).endswith(text)
    assert max(len(event.encode()) for event in told) <= MAX_EVENT_BYTES


def test_bytes_that_are_no_text_are_carried_with_replacements(lab: Lab) -> None:
    name = writes(lab, r"os.write(1, b'caf\xe9 \x00\x1b[0m ' + bytes(range(128, 256)) + b'\nnext\n')")
    garbage, following = between(lab, name)
    assert garbage.startswith("caf\ufffd \x00\x1b[0m \ufffd")
    assert following == "next"


@pytest.mark.parametrize(
    "statement",
    [
        "sys.stdout.write(''.join('%d\\n' % n for n in range(100_000)))",
        "for n in range(100_000): os.write(1 + n % 2, b'%d\\n' % n)",
    ],
    ids=["at once", "one by one"],
)
def test_of_a_hundred_thousand_lines_none_is_lost_or_out_of_order(lab: Lab, statement: str) -> None:
    name = writes(lab, statement, timeout=60)
    assert between(lab, name) == tuple(map(str, range(100_000)))


@pytest.mark.parametrize("forks", [True, False])
def test_what_is_written_to_output_and_error_by_turns_keeps_its_order(tmp_path: Path, forks: bool) -> None:
    turn = "for n in range(2000): os.write(1, b'out %d\\n' % n); os.write(2, b'error %d\\n' % n)"
    with laboratory(tmp_path, forks=forks) as lab:
        lab.ready()
        told = between(lab, writes(lab, turn))
    assert told == tuple(f"{each} {number}" for number in range(2000) for each in ("out", "error"))


@needs_node
@pytest.mark.parametrize(
    "statement",
    [
        "for (let n = 0; n < 100000; n++) console.log(`line ${n}`);",
        "for (let n = 0; n < 100000; n++) process.stdout.write(`line ${n}\\n`);",
        "for (let n = 0; n < 100000; n++) process.stderr.write(`line ${n}\\n`);",
        "for (let n = 0; n < 100000; n++) console.log(`line ${n}`); process.exit(2);",
    ],
    ids=["by the console", "to output", "to error", "before it exits"],
)
def test_of_a_hundred_thousand_lines_of_node_none_is_lost_or_comes_late(lab: Lab, statement: str) -> None:
    source = f"exports.handler = async () => {{ {statement} }};"
    name = lab.function({"index.js": source}, runtime="nodejs22.x", timeout=60, memory_size=512)
    lines = [line.rpartition("line ")[2] for line in lab.invoke(name).log if "line " in line]
    assert lines == list(map(str, range(100_000)))


@needs_node
def test_node_keeps_the_order_of_output_and_error(lab: Lab) -> None:
    turn = "for (let n = 0; n < 3; n++) { process.stderr.write(`e${n}\\n`); console.log(n); }"
    name = lab.function({"index.js": f"exports.handler = async () => {{ {turn} }};"}, runtime="nodejs22.x")
    assert [each[-2:].strip() for each in between(lab, name)] == ["e0", "0", "e1", "1", "e2", "2"]


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


def own(lab: Lab, name: str) -> list[str]:
    """What is in a log besides the platform's events."""
    return [line for line in lab.invoke(name).log if '"type":"platform.' not in line]


@pytest.mark.parametrize(("least", "kept"), [("DEBUG", 3), ("INFO", 2), ("ERROR", 1), ("FATAL", 0)])
def test_what_is_printed_below_the_functions_level_is_left_out(lab: Lab, least: str, kept: int) -> None:
    lines = [
        '{"level": "error", "timestamp": "2024-11-02T16:51:31Z"}',
        "without a level",
        '{"level": "debug", "timestamp": "2024-11-02T16:51:31Z"}',
    ]
    code = f"print({lines[0]!r}); print({lines[1]!r}, file=sys.stderr); print({lines[2]!r})"
    name = writes(lab, code, log_format="JSON", application_log_level=least)
    assert own(lab, name) == lines[:kept]


def test_what_is_printed_is_logged_whatever_its_level_where_the_log_is_text(lab: Lab) -> None:
    line = '\x1e{"level": "trace", "timestamp": "2024-11-02T16:51:31Z"}'
    assert between(lab, writes(lab, f"print({line!r})")) == (line,)


def test_the_level_that_code_gives_its_logger_goes_before_the_functions(lab: Lab) -> None:
    code = "import logging; log = logging.getLogger(); log.setLevel('DEBUG'); log.debug('stock'); print('no')"
    [told] = own(lab, writes(lab, code, log_format="JSON", application_log_level="ERROR"))
    assert (json.loads(told)["level"], json.loads(told)["message"]) == ("DEBUG", "stock")


def test_a_loggers_own_form_and_length_are_no_reason_to_leave_it_out(lab: Lab) -> None:
    code = (
        "import logging; log = logging.getLogger(); log.handlers[0].setFormatter(logging.Formatter('%(message)s'));"
        f"log.error('x' * {2 * MAX_EVENT_BYTES + 5})"
    )
    told = own(lab, writes(lab, code, log_format="JSON", application_log_level="ERROR"))
    assert [len(event) for event in told] == [MAX_EVENT_BYTES, MAX_EVENT_BYTES, 5]


@needs_node
def test_what_node_prints_past_its_console_is_filtered_too(lab: Lab) -> None:
    source = "process.stdout.write('printed\\n'); console.error('told');"
    code = f"exports.handler = async () => {{ {source} }};"
    name = lab.function(
        {"index.js": code}, runtime="nodejs22.x", log_format="JSON", application_log_level="ERROR"
    )
    [told] = own(lab, name)
    assert json.loads(told)["message"] == "told"


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
