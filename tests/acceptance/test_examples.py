"""Every example as its reader would use it: explained by a page that runs it, checked, and linted by AWS's tool.

What the functions of an example answer is on its page, ``docs/how-to/<name>.md``, which `test_pages` follows. The
example of the README has tests of its own here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from docs.pages import ROOT, Page
from lambdaform import payloads
from lambdaform.cli.main import cli
from lambdaform.payloads.payload import unknown_in

EXAMPLES = ROOT / "examples"
FOLDERS = sorted(each for each in EXAMPLES.iterdir() if each.is_dir())
HOW_TOS = sorted(path for path in (ROOT / "docs" / "how-to").glob("*.md") if path.stem != "index")
#: What defines a stack, and the option that names it.
SOURCES = {"app.py": "--app", "stack.yaml": "--from", "template.yaml": "--template"}

#: What the events of an example are, where they are the source's own.
PAYLOADS = {
    "alexa": "alexa.Event",
    "cloudfront": "cloudfront.Event",
    "codecommit": "code_commit.Event",
    "cognito": "cognito.PreSignUp",
    "config-rules": "config.Event",
    "custom-resources": "custom_resource.Event",
    "documentdb": "documentdb.Event",
    "dynamodb-streams": "dynamodb.Event",
    "firehose": "firehose.Event",
    "function-url": "api_gateway.HttpRequest",
    "http-api": "api_gateway.HttpRequest",
    "kafka": "kafka.Event",
    "kinesis": "kinesis.Event",
    "lex": "lex.Event",
    "load-balancer": "load_balancing.Request",
    "log-subscriptions": "logs.Event",
    "mq": "mq.RabbitMqEvent",
    "rest-api": "api_gateway.RestRequest",
    "s3": "s3.Event",
    "ses": "ses.Event",
    "sns": "sns.Event",
    "sqs": "sqs.Event",
    "tracing": "sqs.Event",
    "websocket-api": "api_gateway.WebSocketEvent",
}

each_example = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)

#: How-tos about the application of another one.
SHARED = {"debug": "run-locally"}
#: How-tos that show how to do without a stack.
WITHOUT_A_STACK = {"functions-by-call"}


@cache
def output(folder: Path, *arguments: str) -> str:
    """What the command prints for an example, which it must end well."""
    source = next(name for name in SOURCES if (folder / name).exists())
    run = CliRunner().invoke(cli, [*arguments, SOURCES[source], str(folder / source)])
    assert run.exit_code == 0, run.output + repr(run.exception or "")
    return run.stdout


@cache
def linter_rules() -> Any:
    """cfn-lint's rules, which take longer to read than most templates to lint."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(regions=["us-east-1"])).rules


@each_example
def test_an_example_is_explained_by_a_page_that_runs_one_of_its_functions(folder: Path) -> None:
    page = ROOT / "README.md" if folder.name == "checkout" else ROOT / "docs" / "how-to" / f"{folder.name}.md"
    assert page.exists()
    assert any("lambdaform invoke " in command.text for command in Page.read(page).commands)


@pytest.mark.parametrize(
    "page", [each for each in HOW_TOS if each.stem not in WITHOUT_A_STACK], ids=lambda path: path.stem
)
def test_a_how_to_has_an_example(page: Path) -> None:
    assert (EXAMPLES / SHARED.get(page.stem, page.stem)).is_dir()


@each_example
def test_an_example_has_no_finding(folder: Path) -> None:
    assert "no findings" in output(folder, "check")


@each_example
@pytest.mark.parametrize("form", ["sam", "cfn"])
def test_the_template_of_an_example_passes_cfn_lint(folder: Path, form: str) -> None:
    from cfnlint.api import lint

    stacks = re.findall("^Stack '(.*)': no findings", output(folder, "check"), re.MULTILINE)
    for options in [("--stack", name) for name in stacks] if len(stacks) > 1 else [()]:
        template = output(folder, "synth", "--format", form, *options)
        found = lint(template, rules=linter_rules(), regions=["us-east-1"])
        assert [f"{each.rule.id} {each.message}" for each in found if each.rule.severity == "error"] == []


@pytest.mark.parametrize(("name", "payload"), PAYLOADS.items())
def test_an_examples_events_are_what_its_source_sends(name: str, payload: str) -> None:
    module, _, kind = payload.partition(".")
    cls = getattr(getattr(payloads, module), kind)
    for file in (EXAMPLES / name / "events").glob("*.json"):
        assert list(unknown_in(cls.from_json(file.read_text("utf-8")))) == []


def lambdaform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder, to its end."""
    command = Path(sys.executable).parent / "lambdaform"
    return subprocess.run(
        [command, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the README's example, alone on the disk."""
    return Path(shutil.copytree(EXAMPLES / "checkout", tmp_path / "checkout"))


def test_a_basket_is_quoted_with_prices_from_the_layer(checkout: Path) -> None:
    ran = lambdaform(checkout, "invoke", "Checkout", "--event", "events/quote.json")
    assert json.loads(ran.stdout) == {"total": "18.39", "currency": "EUR"}


def test_the_schedules_event_is_the_evenings_report(checkout: Path) -> None:
    ran = lambdaform(checkout, "invoke", "Checkout", "--event", "events/evening.json")
    assert json.loads(ran.stdout) == {"reported": "2026-11-24T18:00:00Z"}


def test_the_alias_runs_the_published_version(checkout: Path) -> None:
    ran = lambdaform(checkout, "invoke", "Checkout", "--event", "events/quote.json", "--qualifier", "live")
    assert "Version: 1\n" in ran.stderr
    assert ran.returncode == 0
