"""Node.js functions that break their process, their outputs, or Lambda's limits."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.faults.conftest import Fault
from tests.faults.test_functions import DEAF, report_of
from tests.local.lab import Outcome

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)


def did(fault: Fault, body: str, **configuration: Any) -> Outcome:
    """What comes of a fault; the function answers well before it and after it."""
    code = (
        "const fs = require('fs');\n"
        f"exports.handler = async (event) => {{\n    if (event) {{ {body} }}\n    return 'well';\n}};\n"
    )
    name = fault.function({"index.js": code}, runtime="nodejs22.x", **configuration)
    assert fault.invoke(name).value == "well"
    outcome = fault.invoke(name, 1)
    after = fault.invoke(name)
    assert after.value == "well"
    assert report_of(after) == {}
    return outcome


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("process.exit(1);", "Runtime exited with error: exit status 1"),
        ("process.kill(process.pid, 'SIGKILL');", "Runtime exited with error: signal: killed"),
        ("process.abort();", "Runtime exited with error: signal: aborted"),
    ],
    ids=["exit-1", "kill", "abort"],
)
def test_a_process_that_ends_by_itself_is_an_exit_error_with_its_reason(
    fault: Fault, body: str, reason: str
) -> None:
    outcome = did(fault, body)
    assert outcome.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: {reason}",
    }
    assert report_of(outcome) == {"Status": "error", "Error Type": "Runtime.ExitError"}


@pytest.mark.parametrize("closed", [[1], [2], [1, 2]], ids=["1", "2", "1-2"])
def test_a_function_without_its_outputs_still_answers(fault: Fault, closed: list[int]) -> None:
    outcome = did(fault, f"{closed}.forEach((each) => fs.closeSync(each)); return 'closed';")
    assert outcome.value == "closed"
    assert report_of(outcome) == {}


def test_standard_input_is_empty_and_may_be_closed(fault: Fault) -> None:
    outcome = did(fault, "const read = `${fs.readFileSync(0)}`; fs.closeSync(0); return ['read', read];")
    assert outcome.value == ["read", ""]
    assert report_of(outcome) == {}


def test_a_function_that_closes_every_descriptor_costs_at_most_its_own_answer(fault: Fault) -> None:
    body = "for (let each = 0; each < 1024; each++) try { fs.closeSync(each); } catch {} return 'closed';"
    outcome = did(fault, body, timeout=2)
    # Whether Node.js goes on without them is its own matter, as on Lambda.
    if outcome.response.function_error is None:
        assert outcome.value == "closed"
    else:
        assert outcome.error["errorType"] in ("Runtime.ExitError", "Sandbox.Timedout")


def test_seven_megabytes_are_refused_with_lambdas_words(fault: Fault) -> None:
    outcome = did(fault, "return 'x'.repeat(7_000_000);")
    assert outcome.error == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


def test_an_error_of_seven_megabytes_is_answered_too(fault: Fault) -> None:
    outcome = did(fault, "throw new Error('x'.repeat(7_000_000));", timeout=5)
    assert outcome.response.function_error == "Unhandled"


def test_output_without_end_is_a_timeout_and_the_rest_goes_on(fault: Fault) -> None:
    body = "for (;;) try { fs.writeSync(1, 'x'.repeat(65535) + '\\n'); } catch {}"
    outcome = did(fault, body, timeout=1)
    assert outcome.error["errorType"] == "Sandbox.Timedout"
    assert report_of(outcome) == {"Status": "timeout"}


def test_processes_that_ignore_sigterm_and_shutdown_are_ended_all_the_same(open_fault: Fault) -> None:
    code = (
        "process.on('SIGTERM', () => require('fs').writeSync(1, 'asked, and stays\\n'));\n"
        "exports.handler = async () => 'well';\n"
    )
    layers = {"extensions/deaf": DEAF}
    name = open_fault.function({"index.js": code}, runtime="nodejs22.x", layers=layers)
    assert open_fault.invoke(name).value == "well"
    open_fault.is_over()
    written = [line.text for line in open_fault.lab.log if line.function_name == name]
    assert written.index("asked, and stays") < written.index("told, and stays")
