"""Ruby functions in real processes: handlers, errors, context and log lines as AWS's client has them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes.ruby import ruby_runtime
from tests.local.lab import Lab, Outcome

pytestmark = pytest.mark.skipif(
    shutil.which("ruby") is None, reason="there is no ruby on this machine's PATH"
)


def ruby(lab: Lab, source: str, name: str = "index.rb", **configuration: object) -> str:
    return lab.function({name: source}, runtime="ruby3.4", **configuration)  # type: ignore[arg-type]


def answer(lab: Lab, source: str, event: object = None, **configuration: object) -> Outcome:
    """What one invocation of a handler with this text gives."""
    name = ruby(lab, f"def handler(event:, context:)\n{source}\nend\n", **configuration)  # type: ignore[arg-type]
    return lab.invoke(name, event)


def test_a_handler_is_a_method_of_a_file(any_lab: Lab) -> None:
    assert answer(any_lab, "event['n'] + 1", {"n": 41}).value == 42


@pytest.mark.parametrize(
    ("file", "handler"),
    [("index.rb", "index.Orders.handler"), ("src/app.rb", "src/app.Orders.handler")],
    ids=["a class", "in a folder"],
)
def test_a_handler_may_be_a_class_method(lab: Lab, file: str, handler: str) -> None:
    source = "class Orders\n  def self.handler(event:, context:) = 'here'\nend\n"
    assert lab.invoke(ruby(lab, source, file, handler=handler)).value == "here"


def test_several_events_are_answered_one_after_the_other_by_one_process(lab: Lab) -> None:
    name = ruby(lab, "$n = 0\ndef handler(event:, context:) = [Process.pid, $n += 1]\n")
    first, second = lab.invoke(name).value, lab.invoke(name).value
    assert first[0] == second[0]
    assert second[1] == 2


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ("nil", b"null"),
        ("'ü'", '"ü"'.encode()),
        ("{ a: [1] }", b'{"a":[1]}'),
        ("StringIO.new('as is')", b"as is"),
    ],
)
def test_what_a_function_returns_is_its_json_unless_it_is_a_stream(
    lab: Lab, result: str, payload: bytes
) -> None:
    assert answer(lab, result).response.payload == payload


def test_an_error_is_answered_with_type_message_and_trace(lab: Lab, view: object) -> None:
    outcome = answer(lab, "raise ArgumentError, 'no stock'")
    trace = outcome.error.pop("stackTrace")
    assert {**outcome.error, "stackTrace": None} == {
        "errorType": "Function<ArgumentError>",
        "errorMessage": "no stock",
        "stackTrace": None,
    }
    [line] = trace
    assert line.startswith("/var/task/index.rb:2:in ")


def test_an_error_is_in_the_log(lab: Lab) -> None:
    outcome = answer(lab, "raise 'no stock'")
    [shown] = outcome.lines("{")
    assert outcome.log[outcome.log.index(shown) - 1] == "Error raised from handler method"
    assert json.loads(shown)["errorType"] == "Function<RuntimeError>"


@pytest.mark.parametrize(
    ("source", "error_type", "survives"),
    [
        ("raise 'no stock'", "Function<RuntimeError>", True),
        ("Integer('x')", "Function<ArgumentError>", True),
        ("Float::NAN", "Function<JSON::GeneratorError>", True),
        ("nothing_of_this_name", "Function<NameError>", False),
        ("nil.upcase", "Function<NoMethodError>", False),
        ("exit 3", "Function<SystemExit>", False),
        ("raise NotImplementedError", "Function<NotImplementedError>", False),
    ],
)
def test_the_process_survives_standard_errors_but_no_missing_name(
    lab: Lab, source: str, error_type: str, survives: bool
) -> None:
    code = f"def handler(event:, context:)\n  return Process.pid if event\n  {source}\nend\n"
    name = ruby(lab, code)
    before = lab.invoke(name, 1).value
    assert lab.invoke(name).error["errorType"] == error_type
    assert (lab.invoke(name, 1).value == before) is survives


INIT_FAILURES = [
    pytest.param("", "missing.handler", "Init<LoadError>", "cannot load such file -- missing", id="no file"),
    pytest.param("require 'nothing'", "index.handler", "Init<LoadError>", "-- nothing", id="a file it needs"),
    pytest.param("def handler(", "index.handler", "Init<SyntaxError>", "index.rb:", id="syntax error"),
    pytest.param("raise 'top'", "index.handler", "Init<RuntimeError>", "top", id="an error at its top"),
    pytest.param("", "index", "Init<ArgumentError>", 'Invalid handler ["index"]', id="no dot"),
]


@pytest.mark.parametrize(("source", "handler", "error_type", "message"), INIT_FAILURES)
def test_a_file_that_cannot_be_loaded_is_an_error_of_the_init_phase(
    lab: Lab, source: str, handler: str, error_type: str, message: str
) -> None:
    outcome = lab.invoke(ruby(lab, source, handler=handler))
    assert outcome.error["errorType"] == error_type
    assert message in outcome.error["errorMessage"]
    assert outcome.report["Status"] == "error"


def test_an_aws_sdk_that_is_not_here_is_said_with_what_to_do(lab: Lab) -> None:
    outcome = lab.invoke(ruby(lab, "require 'aws-sdk-s3'"))
    assert outcome.error["errorType"] == "Init<LoadError>"
    assert (
        "lambdaform: Lambda brings aws-sdk-s3, and it is not here. Put it into the package: bundle add aws-sdk-s3"
    ) in outcome.log


def test_a_handler_that_is_not_there_is_found_out_when_it_is_called(lab: Lab) -> None:
    outcome = lab.invoke(ruby(lab, "def other(event:, context:) = 1"))
    assert outcome.error["errorType"] == "Function<NoMethodError>"
    assert "undefined method `handler'" in outcome.error["errorMessage"].replace("'handler", "`handler")


def test_a_process_that_exits_is_reported(lab: Lab) -> None:
    outcome = answer(lab, "exit! 7")
    assert outcome.error["errorType"] == "Runtime.ExitError"
    assert outcome.error["errorMessage"].endswith("Error: Runtime exited with error: exit status 7")


def test_a_timeout_is_that_of_every_runtime(lab: Lab) -> None:
    assert answer(lab, "sleep", timeout=1).error["errorType"] == "Sandbox.Timedout"


def test_what_is_put_out_at_once_is_one_event_of_the_log(lab: Lab) -> None:
    outcome = answer(lab, "puts 'two', 'lines'\n$stdout.puts 'apart'\nwarn 'on standard error'")
    assert {"two\nlines", "apart", "on standard error"} <= set(outcome.log)


def test_a_logger_on_standard_output_writes_the_request_id(lab: Lab) -> None:
    outcome = answer(lab, 'Logger.new($stdout).warn("two\\nlines")')
    [line] = outcome.lines("W, [")
    pattern = rf"W, \[\d{{4}}-\d\d-\d\dT[\d:.]+ #\d+\]  WARN {outcome.request_id} -- : two\nlines"
    assert re.fullmatch(pattern, line)


def test_a_logger_on_a_file_is_rubys_own(lab: Lab) -> None:
    outcome = answer(lab, "Logger.new('/tmp/mine.log').info('kept')\nFile.read('/tmp/mine.log').lines.last")
    assert outcome.value.endswith("INFO -- : kept\n")
    assert not outcome.lines("I, [")


def test_the_context_says_what_is_invoked(lab: Lab) -> None:
    source = """
        names = %i[function_name function_version invoked_function_arn aws_request_id memory_limit_in_mb
                   log_group_name tenant_id]
        names.to_h { |name| [name, context.public_send(name)] }
             .merge(custom: context.client_context['custom'], left: context.get_remaining_time_in_millis)
    """
    name = ruby(lab, f"def handler(event:, context:)\n{source}\nend\n")
    outcome = lab.invoke(name, client_context='{"custom": {"a": "☃"}}')
    left = outcome.value["left"]
    assert outcome.value == {
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "aws_request_id": outcome.request_id,
        "memory_limit_in_mb": "256",
        "log_group_name": f"/aws/lambda/{name}",
        "tenant_id": None,
        "custom": {"a": "☃"},
        "left": left,
    }
    assert 5_000 < left <= 10_000


def test_gems_and_files_are_looked_for_where_lambda_does(lab: Lab, view: object) -> None:
    outcome = answer(lab, "ENV.to_h.slice('GEM_HOME', 'GEM_PATH', 'RUBYLIB', 'AWS_EXECUTION_ENV')")
    assert outcome.value == {
        "GEM_HOME": "/var/runtime",
        "GEM_PATH": (
            "/var/task/vendor/bundle/ruby/3.4.0:/opt/ruby/gems/3.4.0:/var/runtime:/var/runtime/ruby/3.4.0"
        ),
        "RUBYLIB": "/var/runtime/gems/aws_lambda_ric-3.1.3/lib:/var/task:/var/runtime/lib:/opt/ruby/lib",
        "AWS_EXECUTION_ENV": "AWS_Lambda_ruby3.4",
    }


def gem(folder: str) -> dict[str, str]:
    """The files of an installed gem that says in which folder it lies."""
    return {
        f"{folder}/specifications/shelf-1.0.0.gemspec": (
            "Gem::Specification.new { |s| s.name = 'shelf'; s.version = '1.0.0'; s.summary = 'x'; "
            "s.authors = ['x']; s.files = ['lib/shelf.rb']; s.require_paths = ['lib'] }\n"
        ),
        f"{folder}/gems/shelf-1.0.0/lib/shelf.rb": f"SHELF = '{folder}'\n",
    }


@pytest.mark.parametrize("where", ["package", "layer"])
def test_a_gem_is_found(any_lab: Lab, where: str) -> None:
    folder = "vendor/bundle/ruby/3.4.0" if where == "package" else "ruby/gems/3.4.0"
    code = {"index.rb": "require 'shelf'\ndef handler(event:, context:) = SHELF\n"}
    layers = None
    if where == "package":
        code |= gem(folder)
    else:
        layers = gem(folder)
    assert any_lab.invoke(any_lab.function(code, layers=layers, runtime="ruby3.4")).value == folder


def test_an_aws_sdk_that_this_machine_has_for_all_is_there_as_on_lambda(
    any_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in gem("sdk").items():
        file = tmp_path / name.replace("shelf-1.0.0", "aws-sdk-core-3.0.0").replace("shelf", "aws-sdk-core")
        file.parent.mkdir(parents=True, exist_ok=True)
        named = text.replace("shelf", "aws-sdk-core").replace("SHELF", "SDK").replace("1.0.0", "3.0.0")
        file.write_text(named)
    monkeypatch.setenv("GEM_HOME", str(tmp_path / "sdk"))
    code = {"index.rb": "require 'aws-sdk-core'\ndef handler(event:, context:) = SDK\n"}
    assert any_lab.invoke(any_lab.function(code, runtime="ruby3.4")).value == "sdk"


def test_a_layers_file_is_found(lab: Lab) -> None:
    code = {"index.rb": "require 'shared'\ndef handler(event:, context:) = WHERE\n"}
    name = lab.function(code, layers={"ruby/lib/shared.rb": "WHERE = 'layer'\n"}, runtime="ruby3.4")
    assert lab.invoke(name).value == "layer"


def test_a_function_may_say_how_events_are_read(lab: Lab) -> None:
    code = """
        class AwsLambda::Marshaller
          def self.marshall_request(request) = request.body.upcase
        end
        def handler(event:, context:) = event
    """
    assert lab.invoke(ruby(lab, code), {"a": 1}).value == '{"A": 1}'


def test_a_wrapper_script_starts_it(lab: Lab) -> None:
    name = lab.function(
        {
            "index.rb": "def handler(event:, context:) = ENV['WRAPPED']\n",
            "wrapper": '#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n',
        },
        runtime="ruby3.4",
        environment={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"},
    )
    assert lab.invoke(name).value == "yes"


def configuration(tmp_path: Path, runtime: str) -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime=runtime,
        handler="app.handler",
        code=tmp_path,
        opt=tmp_path,
    )


def test_a_ruby_of_another_version_is_said(tmp_path: Path) -> None:
    notice = ruby_runtime(configuration(tmp_path, "ruby2.5")).notice
    assert notice is not None
    assert re.fullmatch(r"ruby2\.5 runs on Ruby \d\.\d, the version of this machine\.", notice)


def test_a_ruby_of_the_right_version_is_taken_from_rbenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "versions/3.97.2/bin/ruby"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text("""#!/bin/sh\necho '["3.97", "/own/bin/ruby", "/own", "/own/lib/ruby"]'\n""")
    stand_in.chmod(0o755)
    monkeypatch.setenv("RBENV_ROOT", str(tmp_path))
    runtime = ruby_runtime(configuration(tmp_path, "ruby3.97"))
    assert (runtime.interpreter, runtime.notice) == ("/own/bin/ruby", None)


def test_a_machine_without_ruby_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LocalError, match="there is no ruby on this machine's PATH"):
        ruby_runtime(configuration(tmp_path, "ruby9.9"))
