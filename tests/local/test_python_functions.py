"""Python functions in real processes: what their callers get and what their log says, as on AWS.

The bodies are those recorded on AWS; where the process has no view of its own, code lies elsewhere than in
/var/task, and traces say so.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

from lambdaform.local import environment, memory
from lambdaform.local.cognito_identity import CognitoIdentity
from tests.local.lab import HERE, Lab, Outcome

SOMEBODY = CognitoIdentity(identity_id="eu-west-1:905edd66", identity_pool_id="eu-west-1:715601c9")
GREET = """
    def handler(event, context):
        print("hello")
        return {"event": event}
"""


def has_the_lines_of_an_event(outcome: Outcome) -> bool:
    """START, the log, END, REPORT, in this order and each once."""
    kinds = [line.split(" ", 1)[0].split("\t")[0] for line in outcome.log]
    framed = [kind for kind in kinds if kind in ("START", "END", "REPORT")]
    return framed == ["START", "END", "REPORT"] and kinds[-1] == "REPORT"


def test_a_function_gets_its_event_and_its_caller_the_result(any_lab: Lab) -> None:
    outcome = any_lab.invoke(any_lab.function(GREET), {"a": [1, "ü"]})
    assert outcome.value == {"event": {"a": [1, "ü"]}}
    assert outcome.response.function_error is None
    assert outcome.response.executed_version == "$LATEST"


def test_the_log_of_a_cold_start_is_that_of_aws(any_lab: Lab) -> None:
    outcome = any_lab.invoke(any_lab.function(GREET))
    request_id = outcome.request_id
    init, *rest = outcome.log
    assert re.fullmatch(
        rf"INIT_START Runtime Version: python:{HERE.removeprefix('python')}\.v\d+\t"
        r"Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}",
        init,
    )
    assert rest[:3] == [
        f"START RequestId: {request_id} Version: $LATEST",
        "hello",
        f"END RequestId: {request_id}",
    ]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t",
        rest[3],
    )


def test_a_warm_start_has_neither_init_line_nor_init_duration(any_lab: Lab) -> None:
    name = any_lab.function(GREET)
    any_lab.invoke(name)
    outcome = any_lab.invoke(name)
    assert outcome.log[0].startswith("START ")
    assert "Init Duration" not in outcome.report


def test_the_billed_duration_is_duration_and_init_rounded_up(lab: Lab) -> None:
    report = lab.invoke(lab.function(GREET)).report
    total = sum(float(report[name].removesuffix(" ms")) for name in ("Duration", "Init Duration"))
    assert int(report["Billed Duration"].removesuffix(" ms")) == -(-round(total, 2) // 1)


@pytest.mark.parametrize(
    ("source", "payload"),
    [
        ("None", b"null"),
        ("''", b'""'),
        ("0", b"0"),
        ("[]", b"[]"),
        ("{'é': True}", '{"é": true}'.encode()),
        ("b'raw'", b"raw"),
    ],
)
def test_what_a_function_returns_is_its_json(lab: Lab, source: str, payload: bytes) -> None:
    name = lab.function(f"def handler(event, context):\n    return {source}\n")
    got = lab.invoke(name).response.payload
    assert got == payload or got.decode().encode("ascii", "backslashreplace") == payload or b"\\u00e9" in got


def test_an_exception_is_answered_with_type_message_id_and_trace(lab: Lab, view: object) -> None:
    name = lab.function(
        """
        def handler(event, context):
            raise ValueError("no such order")
        """
    )
    outcome = lab.invoke(name)
    assert outcome.error == {
        "errorMessage": "no such order",
        "errorType": "ValueError",
        "requestId": outcome.request_id,
        "stackTrace": [
            '  File "/var/task/index.py", line 3, in handler\n    raise ValueError("no such order")\n'
        ],
    }


def test_an_exception_is_one_log_event_with_its_trace(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    raise ValueError('no such order')\n")
    outcome = lab.invoke(name)
    [event] = outcome.lines("[ERROR]")
    first, second, third, *_ = event.split("\n")
    assert first == "[ERROR] ValueError: no such order"
    assert second == "Traceback (most recent call last):"
    assert third.startswith("\u00a0\u00a0File ")
    assert has_the_lines_of_an_event(outcome)


def test_after_an_exception_the_environment_is_used_again(lab: Lab) -> None:
    name = lab.function(
        """
        import os
        def handler(event, context):
            if event:
                raise ValueError
            return os.getpid()
        """
    )
    first = lab.invoke(name).value
    lab.invoke(name, 1)
    assert lab.invoke(name).value == first


def test_an_exception_does_not_make_the_report_say_error(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    raise ValueError\n")
    assert "Status" not in lab.invoke(name).report


def test_an_exception_of_a_class_of_its_own_has_that_type(lab: Lab) -> None:
    name = lab.function(
        """
        class OrderError(Exception):
            pass
        def handler(event, context):
            raise OrderError("x")
        """
    )
    assert lab.invoke(name).error["errorType"] == "OrderError"


INIT_FAILURES = [
    pytest.param(
        "import nothing_of_this_name\n",
        "index.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'index': No module named 'nothing_of_this_name'",
        id="import error in the module",
    ),
    pytest.param(
        "",
        "missing.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'missing': No module named 'missing'",
        id="no such module",
    ),
    pytest.param(
        "",
        "index.missing",
        "Runtime.HandlerNotFound",
        "Handler 'missing' missing on module 'index'",
        id="no such function",
    ),
    pytest.param(
        "",
        "handler",
        "Runtime.MalformedHandlerName",
        "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        id="no dot",
    ),
    pytest.param(
        "",
        "sys.exit",
        "Runtime.BuiltInModuleConflict",
        "Cannot use built-in module sys as a handler module",
        id="built-in module",
    ),
]


@pytest.mark.parametrize(("source", "handler", "error_type", "message"), INIT_FAILURES)
def test_a_handler_that_cannot_be_had_is_the_runtimes_error(
    lab: Lab, source: str, handler: str, error_type: str, message: str
) -> None:
    outcome = lab.invoke(lab.function(source, handler=handler))
    assert outcome.error == {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": "",
        "stackTrace": [],
    }


def test_a_syntax_error_names_file_line_and_code(lab: Lab, view: object) -> None:
    outcome = lab.invoke(lab.function("x = 1\ndef handler(event, context)\n    return 1\n"))
    assert outcome.error["errorType"] == "Runtime.UserCodeSyntaxError"
    assert outcome.error["errorMessage"] == "Syntax error in module 'index': expected ':' (index.py, line 2)"
    [trace] = outcome.error["stackTrace"]
    assert trace == '  File "/var/task/index.py" Line 2\n    def handler(event, context)\n'


def test_an_exception_at_import_has_its_type_and_no_request_id(lab: Lab) -> None:
    error = lab.invoke(lab.function("raise RuntimeError('no settings')\n")).error
    assert (error["errorType"], error["errorMessage"], error["requestId"]) == (
        "RuntimeError",
        "no settings",
        "",
    )


def test_an_init_that_fails_is_tried_again_within_the_invocation(lab: Lab) -> None:
    outcome = lab.invoke(lab.function("raise RuntimeError('no settings')\n"))
    first, second = outcome.lines("INIT_REPORT")
    assert re.fullmatch(
        r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: \S+", first
    )
    assert "\tPhase: invoke\tStatus: error\t" in second
    assert len(outcome.lines("[ERROR] RuntimeError: no settings")) == 2
    assert outcome.report["Status"] == "error"
    assert "Init Duration" not in outcome.report


def test_an_init_that_succeeds_the_second_time_serves_the_event(lab: Lab) -> None:
    name = lab.function(
        """
        import os, pathlib
        mark = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / "been-here"
        if not mark.exists():
            mark.touch()
            raise RuntimeError("the first time")
        def handler(event, context):
            return "at last"
        """
    )
    outcome = lab.invoke(name)
    assert outcome.value == "at last"
    assert len(outcome.lines("INIT_REPORT")) == 1


def test_a_result_that_is_no_json_is_a_marshal_error(lab: Lab) -> None:
    error = lab.invoke(lab.function("def handler(event, context):\n    return {1, 2}\n")).error
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"


EXITS = [
    ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
    ("import sys; sys.exit(1)", "Runtime exited with error: exit status 1"),
    ("import os; os._exit(127)", "Runtime exited with error: exit status 127"),
    ("import os; os._exit(0)", "Runtime exited without providing a reason"),
    ("import os; os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ("import os; os.kill(os.getpid(), 15)", "Runtime exited with error: signal: terminated"),
    ("import os; os.abort()", "Runtime exited with error: signal: aborted"),
    ("import ctypes; ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
    ("import os; os.kill(os.getpid(), 10)", "Runtime exited with error: signal: user defined signal 1"),
    ("import os; os.kill(os.getpid(), 24)", "Runtime exited with error: signal: CPU time limit exceeded"),
    ("import os; os.kill(os.getpid(), 40)", "Runtime exited with error: signal: signal 40"),
]


@pytest.mark.parametrize(("statement", "reason"), EXITS, ids=[statement for statement, _ in EXITS])
def test_a_runtime_that_exits_is_reported_with_its_reason(lab: Lab, statement: str, reason: str) -> None:
    outcome = lab.invoke(lab.function(f"def handler(event, context):\n    {statement}\n"))
    assert outcome.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: {reason}",
    }
    assert outcome.report["Status"] == "error"
    assert outcome.report["Error Type"] == "Runtime.ExitError"
    *_, told, end, _ = outcome.log
    assert told == f"RequestId: {outcome.request_id} Error: {reason}\nRuntime.ExitError"
    assert end == f"END RequestId: {outcome.request_id}"


def test_a_runtime_that_exits_while_it_initialises_is_reported_too(lab: Lab) -> None:
    outcome = lab.invoke(lab.function("import sys\nsys.exit(3)\n"))
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert len(outcome.lines("INIT_REPORT")) == 2


def test_what_was_written_before_an_exit_is_in_the_log(lab: Lab) -> None:
    name = lab.function(
        """
        import os
        def handler(event, context):
            os.write(1, b"last words, without a line end")
            os._exit(1)
        """
    )
    outcome = lab.invoke(name)
    assert "last words, without a line end" in outcome.log
    assert has_the_lines_of_an_event(outcome)


def test_after_an_exit_a_new_process_serves_the_next_event(lab: Lab) -> None:
    name = lab.function(
        """
        import os
        def handler(event, context):
            if event:
                os._exit(1)
            return os.getpid()
        """
    )
    first = lab.invoke(name).value
    lab.invoke(name, 1)
    outcome = lab.invoke(name)
    assert outcome.value != first
    assert outcome.log[0].startswith("START ")
    assert "Init Duration" not in outcome.report


def test_a_timeout_is_answered_and_logged_as_on_aws(lab: Lab) -> None:
    name = lab.function("import time\ndef handler(event, context):\n    time.sleep(60)\n", timeout=1)
    outcome = lab.invoke(name)
    assert outcome.error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {outcome.request_id} Error: Task timed out after 1.00 seconds",
    }
    [line] = [line for line in outcome.log if "Task timed out" in line]
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {outcome.request_id} Task timed out after 1\.00 seconds",
        line.rstrip("\n"),
    )
    assert outcome.report["Duration"] == "1000.00 ms"
    assert outcome.report["Status"] == "timeout"
    assert "Error Type" not in outcome.report
    assert has_the_lines_of_an_event(outcome)


def test_a_function_that_writes_without_end_times_out_all_the_same(lab: Lab) -> None:
    name = lab.function(
        """
        import os
        def handler(event, context):
            line = b"x" * 65535 + b"\\n"
            while True:
                os.write(1, line)
        """,
        timeout=1,
    )
    assert lab.invoke(name).error["errorType"] == "Sandbox.Timedout"


def test_a_function_that_takes_too_much_memory_is_ended(lab: Lab) -> None:
    name = lab.function(
        """
        import time
        def handler(event, context):
            held = b"x" * (300 << 20)
            time.sleep(30)
        """,
        memory_size=128,
    )
    outcome = lab.invoke(name)
    message = f"RequestId: {outcome.request_id} Error: Runtime exited with error: signal: killed"
    assert outcome.error == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert f"{message}\nRuntime.ExitError" in outcome.log
    assert outcome.report["Max Memory Used"] == "128 MB"
    assert outcome.report["Error Type"] == "Runtime.OutOfMemory"


#: Holds so many MB for a moment.
PEAK = "def handler(event, context):\n    return len(b'x' * (event << 20))\n"


def test_a_peak_between_two_looks_is_out_of_memory_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_MEMORY_PERIOD", 1000)
    name = lab.function(PEAK, memory_size=128)
    outcome = lab.invoke(name, 130)
    assert outcome.error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert outcome.report["Error Type"] == "Runtime.OutOfMemory"
    assert outcome.report["Max Memory Used"] == "128 MB"
    assert lab.invoke(name, 1).value == 1 << 20


def test_a_peak_at_initialisation_is_out_of_memory_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_MEMORY_PERIOD", 1000)
    outcome = lab.invoke(lab.function(f"len(b'x' * (130 << 20))\n{PEAK}", memory_size=128))
    assert outcome.error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert all(line.endswith("Error Type: Runtime.OutOfMemory") for line in outcome.lines("INIT_REPORT"))


def test_a_peak_that_is_found_after_its_event_ends_no_later_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_MEMORY_PERIOD", 1000)
    for name, value in {"_ONE": 1000, "_SUM": 1 << 30, "_RATE": 1 << 30}.items():
        monkeypatch.setattr(memory, name, value)
    monkeypatch.setattr(environment, "_FREEZE_AFTER", 1000)
    name = lab.function(PEAK, memory_size=128)
    assert lab.invoke(name, 130).value == 130 << 20
    # From now on as if all events took long.
    monkeypatch.setattr(memory, "_ONE", 0)
    assert lab.invoke(name, 1).value == 1 << 20
    assert lab.invoke(name, 130).error["errorType"] == "Runtime.ExitError"


def test_what_short_events_leave_behind_adds_up_to_out_of_memory(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_MEMORY_PERIOD", 1000)
    kept = "kept = []\ndef handler(event, context):\n    kept.append(b'x' * (1 << 20))\n"
    name = lab.function(kept, memory_size=128)
    outcome = next(each for _ in range(1000) if (each := lab.invoke(name)).response.function_error)
    assert outcome.report["Error Type"] == "Runtime.OutOfMemory"


def test_the_memory_of_child_processes_counts(lab: Lab) -> None:
    name = lab.function(
        """
        import subprocess, sys
        def handler(event, context):
            subprocess.run([sys.executable, "-c", "held = b'x' * (300 << 20); import time; time.sleep(30)"])
        """,
        memory_size=128,
    )
    assert lab.invoke(name).report["Error Type"] == "Runtime.OutOfMemory"


def test_a_response_over_6_mb_is_refused(lab: Lab) -> None:
    outcome = lab.invoke(lab.function("def handler(event, context):\n    return 'x' * (6291556 - 1)\n"))
    assert outcome.error == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert has_the_lines_of_an_event(outcome)


def test_a_response_of_just_the_limit_is_carried(lab: Lab) -> None:
    outcome = lab.invoke(lab.function("def handler(event, context):\n    return 'x' * (6291556 - 2)\n"))
    assert len(outcome.response.payload) == 6_291_556


def test_after_too_large_a_response_the_next_event_is_served(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    return 'x' * event\n")
    lab.invoke(name, 7_000_000)
    assert lab.invoke(name, 1).value == "x"


def test_the_context_says_what_is_invoked(lab: Lab) -> None:
    name = lab.function(
        """
        def handler(event, context):
            return {
                "aws_request_id": context.aws_request_id,
                "function_name": context.function_name,
                "function_version": context.function_version,
                "invoked_function_arn": context.invoked_function_arn,
                "log_group_name": context.log_group_name,
                "log_stream_name": context.log_stream_name,
                "memory_limit_in_mb": context.memory_limit_in_mb,
                "remaining": context.get_remaining_time_in_millis(),
                "client_context": context.client_context and context.client_context.custom,
                "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
            }
        """
    )
    outcome = lab.invoke(name, client_context='{"custom": {"a": "ü"}}', cognito_identity=SOMEBODY)
    told = outcome.value
    assert 9_000 < told.pop("remaining") <= 10_000
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", told.pop("log_stream_name"))
    assert told == {
        "aws_request_id": outcome.request_id,
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "log_group_name": f"/aws/lambda/{name}",
        "memory_limit_in_mb": "256",
        "client_context": {"a": "ü"},
        "identity": ["eu-west-1:905edd66", "eu-west-1:715601c9"],
    }


def test_a_caller_without_a_cognito_identity_has_none(lab: Lab) -> None:
    name = lab.function(
        """
        def handler(event, context):
            return [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id]
        """
    )
    lab.invoke(name, cognito_identity=SOMEBODY)
    assert lab.invoke(name).value == [None, None]


def test_the_logging_module_writes_lambdas_form(lab: Lab) -> None:
    name = lab.function(
        """
        import logging
        logger = logging.getLogger()
        logger.setLevel("INFO")
        def handler(event, context):
            logger.info("quoted %d", 3)
            logger.debug("unseen")
        """
    )
    outcome = lab.invoke(name)
    [line] = outcome.lines("[INFO]")
    assert re.fullmatch(rf"\[INFO\]\t\d{{4}}-\S+Z\t{outcome.request_id}\tquoted 3", line)


def test_the_json_log_format_reaches_the_runtime(lab: Lab) -> None:
    name = lab.function(
        """
        import logging
        def handler(event, context):
            logging.getLogger().warning("low stock")
        """,
        log_format="JSON",
    )
    outcome = lab.invoke(name)
    assert any('"level": "WARNING"' in line and '"message": "low stock"' in line for line in outcome.log)


def test_work_after_the_answer_does_not_keep_the_caller(lab: Lab) -> None:
    """Threads that are left behind go on with the next event, as on AWS."""
    name = lab.function(
        """
        import threading
        done = threading.Event()
        def handler(event, context):
            if event == "wait":
                return done.wait(5)
            threading.Timer(0.05, done.set).start()
            return "answered"
        """
    )
    assert lab.invoke(name).value == "answered"
    assert lab.invoke(name, "wait").value is True


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_a_function_runs_on_the_python_that_it_names(lab: Lab, version: str) -> None:
    notices: list[str] = []
    lab.service._pool._notice = notices.append
    name = lab.function(
        """
        import sys
        def handler(event, context):
            return "%d.%d" % sys.version_info[:2]
        """,
        runtime=f"python{version}",
    )
    outcome = lab.invoke(name)
    if any(f"No Python {version}" in notice for notice in notices):
        pytest.skip(f"this machine has no Python {version}")
    assert outcome.value == version


def test_a_python_that_is_not_here_is_said_once_and_another_one_runs(lab: Lab) -> None:
    notices: list[str] = []
    lab.service._pool._notice = notices.append
    for _ in range(2):
        outcome = lab.invoke(lab.function(GREET, runtime="python3.99"))
        assert outcome.value == {"event": None}
    [notice] = notices
    assert re.match(r"No Python 3\.99 was found for python3\.99: Python 3\.\d+ runs it instead\.", notice)


def test_only_what_lambda_brings_can_be_imported(lab: Lab) -> None:
    name = lab.function(
        """
        import importlib
        def found(name):
            try:
                importlib.import_module(name)
            except ImportError:
                return False
            return True
        def handler(event, context):
            return {name: found(name) for name in event}
        """
    )
    assert lab.invoke(name, ["boto3", "botocore", "urllib3", "attrs", "lambdaform", "pytest"]).value == {
        "boto3": True,
        "botocore": True,
        "urllib3": True,
        "attrs": False,
        "lambdaform": False,
        "pytest": False,
    }


def test_a_package_of_the_functions_own_wins_over_the_runtimes(lab: Lab) -> None:
    name = lab.function(
        {
            "index.py": "import boto3\ndef handler(event, context):\n    return boto3.__version__\n",
            "boto3.py": "__version__ = 'mine'\n",
        }
    )
    assert lab.invoke(name).value == "mine"


def test_a_handler_may_lie_in_a_package_in_folders(lab: Lab) -> None:
    files = {"src/api/orders.py": "def handler(event, context):\n    return __name__\n"}
    assert lab.invoke(lab.function(files, handler="src/api/orders.handler")).value == "src.api.orders"


def test_layers_lie_behind_the_package_and_before_the_runtime(lab: Lab) -> None:
    name = lab.function(
        {
            "index.py": """
                import both, boto3
                def handler(event, context):
                    return [both.WHERE, boto3.WHERE]
            """,
            "both.py": "WHERE = 'package'\n",
        },
        layers={"python/both.py": "WHERE = 'layer'\n", "python/boto3.py": "WHERE = 'layer'\n"},
    )
    assert lab.invoke(name).value == ["package", "layer"]


def test_a_layers_folder_for_this_version_is_searched_first(lab: Lab) -> None:
    name = lab.function(
        "import m\ndef handler(event, context):\n    return m.WHERE\n",
        layers={
            f"python/lib/{HERE}/site-packages/m.py": "WHERE = 'of this version'\n",
            "python/m.py": "WHERE = 'of all'\n",
        },
    )
    assert lab.invoke(name).value == "of this version"


def test_a_wrapper_script_may_put_options_before_the_last_argument(any_lab: Lab) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed, and sh cannot tell the last argument")
    name = any_lab.function(
        """
        import sys

        import shared

        def handler(event, context):
            return [shared.WHERE, sys._xoptions]
        """,
        layers={
            "bin/wrapper": '#!/usr/bin/env bash\nexec "${@:1:$#-1}" -X mine=yes "${@: -1}"\n',
            "python/shared.py": "WHERE = 'in a layer'\n",
        },
        environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bin/wrapper"},
    )
    assert any_lab.invoke(name).value == ["in a layer", {"mine": "yes"}]


def test_the_report_of_an_event_has_the_memory_that_it_took(lab: Lab) -> None:
    name = lab.function(
        """
        def handler(event, context):
            return len(b"x" * (event << 20))
        """
    )
    small, large = (lab.invoke(name, megabytes) for megabytes in (0, 120))
    used = [int(each.report["Max Memory Used"].split()[0]) for each in (small, large)]
    assert used[0] < 120 <= used[1]


def test_the_report_of_a_process_that_ended_by_itself_has_the_memory_that_it_took(lab: Lab) -> None:
    name = lab.function(
        "import os\nheld = b'x' * (60 << 20)\ndef handler(event, context):\n    os._exit(1)\n"
    )
    assert int(lab.invoke(name).report["Max Memory Used"].split()[0]) >= 60
    code = "import os\ndef handler(event, context):\n    len(b'x' * (400 << 20))\n    os._exit(1)\n"
    name = lab.function(code, memory_size=1024)
    assert int(lab.invoke(name).report["Max Memory Used"].split()[0]) >= 400


def test_a_package_that_brings_awss_compiled_client_runs_on_it(lab: Lab) -> None:
    spec = importlib.util.find_spec("runtime_client")
    if spec is None or spec.origin is None:
        pytest.skip("awslambdaric has no compiled client on this machine")
    name = lab.function(
        """
        import sys

        def handler(event, context):
            return [sys.modules["runtime_client"].__file__, event]
        """
    )
    compiled = Path(spec.origin)
    function = lab.service.functions.find(name)
    assert function is not None
    shutil.copy(compiled, function.versions["$LATEST"].code)
    for number in range(3):
        file, event = lab.invoke(name, number).value
        assert (Path(file).name, event) == (compiled.name, number)
