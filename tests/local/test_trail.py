"""The record of calls: what CloudTrail would have written of them, kept in a file that does not grow for ever."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lambdaform.errors import UsageError
from lambdaform.facts.service_model import service_model
from lambdaform.local.access.keys import Identity
from lambdaform.local.endpoint.recorder import Call, Recorder
from lambdaform.local.errors import AwsError
from lambdaform.local.physical import Account
from lambdaform.local.trail import Query, Record, Trail, older, operation_of, read
from tests.local.full_disk import room_for

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
ROLE = "arn:aws:iam::123456789012:role/service/shop"


def whose(access_key: str, session_token: str) -> Identity | None:
    """The user test's key, and what a function's environment has."""
    if session_token == "lambdaform-local-session-of-caller":
        arn, user_id = "arn:aws:sts::123456789012:assumed-role/shop/caller", "AROALOCALROLE:caller"
    elif access_key == "test":
        arn, user_id = "arn:aws:iam::123456789012:user/staff/test", "AIDATEST"
    else:
        return None
    return Identity(access_key=access_key, secret="test", arn=arn, user_id=user_id)


class Book:
    """A trail on a loop of its own, and a recorder of it."""

    def __init__(self, file: Path, *, size: int = 1 << 20) -> None:
        self.file = file
        self.notices: list[str] = []
        self.trail = Trail(file, self.notices.append, size=size)
        self.recorder = Recorder(
            Account("test"),
            self.trail,
            lambda: 1_770_000_000.5,
            whose,
            {"caller": ROLE}.get,
            lambda name: {"Shop": "test-Shop"}.get(name, name),
        )

    def of(self, call: Call, executed_version: str | None = None) -> Record:
        """What is written of a call."""

        async def put() -> None:
            self.recorder.put(call, "request-1", "127.0.0.1", executed_version)
            self.trail.flush()

        asyncio.run(put())
        *_, last = read(self.file, Query())
        return last


@pytest.fixture
def made(tmp_path: Path) -> Book:
    return Book(tmp_path / ".lambdaform" / "trail.jsonl")


def control(operation: str, headers: dict[str, str] | None = None, **members: Any) -> Call:
    call = Call(headers if headers is not None else {"authorization": SIGNED, "user-agent": "aws-cli/2"})
    call.operation, call.model = operation, service_model().operations[operation]
    call.members = members
    return call


def test_a_record_has_every_member_of_cloudtrails(made: Book) -> None:
    call = control("CreateAlias", FunctionName="shop", Name="live", FunctionVersion="1")
    call.result = {"Name": "live", "FunctionVersion": "1", "RevisionId": "r"}
    record = dict(made.of(call))
    assert len(record.pop("eventID")) == 36
    assert record == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": "123456789012",
            "arn": "arn:aws:iam::123456789012:root",
            "accountId": "123456789012",
            "accessKeyId": "AKIDEXAMPLE",
        },
        "eventTime": "2026-02-02T02:40:00Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "CreateAlias20150331",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "aws-cli/2",
        "requestParameters": {"functionName": "shop", "name": "live", "functionVersion": "1"},
        "responseElements": {"name": "live", "functionVersion": "1", "revisionId": "r"},
        "requestID": "request-1",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "123456789012",
        "eventCategory": "Management",
    }


def test_code_and_secrets_are_left_out(made: Book) -> None:
    call = control(
        "CreateFunction",
        FunctionName="shop",
        Code={"ZipFile": b"secret-code"},
        Environment={"Variables": {"KEY": "secret-value"}},
        VpcConfig={"SubnetIds": ["subnet-1"]},
        Tags={"Team": "blue"},
    )
    call.result = {"FunctionName": "shop", "Environment": {"Variables": {"KEY": "secret-value"}}}
    record = made.of(call)
    assert record["requestParameters"] == {
        "functionName": "shop",
        "code": {},
        "environment": {},
        "vpcConfig": {"subnetIds": ["subnet-1"]},
        "tags": {"Team": "blue"},
    }
    assert record["responseElements"] == {"functionName": "shop", "environment": {}}
    assert "secret" not in made.file.read_text()


def test_null_within_a_list_is_told_as_it_came(made: Book) -> None:
    call = control("UpdateFunctionConfiguration", FunctionName="shop", FileSystemConfigs=[None])
    assert made.of(call)["requestParameters"] == {"functionName": "shop", "fileSystemConfigs": [None]}


def test_a_read_has_no_response_elements(made: Book) -> None:
    call = control("GetFunction", FunctionName="shop")
    call.result = {"Configuration": {"FunctionName": "shop"}}
    record = made.of(call)
    assert (record["readOnly"], record["responseElements"]) == (True, None)
    assert record["eventName"] == "GetFunction20150331v2"


def test_a_refusal_has_its_code_and_message(made: Book) -> None:
    call = control("DeleteFunction", FunctionName="shop")
    call.error = AwsError("ResourceNotFoundException", "Function not found: " + "x" * 2000, 404)
    record = made.of(call)
    assert record["errorCode"] == "ResourceNotFoundException"
    assert len(record["errorMessage"]) == 1024
    assert record["responseElements"] is None


def test_parameters_of_more_than_100_kb_are_left_out(made: Book) -> None:
    assert (
        made.of(control("TagResource", Resource="r", Tags={"a": "x" * 103_000}))["requestParameters"] is None
    )


def test_an_invocation_is_a_data_event(made: Book) -> None:
    call = Call(
        {"authorization": SIGNED, "x-amz-invocation-type": "Event"}, "Invoke", function_name="shop:live"
    )
    record = made.of(call, "3")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
    assert record["requestParameters"] == {"functionName": f"{arn}:live", "invocationType": "Event"}
    assert record["additionalEventData"] == {"functionVersion": f"{arn}:3"}
    assert record["resources"] == [{"accountId": "123456789012", "type": "AWS::Lambda::Function", "ARN": arn}]
    assert (record["managementEvent"], record["eventCategory"], record["readOnly"]) == (False, "Data", False)


@pytest.mark.parametrize("error", [None, AwsError("TooManyRequestsException", "no", 429)])
@pytest.mark.parametrize("called", ["Shop:live", "123456789012:function:Shop:live", "test-Shop:live"])
def test_a_function_called_by_its_logical_id_is_recorded_by_its_name(
    made: Book, called: str, error: AwsError | None
) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:test-Shop"
    record = made.of(Call({}, "Invoke", function_name=called, error=error))
    assert record["requestParameters"]["functionName"] == f"{arn}:live"
    assert record["resources"][0]["ARN"] == arn
    assert list(read(made.file, Query(resource="test-Shop"))) == [record]


def test_a_name_that_ends_with_function_is_a_name(made: Book) -> None:
    record = made.of(Call({}, "Invoke", function_name="my-function:live"))
    assert record["requestParameters"]["functionName"].endswith(":function:my-function:live")


def test_invocations_that_are_alike_have_records_of_their_own(made: Book) -> None:
    calls = [
        (Call({"authorization": SIGNED, "user-agent": agent}, "Invoke", function_name=name), version)
        for agent in ("one", "two")
        for name in ("shop", "cart")
        for version in ("1", "2", "1")
    ]
    records = [dict(made.of(*each)) for each in calls]
    for (call, version), record in zip(calls, records, strict=True):
        assert record["userAgent"] == call.headers["user-agent"]
        arn = record["resources"][0]["ARN"]
        assert arn.endswith(f":{call.function_name}")
        assert record["additionalEventData"] == {"functionVersion": f"{arn}:{version}"}
        assert (record["requestID"], record["eventTime"]) == ("request-1", "2026-02-02T02:40:00Z")
    assert len({record["eventID"] for record in records}) == len(records)


def test_an_invocation_that_failed_says_so_after_one_that_did_not(made: Book) -> None:
    assert "errorCode" not in made.of(Call({}, "Invoke", function_name="shop"))
    failed = Call({}, "Invoke", function_name="shop", error=AwsError("TooManyRequestsException", "no", 429))
    assert made.of(failed)["errorCode"] == "TooManyRequestsException"


def test_a_function_calls_as_its_role(made: Book) -> None:
    headers = {"authorization": SIGNED, "x-amz-security-token": "lambdaform-local-session-of-caller"}
    identity = made.of(control("GetFunction", headers, FunctionName="shop"))["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == "arn:aws:sts::123456789012:assumed-role/shop/caller"
    assert identity["principalId"] == "AROALOCALROLE:caller"
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": "AROALOCALROLE",
        "arn": ROLE,
        "accountId": "123456789012",
        "userName": "shop",
    }


def test_a_user_calls_by_name(made: Book) -> None:
    headers = {"authorization": SIGNED.replace("AKIDEXAMPLE", "test")}
    assert made.of(control("GetFunction", headers, FunctionName="shop"))["userIdentity"] == {
        "type": "IAMUser",
        "principalId": "AIDATEST",
        "arn": "arn:aws:iam::123456789012:user/staff/test",
        "accountId": "123456789012",
        "accessKeyId": "test",
        "userName": "test",
    }


def test_who_does_not_sign_is_anonymous(made: Book) -> None:
    identity = made.of(control("GetFunction", {}, FunctionName="shop"))["userIdentity"]
    assert identity == {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}


def test_a_full_file_becomes_the_older_one(tmp_path: Path) -> None:
    book = Book(tmp_path / "trail.jsonl", size=5000)
    for number in range(60):
        book.of(control("GetFunction", FunctionName=f"f{number}"))
        assert book.file.stat().st_size < 6000 if book.file.exists() else older(book.file).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trail.1.jsonl", "trail.jsonl"]
    kept = [each["requestParameters"]["functionName"] for each in read(book.file, Query())]
    assert kept == [f"f{number}" for number in range(60 - len(kept), 60)]
    assert len(kept) > 5


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    book = Book(tmp_path / "file" / "trail.jsonl")

    async def put() -> None:
        for _ in range(3):
            book.recorder.put(control("ListFunctions"), "r", "127.0.0.1", None)
            book.trail.flush()

    asyncio.run(put())
    assert book.notices == [
        f"The record of calls is not kept for lambdaform trail: {book.file}: file exists."
    ]


def test_after_a_failure_it_goes_on_and_says_how_many_calls_are_missing(tmp_path: Path) -> None:
    said: list[str] = []
    moment = 0.0
    trail = Trail(tmp_path / "trail.jsonl", said.append, now=lambda: moment)

    def put(*names: str) -> None:
        for name in names:
            trail.put(partial(dict, eventName=name, eventTime=""))
        trail.flush()

    async def call() -> None:
        nonlocal moment
        with room_for(110):
            # The first two have room, the third a part of it.
            put("first")
            put("second", "third", "fourth")
            moment = 4.9
            put("fifth")
        # There is room, but it is not tried at every call.
        put("sixth")
        assert said == [
            f"The record of calls is not kept for lambdaform trail: {trail.file}: file too large."
        ]
        moment = 5.0
        put("after", "last")

    asyncio.run(call())
    assert said[1:] == ["The record of calls is kept for lambdaform trail again. 4 calls are not there."]
    trail.close()
    assert len(said) == 2
    assert [each["eventName"] for each in read(trail.file, Query())] == ["first", "second", "after", "last"]


def test_calls_that_are_missing_at_the_end_are_counted(tmp_path: Path) -> None:
    said: list[str] = []
    trail = Trail(tmp_path / "trail.jsonl", said.append)

    async def call() -> None:
        with room_for(10):
            trail.put(partial(dict, eventName="Invoke"))
            trail.close()

    asyncio.run(call())
    assert said[1:] == [
        "The record of calls was not kept for lambdaform trail to the end. 1 call is not there."
    ]


def test_records_are_found_by_name_resource_and_time(made: Book) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
    for call in (
        control("CreateFunction", FunctionName="shop"),
        control("GetFunction", FunctionName=f"{arn}:live"),
        control("DeleteFunction", FunctionName="other"),
        control("TagResource", Resource=arn, Tags={"a": "b"}),
        Call({}, "Invoke", function_name="shop"),
    ):
        made.of(call)

    def names(**query: Any) -> list[str]:
        return [operation_of(each["eventName"]) for each in read(made.file, Query(**query))]

    assert names(event_name="CreateFunction") == ["CreateFunction"]
    assert names(event_name="CreateFunction20150331") == ["CreateFunction"]
    assert names(resource="shop") == ["CreateFunction", "GetFunction", "TagResource", "Invoke"]
    assert names(resource=arn) == ["TagResource", "Invoke"]
    assert len(names(since="2026-02-02T02:40:00Z")) == 5
    assert names(since="2026-02-02T02:40:01Z") == []


def test_a_line_that_is_being_written_is_not_read(made: Book) -> None:
    made.of(control("ListFunctions"))
    with made.file.open("a") as file:
        file.write('{"eventName": "Get')
    assert len(list(read(made.file, Query()))) == 1


@pytest.mark.parametrize("line", ["nothing\n", "[]\n", '{"eventName": 1}\n', "\xff\n"])
def test_another_file_is_refused(made: Book, line: str) -> None:
    made.file.parent.mkdir()
    made.file.write_bytes(line.encode("latin-1"))
    with pytest.raises(UsageError, match="is no trail of lambdaform's"):
        list(read(made.file, Query()))


@pytest.mark.parametrize(
    ("event", "operation"),
    [
        ("GetFunction20150331v2", "GetFunction"),
        ("CreateFunction20150331", "CreateFunction"),
        ("Invoke", "Invoke"),
        ("GetLayerVersion", "GetLayerVersion"),
    ],
)
def test_an_event_is_named_for_its_operation(event: str, operation: str) -> None:
    assert operation_of(event) == operation


def test_the_file_has_one_json_object_a_line(made: Book) -> None:
    made.of(control("ListFunctions"))
    made.of(control("TagResource", Resource="r\n", Tags={"ä": "☃"}))
    assert [json.loads(line)["eventSource"] for line in made.file.read_text("ascii").splitlines()] == [
        "lambda.amazonaws.com"
    ] * 2
