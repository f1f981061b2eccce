"""Whatever is asked of the endpoint, it answers as Lambda would: never a fault of its own, never nothing at all.

Requests of every operation are made from the service's model: what it takes, what is at its limits and beyond, and
what is of another kind; and bytes that are no request of any operation.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdaform.facts.service_model import Operation, service_model
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.endpoint.operations import INVOCATIONS
from lambdaform.local.endpoint.refusals import CAPITAL, SMALL
from lambdaform.local.endpoint.server import Endpoint
from tests.local.api_values import any_value, right_value
from tests.local.endpoint import botocores
from tests.local.lab import Lab, laboratory

OPERATIONS = service_model().operations
#: Errors that the model does not name.
UNNAMED = {
    "AccessDeniedException",
    "NotImplemented",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnknownOperationException",
    "ValidationException",
}
ARN = "arn:aws:lambda:us-east-1:123456789012:"
ROLE = "arn:aws:iam::123456789012:role/fuzz"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=x/20261126/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
)
NAMES = ["fuzz", "fuzz", f"{ARN}function:fuzz", "fuzz:live", "fuzz:1", "nowhere"]
VERSIONS = ["1", "$LATEST", "2", "live"]


def zipped() -> str:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    return b64encode(data.getvalue()).decode()


#: The names of what there is, by the shapes that may name it.
KNOWN: dict[str, list[str]] = {
    "FunctionName": NAMES,
    "NamespacedFunctionName": NAMES,
    "UnqualifiedFunctionName": ["fuzz", f"{ARN}function:fuzz"],
    "FunctionUrlFunctionName": NAMES,
    "Alias": ["live", "blue"],
    "Qualifier": VERSIONS,
    "NumericLatestPublishedOrAliasQualifier": VERSIONS,
    "FunctionUrlQualifier": ["live"],
    "Version": VERSIONS,
    "VersionWithLatestPublished": VERSIONS,
    "LayerName": ["layer"],
    "LayerVersionArn": [f"{ARN}layer:layer:1"],
    "RoleArn": [ROLE],
    "TaggableResource": [f"{ARN}function:fuzz"],
    "PolicyResourceArn": [f"{ARN}function:fuzz"],
    "Arn": ["arn:aws:sqs:us-east-1:123456789012:queue", "arn:aws:kinesis:us-east-1:123456789012:stream/s"],
    "Principal": ["s3.amazonaws.com", "123456789012"],
    "Runtime": ["python3.13"],
    "Handler": ["index.handler"],
    "Blob": [zipped()],
}


class Asked:
    """An endpoint over an account that has something of most things, and a connection to it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.faults: list[dict[str, Any]] = []
        lab.runner.get_loop().set_exception_handler(lambda _, context: self.faults.append(dict(context)))
        self.endpoint = Endpoint.of(lab.service)
        lab.run(self.endpoint.start(0))
        self.port = int(self.endpoint.url.rpartition(":")[2])
        self.restore()

    def send(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> HttpAnswer:
        """The answer to one request."""

        def exchange() -> HttpAnswer:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request(method, target, body, headers or {})
                answer = connection.getresponse()
                return HttpAnswer(answer.status, answer.read(), dict(answer.getheaders()))
            finally:
                connection.close()

        return self.lab.run(asyncio.to_thread(exchange))

    def call(self, operation: str, members: dict[str, Any]) -> HttpAnswer:
        """The answer to a call whose members are written as they are, whatever they are."""
        return self.send(*request_of(OPERATIONS[operation], members))

    def restore(self) -> None:
        """Make what there was once, where it is no more."""
        function = {"FunctionName": "fuzz", "Role": ROLE, "Handler": "index.handler", "Runtime": "python3.13"}
        self.call("CreateFunction", {**function, "Code": {"ZipFile": zipped()}, "Publish": True})
        self.call("CreateAlias", {"FunctionName": "fuzz", "Name": "live", "FunctionVersion": "1"})
        self.call("PublishLayerVersion", {"LayerName": "layer", "Content": {"ZipFile": zipped()}})


def request_of(operation: Operation, members: dict[str, Any]) -> tuple[str, str, bytes, dict[str, str]]:
    """Method, target, body and headers of a call."""
    path, query, headers = operation.path, [operation.query] if operation.query else [], {}
    document: dict[str, Any] = {}
    body = b""
    for name, member in operation.input.members.items():
        if name not in members:
            continue
        value = members[name]
        if member.location == "uri":
            path = path.replace(f"{{{member.wire_name}}}", quote(str(value), safe=""))
        elif member.location == "querystring":
            query.append(urlencode({member.wire_name: value}, doseq=True, errors="replace"))
        elif member.location == "header":
            headers[member.wire_name] = quote(str(value), safe=" {}[]:,\"'=/")
        elif operation.input.payload == name:
            body = json.dumps(value).encode()
        else:
            document[member.wire_name] = value
    if document or (operation.method != "GET" and not body and operation.input.payload is None):
        body = json.dumps(document).encode()
    target = path + (f"?{'&'.join(query)}" if query else "")
    return operation.method, target, body, headers


def requests(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """The members of calls of an operation, right and wrong ones."""
    members = {
        name: any_value(member.shape, KNOWN, in_body=member.location == "body")
        for name, member in operation.input.members.items()
    }
    labels = {
        name: value for name, value in members.items() if operation.input.members[name].location == "uri"
    }
    required = {name: value for name, value in members.items() if name in operation.input.required}
    return st.one_of(
        st.fixed_dictionaries(
            required, optional={name: value for name, value in members.items() if name not in required}
        ),
        st.fixed_dictionaries(required),
        st.fixed_dictionaries(
            labels, optional={name: value for name, value in members.items() if name not in labels}
        ),
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with laboratory(tmp_path_factory.mktemp("asked"), sandboxed=False) as lab:
        made = Asked(lab)
        yield made

        async def close() -> None:
            made.endpoint.close()

        lab.run(close())


def check(asked: Asked, operation: Operation | None, answer: HttpAnswer) -> None:
    """See that an answer is one that Lambda could have given."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    asked.lab.service.trail.flush()
    faults, asked.faults = asked.faults, []
    assert faults == []
    assert answer.status < 500 or answer.status == 501, answer.body
    assert len(headers["x-amzn-requestid"]) == 36
    if answer.status < 300:
        assert operation is not None
        if operation.output is not None and operation.name not in INVOCATIONS:
            botocores.result(operation.name, answer)
        return
    code = headers["x-amzn-errortype"]
    body = json.loads(answer.body)
    if code in UNNAMED:
        assert set(body) <= {"message"}
    else:
        assert ("Message" if code in CAPITAL else "message") in body
        assert code in CAPITAL or code in SMALL
        assert answer.status == service_model().errors[code].status


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_call_of_an_operation_is_answered(asked: Asked, name: str, data: st.DataObject) -> None:
    members = data.draw(requests(OPERATIONS[name]))
    check(asked, OPERATIONS[name], asked.call(name, members))
    if name.startswith("Delete"):
        asked.restore()


def near(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """The members of calls that the model takes, but for at most one of them."""
    right = {name: right_value(member.shape, KNOWN) for name, member in operation.input.members.items()}
    required = {name: value for name, value in right.items() if name in operation.input.required}
    optional = {name: value for name, value in right.items() if name not in required}
    taken = st.fixed_dictionaries(required, optional=optional)
    if not right:
        return taken
    anything = {
        name: any_value(member.shape, KNOWN, in_body=member.location == "body")
        for name, member in operation.input.members.items()
    }
    wrong = st.sampled_from(sorted(right)).flatmap(lambda name: st.fixed_dictionaries({name: anything[name]}))
    return taken | st.tuples(taken, wrong).map(lambda both: {**both[0], **both[1]})


@pytest.mark.parametrize("name", [each for each in OPERATIONS if each not in INVOCATIONS])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_call_that_is_nearly_right_is_answered(asked: Asked, name: str, data: st.DataObject) -> None:
    members = data.draw(near(OPERATIONS[name]))
    check(asked, OPERATIONS[name], asked.call(name, members))
    if name.startswith(("Create", "Delete")):
        asked.call("DeleteFunction", {"FunctionName": "nowhere"})
        asked.restore()


TARGET = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)


@settings(max_examples=100, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "BREW"]),
    path=st.sampled_from([operation.path for operation in OPERATIONS.values()]) | TARGET,
    query=TARGET,
    body=st.binary(max_size=60),
)
def test_any_request_is_answered(asked: Asked, method: str, path: str, query: str, body: bytes) -> None:
    # Signed for Lambda: what other services are asked is moto's to answer.
    answer = asked.send(method, f"/{path.removeprefix('/')}?{query}", body, {"Authorization": SIGNED})
    assert asked.faults == []
    assert answer.status < 500 or answer.status == 501, answer.body


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_body_is_answered(asked: Asked, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(OPERATIONS)))
    method, target, _, headers = request_of(OPERATIONS[name], {"FunctionName": "fuzz", "LayerName": "layer"})
    body = data.draw(st.binary(max_size=100))
    check(
        asked, OPERATIONS[name], asked.send(method, target.replace("{", "").replace("}", ""), body, headers)
    )
