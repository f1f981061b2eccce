"""Go functions on AWS's own client, aws-lambda-go: what it expects of the Runtime API and what callers get."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.local.lab import Lab, laboratory
from tests.local.toolchains import built, needed, run

#: The Go that is installed, and nothing that needs a C compiler.
_GO = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Path:
    """The bootstrap, built of ``bootstraps/go``."""
    needed("go")

    def build(folder: Path) -> None:
        try:
            run(folder, "go", "mod", "download", "github.com/aws/aws-lambda-go", environment=_GO, seconds=120)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"aws-lambda-go cannot be had here: {str(error)[:200]}")
        command = ("go", "build", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", "bootstrap", ".")
        run(folder, *command, environment=_GO)

    return (
        built(request.config, ["go/main.go", "go/go.mod", "go/go.sum"], ["go", "version"], build)
        / "bootstrap"
    )


def go(lab: Lab, program: Path, **configuration: object) -> str:
    name = lab.function({}, runtime="provided.al2023", handler="bootstrap", **configuration)  # type: ignore[arg-type]
    function = lab.service.functions.find(name)
    assert function is not None
    shutil.copy(program, function.versions["$LATEST"].code)
    return name


def test_events_are_answered_one_after_the_other_by_one_process(any_lab: Lab, program: Path) -> None:
    name = go(any_lab, program)
    assert any_lab.invoke(name, {"value": "ü"}).value == {"value": "ü", "served": 1}
    big = "x" * 2_000_000
    assert any_lab.invoke(name, {"value": big}).value == {"value": big, "served": 2}


def test_the_context_says_what_is_invoked(lab: Lab, program: Path) -> None:
    name = go(lab, program)
    outcome = lab.invoke(name, {"do": "context"}, client_context='{"custom": {"a": "☃"}}')
    left = outcome.value["left"]
    assert outcome.value == {
        "aws_request_id": outcome.request_id,
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "custom": {"a": "☃"},
        "function_name": name,
        "memory_limit_in_mb": 256,
        "trace": True,
        "left": left,
    }
    assert 5_000 < left <= 10_000


def test_what_it_prints_and_logs_is_in_the_log(lab: Lab, program: Path) -> None:
    log = lab.invoke(go(lab, program), {"do": "log", "value": "in stock"}).log
    assert "in stock" in log
    assert [line for line in log if line.endswith(" in stock")]


@pytest.mark.parametrize(
    ("what", "error_type", "message"),
    [("error", "errorString", "no stock"), ("own error", "refused", "refused: no stock")],
)
def test_an_error_has_the_name_of_its_type_and_the_process_goes_on(
    lab: Lab, program: Path, what: str, error_type: str, message: str
) -> None:
    name = go(lab, program)
    outcome = lab.invoke(name, {"do": what, "value": "no stock"})
    assert outcome.error == {"errorType": error_type, "errorMessage": message}
    assert lab.invoke(name, {}).value["served"] == 2


def test_a_panic_is_answered_with_its_stack_and_ends_the_process(lab: Lab, program: Path) -> None:
    name = go(lab, program)
    error = lab.invoke(name, {"do": "panic", "value": "no stock"}).error
    assert (error["errorType"], error["errorMessage"]) == ("string", "no stock")
    assert "handle" in [frame["label"] for frame in error["stackTrace"]]
    assert lab.invoke(name, {}).value["served"] == 1


def test_an_event_of_the_wrong_type_is_an_error(lab: Lab, program: Path) -> None:
    assert lab.invoke(go(lab, program), {"do": 1}).error["errorType"] == "UnmarshalTypeError"


def test_a_process_that_exits_is_reported(lab: Lab, program: Path) -> None:
    error = lab.invoke(go(lab, program), {"do": "exit"}).error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_a_timeout_is_that_of_every_runtime(lab: Lab, program: Path) -> None:
    assert lab.invoke(go(lab, program, timeout=1), {"do": "sleep"}).error["errorType"] == "Sandbox.Timedout"


@pytest.mark.parametrize("sandboxed", [True, False], ids=["view", "folders"])
def test_the_client_is_told_to_end_by_the_extension_that_it_registers(
    tmp_path: Path, program: Path, sandboxed: bool
) -> None:
    with laboratory(tmp_path, sandboxed=sandboxed) as own:
        own.invoke(go(own, program), {})
        own.run(own.service.close())
        assert "Go was told to end" in [line.text for line in own.log]
