"""What a Node.js function finds by the version that it asks for, whichever Node.js of this machine runs it."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from lambdaform.local.runtimes.nodejs import _knows
from tests.local.lab import Lab, Outcome

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node on this machine's PATH")

VERSIONS = [20, 22, 24]


def invoked(lab: Lab, version: int, source: str, event: Any = None, **configuration: Any) -> Outcome:
    name = lab.function({"index.js": source}, runtime=f"nodejs{version}.x", **configuration)
    return lab.invoke(name, event)


def needs(option: str) -> pytest.MarkDecorator:
    """A test that needs a Node.js with this option."""
    missing = NODE is None or not _knows(NODE, option)
    return pytest.mark.skipif(missing, reason=f"this machine's node has no {option}")


def test_node_has_lambdas_options_for_its_memory(lab: Lab) -> None:
    source = """
        const { maxHeaderSize } = require('http');
        exports.handler = async () => [typeof gc, maxHeaderSize, process.execArgv.slice(0, 5)];
    """
    assert invoked(lab, 22, source, memory_size=128).value == [
        "function",
        81920,
        [
            "--expose-gc",
            "--max-http-header-size",
            "81920",
            "--max-semi-space-size=6",
            "--max-old-space-size=116",
        ],
    ]


def test_a_function_that_makes_much_garbage_stays_within_its_memory(lab: Lab) -> None:
    source = """
        exports.handler = async () => {
            const kept = [];
            for (let i = 0; i < 1200; i++) {
                kept.push(Array.from({ length: 2000 }, (_, j) => ({ i, j, text: `x${i}${j}` })));
                if (kept.length > 40) kept.shift();
                if (i % 50 === 0) await new Promise(setImmediate);
            }
            return kept.length;
        };
    """
    assert invoked(lab, 22, source, memory_size=128, timeout=60).value == 40


@needs("--no-experimental-require-module")
@pytest.mark.parametrize("version", VERSIONS)
def test_require_takes_no_es_module_unless_node_options_allow_it(lab: Lab, version: int) -> None:
    files = {
        "index.js": "const { a } = require('./own.mjs'); exports.handler = async () => a;",
        "own.mjs": "export const a = 1;",
    }
    runtime = f"nodejs{version}.x"
    error = lab.invoke(lab.function(files, runtime=runtime)).error
    assert error["errorType"] == "Error"
    assert error["errorMessage"].startswith("require() of ES Module ")
    options = {"NODE_OPTIONS": "--experimental-require-module"}
    assert lab.invoke(lab.function(files, runtime=runtime, environment=options)).value == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_is_an_es_module_only_where_its_name_or_package_says_so(lab: Lab, version: int) -> None:
    error = invoked(lab, version, "export const handler = async () => 1;").error
    assert error["errorType"] == "Runtime.UserCodeSyntaxError"
    assert error["errorMessage"] == "SyntaxError: Unexpected token 'export'"


@needs("--no-experimental-detect-module")
def test_node_options_may_have_node_look_whether_a_file_is_an_es_module(lab: Lab) -> None:
    options = {"NODE_OPTIONS": "--experimental-detect-module"}
    source = "export const handler = async () => 1;"
    assert invoked(lab, 24, source, environment=options).value == 1


CALLBACK = "exports.handler = (event, context, callback) => callback(null, 1);"


def test_from_24_on_there_are_no_callbacks(lab: Lab) -> None:
    outcome = invoked(lab, 24, CALLBACK)
    error = outcome.error
    assert error["errorType"] == "Runtime.CallbackHandlerDeprecated"
    assert error["errorMessage"].startswith(
        "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. "
    )
    assert error["trace"][0] == f"Runtime.CallbackHandlerDeprecated: {error['errorMessage']}"
    [*_, line] = [line for line in outcome.log if "Init Error" in line]
    assert '\t-\tERROR\tInit Error \t{"errorType":"Runtime.CallbackHandlerDeprecated",' in line
    assert '"name":"Runtime.CallbackHandlerDeprecated"' in line


def test_before_24_callbacks_are_warned_of_unless_the_function_will_not_hear_it(lab: Lab) -> None:
    silent = {"AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING": "1"}
    warned = [
        any("\tWARN\tAWS Lambda plans to remove support for callback" in line for line in outcome.log)
        for outcome in (
            invoked(lab, 22, CALLBACK),
            invoked(lab, 22, CALLBACK, environment=silent),
            invoked(lab, 22, "exports.handler = async (event, context, callback) => 1;"),
        )
    ]
    assert warned == [True, False, False]


def test_from_24_on_the_context_answers_nothing(lab: Lab) -> None:
    source = """
        exports.handler = async (event, context) =>
            ['callbackWaitsForEmptyEventLoop', 'done', 'fail', 'succeed'].filter((name) => name in context);
    """
    assert [len(invoked(lab, version, source).value) for version in VERSIONS] == [4, 4, 0]


def test_what_a_handler_returns_without_a_promise_counts_from_24_on(lab: Lab) -> None:
    source = "exports.handler = () => 'stock';"
    assert [invoked(lab, version, source).value for version in VERSIONS] == [None, None, "stock"]


def test_a_default_export_is_looked_into_from_24_on(lab: Lab) -> None:
    files = {"index.mjs": "export default { handler: async () => 'default' };"}
    before, after = (lab.function(files, runtime=f"nodejs{version}.x") for version in (22, 24))
    assert lab.invoke(before).error["errorType"] == "Runtime.HandlerNotFound"
    assert lab.invoke(after).value == "default"


ANSWERS = [
    pytest.param("callback(new Error('no stock'))", "no stock", id="the callback's error"),
    pytest.param("context.fail(new Error('no stock'))", "no stock", id="fail"),
    pytest.param("context.fail()", "handled", id="fail without an error"),
    pytest.param("context.done(new Error('no stock'))", "no stock", id="done with an error"),
    pytest.param("context.succeed('stock')", None, id="succeed"),
    pytest.param("context.done(null, 'stock')", None, id="done"),
]


@pytest.mark.parametrize(("call", "error"), ANSWERS)
def test_only_the_callbacks_success_waits_for_the_event_loop(lab: Lab, call: str, error: str | None) -> None:
    source = f"exports.handler = (event, context, callback) => {{ setInterval(() => 0, 20); {call}; }};"
    outcome = invoked(lab, 22, source, timeout=5)
    if error is None:
        assert outcome.value == "stock"
    else:
        assert outcome.error["errorMessage"] == error


def test_the_first_answer_counts(lab: Lab) -> None:
    source = """
        exports.handler = (event, context, callback) => {
            context.succeed('first');
            callback(new Error('second'));
            context.done(null, 'third');
        };
    """
    assert invoked(lab, 22, source).value == "first"


LEAVES_A_REJECTION = """
    const leave = async () => { throw new Error('left alone'); };
    exports.handler = async () => { leave(); return 'answered'; };
"""


def test_before_24_a_rejection_that_nobody_handles_comes_too_late_for_an_answer(lab: Lab) -> None:
    outcome = invoked(lab, 22, LEAVES_A_REJECTION)
    assert outcome.value == "answered"
    assert any("\tERROR\tUnhandled Promise Rejection \t" in line for line in outcome.log)


def test_from_24_on_node_itself_ends_where_nobody_handles_a_rejection(lab: Lab) -> None:
    outcome = invoked(lab, 24, LEAVES_A_REJECTION)
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.error["errorMessage"].endswith("Runtime exited with error: exit status 1")
    assert "Error: left alone" in outcome.log


def test_up_to_18_amazons_certificates_are_named(lab: Lab) -> None:
    source = """
        const { X509Certificate } = require('crypto');
        const { readFileSync } = require('fs');
        exports.handler = async () => {
            const file = `${process.env.LAMBDA_RUNTIME_DIR}/ca-cert.pem`;
            const { issuer } = new X509Certificate(readFileSync(file));
            return [process.env.NODE_EXTRA_CA_CERTS === file, issuer.includes('Amazon')];
        };
    """
    named = [invoked(lab, version, source).value for version in (18, 20)]
    assert named == [[True, True], [False, True]]
    own = invoked(lab, 18, source, environment={"NODE_EXTRA_CA_CERTS": "/var/task/own.pem"})
    assert own.value == [False, True]
