"""Custom runtimes: a bootstrap file that speaks the Runtime API itself, in the package or in a layer."""

from __future__ import annotations

import json
import shutil
import uuid

import pytest

from tests.local.lab import Lab, standing_still

#: The tutorial's kind of runtime, in a shell.
SHELL = """\
#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers="$(mktemp)"
  event="$(curl -sS -LD "$headers" "$api/invocation/next")"
  id="$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)"
  echo "handling with $_HANDLER" >&2
  curl -sS -X POST "$api/invocation/$id/response" -d "{\\"echo\\": $event}" >/dev/null
done
"""
#: A runtime without any client library; what it does is the function's to say.
PYTHON = """\
#!/usr/bin/env python3
import http.client, json, os
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, name, body=None, headers={}):
    connection.request(method, "/2018-06-01/runtime/" + name, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read()
while True:
    status, headers, body = call("GET", "invocation/next")
    id = headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(body)
    exec(event["do"])
"""

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def custom(lab: Lab, bootstrap: str = PYTHON, **configuration: object) -> str:
    return lab.function(
        {"bootstrap": bootstrap},
        runtime="provided.al2023",
        handler="my.handler",
        **configuration,  # type: ignore[arg-type]
    )


def respond(value: str) -> str:
    return f"call('POST', 'invocation/' + id + '/response', json.dumps({value}).encode())"


@needs_curl
def test_a_bootstrap_in_a_shell_serves_events(any_lab: Lab) -> None:
    name = custom(any_lab, SHELL)
    assert any_lab.invoke(name, {"a": 1}).value == {"echo": {"a": 1}}
    outcome = any_lab.invoke(name, 2)
    assert outcome.value == {"echo": 2}
    assert "handling with my.handler" in outcome.log


def test_a_bootstrap_may_lie_in_a_layer(any_lab: Lab) -> None:
    name = any_lab.function(
        {"data.txt": "x"}, layers={"bootstrap": PYTHON}, runtime="provided.al2023", handler="my.handler"
    )
    assert any_lab.invoke(name, {"do": respond("os.getcwd()")}).value == (
        any_lab.invoke(name, {"do": respond("os.environ['LAMBDA_TASK_ROOT']")}).value
    )


def test_the_packages_bootstrap_wins_over_a_layers(lab: Lab) -> None:
    name = lab.function(
        {"bootstrap": PYTHON},
        layers={"bootstrap": "#!/bin/sh\nexit 9\n"},
        runtime="provided.al2023",
    )
    assert lab.invoke(name, {"do": respond("1")}).value == 1


def test_a_custom_runtime_is_not_told_an_execution_environment(lab: Lab) -> None:
    assert lab.invoke(custom(lab), {"do": respond("'AWS_EXECUTION_ENV' in os.environ")}).value is False


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"readme": "x"}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        (
            {"bootstrap": "#!/no/such/interpreter\n"},
            "fork/exec /var/task/bootstrap: no such file or directory",
        ),
        ({"bootstrap": "no program\n"}, "fork/exec /var/task/bootstrap: exec format error"),
    ],
    ids=["none", "one without its interpreter", "one of another machine"],
)
def test_a_bootstrap_that_cannot_be_started_is_an_invalid_entrypoint(
    any_lab: Lab, files: dict[str, str], reason: str
) -> None:
    outcome = any_lab.invoke(any_lab.function(files, runtime="provided.al2023"))
    message = f"RequestId: {outcome.request_id} Error: {reason}"
    assert outcome.error == {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message}
    assert f"{message}\nRuntime.InvalidEntrypoint" in outcome.log
    assert outcome.report["Error Type"] == "Runtime.InvalidEntrypoint"


@pytest.mark.parametrize(
    ("work", "message"),
    [
        ("call('POST', 'init/error', b'{}')", "from Running to InitError"),
        ("call('GET', 'invocation/next')", "from Running to Ready"),
        (f"({respond('1')}, {respond('2')})[1]", "from RuntimeResponseSentState to InvocationResponse"),
        (
            f"({respond('1')}, call('POST', 'invocation/' + id + '/error', b'{{}}'))[1]",
            "from RuntimeResponseSentState to InvocationErrorResponse",
        ),
    ],
)
def test_a_call_out_of_turn_is_refused_in_awss_words(lab: Lab, work: str, message: str) -> None:
    done = f"answer = {work}\nprint(answer[2].decode().strip(), flush=True)\n{respond('0')}"
    words = f"State transition {message} failed for runtime. Error: State transition is not allowed"
    body = json.dumps({"errorMessage": words, "errorType": "InvalidStateTransition"})
    assert body in lab.invoke(custom(lab), {"do": done}).log


def test_a_response_in_a_way_that_there_is_not_is_an_error(lab: Lab) -> None:
    header = "{'Lambda-Runtime-Function-Response-Mode': 'dripping'}"
    work = f"call('POST', 'invocation/' + id + '/response', b'1', {header})"
    outcome = lab.invoke(custom(lab), {"do": work})
    assert outcome.error["errorType"] == "Runtime.InvalidResponseModeHeader"


def test_a_bootstrap_that_is_not_executable_is_an_invalid_entrypoint(lab: Lab) -> None:
    name = custom(lab)
    function = lab.service.functions.find(name)
    assert function is not None
    (function.versions["$LATEST"].code / "bootstrap").chmod(0o644)
    error = lab.invoke(name).error
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert error["errorMessage"].endswith(" Error: fork/exec /var/task/bootstrap: permission denied")


def test_a_bootstrap_that_exits_is_reported_with_its_status(lab: Lab) -> None:
    outcome = lab.invoke(custom(lab, "#!/bin/sh\necho starting\nexit 127\n"))
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.error["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")
    assert outcome.log.count("starting") == 2


def test_a_runtime_that_exits_as_soon_as_it_has_sent_its_response_has_answered(lab: Lab) -> None:
    work = """
import socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
s = socket.create_connection((host, int(port)))
s.sendall(("POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nContent-Length: 1\\r\\n\\r\\n7" % id).encode())
os._exit(0)
"""
    name = custom(lab)
    assert [lab.invoke(name, {"do": work}).value for _ in range(20)] == [7] * 20


def test_an_init_error_is_the_callers_answer(lab: Lab) -> None:
    bootstrap = """\
        #!/usr/bin/env python3
        import http.client, os
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request(
            "POST",
            "/2018-06-01/runtime/init/error",
            '{"errorMessage": "no settings", "errorType": "Mine"}',
            {"Lambda-Runtime-Function-Error-Type": "Runtime.NoSettings"},
        )
        print(connection.getresponse().status)
        raise SystemExit(1)
        """
    outcome = lab.invoke(
        custom(lab, "\n".join(line.removeprefix("        ") for line in bootstrap.split("\n")))
    )
    assert outcome.error == {"errorMessage": "no settings", "errorType": "Mine"}
    assert outcome.report["Error Type"] == "Runtime.NoSettings"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Runtime.Broken", "Runtime.Broken"),
        ("Function.Broken", "Function.Broken"),
        ("Function.lower", "Function.Unknown"),
        ("anything", "Runtime.Unknown"),
    ],
)
def test_the_error_type_of_an_exit_after_an_init_error_is_lambdas(lab: Lab, given: str, kept: str) -> None:
    bootstrap = f"""\
#!/usr/bin/env python3
import http.client, os
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
connection.request("POST", "/2018-06-01/runtime/init/error", "{{}}", {{"Lambda-Runtime-Function-Error-Type": "{given}"}})
connection.getresponse()
"""
    assert lab.invoke(custom(lab, bootstrap)).report["Error Type"] == kept


def test_an_error_is_passed_on_as_the_runtime_gave_it(lab: Lab) -> None:
    work = "call('POST', 'invocation/' + id + '/error', b'{\"errorType\": \"X\", \"errorMessage\": \"y\"}')"
    assert lab.invoke(custom(lab), {"do": work}).error == {"errorType": "X", "errorMessage": "y"}


def test_a_response_is_answered_with_202(lab: Lab) -> None:
    outcome = lab.invoke(custom(lab), {"do": f"print({respond('1')}[::2], flush=True)"})
    assert '(202, b\'{"status":"OK"}\\n\')' in outcome.log


@pytest.mark.parametrize(
    ("work", "status", "error_type"),
    [
        ("call('POST', 'invocation/wrong/response', b'1')", 400, "InvalidRequestID"),
        ("call('GET', 'invocation/next')", 403, "InvalidStateTransition"),
        ("call('POST', 'init/error', b'{}')", 403, "InvalidStateTransition"),
        (f"({respond('1')}, {respond('2')})[1]", 403, "InvalidStateTransition"),
        (
            "call('POST', 'invocation/' + id + '/response', b'1', "
            "{'Lambda-Runtime-Function-Response-Mode': 'dripping'})",
            400,
            "InvalidFunctionResponseMode",
        ),
        (
            "call('POST', 'invocation/' + id + '/response', b'1', {'Lambda-Runtime-Invocation-Id': id})",
            400,
            "InvalidInvocationId",
        ),
        (
            "call('POST', 'invocation/' + id + '/error', b'{}', {'Lambda-Runtime-Invocation-Id': id})",
            400,
            "InvalidInvocationId",
        ),
        (
            "call('POST', 'invocation/' + id + '/response', b'1', {'Lambda-Runtime-Invocation-Id': id, "
            "'Lambda-Runtime-Function-Response-Mode': 'streaming'})",
            400,
            "InvalidInvocationId",
        ),
        ("call('GET', 'restore/next')", 404, None),
        ("call('GET', 'nothing')", 404, None),
    ],
)
def test_misuse_of_the_runtime_api_is_answered_as_on_aws(
    lab: Lab, work: str, status: int, error_type: str | None
) -> None:
    told = "'told: ' + json.dumps([answer[0], answer[2].decode()])"
    done = f"answer = {work}\nprint({told}, flush=True)\n{respond('0')}"
    outcome = lab.invoke(custom(lab), {"do": done})
    [line] = outcome.lines("told: ")
    assert f"[{status}, " in line
    assert error_type is None or error_type in line


TOO_MUCH = "'invocation/' + id + '/response', b'x' * 7_000_000"


@pytest.mark.parametrize(
    ("work", "refused"),
    [
        ("'invocation/wrong/response', b'x' * 7_000_000", "InvalidRequestID"),
        (f"{TOO_MUCH}, {{'Lambda-Runtime-Invocation-Id': id}}", "InvalidInvocationId"),
    ],
    ids=["another event", "another attempt"],
)
def test_too_large_a_response_to_something_else_leaves_the_event_alone(
    lab: Lab, work: str, refused: str
) -> None:
    done = f"print(call('POST', {work})[::2], flush=True)\n{respond('7')}"
    outcome = lab.invoke(custom(lab), {"do": done})
    assert outcome.value == 7
    [line] = outcome.lines("(400, ")
    assert refused in line


def test_whose_answer_it_is_is_asked_before_whether_it_is_time(lab: Lab) -> None:
    work = "print(call('POST', 'invocation/wrong/response', b'1')[::2], flush=True)"
    [line] = lab.invoke(custom(lab), {"do": f"{respond('1')}\n{work}"}).lines("(400, ")
    assert "InvalidRequestID" in line


#: Asks for its next event on a connection that it gives up at once, and again a while later.
FICKLE = (
    PYTHON
    + """\
    import socket, time
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    with socket.create_connection((host, int(port))) as given_up:
        given_up.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    time.sleep(SECONDS)
"""
)


def test_a_runtime_that_gives_up_its_call_gets_the_event_when_it_asks_again(lab: Lab) -> None:
    name = custom(lab, FICKLE.replace("SECONDS", "0.02"))
    pids = []
    for _ in range(3):
        pids.append(lab.invoke(name, {"do": respond("os.getpid()")}).value)
        lab.run(standing_still(pids[-1]))
    assert len(set(pids)) == 1


def test_a_runtime_that_gives_up_its_call_and_never_asks_again_times_out(lab: Lab) -> None:
    name = custom(lab, FICKLE.replace("SECONDS", "600"), timeout=1)
    pid = lab.invoke(name, {"do": respond("os.getpid()")}).value
    lab.run(standing_still(pid))
    assert lab.invoke(name, {"do": respond("1")}).error["errorType"] == "Sandbox.Timedout"
    assert lab.invoke(name, {"do": respond("os.getpid()")}).value != pid


def test_an_answer_to_an_event_of_before_the_reset_is_refused(lab: Lab) -> None:
    again = PYTHON.replace(
        "while True:",
        'if os.path.exists("/tmp/id"):\n'
        '    print(call("POST", "invocation/" + open("/tmp/id").read() + "/response", b"1")[::2], flush=True)\n'
        "while True:",
    )
    name = custom(lab, again, timeout=1)
    lab.invoke(name, {"do": "open('/tmp/id', 'w').write(id)\nos._exit(1)"})
    outcome = lab.invoke(name, {"do": respond("2")})
    assert outcome.value == 2
    [line] = outcome.lines("(400, ")
    assert "InvalidRequestID" in line


def test_each_attempt_at_an_event_has_an_invocation_id_that_may_be_given_back(lab: Lab) -> None:
    own = "headers['Lambda-Runtime-Invocation-Id']"
    work = f"call('POST', 'invocation/' + id + '/response', json.dumps({own}), {{'Lambda-Runtime-Invocation-Id': {own}}})"
    name = custom(lab)
    told = [lab.invoke(name, {"do": work}).value for _ in range(3)]
    told.append(lab.invoke(custom(lab), {"do": work}).value)
    assert len({uuid.UUID(each) for each in told}) == 4


def test_a_runtime_that_asks_again_without_an_answer_is_refused_and_may_still_answer(lab: Lab) -> None:
    done = f"call('GET', 'invocation/next')\n{respond('7')}"
    assert lab.invoke(custom(lab), {"do": done}).value == 7


def test_an_answer_by_chunks_is_put_together(lab: Lab) -> None:
    work = """
import socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
s = socket.create_connection((host, int(port)))
s.sendall(("POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: x\\r\\n"
           "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
           "3\\r\\n\\"ab\\r\\n2\\r\\nc\\"\\r\\n0\\r\\n\\r\\n" % id).encode())
s.recv(1000)
"""
    assert lab.invoke(custom(lab), {"do": work}).value == "abc"


def test_an_error_in_the_middle_of_a_stream_is_an_error(lab: Lab) -> None:
    work = """
import socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
s = socket.create_connection((host, int(port)))
s.sendall(("POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: x\\r\\n"
           "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n"
           "Trailer: Lambda-Runtime-Function-Error-Type\\r\\n\\r\\n"
           "1\\r\\n1\\r\\n0\\r\\nLambda-Runtime-Function-Error-Type: Function.Broke\\r\\n\\r\\n" % id).encode())
s.recv(1000)
"""
    assert lab.invoke(custom(lab), {"do": work}).response.function_error == "Unhandled"
