"""Functions that call functions and wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.lab import laboratory
from tests.local.served_account import ServedAccount

#: Calls another function as an SDK does, and returns what that returned.
CALLER = """
import json, os, urllib.request

def handler(event, context):
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/2015-03-31/functions/{event['call']}/invocations",
        json.dumps(event["with"]).encode(),
        {"X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"]},
    )
    return json.load(urllib.request.urlopen(request, timeout=8))
"""
CALLEE = "def handler(event, context):\n    return [event]\n"


@pytest.fixture
def full(tmp_path: Path) -> Iterator[ServedAccount]:
    """An account on a machine that has room for one environment."""
    with laboratory(tmp_path, max_environments=1) as lab:
        account = ServedAccount(lab)
        yield account
        account.close()


def test_a_function_gets_an_answer_of_one_that_it_calls_though_it_has_the_last_place(
    full: ServedAccount,
) -> None:
    callee, caller = full.lab.function(CALLEE), full.lab.function(CALLER, timeout=10)
    outcome = full.lab.invoke(caller, {"call": callee, "with": 3})
    assert outcome.value == [3]
