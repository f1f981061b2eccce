"""Which version a function's name and qualifier stand for, in every form that Lambda takes."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Alias, Function, Functions, Target
from lambdaform.local.control.names import FunctionName, parse_name
from lambdaform.local.errors import AwsError

PREFIX = "arn:aws:lambda:us-east-1:123456789012:function:"


def named(text: str, qualifier: str | None = None) -> FunctionName:
    return parse_name(text, qualifier, region="us-east-1")


def refused(text: str, qualifier: str | None = None) -> AwsError:
    with pytest.raises(AwsError) as raised:
        named(text, qualifier)
    return raised.value


@pytest.mark.parametrize(
    "text", ["Checkout", "function:Checkout", "123456789012:function:Checkout", f"{PREFIX}Checkout"]
)
def test_a_name_may_be_plain_or_an_arn_whole_or_in_part(text: str) -> None:
    assert named(text) == FunctionName("Checkout", None)


@pytest.mark.parametrize("qualifier", ["$LATEST", "7", "live"])
@pytest.mark.parametrize("text", ["Checkout", f"{PREFIX}Checkout"])
def test_a_qualifier_may_follow_the_name(text: str, qualifier: str) -> None:
    assert named(f"{text}:{qualifier}") == FunctionName("Checkout", qualifier)


def test_a_qualifier_may_be_given_apart() -> None:
    assert named("Checkout", "live") == FunctionName("Checkout", "live")


def test_the_same_qualifier_may_be_given_twice() -> None:
    assert named("Checkout:live", "live").qualifier == "live"


def test_two_different_qualifiers_are_refused() -> None:
    error = refused("Checkout:live", "1")
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == (
        "The derived qualifier from the function name does not match the specified qualifier."
    )


def test_another_region_is_not_reachable() -> None:
    error = refused("arn:aws:lambda:ap-southeast-1:123456789012:function:Checkout")
    assert (error.code, error.status) == ("ResourceNotFoundException", 404)
    assert error.message == ("Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')")


@pytest.mark.parametrize("text", ["", "a b", "a/b", "a:b:c", "x" * 257, "arn:aws:s3:::bucket", "ä"])
def test_what_is_no_name_is_refused_by_its_pattern(text: str) -> None:
    error = refused(text)
    assert (error.code, error.status) == ("ValidationException", 400)
    assert "failed to satisfy constraint" in error.message


def functions(**aliases: Alias) -> Functions:
    configuration = FunctionConfiguration(
        function_name="app-Checkout",
        function_arn=f"{PREFIX}app-Checkout",
        runtime="python3.13",
        handler="a.b",
        code=Path("code"),
        opt=Path("opt"),
    )
    function = Function(
        name="app-Checkout",
        arn=f"{PREFIX}app-Checkout",
        logical_id="Checkout",
        versions={
            "$LATEST": configuration,
            "1": FunctionConfiguration(
                function_name="app-Checkout",
                function_arn=f"{PREFIX}app-Checkout",
                runtime="python3.13",
                handler="a.b",
                code=Path("code"),
                opt=Path("opt"),
                version="1",
            ),
        },
        aliases=dict(aliases),
    )
    all_of_them = Functions()
    all_of_them.put(function)
    return all_of_them


def resolved(of: Functions, name: str, qualifier: str | None = None) -> Target:
    return of.resolve(FunctionName(name, qualifier), random.Random(1), PREFIX)


def test_a_name_alone_means_the_latest_code() -> None:
    target = resolved(functions(), "app-Checkout")
    assert target.configuration.version == "$LATEST"
    assert target.invoked_arn == f"{PREFIX}app-Checkout"


def test_a_function_may_be_called_by_its_logical_id() -> None:
    assert resolved(functions(), "Checkout").function.name == "app-Checkout"


def test_an_alias_means_its_version_and_keeps_its_arn() -> None:
    target = resolved(functions(live=Alias("live", "1")), "app-Checkout", "live")
    assert target.configuration.version == "1"
    assert target.invoked_arn == f"{PREFIX}app-Checkout:live"


@pytest.mark.parametrize(
    ("name", "qualifier"), [("Other", None), ("app-Checkout", "2"), ("app-Checkout", "old")]
)
def test_what_is_not_there_is_a_404_with_its_arn(name: str, qualifier: str | None) -> None:
    with pytest.raises(AwsError) as raised:
        resolved(functions(), name, qualifier)
    suffix = f":{qualifier or '$LATEST'}"
    assert (raised.value.code, raised.value.status) == ("ResourceNotFoundException", 404)
    assert raised.value.message == f"Function not found: {PREFIX}{name}{suffix}"


def test_an_alias_with_weights_sends_a_share_of_invocations_to_each_version() -> None:
    alias, chance = Alias("live", "1", {"$LATEST": 0.1}), random.Random(7)
    counted = Counter(alias.choose(chance) for _ in range(10_000))
    assert 900 < counted["$LATEST"] < 1100


def test_a_weight_of_0_sends_nothing() -> None:
    alias, chance = Alias("live", "1", {"$LATEST": 0.0}), random.Random(7)
    assert {alias.choose(chance) for _ in range(1000)} == {"1"}


def test_the_same_seed_chooses_the_same_versions() -> None:
    alias = Alias("live", "1", {"$LATEST": 0.5})
    first, second = random.Random(3), random.Random(3)
    assert [alias.choose(first) for _ in range(50)] == [alias.choose(second) for _ in range(50)]


def test_a_function_that_was_removed_is_gone() -> None:
    of = functions()
    of.remove("app-Checkout")
    assert of.find("app-Checkout") is None
    assert list(of) == []
