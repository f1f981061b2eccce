"""The environment variables of a function: Lambda's own, the runtime's, the function's, and nothing of this machine's."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths, variables
from tests.local.lab import HERE, Lab

SHOW = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
#: Functions that return their variables, by the language of their runtime.
SHOWING = {
    "python": {"index.py": SHOW},
    "nodejs": {"index.js": "exports.handler = async () => process.env;"},
    "ruby": {"index.rb": "def handler(event:, context:)\n  ENV.to_h\nend\n"},
    "provided": {
        "bootstrap": """\
            #!/usr/bin/env python3
            import json, urllib.request

            # Not os.environ, where Python may have put something itself.
            with open("/proc/self/environ") as file:
                variables = dict(each.split("=", 1) for each in file.read().split("\\0") if each)
            api = f"http://{variables['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
            while True:
                event = urllib.request.urlopen(f"{api}/next")
                request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
                urllib.request.urlopen(f"{api}/{request_id}/response", json.dumps(variables).encode())
            """
    },
}
ENVIRONMENTS = json.loads(Path(__file__).with_name("recorded_environments.json").read_text("utf-8"))
RECORDED = {name: {**ENVIRONMENTS["every"], **own} for name, own in ENVIRONMENTS["runtimes"].items()}
#: What every environment has by AWS's pages, which is newer than the recordings.
NEWER = {"AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN"}
#: What has other values here, or is not there (docs/explanation/fidelity.md); and what is each function's own.
OTHERWISE = {"AWS_LAMBDA_RUNTIME_API"}
OWN = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "_HANDLER"}


def shown(lab: Lab, **configuration: Any) -> dict[str, str]:
    variables: dict[str, str] = lab.invoke(lab.function(SHOW, **configuration)).value
    return variables


def recorded(runtime: str) -> dict[str, str | None]:
    """What a runtime had on AWS and should have here; None for a value that is another everywhere."""
    found = dict(RECORDED[runtime])
    if runtime.startswith("provided"):
        # The function that was recorded set it itself.
        del found["_X_AMZN_TRACE_ID"]
    if runtime == "provided.al2":
        # Of all runtimes the only one with another address.
        found["AWS_XRAY_DAEMON_ADDRESS"], found["_AWS_XRAY_DAEMON_ADDRESS"] = (
            "169.254.100.1:2000",
            "169.254.100.1",
        )
    return found


@pytest.mark.parametrize("runtime", [name for name in RECORDED if name.startswith(tuple(SHOWING))])
def test_each_runtime_has_the_variables_that_it_has_on_aws(lab: Lab, view: object, runtime: str) -> None:
    language = next(each for each in SHOWING if runtime.startswith(each))
    program = {"nodejs": "node", "ruby": "ruby"}.get(language)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    found = lab.invoke(lab.function(SHOWING[language], runtime=runtime)).value
    expected = recorded(runtime)
    assert found.keys() - NEWER == expected.keys()
    assert found.keys() >= NEWER
    if language == "nodejs":
        # What of this machine comes last is said in the page.
        found["NODE_PATH"] = found["NODE_PATH"][: len(expected["NODE_PATH"] or "")]
    if language == "ruby":
        found["GEM_PATH"] = found["GEM_PATH"][: len(expected["GEM_PATH"] or "")]
    for name in expected.keys() - OTHERWISE - OWN:
        assert expected[name] is None or (name, found[name]) == (name, expected[name])


def test_what_lambda_sets_itself_has_the_recorded_values_for_every_runtime() -> None:
    for runtime in RECORDED:
        made = variables(
            FunctionConfiguration(
                function_name="f",
                function_arn="arn:aws:lambda:us-east-1:123456789012:function:f",
                runtime=runtime,
                handler="a.b",
                code=Path("code"),
                opt=Path("opt"),
            ),
            Paths(task="/var/task", opt="/opt", tmp="/tmp", runtime="/var/runtime"),
            runtime_api="127.0.0.1:9001",
            log_stream="s",
            initialization_type="on-demand",
            runtime_variables={},
            endpoint_url=None,
            in_sandbox=True,
            metadata_token="t",
        )
        expected = recorded(runtime)
        assert made.keys() - NEWER - expected.keys() == set()
        for name in made.keys() - NEWER - OTHERWISE - OWN:
            assert expected[name] is None or (runtime, name, made[name]) == (runtime, name, expected[name])


def test_all_names_that_lambda_sets_are_there_without_a_view_too(open_lab: Lab) -> None:
    extra = {"HOME", "TMPDIR"}
    assert shown(open_lab).keys() == recorded(HERE).keys() | NEWER | extra


@pytest.mark.parametrize(("log_format", "told"), [("JSON", "JSON"), ("Text", None)])
def test_the_log_format_is_told_where_it_is_json(lab: Lab, log_format: str, told: str | None) -> None:
    assert shown(lab, log_format=log_format).get("AWS_LAMBDA_LOG_FORMAT") == told


@pytest.mark.parametrize("runtime", ["python3.11", "python3.13"])
def test_a_functions_own_locale_is_kept(lab: Lab, runtime: str) -> None:
    assert shown(lab, runtime=runtime, environment={"LC_CTYPE": "C.UTF-8"})["LC_CTYPE"] == "C.UTF-8"


def test_their_values_are_the_functions(lab: Lab, view: object) -> None:
    name = lab.function(SHOW, memory_size=512)
    values = lab.invoke(name).value
    assert {
        key: values[key] for key in sorted(values) if key.startswith(("AWS_LAMBDA_F", "LAMBDA", "_H"))
    } == {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_HANDLER": "index.handler",
    }
    assert values["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{HERE}"
    assert values["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{name}"
    assert values["AWS_REGION"] == values["AWS_DEFAULT_REGION"] == "us-east-1"
    assert values["TZ"] == ":UTC"


def test_each_event_has_its_trace_id(lab: Lab) -> None:
    name = lab.function(
        "import os\ndef handler(event, context):\n    return os.environ['_X_AMZN_TRACE_ID']\n"
    )
    first, second = lab.invoke(name).value, lab.invoke(name).value
    assert first.startswith("Root=1-")
    assert first != second


def test_the_functions_own_are_there(any_lab: Lab) -> None:
    assert shown(any_lab, environment={"TABLE_NAME": "orders", "EMPTY": ""}).items() >= {
        ("TABLE_NAME", "orders"),
        ("EMPTY", ""),
    }


@pytest.mark.parametrize("name", ["TZ", "LANG", "AWS_XRAY_CONTEXT_MISSING"])
def test_a_function_may_override_what_lambda_leaves_open(lab: Lab, name: str) -> None:
    assert shown(lab, environment={name: "C.UTF-8"})[name] == "C.UTF-8"


@pytest.mark.parametrize("name", ["AWS_REGION", "_HANDLER", "AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY_ID"])
def test_a_function_cannot_override_what_lambda_keeps(lab: Lab, name: str) -> None:
    assert shown(lab, environment={name: "mine"})[name] != "mine"


def test_nothing_of_this_machines_environment_gets_in(any_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "host-secret")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SOME_TOKEN", "host-secret")
    values = shown(any_lab)
    assert "host-secret" not in values.values()
    assert not {"AWS_PROFILE", "SOME_TOKEN"} & values.keys()


def test_without_a_view_home_and_temporary_files_lie_in_the_environments_own_folder(open_lab: Lab) -> None:
    values = shown(open_lab)
    assert values["HOME"] == values["TMPDIR"]
    assert values["HOME"] != os.path.expanduser("~")  # noqa: PTH111
    assert Path(values["HOME"]).is_relative_to(open_lab.service._folder)


def test_credentials_are_good_for_nothing_and_found_by_the_sdk(any_lab: Lab) -> None:
    name = any_lab.function(
        """
        import boto3
        def handler(event, context):
            found = boto3.Session().get_credentials()
            return [found.method, found.access_key, boto3.client("sts").meta.region_name]
        """
    )
    method, key, region = any_lab.invoke(name).value
    assert (method, region) == ("env", "us-east-1")
    assert key.startswith("ASIALOCAL")


def test_the_sdk_calls_this_machine_where_it_serves_aws(any_lab: Lab) -> None:
    any_lab.service.endpoint_url = "http://127.0.0.1:9"
    try:
        name = any_lab.function(
            "import boto3\ndef handler(event, context):\n    return boto3.client('sqs').meta.endpoint_url\n"
        )
        assert any_lab.invoke(name).value == "http://127.0.0.1:9"
    finally:
        any_lab.service.endpoint_url = None
