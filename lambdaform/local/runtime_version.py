"""The version of a runtime, as Lambda's logs and configurations name it. Here each runtime has one.

Source: AWS Lambda Developer Guide, runtimes-update; log lines recorded from AWS.
"""

from __future__ import annotations

import hashlib
import re

from attrs import frozen

_RUNTIME = re.compile(r"([a-z]+)\.?(.*?)(\.x)?")


@frozen
class RuntimeVersion:
    """``python:3.13.v1`` and its ARN."""

    name: str
    arn: str

    @classmethod
    def of(cls, runtime: str, partition: str, region: str) -> RuntimeVersion:
        """The only version of a runtime, by its identifier (``python3.13``)."""
        parts = _RUNTIME.fullmatch(runtime)
        name = ":".join(filter(None, parts.groups()[:2])) if parts else runtime
        digest = hashlib.sha256(f"lambdaform {runtime}".encode()).hexdigest()
        return cls(f"{name}.v1", f"arn:{partition}:lambda:{region}::runtime:{digest}")
