"""Bootstraps as people write them: the seminar's in a shell, one in C; what makes a file one that Lambda starts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.local.lab import Lab
from tests.local.toolchains import built, needed, run

#: The seminar's example with its slips mended (its page C10; AWS Lambda Developer Guide, runtimes-walkthrough).
SHELL = """\
#!/bin/bash
set -euo pipefail
source "$LAMBDA_TASK_ROOT/${_HANDLER%%.*}.sh"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers="$(mktemp)"
  event="$(curl -sS -LD "$headers" "$api/invocation/next")"
  id="$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)"
  response="$("${_HANDLER#*.}" "$event")"
  curl -sS -X POST "$api/invocation/$id/response" -d "$response" >/dev/null
done
"""
FUNCTION = """\
handler() {
  echo "event: $1" >&2
  echo "{\\"got\\": $1}"
}
"""
needs_shell = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("curl") is None, reason="bash or curl is not installed"
)


def in_shell(lab: Lab, bootstrap: str = SHELL, *, layer: bool = False) -> str:
    """A function whose code is a shell script, on this bootstrap."""
    files = {"function.sh": FUNCTION}
    layers: dict[str, str] = {}
    (layers if layer else files)["bootstrap"] = bootstrap
    return lab.function(files, layers=layers, runtime="provided.al2023", handler="function.handler")


@needs_shell
@pytest.mark.parametrize("layer", [False, True], ids=["in the package", "in a layer"])
def test_the_seminars_bootstrap_serves_events_once_its_slips_are_mended(any_lab: Lab, layer: bool) -> None:
    name = in_shell(any_lab, layer=layer)
    assert any_lab.invoke(name, {"a": "ü"}).value == {"got": {"a": "\u00fc"}}
    outcome = any_lab.invoke(name, 2)
    assert outcome.value == {"got": 2}
    assert "event: 2" in outcome.log


@needs_shell
@pytest.mark.parametrize(
    ("right", "printed", "status"),
    [
        ("$api/invocation/next", "$api/invoke/next", 1),
        # The event is never answered, and the next one is refused.
        ("$api/invocation/$id/response", "$api/invoke/$id/response", 1),
        ("Lambda-Runtime-Aws-Request-Id", "Lambda-Request-Id", 1),
        (
            'response="$("${_HANDLER#*.}" "$event")"',
            'response=$(echo "$_HANDLER" | cut -d. -f2) "$event")',
            2,
        ),
    ],
    ids=["the path of events", "the path of responses", "the header", "the parentheses"],
)
def test_each_slip_of_the_seminars_bootstrap_ends_it(lab: Lab, right: str, printed: str, status: int) -> None:
    assert right in SHELL
    error = lab.invoke(in_shell(lab, SHELL.replace(right, printed)), 1).error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith(f"Error: Runtime exited with error: exit status {status}")


@pytest.fixture(scope="session")
def c_bootstrap(request: pytest.FixtureRequest) -> Path:
    """The bootstrap in C."""
    needed("gcc")

    def build(folder: Path) -> None:
        run(folder, "gcc", "-std=gnu11", "-O1", "-Wall", "-Werror", "-o", "bootstrap", "bootstrap.c")

    return built(request.config, ["bootstrap.c"], ["gcc", "--version"], build) / "bootstrap"


def with_bootstrap(lab: Lab, bootstrap: Path, **configuration: object) -> str:
    """A function that is this program."""
    values = {"runtime": "provided.al2023", **configuration}
    name = lab.function({}, **values)  # type: ignore[arg-type]
    function = lab.service.functions.find(name)
    assert function is not None
    shutil.copy(bootstrap, function.versions["$LATEST"].code)
    return name


def test_a_bootstrap_in_c_serves_events(any_lab: Lab, c_bootstrap: Path) -> None:
    name = with_bootstrap(any_lab, c_bootstrap, handler="echo")
    first = any_lab.invoke(name, {"a": 1})
    assert first.value == {"echo": {"a": 1}}
    assert "C serves echo" in first.log
    assert any_lab.invoke(name, "x" * 1_000_000).value == {"echo": "x" * 1_000_000}


def test_an_error_of_a_bootstrap_in_c_is_the_callers_and_the_process_goes_on(
    lab: Lab, c_bootstrap: Path
) -> None:
    name = with_bootstrap(lab, c_bootstrap)
    assert lab.invoke(name, "refuse").error == {"errorType": "Refused", "errorMessage": "not this one"}
    again = lab.invoke(name, 1)
    assert again.value == {"echo": 1}
    assert "Init Duration" not in again.report


def test_a_bootstrap_that_a_signal_ends_is_reported_with_the_signal(lab: Lab, c_bootstrap: Path) -> None:
    error = lab.invoke(with_bootstrap(lab, c_bootstrap), "crash").error
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: aborted")


def test_a_first_line_may_give_the_interpreter_an_option(lab: Lab) -> None:
    name = lab.function({"bootstrap": "#!/bin/sh -eu\necho on\nfalse\nexit 9\n"}, runtime="provided.al2023")
    outcome = lab.invoke(name)
    assert "on" in outcome.log
    assert outcome.error["errorMessage"].endswith("exit status 1")


@pytest.mark.parametrize(
    "text", ["echo on\n", "#!/bin/sh\r\necho on\n"], ids=["none", "with a carriage return"]
)
def test_a_bootstrap_without_a_right_first_line_is_an_invalid_entrypoint(lab: Lab, text: str) -> None:
    assert lab.invoke(lab.function({"bootstrap": text}, runtime="provided.al2023")).error["errorType"] == (
        "Runtime.InvalidEntrypoint"
    )


def test_a_program_for_go1_x_is_started_by_the_handlers_name(lab: Lab, c_bootstrap: Path) -> None:
    name = with_bootstrap(lab, c_bootstrap, runtime="go1.x", handler="main")
    function = lab.service.functions.find(name)
    assert function is not None
    code = function.versions["$LATEST"].code
    (code / "bootstrap").rename(code / "main")
    assert lab.invoke(name, 1).value == {"echo": 1}
