"""The environment variables of a function: Lambda's own, the runtime's, the function's, and nothing of this machine's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths, variables
from tests.local.lab import HERE, Lab

SHOW = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"

#: What AWS's environments of every managed runtime and of provided.al2023 have, as recorded from AWS.
RECORDED = {
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "TZ",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
}
FACTS = Path(__file__).parents[2].parent / "shared" / "facts" / "aws_runtime_env.json"


def shown(lab: Lab, **configuration: Any) -> dict[str, str]:
    variables: dict[str, str] = lab.invoke(lab.function(SHOW, **configuration)).value
    return variables


def test_all_names_that_lambda_sets_are_there(any_lab: Lab) -> None:
    assert RECORDED - shown(any_lab).keys() == set()


@pytest.mark.skipif(not FACTS.exists(), reason="the recordings of AWS environments are not on this machine")
def test_python_has_the_names_that_aws_s_python_has(lab: Lab) -> None:
    recorded = json.loads(FACTS.read_text("utf-8"))["runtimes"][HERE]["env"].keys()
    # What a shell script above the runtime leaves behind on AWS is not Lambda's.
    assert recorded - {"TEST_KEY", "PWD", "SHLVL"} - shown(lab).keys() == set()


@pytest.mark.skipif(not FACTS.exists(), reason="the recordings of AWS environments are not on this machine")
def test_locale_time_zone_and_search_paths_are_those_of_each_recorded_runtime() -> None:
    for runtime, recorded in json.loads(FACTS.read_text("utf-8"))["runtimes"].items():
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
        )
        for name in ("LANG", "TZ", "PATH", "LD_LIBRARY_PATH", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"):
            # Ruby has a folder in its paths twice.
            expected = ":".join(dict.fromkeys(recorded["env"][name].split(":")))
            assert (runtime, name, made[name]) == (runtime, name, expected)


def test_no_name_is_there_that_lambda_has_not(lab: Lab, view: object) -> None:
    extra = {"AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_FORMAT", "PYTHONPATH", "LC_CTYPE"}
    assert shown(lab).keys() - RECORDED - extra == set()


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
