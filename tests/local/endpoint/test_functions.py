"""Functions through boto3 and its waiters and paginators, and their code through the addresses that they tell."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.local.control.planes import function, zipped
from tests.local.lab import laboratory
from tests.local.served_account import ServedAccount

if TYPE_CHECKING:
    pass

T = TypeVar("T")
WHO = "import os\ndef handler(event, context): return os.environ['WHO']"
#: Waiters ask often, and for long.
OFTEN: Any = {"Delay": 0.05, "MaxAttempts": 600}


class Served(ServedAccount):
    """An endpoint with an account of its own, and boto3's client."""

    def make(self, name: str, **members: Any) -> dict[str, Any]:
        """A function that is there and active."""

        def made() -> dict[str, Any]:
            document = self.client.create_function(**function(name, **members))
            self.client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=OFTEN)
            return {**document}

        return self.call(made)

    def download(self, address: str) -> tuple[int, bytes]:
        """What is at an address."""

        def got() -> tuple[int, bytes]:
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        return self.call(got)

    def code(self, name: str) -> str:
        """Where a function's code is."""
        return self.call(lambda: self.client.get_function(FunctionName=name)["Code"]["Location"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with laboratory(tmp_path_factory.mktemp("served"), sandboxed=False) as lab:
        made = Served(lab)
        yield made
        made.close()


def test_waiters_wait_for_a_function_its_update_and_its_version(served: Served) -> None:
    made = served.make("waited")
    client = served.client

    def updated() -> tuple[Any, Any]:
        changed = client.update_function_configuration(FunctionName="waited", Timeout=9)
        client.get_waiter("function_updated_v2").wait(FunctionName="waited", WaiterConfig=OFTEN)
        version = client.publish_version(FunctionName="waited")["Version"]
        client.get_waiter("published_version_active").wait(
            FunctionName="waited", Qualifier=version, WaiterConfig=OFTEN
        )
        return changed, client.get_function_configuration(FunctionName="waited", Qualifier=version)

    changed, version = served.call(updated)
    assert (made["State"], changed["LastUpdateStatus"]) == ("Pending", "InProgress")
    assert (version["Version"], version["State"], version["Timeout"]) == ("1", "Active", 9)


def test_a_function_that_is_pending_is_not_invoked(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdaform.local.control.function_operations.TRANSITION_S", 600.0)
    client = served.client

    def called() -> Any:
        client.create_function(**function("early"))
        with pytest.raises(client.exceptions.ResourceConflictException) as refused:
            client.invoke(FunctionName="early", Payload=b"{}")
        return refused.value.response

    refused = served.call(called)
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert refused["Error"]["Message"] == (
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    )


def test_a_new_code_is_what_is_invoked(served: Served) -> None:
    served.make("changing")
    client = served.client

    def called() -> tuple[bytes, bytes]:
        before = client.invoke(FunctionName="changing", Payload=b"1")["Payload"].read()
        client.update_function_code(
            FunctionName="changing", ZipFile=zipped("def handler(e, c): return 'new'")
        )
        client.get_waiter("function_updated_v2").wait(FunctionName="changing", WaiterConfig=OFTEN)
        return before, client.invoke(FunctionName="changing", Payload=b"1")["Payload"].read()

    assert served.call(called) == (b"1", b'"new"')


def test_during_an_update_an_invocation_runs_what_there_was(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.make("updating", Environment={"Variables": {"WHO": "old"}}, Code={"ZipFile": zipped(WHO)})
    client = served.client
    monkeypatch.setattr("lambdaform.local.control.function_operations.TRANSITION_S", 600.0)

    def called() -> bytes:
        client.update_function_configuration(
            FunctionName="updating", Environment={"Variables": {"WHO": "new"}}
        )
        return client.invoke(FunctionName="updating", Payload=b"{}")["Payload"].read()

    assert served.call(called) == b'"old"'


@pytest.mark.parametrize("was_invoked", [True, False])
def test_after_an_update_an_invocation_runs_what_there_is(served: Served, was_invoked: bool) -> None:
    name = f"updated-{was_invoked}"
    served.make(name, Environment={"Variables": {"WHO": "old"}}, Code={"ZipFile": zipped(WHO)})
    client = served.client

    def called() -> bytes:
        if was_invoked:
            client.invoke(FunctionName=name, Payload=b"{}")
        client.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHO": "new"}})
        # Whichever it runs, it must not stay with it.
        client.invoke(FunctionName=name, Payload=b"{}")
        client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=OFTEN)
        return client.invoke(FunctionName=name, Payload=b"{}")["Payload"].read()

    assert served.call(called) == b'"new"'


def test_code_that_somebody_has_taken_away_is_told_to_the_caller(served: Served) -> None:
    served.make("robbed", Code={"ZipFile": zipped("robbed = True")})
    state, client = served.lab.service.control.state, served.client
    code = state.versions["robbed", "$LATEST"].code
    assert code is not None
    shutil.rmtree(state.codes.unpacked(code))
    state.codes.archive(code).unlink()
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="cannot be read any more"):
        served.call(lambda: client.invoke(FunctionName="robbed", Payload=b"{}"))


def test_paginators_list_all(served: Served) -> None:
    for number in range(5):
        served.make(f"paged-{number}")
    pages = served.client.get_paginator("list_functions")
    found = served.call(
        lambda: [
            each["FunctionName"]
            for page in pages.paginate(PaginationConfig={"PageSize": 2})
            for each in page["Functions"]
        ]
    )
    assert [name for name in found if name.startswith("paged")] == [f"paged-{number}" for number in range(5)]


def test_code_can_be_downloaded_as_it_was_sent(served: Served) -> None:
    archive = zipped("x = 1")
    served.make("downloaded", Code={"ZipFile": archive})
    address = served.code("downloaded")
    assert address.startswith(f"{served.endpoint.url}/")
    assert served.download(address) == (200, archive)


def test_an_address_names_the_host_that_was_asked(served: Served) -> None:
    served.make("named")
    address = served.download(
        f"{served.endpoint.url.replace('127.0.0.1', 'localhost')}/2015-03-31/functions/named"
    )
    assert b"http://localhost:" in address[1]


@pytest.mark.parametrize("change", ["key", "until", "signature", "path"])
def test_an_address_that_was_changed_leads_nowhere(served: Served, change: str) -> None:
    served.make(f"forged-{change}")
    other = zipped(f"secret = {change!r}")
    served.make(f"other-{change}", Code={"ZipFile": other})
    address, foreign = served.code(f"forged-{change}"), served.code(f"other-{change}")
    changed = {
        "key": foreign.partition("?")[0] + "?" + address.partition("?")[2],
        "until": address.replace("until=", "until=9"),
        "signature": address.partition("signature=")[0] + "signature=",
        "path": address.replace("/code/", "/code/../"),
    }[change]
    status, body = served.download(changed)
    assert (status, b"AccessDenied" in body) == (403, True)


def test_an_address_is_good_for_ten_minutes(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.make("late")
    address, clock = served.code("late"), served.lab.service.clock
    later = clock.now() + 601
    monkeypatch.setattr(clock, "now", lambda: later)
    assert served.download(address)[0] == 403
