"""What a function's life needs, whoever speaks to the endpoint: a service of an empty app, and code in archives."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from tests.acceptance.test_run_locally import Running

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ROLE = "arn:aws:iam::123456789012:role/life"
#: An app with one function that nobody calls.
APP = f"""
from lambdaform import Function, Stack

stack = Stack("idle")
stack.add(Function("Idle", runtime="{RUNTIME}", handler="index.handler", inline_code="def handler(event, context): pass"))
"""
CODE = """
import os

def handler(event, context):
    return f"{{os.environ['GREETING']}} {{event['name']}} {number}"
"""


def archive(number: int) -> bytes:
    """A deployment package whose function says this number."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("index.py", CODE.format(number=number))
    return data.getvalue()


@contextmanager
def served(folder: Path) -> Iterator[Running]:
    """``lambdaform run`` in a folder; killed if a test leaves it."""
    (folder / "app.py").write_text(APP)
    running = Running(folder)
    try:
        _make_queue(running.url)
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


def _make_queue(url: str) -> None:
    """The queue that event source mappings read."""
    client = boto3.client(
        "sqs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    client.create_queue(QueueName="orders")
    client.close()
