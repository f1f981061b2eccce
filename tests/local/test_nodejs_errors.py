"""How Node.js functions fail, in the words that AWS's runtime client has for it: to the caller and in the log."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.local.lab import Lab, Outcome

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)


def failed(lab: Lab, source: str, version: int = 22, file: str = "index.js", **configuration: Any) -> Outcome:
    return lab.invoke(lab.function({file: source}, runtime=f"nodejs{version}.x", **configuration))


def logged(outcome: Outcome, title: str) -> dict[str, Any]:
    """The error of the last line with this title."""
    [*_, text] = [line.split(f"\tERROR\t{title} \t")[1] for line in outcome.log if f"\t{title} \t" in line]
    error: dict[str, Any] = json.loads(text)
    return error


def test_the_log_has_all_properties_of_an_error(lab: Lab) -> None:
    source = """
        exports.handler = async () => {
            throw Object.assign(new TypeError('no stock'), { code: 42, details: { shelf: 7 } });
        };
    """
    error = logged(failed(lab, source), "Invoke Error")
    assert error.pop("stack")[0] == "TypeError: no stock"
    assert list(error.items()) == [
        ("errorType", "TypeError"),
        ("errorMessage", "no stock"),
        ("code", 42),
        ("details", {"shelf": 7}),
    ]


@pytest.mark.parametrize("version", [22, 24])
def test_a_string_that_is_thrown_is_an_error_in_the_log(lab: Lab, version: int) -> None:
    outcome = failed(lab, "exports.handler = async () => { throw 'no stock'; };", version)
    assert outcome.error == {"errorType": "string", "errorMessage": "no stock", "trace": []}
    error = logged(outcome, "Invoke Error")
    assert (error["errorType"], error["errorMessage"]) == ("Error", "no stock")


@pytest.mark.parametrize(("version", "told"), [(22, ("string", "handled")), (24, ("undefined", "undefined"))])
def test_a_promise_may_be_rejected_without_a_reason(lab: Lab, version: int, told: tuple[str, str]) -> None:
    error = failed(lab, "exports.handler = () => Promise.reject();", version).error
    assert (error["errorType"], error["errorMessage"]) == told


def test_an_error_that_cannot_be_read_is_handled(lab: Lab) -> None:
    source = """
        exports.handler = async () => {
            throw Object.defineProperty(new Error(), 'message', { get() { throw new Error('unreadable'); } });
        };
    """
    error = failed(lab, source).error
    assert error["errorType"] == "handled"
    assert error["errorMessage"].startswith("callback called with Error argument, but there was a problem")


@pytest.mark.parametrize(("version", "error_type"), [(22, "Error"), (24, "Runtime.JSONStringifyError")])
def test_a_result_that_is_no_json_is_an_error(lab: Lab, version: int, error_type: str) -> None:
    source = "exports.handler = async () => { const a = {}; a.a = a; return a; };"
    outcome = failed(lab, source, version)
    assert outcome.error["errorType"] == error_type
    assert outcome.error["errorMessage"] == "Unable to stringify response body"
    assert logged(outcome, "Invoke Error")["errorType"] == error_type


def test_a_module_that_require_cannot_find_is_told_with_who_wanted_it(lab: Lab, view: object) -> None:
    error = failed(lab, "require('nothing-of-this-name');").error
    told = "Error: Cannot find module 'nothing-of-this-name'"
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == f"{told}\nRequire stack:\n- /var/task/index.js\n- /var/runtime/index.mjs"
    assert error["trace"][:2] == [f"Runtime.ImportModuleError: {told}", "Require stack:"]


def test_a_handlers_file_that_is_not_there_is_told_as_node_tells_it(lab: Lab, view: object) -> None:
    error = failed(lab, "", handler="src/missing.handler").error
    assert error["errorMessage"] == (
        "Error: Cannot find module 'missing'\nRequire stack:\n- /var/runtime/index.mjs"
    )


@pytest.mark.parametrize("version", [22, 24])
def test_a_package_that_import_cannot_find_is_a_plain_error(lab: Lab, view: object, version: int) -> None:
    outcome = failed(lab, "import 'nothing-of-this-name';", version, "index.mjs")
    assert outcome.error["errorType"] == "Error"
    assert outcome.error["errorMessage"] == (
        "Cannot find package 'nothing-of-this-name' imported from /var/task/index.mjs"
    )
    title = "Uncaught Exception" if version == 22 else "Init Error"
    assert logged(outcome, title)["code"] == "ERR_MODULE_NOT_FOUND"


def test_a_rejection_that_nobody_handles_ends_the_process_with_128(lab: Lab) -> None:
    source = """
        exports.handler = () => new Promise(() => { Promise.reject(new Error('left alone')); setInterval(() => 0, 9); });
    """
    outcome = failed(lab, source)
    assert outcome.error["errorType"] == "Runtime.UnhandledPromiseRejection"
    error = logged(outcome, "Unhandled Promise Rejection")
    assert (error["reason"]["errorMessage"], error["promise"]) == ("left alone", {})
    assert any("exit status 128" in line for line in outcome.log)


def test_a_rejection_that_nobody_handles_at_the_start_is_the_runtimes_error(lab: Lab) -> None:
    source = "Promise.reject(new Error('left alone'));\nexport const handler = async () => 1;"
    error = failed(lab, source, file="index.mjs").error
    assert error["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert error["errorMessage"] == "Error: left alone"


def test_a_file_that_never_stops_awaiting_ends_the_process(lab: Lab) -> None:
    error = failed(lab, "await new Promise(() => {});", file="index.mjs").error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Runtime exited with error: exit status 13")
