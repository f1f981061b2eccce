"""A function's configuration, as one version of it has it.

Source: Lambda API Reference, FunctionConfiguration.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, field, frozen


@frozen(kw_only=True, cache_hash=True)
class FunctionConfiguration:
    """Everything that an execution environment needs to know. Memory and storage in MB, timeout in seconds.

    ``code`` and ``opt`` (the merged layers) are unpacked folders that nothing changes any more.
    """

    function_name: str
    function_arn: str
    runtime: str
    handler: str
    code: Path
    opt: Path
    version: str = "$LATEST"
    environment: Mapping[str, str] = field(factory=dict, repr=False, hash=False)
    memory_size: int = 128
    timeout: int = 3
    ephemeral_storage: int = 512
    architecture: str = "x86_64"
    role: str = ""
    log_group: str = ""
    log_format: str = "Text"
    application_log_level: str | None = None
    system_log_level: str = "INFO"
    tracing_mode: str = "PassThrough"
    dead_letter_target: str | None = None
    #: Whether its environments start from a snapshot (published versions only).
    snap_start: bool = False
    #: Whether each tenant's events have environments of their own, and whose those of this very configuration are.
    tenant_isolation: bool = False
    tenant_id: str | None = None
    #: When it leaves Pending, where it was Pending when this was made.
    active_at: float = field(default=0.0, eq=False)
    #: Why it cannot run on this machine, where it cannot.
    refusal: str | None = None

    @property
    def of_all_tenants(self) -> FunctionConfiguration:
        """The same of no tenant: the version's."""
        return self if self.tenant_id is None else evolve(self, tenant_id=None)

    @property
    def region(self) -> str:
        """The region that the function's ARN names."""
        return self.function_arn.split(":")[3]
