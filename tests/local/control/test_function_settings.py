"""Runtime management, recursion and scaling: kept and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.control.placed import ask, place, refused
from tests.local.control.planes import Bench, bench

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
RUNTIME = "arn:aws:lambda:us-east-1::runtime:8eeff65f6809a3ce81507fe733fe09b835899b99481ba22fd75b5a7338290ec1"


@pytest.fixture
def lab(tmp_path: Path) -> Bench:
    lab = bench(tmp_path)
    place(lab)
    return lab


def test_a_function_that_calls_itself_is_ended_unless_it_may_go_on(lab: Bench) -> None:
    assert ask(lab, "GetFunctionRecursionConfig", FunctionName="checkout") == {"RecursiveLoop": "Terminate"}
    put = ask(lab, "PutFunctionRecursionConfig", FunctionName="checkout", RecursiveLoop="Allow")
    assert put == {"RecursiveLoop": "Allow"}
    assert ask(lab, "GetFunctionRecursionConfig", FunctionName="checkout") == put


def test_runtimes_are_renewed_by_themselves_unless_told_otherwise(lab: Bench) -> None:
    assert ask(lab, "GetRuntimeManagementConfig", FunctionName="checkout") == {
        "UpdateRuntimeOn": "Auto",
        "FunctionArn": f"{ARN}:$LATEST",
    }
    ask(
        lab,
        "PutRuntimeManagementConfig",
        FunctionName="checkout",
        Qualifier="1",
        UpdateRuntimeOn="Manual",
        RuntimeVersionArn=RUNTIME,
    )
    assert ask(lab, "GetRuntimeManagementConfig", FunctionName="checkout", Qualifier="1") == {
        "UpdateRuntimeOn": "Manual",
        "FunctionArn": f"{ARN}:1",
        "RuntimeVersionArn": RUNTIME,
    }
    assert ask(lab, "GetRuntimeManagementConfig", FunctionName="checkout")["UpdateRuntimeOn"] == "Auto"


@pytest.mark.parametrize(("mode", "arn"), [("Manual", None), ("Auto", RUNTIME), ("FunctionUpdate", RUNTIME)])
def test_a_runtime_version_goes_with_manual_and_with_nothing_else(
    lab: Bench, mode: str, arn: str | None
) -> None:
    members = {"RuntimeVersionArn": arn} if arn else {}
    error = refused(
        lab, "PutRuntimeManagementConfig", FunctionName="checkout", UpdateRuntimeOn=mode, **members
    )
    assert error.code == "InvalidParameterValueException"


def test_scaling_is_kept_for_a_version(lab: Bench) -> None:
    config = {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 5}
    put = ask(
        lab,
        "PutFunctionScalingConfig",
        FunctionName="checkout",
        Qualifier="1",
        FunctionScalingConfig=config,
    )
    assert put == {"FunctionState": "Active"}
    assert ask(lab, "GetFunctionScalingConfig", FunctionName="checkout", Qualifier="1") == {
        "FunctionArn": f"{ARN}:1",
        "AppliedFunctionScalingConfig": config,
        "RequestedFunctionScalingConfig": config,
    }
    assert ask(lab, "GetFunctionScalingConfig", FunctionName="checkout", Qualifier="2") == {
        "FunctionArn": f"{ARN}:2"
    }


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetFunctionRecursionConfig", {}),
        ("PutFunctionRecursionConfig", {"RecursiveLoop": "Allow"}),
        ("GetRuntimeManagementConfig", {}),
        ("PutRuntimeManagementConfig", {"UpdateRuntimeOn": "Auto"}),
        ("GetFunctionScalingConfig", {"Qualifier": "1"}),
        ("PutFunctionScalingConfig", {"Qualifier": "1"}),
    ],
)
def test_a_function_that_is_not_there_has_no_settings(
    lab: Bench, operation: str, members: dict[str, str]
) -> None:
    error = refused(lab, operation, FunctionName="nobody", **members)
    assert (error.code, error.status) == ("ResourceNotFoundException", 404)
    assert error.message.startswith(f"Function not found: {ARN.replace('checkout', 'nobody')}")
