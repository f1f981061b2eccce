"""Rust functions on AWS's own client, lambda_runtime: what it expects of the Runtime API and what callers get."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.local.lab import Lab
from tests.local.toolchains import built, needed, run

#: Building the client takes half a minute, once.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Path:
    """The bootstrap, built of ``bootstraps/rust``."""
    needed("cargo")

    def build(folder: Path) -> None:
        try:
            run(folder, "cargo", "fetch", "--locked", seconds=120)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"lambda_runtime cannot be had here: {str(error)[:200]}")
        run(folder, "cargo", "build", "--release", "--locked", "--target-dir", "target", seconds=600)
        shutil.copy(folder / "target/release/bootstrap", folder)
        shutil.rmtree(folder / "target")

    sources = ["rust/main.rs", "rust/Cargo.toml", "rust/Cargo.lock"]
    return built(request.config, sources, ["cargo", "--version"], build) / "bootstrap"


def rust(lab: Lab, program: Path, **configuration: object) -> str:
    name = lab.function({}, runtime="provided.al2023", handler="bootstrap", **configuration)  # type: ignore[arg-type]
    function = lab.service.functions.find(name)
    assert function is not None
    shutil.copy(program, function.versions["$LATEST"].code)
    return name


def test_events_are_answered_one_after_the_other_by_one_process(any_lab: Lab, program: Path) -> None:
    name = rust(any_lab, program)
    assert any_lab.invoke(name, {"value": "ü"}).value == {"value": "ü", "served": 1}
    big = "x" * 2_000_000
    assert any_lab.invoke(name, {"value": big}).value == {"value": big, "served": 2}


def test_the_context_says_what_is_invoked(lab: Lab, program: Path) -> None:
    name = rust(lab, program)
    now = time.time() * 1000
    outcome = lab.invoke(name, {"do": "context"}, client_context='{"custom": {"a": "b"}}')
    deadline = outcome.value["deadline"]
    assert outcome.value == {
        "request_id": outcome.request_id,
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "function_name": name,
        "memory": 256,
        "custom": {"a": "b"},
        "deadline": deadline,
        "trace": True,
    }
    assert 10_000 <= deadline - now < 40_000


def test_what_it_prints_is_in_the_log(lab: Lab, program: Path) -> None:
    assert "in stock" in lab.invoke(rust(lab, program), {"do": "print", "value": "in stock"}).log


def test_an_error_is_answered_as_the_function_says_and_the_process_goes_on(lab: Lab, program: Path) -> None:
    name = rust(lab, program)
    outcome = lab.invoke(name, {"do": "fail", "value": "none left"})
    assert outcome.error == {"errorType": "OutOfStock", "errorMessage": "none left"}
    assert lab.invoke(name, {}).value["served"] == 2


def test_a_panic_is_an_error_and_the_process_goes_on(lab: Lab, program: Path) -> None:
    name = rust(lab, program)
    outcome = lab.invoke(name, {"do": "panic", "value": "none left"})
    assert outcome.error["errorMessage"] == "Lambda panicked"
    assert "none left" in outcome.log
    assert lab.invoke(name, {}).value["served"] == 2


def test_a_process_that_exits_is_reported(lab: Lab, program: Path) -> None:
    error = lab.invoke(rust(lab, program), {"do": "exit"}).error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
