"""A function's configuration, as one version of it has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen


@frozen(kw_only=True)
class FunctionConfiguration:
    """Everything that an execution environment needs to know. Memory and storage in MB, timeout in seconds.

    ``code`` and ``layers`` are unpacked folders that nothing changes any more.
    """

    function_name: str
    runtime: str
    handler: str
    code: Path
    layers: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(factory=dict)
    memory_size: int = 128
    timeout: int = 3
    ephemeral_storage: int = 512
    architecture: str = "x86_64"
    role: str = "arn:aws:iam::123456789012:role/lambdaform"
    description: str = ""
    tracing_mode: str = "PassThrough"
    reserved_concurrent_executions: int | None = None
    dead_letter_target: str | None = None
    code_sha256: str = ""
    version: str = "$LATEST"
