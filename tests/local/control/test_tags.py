"""Tags and the operations on them, with the answers that AWS gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.control.records import LATEST
from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import Bench, bench

PREFIX = "arn:aws:lambda:us-east-1:123456789012"
FUNCTION = f"{PREFIX}:function:checkout"
NONE = "8b5e6a0e-6a39-4d5e-9d0c-0f8a5a0a8f11"


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    return lab


def mapping(lab: Bench) -> str:
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    made = ask(lab, "CreateEventSourceMapping", FunctionName="checkout", EventSourceArn=queue)
    arn: str = made["EventSourceMappingArn"]
    return arn


@pytest.mark.parametrize("kind", ["function", "mapping"])
def test_tags_come_change_and_go(lab: Bench, kind: str) -> None:
    arn = FUNCTION if kind == "function" else mapping(lab)
    assert ask(lab, "ListTags", Resource=arn) == {"Tags": {}}
    assert ask(lab, "TagResource", Resource=arn, Tags={"A": "a", "B": "b"}) == {}
    ask(lab, "TagResource", Resource=arn, Tags={"B": "new", "C": "c"})
    assert ask(lab, "ListTags", Resource=arn) == {"Tags": {"A": "a", "B": "new", "C": "c"}}
    assert ask(lab, "UntagResource", Resource=arn, TagKeys=["A", "nobody"]) == {}
    assert ask(lab, "ListTags", Resource=arn) == {"Tags": {"B": "new", "C": "c"}}


def test_a_change_of_tags_gives_the_function_another_revision(lab: Bench) -> None:
    before = lab.state.versions["checkout", LATEST].revision_id
    ask(lab, "UntagResource", Resource=FUNCTION, TagKeys=["nobody"])
    assert lab.state.versions["checkout", LATEST].revision_id == before
    ask(lab, "TagResource", Resource=FUNCTION, Tags={"A": "a"})
    assert lab.state.versions["checkout", LATEST].revision_id != before


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTags"])
@pytest.mark.parametrize(
    ("resource", "what"),
    [
        ("function:nobody", "Function"),
        (f"event-source-mapping:{NONE}", "Event source mapping"),
        ("capacity-provider:nobody", "Capacity provider"),
    ],
)
def test_what_is_not_there_has_no_tags(lab: Bench, operation: str, resource: str, what: str) -> None:
    each: dict[str, dict[str, Any]] = {
        "TagResource": {"Tags": {"A": "a"}},
        "UntagResource": {"TagKeys": ["A"]},
    }
    members = each.get(operation, {})
    error = refused(lab, operation, Resource=f"{PREFIX}:{resource}", **members)
    assert (error.code, error.status) == ("ResourceNotFoundException", 404)
    assert error.message == f"{what} not found: {PREFIX}:{resource}"


@pytest.mark.parametrize(
    "account", ["arn:aws:lambda:eu-west-1:123456789012", "arn:aws:lambda:us-east-1:210987654321"]
)
def test_another_account_or_region_has_functions_of_its_own(lab: Bench, account: str) -> None:
    error = refused(lab, "ListTags", Resource=f"{account}:function:checkout")
    assert error.message == f"Function not found: {account}:function:checkout"


@pytest.mark.parametrize("qualifier", ["1", "$LATEST", "nobody"])
def test_versions_and_aliases_have_no_tags(lab: Bench, qualifier: str) -> None:
    error = refused(lab, "ListTags", Resource=f"{FUNCTION}:{qualifier}")
    assert error.message == (
        "Tags on function aliases and versions are not supported. Please specify a function ARN."
    )


def test_there_are_fifty_tags_at_most(lab: Bench) -> None:
    many = {f"{number}_key": "value" for number in range(51)}
    error = refused(lab, "TagResource", Resource=FUNCTION, Tags=many)
    assert error.message == "Number of tags exceeds resource tag limit."
    many.popitem()
    ask(lab, "TagResource", Resource=FUNCTION, Tags=many)
    error = refused(lab, "TagResource", Resource=FUNCTION, Tags={"one_more": "value"})
    assert error.message == "Number of tags exceeds resource tag limit."
    ask(lab, "TagResource", Resource=FUNCTION, Tags={"0_key": "changed"})


def test_no_tags_at_all_are_refused(lab: Bench) -> None:
    error = refused(lab, "TagResource", Resource=FUNCTION, Tags={})
    assert error.message == "An error occurred and the request cannot be processed."


def test_awss_own_prefix_is_refused(lab: Bench) -> None:
    error = refused(lab, "TagResource", Resource=FUNCTION, Tags={"AWS:cloudformation:stack-name": "a"})
    assert error.code == "InvalidParameterValueException"
    assert ask(lab, "ListTags", Resource=FUNCTION) == {"Tags": {}}
