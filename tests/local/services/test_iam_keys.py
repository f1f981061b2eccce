"""Function URLs and the record of calls know the access keys that the account's IAM and STS have made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from lambdaform.local.services.iam_keys import moto_identity
from lambdaform.local.trail import Query, read
from tests.local.function_url.test_served import Street, closed
from tests.local.lab import laboratory
from tests.local.services.test_other_services import Served

TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'

WAITER = """
import os, time
def handler(event, context):
    print("at work")
    while event is not None and not os.path.exists(event):
        time.sleep(0.005)
"""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with laboratory(tmp_path_factory.mktemp("keys"), sandboxed=False) as lab:
        made = Street(lab, [])
        yield made
        lab.run(closed(made.endpoint))


@pytest.fixture(scope="module")
def account(street: Street) -> Served:
    return Served(street.lab)


def test_a_user_signs_with_a_key_of_its_own(street: Street, account: Served) -> None:
    iam = account.of("iam")
    account.call(iam.create_user, UserName="ada")
    key = account.call(iam.create_access_key, UserName="ada")["AccessKey"]
    url = street.url(auth_type="AWS_IAM", allow=False)
    got = street.signed(url, key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert got.status == 200
    assert got.json["requestContext"]["authorizer"]["iam"]["userArn"] == "arn:aws:iam::123456789012:user/ada"
    assert street.signed(url, key=key["AccessKeyId"], secret="wrong").status == 403
    account.call(iam.update_access_key, UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert street.signed(url, key=key["AccessKeyId"], secret=key["SecretAccessKey"]).status == 403


def test_a_session_of_a_role_signs_with_its_token(street: Street, account: Served) -> None:
    iam, sts = account.of("iam"), account.of("sts")
    role = account.call(iam.create_role, RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]
    made = account.call(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="now")["Credentials"]
    url = street.url(auth_type="AWS_IAM", allow=False)
    key, secret, token = made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]
    got = street.signed(url, key=key, secret=secret, token=token)
    assert got.status == 200
    assert got.json["requestContext"]["authorizer"]["iam"]["userArn"] == (
        "arn:aws:sts::123456789012:assumed-role/reader/now"
    )
    assert street.signed(url, key=key, secret=secret, token="another").status == 403


class Records:
    """A function that waits for the file that its event names, and who called it as the record of calls has it."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._name = street.lab.function(WAITER, timeout=20)

    @property
    def is_at_work(self) -> bool:
        """Whether it has begun with an event."""
        return any(
            line.text == "at work" for line in self._street.lab.log if line.function_name == self._name
        )

    @property
    def callers(self) -> list[str]:
        """The users, in the order of their calls."""
        lab = self._street.lab
        lab.service.trail.flush()
        records = read(lab.folder / "state" / "trail.jsonl", Query(resource=self._name))
        return [
            record["userIdentity"]["arn"].rpartition(":")[2]
            for record in records
            if record["eventName"].startswith("Invoke")
        ]

    def call(self, credential: str, *, event: str | None = None, streams: bool = False) -> None:
        """Call it with an access key, and wait for the answer."""
        client = boto3.client(
            "lambda",
            endpoint_url=self._street.endpoint.url,
            region_name="us-east-1",
            aws_access_key_id=credential,
            aws_secret_access_key="secret",
        )
        if streams:
            made = client.invoke_with_response_stream(FunctionName=self._name, Payload=json.dumps(event))
            list(made["EventStream"])
        else:
            client.invoke(FunctionName=self._name, Payload=json.dumps(event))
        client.close()


def test_a_call_is_recorded_as_of_whom_its_key_is_when_it_comes(street: Street, account: Served) -> None:
    iam, lab, records = account.of("iam"), street.lab, Records(street)
    account.call(iam.create_user, UserName="bob")
    key = account.call(iam.create_access_key, UserName="bob")["AccessKey"]["AccessKeyId"]
    lab.run(asyncio.to_thread(records.call, key))
    account.call(iam.update_user, UserName="bob", NewPath="/staff/")
    lab.run(asyncio.to_thread(records.call, key))
    account.call(iam.delete_access_key, UserName="bob", AccessKeyId=key)
    lab.run(asyncio.to_thread(records.call, key))
    assert records.callers == ["user/bob", "user/staff/bob", "root"]


@pytest.mark.parametrize("streams", [False, True], ids=["Invoke", "InvokeWithResponseStream"])
def test_whose_a_key_is_when_the_function_has_answered_is_no_matter(
    street: Street, account: Served, tmp_path: Path, streams: bool
) -> None:
    iam, lab, records = account.of("iam"), street.lab, Records(street)
    name = f"eve-{streams}"
    account.call(iam.create_user, UserName=name)
    key = account.call(iam.create_access_key, UserName=name)["AccessKey"]["AccessKeyId"]

    async def story() -> None:
        calling = asyncio.ensure_future(
            asyncio.to_thread(records.call, key, event=str(tmp_path / "on"), streams=streams)
        )
        while not records.is_at_work:
            await asyncio.sleep(0.002)
        await asyncio.to_thread(lambda: iam.delete_access_key(UserName=name, AccessKeyId=key))
        (tmp_path / "on").touch()
        await calling

    lab.run(story())
    assert records.callers == [f"user/{name}"]


def test_a_key_that_moto_has_not_made_is_nobodys() -> None:
    assert moto_identity("AKIANOBODY", "", "aws") is None
    assert moto_identity("ASIANOBODY", "token", "aws") is None
