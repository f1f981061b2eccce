"""Function URLs over HTTP: who gets in, what functions see, and what comes back."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from attrs import evolve, frozen
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lambdaform.local.endpoint.server import Endpoint
from tests.local.control.ground import add_function
from tests.local.control.planes import zipped
from tests.local.lab import HERE, Lab, laboratory
from tests.local.wire import exchange

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
ECHO = "def handler(event, context):\n    return event\n"
PAGE = "https://app.example.test"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="there is no node on this machine's PATH"
)


@frozen
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Street:
    """A service with its endpoint, on which functions get addresses."""

    def __init__(self, lab: Lab, notices: list[str]) -> None:
        self.lab = lab
        self.notices = notices
        self.endpoint = Endpoint.of(lab.service)
        lab.run(self.endpoint.start(0))
        self.port = int(self.endpoint.url.rpartition(":")[2])
        self.state = lab.service.control.state
        self.names: dict[str, str] = {}

    def function(
        self, code: str | Mapping[str, str] = ECHO, *, reserved: int | None = None, **settings: Any
    ) -> str:
        """A new function; its name. ``code`` is the text of index.py, or files by their names."""
        state, name = self.state, f"function{len(self.state.functions)}"
        add_function(state, name)
        ((file, text),) = {"index.py": code}.items() if isinstance(code, str) else code.items()
        stored = state.codes.put_zip(zipped(textwrap.dedent(text), file))
        given = {"runtime": HERE, "memory_size": 256, "timeout": 10, **settings}
        state.versions[name, "$LATEST"] = evolve(state.versions[name, "$LATEST"], code=stored, **given)
        state.functions[name] = evolve(state.functions[name], reserved_concurrency=reserved)
        return name

    def url(
        self,
        code: str | Mapping[str, str] = ECHO,
        *,
        name: str | None = None,
        allow: bool = True,
        auth_type: str = "NONE",
        **members: Any,
    ) -> str:
        """Give a function a URL; its id."""
        name = name or self.function(code)
        made = self.ask("CreateFunctionUrlConfig", FunctionName=name, AuthType=auth_type, **members)
        if allow:
            self.allow(name, auth_type, Qualifier=members.get("Qualifier"))
        self.names[url_id := made["FunctionUrl"].split("/")[2].partition(".")[0]] = name
        return str(url_id)

    def allow(self, name: str, auth_type: str, principal: str = "*", **more: Any) -> None:
        """Open a function to all who come over its URL, or to one account."""
        named = {"FunctionName": name, "Principal": principal, **{k: v for k, v in more.items() if v}}
        self.ask(
            "AddPermission",
            StatementId="url",
            Action="lambda:InvokeFunctionUrl",
            FunctionUrlAuthType=auth_type,
            **named,
        )
        self.ask(
            "AddPermission",
            StatementId="invoke",
            Action="lambda:InvokeFunction",
            InvokedViaFunctionUrl=True,
            **named,
        )

    def ask(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation of the control plane."""
        return self.lab.run(self.lab.service.control.call(operation, members))

    def host(self, url_id: str) -> str:
        return f"{url_id}.lambda-url.us-east-1.localhost:{self.port}"

    def call(
        self,
        url_id: str,
        path: str = "/",
        *,
        method: str = "GET",
        body: bytes = b"",
        host: str | None = None,
        lines: tuple[str, ...] = (),
        **headers: Any,
    ) -> Answer:
        """One request, byte by byte what curl would send."""
        named = {"Host": host or self.host(url_id), "Connection": "close"}
        if body:
            named["Content-Length"] = str(len(body))
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), *lines]
        data = "\r\n".join(head).encode() + b"\r\n\r\n" + body
        return _parsed(self.lab.run(exchange(self.port, data)))

    def signed(
        self,
        url_id: str,
        path: str = "/",
        *,
        key: str = "test",
        secret: str = "test",
        token: str | None = None,
        method: str = "GET",
        body: bytes = b"",
    ) -> Answer:
        """One request, signed by botocore."""
        made = AWSRequest(method=method, url=f"http://{self.host(url_id)}{path}", data=body)
        SigV4Auth(Credentials(key, secret, token), "lambda", "us-east-1").add_auth(made)
        sent: dict[str, Any] = {name.replace("-", "_"): value for name, value in made.headers.items()}
        return self.call(url_id, path, method=method, body=body, **sent)


def _parsed(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple(tuple(line.split(": ", 1)) for line in lines)
    if ("Transfer-Encoding", "chunked") in headers:
        body = _from_chunks(body)
    return Answer(int(first.split()[1]), headers, body)  # type: ignore[arg-type]


def _from_chunks(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return whole
        whole, body = whole + rest[:count], rest[count + 2 :]
    raise EOFError(whole)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    notices: list[str] = []
    with laboratory(tmp_path_factory.mktemp("street"), sandboxed=False, notice=notices.append) as lab:
        made = Street(lab, notices)
        yield made
        lab.run(closed(made.endpoint))


async def closed(endpoint: Endpoint) -> None:
    endpoint.close()


def returning(result: str) -> str:
    return f"def handler(event, context):\n    return {result}\n"


def test_a_request_is_an_event_and_the_result_a_response(street: Street) -> None:
    url = street.url()
    got = street.call(url, "/a%2Fb/c?x=1&x=2", method="POST", body=b"text", Content_Type="text/plain")
    assert (got.status, got.all("content-type")) == (200, ["application/json"])
    event = got.json
    assert (event["rawPath"], event["rawQueryString"]) == ("/a%2Fb/c", "x=1&x=2")
    assert (event["queryStringParameters"], event["body"]) == ({"x": "1,2"}, "text")
    http = event["requestContext"]["http"]
    assert (http["sourceIp"], http["path"]) == ("127.0.0.1", "/a/b/c")
    # The same, as on AWS; here with the port.
    assert event["headers"]["host"] == event["requestContext"]["domainName"] == street.host(url)


def test_the_request_id_is_the_invocations(street: Street) -> None:
    code = "def handler(event, context):\n    return [context.aws_request_id, event['requestContext']['requestId']]\n"
    got = street.call(street.url(code))
    assert got.json == got.all("x-amzn-requestid") * 2


def test_a_trace_that_comes_with_the_request_is_followed(street: Street) -> None:
    code = """
        import os
        def handler(event, context):
            return [event["headers"]["x-amzn-trace-id"], os.environ["_X_AMZN_TRACE_ID"]]
    """
    url = street.url(code)
    root = "Root=1-643ec28d-5503dc7274559e68706dae64"
    got = street.call(url, x_amzn_trace_id=root)
    told, inside = got.json
    assert (told, inside.startswith(root), got.all("x-amzn-trace-id")) == (root, True, [root])
    told, inside = street.call(url).json
    assert inside.startswith(told)


def test_headers_that_come_twice_are_joined(street: Street) -> None:
    got = street.call(street.url(), lines=("X-Two: a", "X-Two: b", "Cookie: c=1", "Cookie: d=2")).json
    assert (got["headers"]["x-two"], got["cookies"]) == ("a,b", ["c=1", "d=2"])


def test_a_function_says_status_headers_and_cookies(street: Street) -> None:
    result = {"statusCode": 201, "headers": {"X-Mine": "é"}, "cookies": ["a=1", "b=2"], "body": "made"}
    got = street.call(street.url(returning(repr(result))))
    assert (got.status, got.body, got.all("set-cookie")) == (201, b"made", ["a=1", "b=2"])
    assert got.all("x-mine")[0].encode("latin-1").decode() == "é"


def test_a_url_has_a_path_on_the_endpoints_own_host(street: Street) -> None:
    url = street.url()
    for host in ("127.0.0.1", "localhost"):
        got = street.call(url, f"/_lambdaform/url/{url}/deep/er?x=1", host=f"{host}:{street.port}").json
        assert (got["rawPath"], got["rawQueryString"]) == ("/deep/er", "x=1")
    got = street.call(url, f"/_lambdaform/url/{url}", host=f"127.0.0.1:{street.port}").json
    assert got["rawPath"] == "/"


def test_the_control_plane_says_where_a_url_is(street: Street) -> None:
    assert street.state.url_of("abc") == f"http://{street.host('abc')}/"


@pytest.mark.parametrize(
    "host", ["nobody.lambda-url.us-east-1.localhost", "url0.lambda-url.eu-west-1.localhost"]
)
def test_an_address_that_is_none_is_forbidden(street: Street, host: str) -> None:
    street.url()
    got = street.call("", host=f"{host}:{street.port}")
    assert (got.status, got.body) == (403, b'{"Message":null}')
    assert got.all("content-type") == ["application/json"]
    assert got.all("x-amzn-errortype") == ["AccessDeniedException"]


def test_a_url_that_was_deleted_is_gone_at_once(street: Street) -> None:
    url = street.url()
    assert street.call(url).status == 200
    street.ask("DeleteFunctionUrlConfig", FunctionName=street.names[url])
    assert street.call(url).status == 403


def test_a_function_that_fails_is_a_502(street: Street) -> None:
    got = street.call(street.url("def handler(event, context):\n    raise ValueError('no')\n"))
    assert (got.status, got.body) == (502, b"Internal Server Error")


def test_an_answer_that_is_no_response_is_a_502_and_said(street: Street) -> None:
    got = street.call(street.url(returning("{'statusCode': 'ok'}")))
    assert (got.status, got.body) == (502, b"Internal Server Error")
    assert "statusCode is 'ok'" in street.notices[-1]


def test_a_request_that_is_too_large_is_a_413(street: Street) -> None:
    url = street.url()
    assert street.call(url, method="POST", body=b"x" * (6 << 20 | 1)).status == 413
    got = street.call(url, method="POST", body=b"\xff" * (5 << 20))
    assert (got.status, got.all("x-amzn-errortype")) == (413, ["RequestTooLargeException"])


def test_a_throttled_function_is_a_429(street: Street) -> None:
    got = street.call(street.url(name=street.function(reserved=0)))
    assert (got.status, got.all("x-amzn-errortype")) == (429, ["TooManyRequestsException"])
    assert got.json["message"] == "Rate Exceeded."


def test_a_head_has_no_body(street: Street) -> None:
    got = street.call(street.url(returning("'hello'")), method="HEAD")
    assert (got.status, got.body) == (200, b"")


def test_without_permission_all_are_forbidden_and_it_is_said_what_would_let_them(street: Street) -> None:
    url = street.url(allow=False)
    got = street.call(url, "/secret")
    assert (got.status, got.json, got.all("x-amzn-errortype")) == (403, FORBIDDEN, ["AccessDeniedException"])
    said = len(street.notices)
    assert (
        "--action lambda:InvokeFunctionUrl --principal '*' --function-url-auth-type NONE"
        in street.notices[-1]
    )
    street.call(url, "/secret")
    assert len(street.notices) == said


def test_a_url_for_iam_wants_a_signature(street: Street) -> None:
    url = street.url(auth_type="AWS_IAM", allow=False)
    got = street.call(url)
    assert (got.status, got.json) == (403, FORBIDDEN)
    assert "access key test" in street.notices[-1]


def test_who_signs_as_this_account_may(street: Street) -> None:
    url = street.url(auth_type="AWS_IAM", allow=False)
    got = street.signed(
        url, "/a b/ü?q=1 2".replace(" ", "%20").replace("ü", "%C3%BC"), method="POST", body=b"{}"
    )
    assert got.status == 200
    iam = got.json["requestContext"]["authorizer"]["iam"]
    assert (iam["accessKey"], iam["userArn"]) == ("test", "arn:aws:iam::123456789012:user/test")
    assert "authorization" not in got.json["headers"]


def test_a_wrong_signature_is_refused_in_awss_words(street: Street) -> None:
    url = street.url(auth_type="AWS_IAM")
    got = street.signed(url, secret="wrong")
    assert (got.status, got.all("x-amzn-errortype")) == (403, ["InvalidSignatureException"])
    assert got.json["message"].startswith("The request signature we calculated does not match")
    assert street.signed(url, key="AKIANOBODY").all("x-amzn-errortype") == ["UnrecognizedClientException"]


def test_another_account_needs_a_statement(street: Street) -> None:
    url = street.url(auth_type="AWS_IAM", allow=False)
    assert (street.signed(url, key="210987654321").status, street.signed(url).status) == (403, 200)
    assert "--principal 210987654321 --function-url-auth-type AWS_IAM" in street.notices[-1]
    street.allow(street.names[url], "AWS_IAM", "210987654321")
    assert street.signed(url, key="210987654321").status == 200


def test_a_function_calls_another_ones_url_as_its_role(street: Street) -> None:
    caller = street.function(
        """
        import os
        def handler(event, context):
            names = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
            return [os.environ[name] for name in names]
        """,
        role="arn:aws:iam::123456789012:role/service/caller",
    )
    key, secret, token = street.lab.invoke(caller).value
    url = street.url(auth_type="AWS_IAM", allow=False)
    got = street.signed(url, key=key, secret=secret, token=token)
    arn = got.json["requestContext"]["authorizer"]["iam"]["userArn"]
    assert arn == f"arn:aws:sts::123456789012:assumed-role/caller/{caller}"


CORS = {"AllowOrigins": [PAGE], "AllowMethods": ["PUT"], "AllowHeaders": ["x-a"], "MaxAge": 60}


def test_a_preflight_is_answered_without_the_function(street: Street) -> None:
    url = street.url("def handler(event, context):\n    raise ValueError('called')\n", Cors=CORS, allow=False)
    got = street.call(
        url, method="OPTIONS", Origin=PAGE, Access_Control_Request_Method="PUT", Sec_Fetch_Site="cross-site"
    )
    assert (got.status, got.body) == (200, b"")
    assert got.all("access-control-allow-origin") == [PAGE]
    assert got.all("access-control-allow-methods") == ["PUT"]
    assert got.all("access-control-max-age") == ["60"]


def test_a_page_gets_the_answer_with_headers_for_its_browser(street: Street) -> None:
    url = street.url(
        returning("{'statusCode': 200, 'headers': {'Access-Control-Allow-Origin': '*'}}"), Cors=CORS
    )
    got = street.call(url, Origin=PAGE, Sec_Fetch_Site="cross-site")
    # Both, as AWS warns.
    assert got.all("access-control-allow-origin") == ["*", PAGE]
    assert street.call(url, Origin="https://evil.example").all("access-control-allow-origin") == ["*"]


def test_a_page_learns_why_it_is_refused(street: Street) -> None:
    url = street.url(Cors=CORS, allow=False)
    got = street.call(url, Origin=PAGE)
    assert (got.status, got.all("access-control-allow-origin")) == (403, [PAGE])


def test_without_cors_a_preflight_is_the_functions(street: Street) -> None:
    url = street.url(
        returning("{'statusCode': 204, 'headers': {'x-mine': event['requestContext']['http']['method']}}")
    )
    got = street.call(url, method="OPTIONS", Origin=PAGE, Access_Control_Request_Method="PUT")
    assert (got.status, got.all("x-mine")) == (204, ["OPTIONS"])


def test_the_control_api_stays_closed_to_pages(street: Street) -> None:
    pages: list[dict[str, Any]] = [{"Origin": PAGE}, {"Sec_Fetch_Site": "cross-site"}]
    for more in pages:
        got = street.call("", "/2015-03-31/functions/", host=f"127.0.0.1:{street.port}", **more)
        assert (got.status, got.json["Message"]) == (403, "Requests of web pages are not answered.")


def test_a_urls_host_leads_to_its_function_and_never_to_the_control_api(street: Street) -> None:
    got = street.call(street.url(), "/2015-03-31/functions/", Origin=PAGE)
    assert got.json["rawPath"] == "/2015-03-31/functions/"


@pytest.mark.parametrize("host", ["{url}.lambda-url.us-east-1.evil.example", "evil.example"])
def test_another_host_is_no_url(street: Street, host: str) -> None:
    named = f"{host.format(url=street.url())}:{street.port}"
    assert b"is not this endpoint's" in street.call("", host=named).body


def test_an_alias_has_a_url_of_its_own(street: Street) -> None:
    code = "def handler(event, context):\n    return context.invoked_function_arn.split(':')[-1]\n"
    name = street.function(code)
    street.ask("CreateAlias", FunctionName=name, Name="live", FunctionVersion="$LATEST")
    url = street.url(name=name, Qualifier="live")
    assert street.call(url).body == b"live"


def test_many_requests_come_over_one_connection(street: Street) -> None:
    url = street.url(returning("event['rawPath']"))
    one = f"GET /1 HTTP/1.1\r\nHost: {street.host(url)}\r\n\r\n".encode()
    two = f"GET /2 HTTP/1.1\r\nHost: {street.host(url)}\r\nConnection: close\r\n\r\n".encode()
    got = street.lab.run(exchange(street.port, one + two))
    assert got.count(b"HTTP/1.1 200") == 2
    assert got.index(b"/1") < got.index(b"/2")


STREAM = """
    exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
        const path = event.rawPath
        if (path === "/headers") {
            stream = awslambda.HttpResponseStream.from(stream, {
                statusCode: 202, headers: {"X-Mine": "1", "Content-Type": "text/plain"}, cookies: ["a=1"],
            })
        }
        if (path === "/bad") {
            stream.setContentType("application/vnd.awslambda.http-integration-response")
        }
        stream.write("Hello, ")
        if (path === "/breaks") {
            await new Promise(resolve => setTimeout(resolve, 50))
            throw new Error("no more")
        }
        stream.write("world!")
        stream.end()
    })
"""


@pytest.fixture(scope="module")
def streaming(street: Street) -> Callable[..., Answer]:
    name = street.function({"index.js": textwrap.dedent(STREAM)}, runtime="nodejs22.x")
    url = street.url(name=name, InvokeMode="RESPONSE_STREAM")

    def call(path: str, **more: Any) -> Answer:
        return street.call(url, path, **more)

    return call


@needs_node
def test_a_stream_is_sent_in_pieces(streaming: Callable[..., Answer]) -> None:
    got = streaming("/")
    assert (got.status, got.body, got.all("transfer-encoding")) == (200, b"Hello, world!", ["chunked"])


@needs_node
def test_a_stream_begins_with_status_headers_and_cookies(streaming: Callable[..., Answer]) -> None:
    got = streaming("/headers")
    assert (got.status, got.body) == (202, b"Hello, world!")
    assert (got.all("x-mine"), got.all("content-type"), got.all("set-cookie")) == (
        ["1"],
        ["text/plain"],
        ["a=1"],
    )


@needs_node
def test_a_stream_that_breaks_off_is_seen_to(streaming: Callable[..., Answer]) -> None:
    with pytest.raises(EOFError):
        streaming("/breaks")


@needs_node
def test_a_stream_without_its_prelude_is_a_502(streaming: Callable[..., Answer]) -> None:
    assert streaming("/bad").status == 502


@needs_node
def test_a_stream_without_a_body_leaves_the_connection_to_the_next_request(street: Street) -> None:
    url = street.url(
        name=street.function({"index.js": textwrap.dedent(STREAM)}, runtime="nodejs22.x"),
        InvokeMode="RESPONSE_STREAM",
    )
    lines = f"Host: {street.host(url)}\r\n"
    one = f"HEAD /headers HTTP/1.1\r\n{lines}\r\n".encode()
    two = f"GET / HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode()
    got = street.lab.run(exchange(street.port, one + two))
    first, second = got.split(b"\r\n\r\n", 1)
    assert first.startswith(b"HTTP/1.1 202")
    assert _parsed(second).body == b"Hello, world!"


@needs_node
def test_a_head_of_a_stream_has_no_body(streaming: Callable[..., Answer]) -> None:
    got = streaming("/headers", method="HEAD")
    assert (got.status, got.body) == (202, b"")


def test_what_does_not_stream_is_sent_as_it_is(street: Street) -> None:
    result = {"statusCode": 201, "body": "x"}
    got = street.call(street.url(returning(repr(result)), InvokeMode="RESPONSE_STREAM"))
    assert (got.status, got.json) == (200, result)
    failing = street.url(
        "def handler(event, context):\n    raise ValueError('no')\n", InvokeMode="RESPONSE_STREAM"
    )
    assert street.call(failing).status == 502


@needs_node
def test_a_stream_over_a_buffered_url_is_waited_for(street: Street) -> None:
    url = street.url(name=street.function({"index.js": textwrap.dedent(STREAM)}, runtime="nodejs22.x"))
    got = street.call(url, "/headers")
    assert (got.status, got.body, got.all("x-mine")) == (202, b"Hello, world!", ["1"])
