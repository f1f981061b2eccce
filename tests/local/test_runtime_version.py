"""How logs and configurations name the version of a runtime."""

from __future__ import annotations

import re

import pytest

from lambdaform.local.runtime_version import RuntimeVersion


@pytest.mark.parametrize(
    ("runtime", "name"),
    [
        ("python3.10", "python:3.10"),
        ("nodejs22.x", "nodejs:22"),
        ("nodejs", "nodejs"),
        ("java8.al2", "java:8.al2"),
        ("java21", "java:21"),
        ("ruby3.3", "ruby:3.3"),
        ("provided.al2023", "provided:al2023"),
    ],
)
def test_a_version_is_written_as_on_aws(runtime: str, name: str) -> None:
    version = RuntimeVersion.of(runtime, "aws", "eu-central-1")
    assert version.name == f"{name}.v1"
    assert re.fullmatch(r"arn:aws:lambda:eu-central-1::runtime:[0-9a-f]{64}", version.arn)


def test_each_runtime_has_an_arn_of_its_own() -> None:
    arns = {RuntimeVersion.of(each, "aws", "us-east-1").arn for each in ("python3.13", "python3.14")}
    assert len(arns) == 2
