"""The AWS-compatible endpoint: what boto3, the AWS CLI, and whoever else knocks get."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from attrs import evolve
from botocore.exceptions import ClientError

from lambdaform.errors import UsageError
from lambdaform.local.control.functions import Alias
from lambdaform.local.endpoint.server import Endpoint
from tests.local.lab import Lab, laboratory
from tests.local.served_account import ServedAccount
from tests.local.wire import exchange

if TYPE_CHECKING:
    pass

T = TypeVar("T")
ECHO = "import sys\ndef handler(event, context):\n    print('seen', event)\n    return event\n"


class Served(ServedAccount):
    """A lab behind an endpoint, with boto3's client."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.port = int(self.endpoint.url.rpartition(":")[2])
        self.echo = lab.function(ECHO)

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        """boto3's invoke, with the payload read."""

        def invoke() -> dict[str, Any]:
            answer = self.client.invoke(**{"FunctionName": self.echo, "Payload": b'{"a": 1}', **parameters})
            return {**answer, "Payload": answer["Payload"].read()}

        return self.call(invoke)

    def refused(self, **parameters: Any) -> dict[str, Any]:
        """The error that boto3 makes of the answer."""
        with pytest.raises(ClientError) as raised:
            self.invoke(**parameters)
        answer: dict[str, Any] = dict(raised.value.response)
        return answer

    def raw(self, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a request with these lines."""
        lines = head.strip().replace("PORT", str(self.port)).split("\n")
        lines += [f"Content-Length: {len(body)}", "Connection: close"]
        data = "\r\n".join(line.strip() for line in lines).encode() + b"\r\n\r\n" + body
        answer = self.lab.run(exchange(self.port, data))
        first, _, rest = answer.partition(b"\r\n\r\n")
        status, *headers = first.decode().split("\r\n")
        return int(status.split()[1]), dict(line.split(": ", 1) for line in headers), rest


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with laboratory(tmp_path_factory.mktemp("served"), sandboxed=False) as lab:
        made = Served(lab)
        yield made
        made.close()


def test_a_synchronous_invocation_is_answered_with_the_result(served: Served) -> None:
    answer = served.invoke()
    assert (answer["StatusCode"], answer["Payload"], answer["ExecutedVersion"]) == (
        200,
        b'{"a": 1}',
        "$LATEST",
    )
    assert "FunctionError" not in answer
    assert "LogResult" not in answer


def test_a_function_error_is_a_200_with_a_header(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    raise ValueError('no stock')\n")
    answer = served.invoke(FunctionName=name)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"])["errorMessage"] == "no stock"


def test_the_tail_of_the_log_is_its_last_4_kb(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    print('x' * 3000)\n    print('y' * 3000)\n")
    tail = base64.b64decode(served.invoke(FunctionName=name, LogType="Tail")["LogResult"])
    assert len(tail) == 4096
    lines = tail.decode().splitlines()
    assert lines[-1].startswith("REPORT RequestId: ")
    assert lines[-3] == "y" * 3000


def test_the_tail_of_the_log_begins_with_the_initialisation(served: Served) -> None:
    name = served.lab.function("print('loading')\ndef handler(event, context):\n    pass\n")
    tails = [base64.b64decode(served.invoke(FunctionName=name, LogType="Tail")["LogResult"]) for _ in "ab"]
    beginnings = [[line.split(" ")[0] for line in tail.decode().splitlines()] for tail in tails]
    assert beginnings == [["loading", "START", "END", "REPORT"], ["START", "END", "REPORT"]]


def test_the_tail_of_the_log_has_the_reason_of_an_initialisation_that_failed(served: Served) -> None:
    name = served.lab.function("import nothing_of_that_name\n")
    tail = base64.b64decode(served.invoke(FunctionName=name, LogType="Tail")["LogResult"]).decode()
    assert tail.count("[ERROR] Runtime.ImportModuleError: Unable to import module 'index'") == 2
    reports = [line for line in tail.splitlines() if "INIT_REPORT" in line]
    assert [re.findall(r"Phase: (\w+)", line) for line in reports] == [["init"], ["invoke"]]
    assert tail.index("Phase: invoke") < tail.index("START RequestId: ")


def test_an_event_is_accepted_with_202_and_runs(served: Served) -> None:
    before = len(served.lab.log)
    answer = served.invoke(InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"]) == (202, b"")

    async def processed() -> None:
        while len(served.lab.service.queue):
            await asyncio.sleep(0.002)

    served.lab.run(processed())
    assert "seen {'a': 1}" in [line.text for line in served.lab.log[before:]]


def test_a_dry_run_is_answered_with_204(served: Served) -> None:
    answer = served.invoke(InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"]) == (204, b"")


def test_the_request_id_is_the_functions(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    return context.aws_request_id\n")
    answer = served.invoke(FunctionName=name)
    assert json.loads(answer["Payload"]) == answer["ResponseMetadata"]["RequestId"]


def test_a_qualifier_is_taken(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    return context.function_version\n")
    function = served.lab.service.functions.find(name)
    assert function is not None
    function.versions["1"] = evolve(function.versions["$LATEST"], version="1")
    function.aliases["live"] = Alias("live", "1")
    answer = served.invoke(FunctionName=name, Qualifier="live")
    assert (answer["Payload"], answer["ExecutedVersion"]) == (b'"1"', "1")
    assert served.invoke(FunctionName=f"{name}:live")["Payload"] == b'"1"'


def test_an_alias_shares_its_invocations_by_weight(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    return context.function_version\n")
    function = served.lab.service.functions.find(name)
    assert function is not None
    for version in ("1", "2"):
        function.versions[version] = evolve(function.versions["$LATEST"], version=version)
    function.aliases["live"] = Alias("live", "1", {"2": 0.25})
    calls = 400

    def invoke() -> str:
        return served.client.invoke(FunctionName=name, Qualifier="live", Payload=b"{}")["ExecutedVersion"]

    def invoke_all() -> Counter[str]:
        with ThreadPoolExecutor(8) as threads:
            return Counter(threads.map(lambda _: invoke(), range(calls)))

    counted = served.call(invoke_all)
    # Five standard deviations of a binomial distribution: once in a million runs it is further off.
    assert abs(counted["2"] - calls * 0.25) < 5 * math.sqrt(calls * 0.25 * 0.75)
    assert counted["1"] + counted["2"] == calls


def test_an_arn_is_a_name(served: Served) -> None:
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{served.echo}"
    assert served.invoke(FunctionName=arn)["StatusCode"] == 200


def test_a_tenant_arrives_and_is_needed_where_tenants_are_isolated(served: Served) -> None:
    code = "def handler(event, context):\n    return context.tenant_id\n"
    name = served.lab.function(code, tenant_isolation=True)
    assert served.invoke(FunctionName=name, TenantId="blue")["Payload"] == b'"blue"'
    answer = served.refused(FunctionName=name)
    assert answer["Error"]["Code"] == "InvalidParameterValueException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert served.refused(TenantId="blue")["Error"]["Code"] == "InvalidParameterValueException"
    assert served.refused(FunctionName=name, TenantId="\u00e4")["Error"]["Code"] == "ValidationException"


def test_a_body_in_chunks_that_are_none_is_refused_as_lambda_refuses(served: Served) -> None:
    lines = (
        f"POST /2015-03-31/functions/{served.echo}/invocations HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        "Transfer-Encoding: chunked",
    )
    answer = served.lab.run(exchange(served.port, "\r\n".join(lines).encode() + b"\r\n\r\nzz\r\n"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-amzn-ErrorType: InvalidRequestContentException" in head
    assert json.loads(body)["message"] == "A chunk of the request's body is malformed."


def test_a_client_context_arrives(served: Served) -> None:
    name = served.lab.function("def handler(event, context):\n    return context.client_context.custom\n")
    context = base64.b64encode('{"custom": {"a": "☃"}}'.encode()).decode()
    assert json.loads(served.invoke(FunctionName=name, ClientContext=context)["Payload"]) == {"a": "☃"}


def test_an_unknown_function_is_a_404(served: Served) -> None:
    error = served.refused(FunctionName="Nowhere")
    assert error["Error"]["Code"] == "ResourceNotFoundException"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert error["Message"] == (
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:Nowhere:$LATEST"
    )
    assert error["Type"] == "User"


def test_curl_is_answered_in_json_though_it_says_that_it_posts_a_form(served: Served) -> None:
    status, headers, body = served.raw(
        "POST /2015-03-31/functions/Nowhere/invocations HTTP/1.1\nHost: 127.0.0.1:PORT\n"
        "Content-Type: application/x-www-form-urlencoded",
        b"{}",
    )
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body)["Type"] == "User"


def test_bad_json_is_a_400(served: Served) -> None:
    error = served.refused(Payload=b"{")
    assert error["Error"]["Code"] == "InvalidRequestContentException"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("kind", "size"),
    [("RequestResponse", 6 * 1024 * 1024 + 1), ("Event", (1 << 20) + 1), ("Event", 20 << 20)],
)
def test_too_large_a_payload_is_a_413(served: Served, kind: str, size: int) -> None:
    error = served.refused(InvocationType=kind, Payload=b'"' + b"x" * (size - 2) + b'"')
    assert error["Error"]["Code"] == "RequestTooLargeException"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_throttled_call_is_a_429_with_its_reason(served: Served) -> None:
    name = served.lab.function(ECHO)
    served.lab.service._concurrency.reserve({name: 0})
    error = served.refused(FunctionName=name)
    assert error["Error"]["Code"] == "TooManyRequestsException"
    assert error["Error"]["Message"] == "Rate Exceeded."
    assert error["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert "retryAfterSeconds" not in error


@pytest.mark.parametrize("header", ["X-Amz-Invocation-Type: Later", "X-Amz-Log-Type: Head"])
def test_a_header_of_no_known_value_is_a_400(served: Served, header: str) -> None:
    status, headers, body = served.raw(
        f"POST /2015-03-31/functions/{served.echo}/invocations HTTP/1.1\nHost: 127.0.0.1:PORT\n{header}",
        b"{}",
    )
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert b"failed to satisfy constraint" in body


@pytest.mark.parametrize("context", ["not base64!", "e", base64.b64encode(b"\xff").decode(), "A" * 3584])
def test_a_client_context_that_is_none_is_a_400(served: Served, context: str) -> None:
    status, headers, _ = served.raw(
        f"POST /2015-03-31/functions/{served.echo}/invocations HTTP/1.1\nHost: 127.0.0.1:PORT\n"
        f"X-Amz-Client-Context: {context}",
        b"{}",
    )
    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestContentException")


def test_an_operation_that_is_not_here_says_so(served: Served) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/a/b"

    def get_durable_execution() -> None:
        served.client.get_durable_execution(DurableExecutionArn=arn)

    with pytest.raises(ClientError) as raised:
        served.call(get_durable_execution)
    error = raised.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
    told = error["Error"]["Message"]
    assert told.startswith("lambdaform does not serve GetDurableExecution of lambda. It serves ")
    assert "GetAccountSettings, " in told
    assert "Invoke, InvokeAsync, InvokeWithResponseStream" in told


@pytest.mark.parametrize(
    ("request_line", "operation", "limit"),
    [
        ("POST /2015-03-31/functions", "CreateFunction", 70_167_211),
        ("PUT /2015-03-31/functions/f/code", "UpdateFunctionCode", 70_167_211),
        ("POST /2018-10-31/layers/l/versions", "PublishLayerVersion", 70_167_211),
        ("POST /2015-03-31/functions/f/aliases", "CreateAlias", 6 << 20),
    ],
)
def test_too_large_a_request_is_a_413(served: Served, request_line: str, operation: str, limit: int) -> None:
    status, headers, body = served.raw(f"{request_line} HTTP/1.1\nHost: 127.0.0.1:PORT", b" " * (limit + 1))
    assert (status, headers["x-amzn-ErrorType"]) == (413, "RequestEntityTooLargeException")
    told = f"Request must be smaller than {limit} bytes for the {operation} operation"
    assert json.loads(body) == {"message": told}


def test_a_request_of_the_most_that_there_may_be_is_read(served: Served) -> None:
    document = b'{"FunctionName": "f!", "Role": "r", "Code": {"ZipFile": "'
    body = document + b"A" * ((70_167_211 - len(document) - 3) // 4 * 4) + b'"}}'
    body = body.ljust(70_167_211)
    status, headers, _ = served.raw("POST /2015-03-31/functions HTTP/1.1\nHost: 127.0.0.1:PORT", body)
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")


def test_an_operation_of_the_control_plane_is_served(served: Served) -> None:
    limit = served.call(served.client.get_account_settings)["AccountLimit"]
    assert limit["CodeSizeUnzipped"] == 262_144_000


def test_a_function_may_invoke_another_through_its_sdk(served: Served) -> None:
    served.lab.service.endpoint_url = served.endpoint.url
    caller = served.lab.function(
        """
        import boto3
        def handler(event, context):
            answer = boto3.client("lambda").invoke(FunctionName=event, Payload=b'{"from": "another"}')
            return answer["Payload"].read().decode()
        """
    )
    answer = served.invoke(FunctionName=caller, Payload=json.dumps(served.echo).encode())
    assert json.loads(json.loads(answer["Payload"])) == {"from": "another"}


REQUEST = "POST /2015-03-31/functions/{name}/invocations HTTP/1.1"


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "api.localhost:PORT"])
def test_a_local_host_is_answered(served: Served, host: str) -> None:
    status, _, _ = served.raw(f"{REQUEST.format(name=served.echo)}\nHost: {host}", b"{}")
    assert status == 200


@pytest.mark.parametrize(
    "lines",
    [
        "Host: evil.example:PORT",
        "Host: evil.example",
        "Host: 127.0.0.1",
        "Host: 127.0.0.1:1",
        "Host: 127.0.0.1.evil.example:PORT",
        "Host: localhost.evil.example:PORT",
        "X-No-Host: 1",
        "Host:",
        "Host: 127.0.0.1:PORT\nOrigin: http://evil.example",
        "Host: 127.0.0.1:PORT\nOrigin: null",
        "Host: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:PORT",
        "Host: 127.0.0.1:PORT\nSec-Fetch-Site: cross-site",
    ],
)
def test_what_a_web_page_could_have_sent_is_refused_and_runs_nothing(served: Served, lines: str) -> None:
    def starts() -> int:
        # The last lines of an earlier event may come after its answer; its first one has been there before.
        return sum(line.text.startswith("START ") for line in served.lab.log)

    before = starts()
    status, headers, body = served.raw(f"{REQUEST.format(name=served.echo)}\n{lines}", b"{}")
    assert (status, headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert json.loads(body)["Type"] == "User"
    assert starts() == before
    assert not any(name.lower().startswith("access-control") for name in headers)


def test_a_preflight_is_not_allowed(served: Served) -> None:
    status, headers, _ = served.raw(
        f"OPTIONS /2015-03-31/functions/{served.echo}/invocations HTTP/1.1\nHost: 127.0.0.1:PORT\n"
        "Origin: http://evil.example\nAccess-Control-Request-Method: POST"
    )
    assert status == 403
    assert not any(name.lower().startswith("access-control") for name in headers)


def test_a_request_that_nobody_signed_is_s3s(served: Served) -> None:
    status, _, body = served.raw("POST / HTTP/1.1\nHost: 127.0.0.1:PORT")
    assert status == 200
    assert b"<ListAllMyBucketsResult" in body


def test_an_answer_of_another_service_has_one_request_id(served: Served) -> None:
    _, headers, _ = served.raw("POST / HTTP/1.1\nHost: 127.0.0.1:PORT")
    assert [name for name in headers if name.lower() == "x-amzn-requestid"] == ["x-amzn-RequestId"]


@pytest.mark.parametrize("target", ["/..%2f..%2fetc/passwd", "/%"])
def test_what_motos_s3_fails_on_is_told_as_its_failure(served: Served, target: str) -> None:
    status, headers, body = served.raw(f"POST {target} HTTP/1.1\nHost: 127.0.0.1:PORT")
    assert (status, headers["x-amzn-ErrorType"]) == (500, "InternalFailure")
    assert b"moto, which answers here for s3, failed" in body


@pytest.mark.parametrize("target", ["/2015-03-31/functions/x", "/2015-03-31/functions//invocations"])
def test_a_path_of_lambda_that_is_no_operation_is_a_404(served: Served, target: str) -> None:
    status, headers, body = served.raw(f"POST {target} HTTP/1.1\nHost: 127.0.0.1:PORT")
    assert (status, headers["x-amzn-ErrorType"]) == (404, "UnknownOperationException")
    assert json.loads(body) == {"message": f"POST {target} is no operation of lambda."}


def test_the_older_way_to_invoke_accepts_an_event(served: Served) -> None:
    before = len(served.lab.log)
    answer = served.call(lambda: served.client.invoke_async(FunctionName=served.echo, InvokeArgs=b'{"b": 2}'))
    assert answer["Status"] == 202

    async def processed() -> None:
        while len(served.lab.service.queue):
            await asyncio.sleep(0.002)

    served.lab.run(processed())
    assert "seen {'b': 2}" in [line.text for line in served.lab.log[before:]]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"FunctionName": "a!"}, "Value 'a!' at 'functionName'"),
        ({"Qualifier": "a!"}, "Value 'a!' at 'qualifier'"),
        ({"Qualifier": "a" * 129}, "Member must have length less than or equal to 128"),
        ({"FunctionName": "a!", "Qualifier": "a!"}, "2 validation errors detected"),
    ],
)
def test_a_name_that_is_none_is_refused_in_awss_words(
    served: Served, parameters: dict[str, str], told: str
) -> None:
    error = served.refused(**parameters)["Error"]
    assert error["Code"] == "ValidationException"
    assert told in error["Message"]


def test_a_name_that_is_none_is_a_400(served: Served) -> None:
    status, headers, _ = served.raw(f"{REQUEST.format(name='a%2Fb%20c')}\nHost: 127.0.0.1:PORT", b"{}")
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")


def test_several_calls_at_once_are_answered_each_with_its_own(served: Served) -> None:
    name = served.lab.function(
        "import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return event\n"
    )

    async def all_at_once() -> list[bytes]:
        def invoke(number: int) -> bytes:
            answer = served.client.invoke(FunctionName=name, Payload=str(number).encode())
            return answer["Payload"].read()

        return list(await asyncio.gather(*(asyncio.to_thread(invoke, number) for number in range(8))))

    assert served.lab.run(all_at_once()) == [str(number).encode() for number in range(8)]


def test_a_client_that_goes_away_leaves_the_others_undisturbed(served: Served) -> None:
    name = served.lab.function("import time\ndef handler(event, context):\n    time.sleep(0.1)\n")

    async def leave() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        head = (
            f"{REQUEST.format(name=name)}\r\nHost: 127.0.0.1:{served.port}\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        writer.write(head.encode())
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()

    served.lab.run(leave())
    assert served.invoke()["StatusCode"] == 200


def test_a_port_that_is_taken_is_a_usage_error(served: Served) -> None:
    with pytest.raises(UsageError) as raised:
        served.lab.run(Endpoint(served.lab.service.front).start(served.port))
    assert str(raised.value) == (
        f"Port {served.port} is in use. End what listens there, or choose another with --port."
    )


def test_it_listens_on_loopback_alone(served: Served) -> None:
    assert served.endpoint._server is not None
    assert {socket.getsockname()[0] for socket in served.endpoint._server.sockets} == {"127.0.0.1"}


AWS = Path(sys.executable).with_name("aws")


@pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed beside this Python")
@pytest.mark.slow
def test_the_aws_cli_invokes_a_function(served: Served, tmp_path: Path) -> None:
    out = tmp_path / "out.json"

    def aws() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(str(AWS), "lambda", "invoke", "--endpoint-url", served.endpoint.url),
                *("--function-name", served.echo, "--payload", '{"by": "cli"}'),
                *("--log-type", "Tail", "--output", "json", str(out)),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "AWS_ACCESS_KEY_ID": "x",
                "AWS_SECRET_ACCESS_KEY": "y",
                "AWS_DEFAULT_REGION": "us-east-1",
            },
        )

    done = served.call(aws)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "seen {'by': 'cli'}" in base64.b64decode(answer["LogResult"]).decode()
    assert json.loads(out.read_text()) == {"by": "cli"}
