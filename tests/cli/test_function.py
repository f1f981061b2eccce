"""Which function a command is about, by whichever of its names."""

from __future__ import annotations

import pytest

from lambdaform import Function, sub
from lambdaform.cli.function import choose_function
from lambdaform.errors import UsageError
from lambdaform.local.physical import Account
from lambdaform.model.stack import Stack

ACCOUNT = Account("", "eu-west-1", "111122223333")
LONG = "A" * 70


@pytest.fixture
def shop() -> Stack:
    stack = Stack("shop")
    inner = Stack("storage")
    stage = stack.parameter("Stage", default="dev")
    for logical_id, name in (
        ("Echo", None),
        ("Given", "printer"),
        ("Worked", sub("${AWS::StackName}-${Stage}-${AWS::Region}", Stage=stage.ref)),
        (LONG, None),
    ):
        stack.add(Function(logical_id, handler="app.handler", code_uri="src", function_name=name))
    inner.add(Function("Writer", handler="app.handler", code_uri="src"))
    stack.children["Storage"] = inner
    return stack


@pytest.mark.parametrize(
    ("name", "logical_id"),
    [
        ("Echo", "Echo"),
        ("shop/Echo", "Echo"),
        ("shop-Echo", "Echo"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:shop-Echo", "Echo"),
        ("printer", "Given"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:printer", "Given"),
        ("shop-prod-eu-west-1", "Worked"),
        (f"shop-{LONG}"[:64], LONG),
        ("Storage/Writer", "Writer"),
        ("shop-Storage-Writer", "Writer"),
    ],
)
def test_a_function_is_found_by_each_of_its_names(shop: Stack, name: str, logical_id: str) -> None:
    assert choose_function([shop], name, ACCOUNT, {"Stage": "prod"}).function.logical_id == logical_id


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("shop-Given", "Did you mean 'Given'?"),
        ("shop-Ehco", "Did you mean 'shop-Echo'?"),
        ("arn:aws:lambda:us-east-1:111122223333:function:shop-Echo", "It has"),
    ],
)
def test_a_name_that_no_function_has_is_refused(shop: Stack, name: str, right: str) -> None:
    with pytest.raises(UsageError, match=f"has no function '{name}'") as refused:
        choose_function([shop], name, ACCOUNT, {})
    assert right in str(refused.value)
