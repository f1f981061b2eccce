"""What is set through the control plane while the service runs is what the next invocation goes by."""

from __future__ import annotations

import collections
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.errors import AwsError
from tests.local.control.planes import ROLE, zipped
from tests.local.lab import HERE, Lab, laboratory

#: How long anything may take that is awaited.
PATIENCE_S = 30


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("effect")
    with laboratory(folder, seed=7) as lab:
        yield lab


def ask(lab: Lab, operation: str, **members: Any) -> dict[str, Any]:
    """Call an operation."""
    return lab.run(lab.service.control.call(operation, members))


def settled(lab: Lab, name: str) -> None:
    """Wait until a function can be changed and invoked."""
    deadline = time.monotonic() + PATIENCE_S
    while ask(lab, "GetFunctionConfiguration", FunctionName=name).get("LastUpdateStatus") != "Successful":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def make(lab: Lab, name: str, code: str = "def handler(event, context):\n    return VERSION\n") -> None:
    """A function with two versions, each of which says its number."""
    members = {"Runtime": HERE, "Handler": "index.handler", "Role": ROLE}
    ask(
        lab,
        "CreateFunction",
        FunctionName=name,
        Code={"ZipFile": zipped(code.replace("VERSION", "'1'"))},
        **members,
    )
    settled(lab, name)
    ask(lab, "PublishVersion", FunctionName=name)
    ask(lab, "UpdateFunctionCode", FunctionName=name, ZipFile=zipped(code.replace("VERSION", "'2'")))
    settled(lab, name)
    ask(lab, "PublishVersion", FunctionName=name)


def refused(lab: Lab, name: str, **request: Any) -> AwsError:
    """The error of an invocation that is refused."""
    with pytest.raises(AwsError) as caught:
        lab.invoke(name, **request)
    return caught.value


def test_an_alias_leads_where_it_was_moved_to(service: Lab) -> None:
    make(service, "moved")
    ask(service, "CreateAlias", FunctionName="moved", Name="live", FunctionVersion="1")
    assert service.invoke("moved", qualifier="live").value == "1"
    ask(service, "UpdateAlias", FunctionName="moved", Name="live", FunctionVersion="2")
    assert service.invoke("moved", qualifier="live").value == "2"
    ask(service, "DeleteAlias", FunctionName="moved", Name="live")
    assert refused(service, "moved", qualifier="live").status == 404


def test_an_aliass_weights_share_out_its_invocations(service: Lab) -> None:
    make(service, "shared")
    weights = {"AdditionalVersionWeights": {"2": 0.3}}
    ask(
        service,
        "CreateAlias",
        FunctionName="shared",
        Name="live",
        FunctionVersion="1",
        RoutingConfig=weights,
    )
    seen = collections.Counter(service.invoke("shared", qualifier="live").value for _ in range(200))
    # Five standard deviations: sqrt(200 x 0.3 x 0.7) is 6.5.
    assert 28 <= seen["2"] <= 92
    assert seen["1"] + seen["2"] == 200


def test_a_function_that_reserves_nothing_is_throttled_until_it_is_given_back(service: Lab) -> None:
    make(service, "stopped")
    ask(service, "PutFunctionConcurrency", FunctionName="stopped", ReservedConcurrentExecutions=0)
    error = refused(service, "stopped")
    assert (error.status, error.extra["Reason"]) == (429, "ReservedFunctionConcurrentInvocationLimitExceeded")
    ask(service, "DeleteFunctionConcurrency", FunctionName="stopped")
    assert service.invoke("stopped").value == "2"


KIND = "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'], VERSION\n"


def provisioned(lab: Lab, name: str, qualifier: str) -> dict[str, Any]:
    """What is told of provisioned concurrency once it is no longer in progress."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        told = ask(lab, "GetProvisionedConcurrencyConfig", FunctionName=name, Qualifier=qualifier)
        if told["Status"] != "IN_PROGRESS":
            return told
        assert time.monotonic() < deadline
        lab.allocation(name, qualifier)


def test_provisioned_concurrency_is_used_once_it_is_ready_and_moves_with_its_alias(service: Lab) -> None:
    make(service, "ready", KIND)
    ask(service, "CreateAlias", FunctionName="ready", Name="live", FunctionVersion="1")
    ask(
        service,
        "PutProvisionedConcurrencyConfig",
        FunctionName="ready",
        Qualifier="live",
        ProvisionedConcurrentExecutions=1,
    )
    told = provisioned(service, "ready", "live")
    assert (told["Status"], told["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 1)
    for qualifier in ("live", "1"):
        assert service.invoke("ready", qualifier=qualifier).value == ["provisioned-concurrency", "1"]
    assert service.invoke("ready", qualifier="2").value == ["on-demand", "2"]
    ask(service, "UpdateAlias", FunctionName="ready", Name="live", FunctionVersion="2")
    assert provisioned(service, "ready", "live")["Status"] == "READY"
    assert service.invoke("ready", qualifier="2").value == ["provisioned-concurrency", "2"]
    assert service.invoke("ready", qualifier="1").value == ["on-demand", "1"]
    ask(service, "DeleteProvisionedConcurrencyConfig", FunctionName="ready", Qualifier="live")
    assert service.invoke("ready", qualifier="live").value == ["on-demand", "2"]


def test_provisioned_concurrency_fails_where_the_function_does_not_start(service: Lab) -> None:
    make(
        service,
        "broken",
        "import os\nif 'prov' in os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']: 1 / 0\n" + KIND,
    )
    ask(
        service,
        "PutProvisionedConcurrencyConfig",
        FunctionName="broken",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1,
    )
    told = provisioned(service, "broken", "1")
    assert (told["Status"], told["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert told["AllocatedProvisionedConcurrentExecutions"] == 0
    assert service.invoke("broken", qualifier="1").value == ["on-demand", "1"]
