"""A function's life through the AWS CLI, against ``lambdaform run``: no option but ``--endpoint-url``'s variable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.lives import ROLE, RUNTIME, archive, served

AWS = Path(sys.executable).with_name("aws")
NAME = "life-cli"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed beside this Python"),
]


class Shell:
    """``aws lambda …`` in a folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_DEFAULT_OUTPUT": "json",
            "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The whole process, at its end."""
        return subprocess.run(
            [str(AWS), "lambda", *words],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def __call__(self, *words: str) -> Any:
        """What a command prints, as JSON; it must succeed."""
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def invoked(self, *words: str) -> tuple[str, Any]:
        """The version that ran, and what it returned."""
        answer = self("invoke", "--function-name", NAME, *words, "--payload", '{"name": "cli"}', "out.json")
        assert (answer["StatusCode"], answer.get("FunctionError")) == (200, None)
        return answer["ExecutedVersion"], json.loads((self.folder / "out.json").read_text())


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Shell]:
    for number in (1, 2):
        (tmp_path / f"code{number}.zip").write_bytes(archive(number))
    with served(tmp_path) as running:
        yield Shell(tmp_path, running.url)


def test_a_function_lives_through_the_aws_cli(aws: Shell) -> None:
    this = ("--function-name", NAME)
    made = aws(
        *("create-function", *this, "--runtime", RUNTIME, "--role", ROLE, "--handler", "index.handler"),
        *(
            "--zip-file",
            "fileb://code1.zip",
            "--environment",
            "Variables={GREETING=hello}",
            "--tags",
            "team=blue",
        ),
    )
    assert made["State"] == "Pending"
    aws("wait", "function-active-v2", *this)
    assert aws.invoked() == ("$LATEST", "hello cli 1")

    aws("update-function-configuration", *this, "--environment", "Variables={GREETING=ciao}")
    aws("wait", "function-updated-v2", *this)
    assert aws("publish-version", *this)["Version"] == "1"
    aws("create-alias", *this, "--name", "live", "--function-version", "1")
    aws("update-function-code", *this, "--zip-file", "fileb://code2.zip")
    aws("wait", "function-updated-v2", *this)
    assert aws.invoked() == ("$LATEST", "ciao cli 2")
    assert aws.invoked("--qualifier", "live") == ("1", "ciao cli 1")

    aws(
        *("add-permission", *this, "--statement-id", "bucket", "--action", "lambda:InvokeFunction"),
        *("--principal", "s3.amazonaws.com", "--source-arn", "arn:aws:s3:::photos"),
    )
    assert json.loads(aws("get-policy", *this)["Policy"])["Statement"][0]["Sid"] == "bucket"
    url = aws("create-function-url-config", *this, "--auth-type", "NONE")["FunctionUrl"]
    assert aws("get-function-url-config", *this)["FunctionUrl"] == url
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    mapping = aws("create-event-source-mapping", *this, "--event-source-arn", queue, "--batch-size", "5")
    assert [each["UUID"] for each in aws("list-event-source-mappings", *this)["EventSourceMappings"]] == [
        mapping["UUID"]
    ]
    aws("tag-resource", "--resource", made["FunctionArn"], "--tags", "stage=prod")
    assert aws("list-tags", "--resource", made["FunctionArn"])["Tags"] == {"team": "blue", "stage": "prod"}
    functions = aws("list-functions", "--page-size", "1")["Functions"]
    assert NAME in [each["FunctionName"] for each in functions]

    aws("delete-function", *this)
    gone = aws.run("get-function", *this)
    assert gone.returncode != 0
    assert (
        "An error occurred (ResourceNotFoundException) when calling the GetFunction operation" in gone.stderr
    )
