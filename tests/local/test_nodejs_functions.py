"""Node.js functions in real processes: handlers in every form, errors and log lines as on AWS."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from lambdaform.errors import LocalError
from lambdaform.local.cognito_identity import CognitoIdentity
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes.nodejs import nodejs_runtime
from tests.local.lab import Lab

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)

COMMONJS = "exports.handler = async (event, context) => ({ event, id: context.awsRequestId });\n"


def node(lab: Lab, source: str, name: str = "index.js", **configuration: object) -> str:
    return lab.function({name: source}, runtime="nodejs22.x", **configuration)  # type: ignore[arg-type]


HANDLERS = [
    pytest.param("exports.handler = async (event) => event.n + 1;", "index.js", id="CommonJS, async"),
    pytest.param(
        "exports.handler = (event) => Promise.resolve(event.n + 1);", "index.js", id="CommonJS, a promise"
    ),
    pytest.param(
        "exports.handler = (event, context, callback) => callback(null, event.n + 1);",
        "index.js",
        id="CommonJS, a callback",
    ),
    pytest.param(
        "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.n + 1), 5); };",
        "index.js",
        id="CommonJS, a callback later",
    ),
    pytest.param(
        "exports.handler = (event, context) => { context.succeed(event.n + 1); };", "index.js", id="succeed"
    ),
    pytest.param("export const handler = async (event) => event.n + 1;", "index.mjs", id="an ES module"),
    pytest.param(
        "const later = await Promise.resolve(1);\nexport const handler = async (event) => event.n + later;",
        "index.mjs",
        id="an ES module that awaits at its top",
    ),
    pytest.param("exports.handler = async (event) => event.n + 1;", "index.cjs", id=".cjs"),
]


@pytest.mark.parametrize(("source", "file"), HANDLERS)
def test_a_handler_may_have_any_of_nodes_forms(lab: Lab, source: str, file: str) -> None:
    assert lab.invoke(node(lab, source, file), {"n": 41}).value == 42


def test_a_package_may_say_that_its_files_are_es_modules(lab: Lab) -> None:
    files = {
        "index.js": "export const handler = async () => typeof require;",
        "package.json": '{"type": "module"}',
    }
    assert lab.invoke(lab.function(files, runtime="nodejs22.x")).value == "undefined"


def test_a_handler_may_lie_in_folders_and_objects(lab: Lab) -> None:
    source = "exports.api = { orders: async () => 'here' };"
    assert lab.invoke(node(lab, source, "src/app.js", handler="src/app.api.orders")).value == "here"


def test_several_events_are_answered_one_after_the_other_by_one_process(lab: Lab) -> None:
    name = node(lab, "let n = 0; exports.handler = async () => [process.pid, ++n];")
    first, second = lab.invoke(name).value, lab.invoke(name).value
    assert first[0] == second[0]
    assert second[1] == 2


@pytest.mark.parametrize(
    ("source", "payload"),
    [("undefined", b"null"), ("null", b"null"), ("'ü'", '"ü"'.encode()), ("[1]", b"[1]")],
)
def test_what_a_function_returns_is_its_json(lab: Lab, source: str, payload: bytes) -> None:
    assert lab.invoke(node(lab, f"exports.handler = async () => {source};")).response.payload == payload


def test_an_error_is_answered_with_type_message_and_trace(lab: Lab, view: object) -> None:
    name = node(lab, "exports.handler = async () => { throw new TypeError('no stock'); };")
    error = lab.invoke(name).error
    trace = error.pop("trace")
    assert error == {"errorType": "TypeError", "errorMessage": "no stock"}
    assert trace[0] == "TypeError: no stock"
    assert trace[1].startswith("    at exports.handler (/var/task/index.js:1:")


def test_an_error_given_to_the_callback_is_the_same(lab: Lab) -> None:
    name = node(lab, "exports.handler = (event, context, callback) => callback(new Error('no stock'));")
    assert lab.invoke(name).error["errorMessage"] == "no stock"


def test_an_error_is_in_the_log(lab: Lab) -> None:
    name = node(lab, "exports.handler = async () => { throw new Error('no stock'); };")
    outcome = lab.invoke(name)
    [line] = [line for line in outcome.log if "\tERROR\tInvoke Error \t" in line]
    assert line.split("\t")[1] == outcome.request_id
    assert '"errorMessage":"no stock"' in line


INIT_FAILURES = [
    pytest.param("", "missing.handler", "Runtime.ImportModuleError", "missing", id="no such module"),
    pytest.param(
        "require('nothing-of-this-name');",
        "index.handler",
        "Runtime.ImportModuleError",
        "Error: Cannot find module 'nothing-of-this-name'",
        id="a module it needs",
    ),
    pytest.param(
        "exports.other = 1;",
        "index.handler",
        "Runtime.HandlerNotFound",
        "index.handler is undefined or not exported",
        id="not exported",
    ),
    pytest.param(
        "exports.handler = 1;",
        "index.handler",
        "Runtime.HandlerNotFound",
        "index.handler is not a function",
        id="no function",
    ),
    pytest.param("", "index", "Runtime.MalformedHandlerName", "Bad handler", id="no dot"),
    pytest.param(
        "",
        "../code/index.handler",
        "Runtime.MalformedHandlerName",
        "'../code/index.handler' is not a valid handler name. "
        "Use absolute paths when specifying root directories in handler names.",
        id="a way up",
    ),
    pytest.param(
        "exports.handler = async () => {",
        "index.handler",
        "Runtime.UserCodeSyntaxError",
        "SyntaxError: ",
        id="syntax error",
    ),
    pytest.param(
        "throw new RangeError('top');", "index.handler", "RangeError", "top", id="an error at its top"
    ),
]


@pytest.mark.parametrize(("source", "handler", "error_type", "message"), INIT_FAILURES)
def test_a_handler_that_cannot_be_had_is_the_runtimes_error(
    lab: Lab, source: str, handler: str, error_type: str, message: str
) -> None:
    outcome = lab.invoke(node(lab, source, handler=handler))
    assert outcome.error["errorType"] == error_type
    assert message in outcome.error["errorMessage"]
    assert outcome.report["Status"] == "error"


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("const { S3Client } = require('@aws-sdk/client-s3');", "index.js"),
        ("import { S3Client } from '@aws-sdk/client-s3';", "index.mjs"),
    ],
    ids=["CommonJS", "an ES module"],
)
def test_an_aws_sdk_that_is_not_here_is_said_with_what_to_do(lab: Lab, source: str, file: str) -> None:
    outcome = lab.invoke(node(lab, source, file))
    assert "@aws-sdk/client-s3" in outcome.error["errorMessage"]
    assert (
        "lambdaform: Lambda brings @aws-sdk/client-s3, and it is not here. "
        "Put it into the package: npm install @aws-sdk/client-s3"
    ) in outcome.log


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("const { name } = require('@aws-sdk/client-none'); exports.handler = async () => name;", "index.js"),
        (
            "import { name } from '@aws-sdk/client-none'; export const handler = async () => name;",
            "index.mjs",
        ),
    ],
    ids=["CommonJS", "an ES module"],
)
def test_an_aws_sdk_that_this_machine_has_for_all_is_there_as_on_lambda(
    any_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, file: str
) -> None:
    package = tmp_path / "lib/node_modules/@aws-sdk/client-none"
    package.mkdir(parents=True)
    (package / "index.js").write_text("exports.name = require('./own.js');")
    (package / "own.js").write_text("module.exports = 'the SDK';")
    monkeypatch.setenv("NPM_CONFIG_PREFIX", str(tmp_path))
    assert any_lab.invoke(node(any_lab, source, file)).value == "the SDK"


def test_a_layers_modules_are_found_by_es_modules_too(any_lab: Lab) -> None:
    name = any_lab.function(
        {
            "index.mjs": """
                import { own } from './own.mjs';
                export const handler = async () => [own, (await import('dynamic')).where];
            """,
            "own.mjs": "import { where } from 'shared';\nexport const own = where;\n",
        },
        layers={
            "nodejs/node_modules/shared/package.json": '{"type": "module", "exports": "./main.js"}',
            "nodejs/node_modules/shared/main.js": "export const where = 'layer';",
            "nodejs/node22/node_modules/dynamic/index.js": "exports.where = 'layer of Node.js 22';",
        },
        runtime="nodejs22.x",
    )
    assert any_lab.invoke(name).value == ["layer", "layer of Node.js 22"]


def test_a_package_of_es_modules_finds_a_layers_modules_too(lab: Lab) -> None:
    files = {
        "src/index.js": "import { where } from 'shared';\nexport const handler = async () => where;\n",
        "package.json": '{"type": "module"}',
    }
    layers = {"nodejs/node_modules/shared/index.js": "exports.where = 'layer';"}
    name = lab.function(files, layers=layers, runtime="nodejs22.x", handler="src/index.handler")
    assert lab.invoke(name).value == "layer"


def test_what_is_in_no_layer_is_told_as_node_tells_it(lab: Lab) -> None:
    layers = {"nodejs/node_modules/shared/index.js": ""}
    files = {"index.mjs": "import 'elsewhere';\nexport const handler = async () => 1;\n"}
    error = lab.invoke(lab.function(files, layers=layers, runtime="nodejs22.x")).error
    assert error["errorType"] == "Error"
    assert re.search(r"Cannot find package 'elsewhere' imported from /.*/index\.mjs", error["errorMessage"])


@pytest.mark.parametrize(
    ("code", "reason"), [(0, "without providing a reason"), (7, "with error: exit status 7")]
)
def test_a_process_that_exits_is_reported(lab: Lab, code: int, reason: str) -> None:
    outcome = lab.invoke(node(lab, f"exports.handler = async () => process.exit({code});"))
    assert outcome.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: Runtime exited {reason}",
    }


def test_an_error_that_nobody_catches_ends_the_process_and_is_the_answer(lab: Lab) -> None:
    name = node(
        lab,
        "exports.handler = () => new Promise(() => { setTimeout(() => { throw new Error('nobody caught me'); }, 1); });",
    )
    outcome = lab.invoke(name)
    assert outcome.error["errorMessage"] == "nobody caught me"
    assert outcome.report["Status"] == "error"


def test_a_rejection_that_nobody_handles_has_its_own_type(lab: Lab) -> None:
    source = """
        exports.handler = () => new Promise(() => { Promise.reject(new Error('left alone')); setInterval(() => 0, 9); });
    """
    error = lab.invoke(node(lab, source)).error
    assert error["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert error["errorMessage"] == "Error: left alone"


def test_an_async_handler_whose_promise_is_never_settled_is_an_error(lab: Lab) -> None:
    source = "exports.handler = async (event) => { if (event) await new Promise(() => {}); return 1; };"
    name = node(lab, source)
    error = lab.invoke(name, True).error
    assert error["errorType"] == "Runtime.NodeJsExit"
    assert "a Promise that was never settled" in error["errorMessage"]
    assert lab.invoke(name, False).value == 1


def test_a_promise_that_is_never_settled_by_a_handler_that_is_not_async_is_null(lab: Lab) -> None:
    assert lab.invoke(node(lab, "exports.handler = () => new Promise(() => {});")).value is None


def test_a_handler_that_never_answers_is_answered_null_when_its_work_is_done(lab: Lab) -> None:
    name = node(lab, "exports.handler = (event, context, callback) => { setTimeout(() => 0, 5); };")
    assert lab.invoke(name).response.payload == b"null"


def test_a_timeout_is_that_of_every_runtime(lab: Lab) -> None:
    name = node(lab, "exports.handler = () => new Promise(() => setInterval(() => 0, 50));", timeout=1)
    assert lab.invoke(name).error["errorType"] == "Sandbox.Timedout"


def test_a_callbacks_answer_waits_for_the_event_loop_unless_the_handler_says_otherwise(lab: Lab) -> None:
    source = """
        exports.handler = (event, context, callback) => {
            context.callbackWaitsForEmptyEventLoop = event.wait;
            setTimeout(() => console.log('the timer'), 900);
            callback(null, 'now');
        };
    """
    waited, not_waited = (lab.invoke(node(lab, source), {"wait": wait}) for wait in (True, False))
    assert waited.value == not_waited.value == "now"
    assert any("the timer" in line for line in waited.log)
    assert not any("the timer" in line for line in not_waited.log)


def test_the_console_writes_lambdas_form(lab: Lab) -> None:
    name = node(
        lab, "exports.handler = async () => { console.log('a %d', 1, {b: 2}); console.warn('two\\nlines'); };"
    )
    outcome = lab.invoke(name)
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    first, second = (line for line in outcome.log if re.match(stamp, line))
    assert re.fullmatch(rf"{stamp}\t{outcome.request_id}\tINFO\ta 1 \{{ b: 2 \}}", first)
    assert re.fullmatch(rf"{stamp}\t{outcome.request_id}\tWARN\ttwo\nlines", second)


def test_the_context_says_what_is_invoked(lab: Lab) -> None:
    source = """
        exports.handler = async (event, context) => ({
            functionName: context.functionName,
            functionVersion: context.functionVersion,
            invokedFunctionArn: context.invokedFunctionArn,
            awsRequestId: context.awsRequestId,
            memoryLimitInMB: context.memoryLimitInMB,
            logGroupName: context.logGroupName,
            custom: context.clientContext.custom,
            identity: context.identity,
            hasTime: context.getRemainingTimeInMillis() > 5000,
        });
    """
    name = node(lab, source)
    somebody = CognitoIdentity(identity_id="eu-west-1:905edd66", identity_pool_id="eu-west-1:715601c9")
    outcome = lab.invoke(name, client_context='{"custom": {"a": "☃"}}', cognito_identity=somebody)
    assert outcome.value == {
        "functionName": name,
        "functionVersion": "$LATEST",
        "invokedFunctionArn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "awsRequestId": outcome.request_id,
        "memoryLimitInMB": "256",
        "logGroupName": f"/aws/lambda/{name}",
        "custom": {"a": "☃"},
        "identity": {
            "cognitoIdentityId": "eu-west-1:905edd66",
            "cognitoIdentityPoolId": "eu-west-1:715601c9",
        },
        "hasTime": True,
    }


def test_a_layers_modules_are_found(lab: Lab) -> None:
    name = lab.function(
        {"index.js": "exports.handler = async () => require('shared').where;"},
        layers={"nodejs/node_modules/shared/index.js": "exports.where = 'layer';"},
        runtime="nodejs22.x",
    )
    assert lab.invoke(name).value == "layer"


def test_a_wrapper_script_may_give_node_options(lab: Lab) -> None:
    name = lab.function(
        {
            "index.js": "exports.handler = async () => process.execArgv;",
            "wrapper": '#!/bin/sh\nstart="$1"\nshift\nexec "$start" --no-warnings "$@"\n',
        },
        runtime="nodejs22.x",
        environment={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"},
    )
    assert "--no-warnings" in lab.invoke(name).value


def test_a_node_of_another_version_is_said(lab: Lab) -> None:
    notices: list[str] = []
    lab.service._pool._notice = notices.append
    lab.service._pool._noticed.clear()
    lab.invoke(lab.function({"index.js": COMMONJS}, runtime="nodejs12.x"))
    [notice] = notices
    assert notice.startswith("nodejs12.x runs on Node.js ")


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("NVM_DIR", "versions/node/v{}/bin"),
        ("FNM_DIR", "node-versions/v{}/installation/bin"),
        ("VOLTA_HOME", "tools/image/node/{}/bin"),
        ("MISE_DATA_DIR", "installs/node/{}/bin"),
    ],
    ids=["nvm", "fnm", "Volta", "mise"],
)
def test_a_node_of_the_right_version_is_taken_from_where_a_version_manager_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, str(tmp_path))
    for version in ("97.9.1", "97.10.0", "98.1.0"):
        stand_in = tmp_path / folder.format(version) / "node"
        stand_in.parent.mkdir(parents=True)
        stand_in.write_text("#!/bin/sh\n")
        stand_in.chmod(0o755)
    runtime = nodejs_runtime(configuration(tmp_path, "nodejs97.x"))
    assert "97.10.0" in runtime.node
    assert runtime.notice is None


def configuration(tmp_path: Path, runtime: str) -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime=runtime,
        handler="index.handler",
        code=tmp_path,
        opt=tmp_path,
    )


def test_a_machine_without_node_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LocalError, match="there is no node on this machine's PATH"):
        nodejs_runtime(configuration(tmp_path, "nodejs99.x"))
