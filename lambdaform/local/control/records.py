"""What the control plane remembers: frozen records of JSON's own types, which a `Store` keeps.

Members that AWS nests (``VpcConfig``, ``Environment`` …) are kept as AWS writes them; what is None was not given.
Moments are seconds since the epoch.

Source: Lambda API Reference, FunctionConfiguration and each operation's own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

LATEST = "$LATEST"


@frozen
class StoredCode:
    """A deployment package in the code store: its key there, and its SHA-256 in Base64 as AWS tells it.

    ``size`` is the archive's in bytes, ``unzipped`` that of its files.
    """

    key: str
    sha256: str
    size: int
    unzipped: int


@frozen(kw_only=True)
class VersionRecord:
    """``$LATEST`` or one published version of a function: what an execution environment of it is made from.

    ``active_at`` is when it leaves Pending, ``updated_at`` when its last update has gone through. The revision id
    changes with either: ``revision_id`` holds until then, ``settled_revision_id``, where there is one, from then on.
    ``failure`` says why it never becomes active. ``source_description`` is the description that ``$LATEST`` had when
    this version was published from it. ``previous`` is what it was before its last update: invocations go by that
    until the update is through.
    """

    function_name: str
    version: str = LATEST
    revision_id: str
    settled_revision_id: str | None = None
    last_modified: float
    active_at: float
    updated_at: float
    failure: str | None = None
    source_description: str = ""
    code: StoredCode | None = None
    #: What is told of where the code came from (SourceKMSKeyArn, ResolvedS3Object).
    code_source: Mapping[str, Any] = field(factory=dict)
    image_uri: str | None = None
    package_type: str = "Zip"
    runtime: str | None = None
    role: str
    handler: str | None = None
    description: str = ""
    timeout: int
    memory_size: int
    vpc_config: Mapping[str, Any] | None = None
    dead_letter_config: Mapping[str, Any] | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    kms_key_arn: str | None = None
    tracing_mode: str = "PassThrough"
    layers: Sequence[str] = ()
    file_system_configs: Sequence[Mapping[str, Any]] = ()
    image_config: Mapping[str, Any] | None = None
    architectures: Sequence[str] = ("x86_64",)
    ephemeral_storage: int
    snap_start: str = "None"
    logging_config: Mapping[str, Any]
    tenancy_config: Mapping[str, Any] | None = None
    #: Members that are kept and told again, and change nothing here (CapacityProviderConfig, DurableConfig …).
    further: Mapping[str, Any] = field(factory=dict)
    previous: VersionRecord | None = field(default=None, repr=False)

    def revision(self, now: float) -> str:
        """The revision id that it has at a moment."""
        settled = self.settled_revision_id if self.is_settled(now) else None
        return settled or self.revision_id

    def revised(self, new_id: str) -> VersionRecord:
        """The same under a new revision id: something that belongs to it has changed."""
        return evolve(self, revision_id=new_id, settled_revision_id=None)

    def is_settled(self, now: float) -> bool:
        """Whether all transitions have gone through."""
        return now >= max(self.active_at, self.updated_at)

    def state(self, now: float) -> str:
        """What it is at a moment: ``Pending``, ``Active`` or ``Failed``. Only an active one can be invoked."""
        if now < self.active_at:
            return "Pending"
        return "Failed" if self.failure is not None else "Active"

    def invoked(self, now: float) -> VersionRecord:
        """What an invocation of it runs at a moment: itself, or during an update what it was before."""
        is_updating = self.previous is not None and self.update_status(now) == "InProgress"
        return self.previous if is_updating and self.previous is not None else self

    def update_status(self, now: float) -> str | None:
        """How its last update is at a moment: ``InProgress`` or ``Successful``; None before it was active."""
        if self.state(now) != "Active":
            return None
        return "InProgress" if now < self.updated_at else "Successful"


@frozen(kw_only=True)
class FunctionRecord:
    """What a function has beside its versions. ``last_version`` is the number of the newest one published."""

    name: str
    created_at: float
    last_version: int = 0
    tags: Mapping[str, str] = field(factory=dict)
    reserved_concurrency: int | None = None
    recursive_loop: str = "Terminate"
    code_signing_config_arn: str | None = None
    #: The stack that it is a resource of, and its logical id there; empty where it was made by a call.
    stack: str = ""
    logical_id: str = ""
    #: Why it cannot run on this machine, where it cannot.
    refusal: str | None = None


@frozen(kw_only=True)
class AliasRecord:
    """An alias; ``weights`` are the shares, 0 to 1, of further versions."""

    name: str
    version: str
    description: str = ""
    weights: Mapping[str, float] = field(factory=dict)
    revision_id: str


@frozen(kw_only=True)
class ProvisionedRecord:
    """Provisioned concurrency of an alias or version. It is ready no earlier than ``ready_at``."""

    qualifier: str
    requested: int
    last_modified: float
    ready_at: float


@frozen(kw_only=True)
class EventInvokeRecord:
    """How events of a version or alias are tried again, and what is told of their end; None was not given."""

    qualifier: str
    last_modified: float
    maximum_retry_attempts: int | None = None
    maximum_event_age: int | None = None
    on_success: str | None = None
    on_failure: str | None = None


@frozen(kw_only=True)
class UrlRecord:
    """A function URL; ``qualifier`` is an alias, or empty for ``$LATEST``, and ``url_id`` the host's first label."""

    qualifier: str
    url_id: str
    auth_type: str
    created_at: float
    last_modified: float
    cors: Mapping[str, Any] | None = None
    invoke_mode: str | None = None


@frozen(kw_only=True)
class RuntimeManagementRecord:
    """When a version gets a new version of its runtime."""

    update_runtime_on: str
    runtime_version_arn: str | None = None


@frozen(kw_only=True)
class ScalingRecord:
    """How many environments a version on instances of the account's own may have: kept and told, no more."""

    minimum: int | None = None
    maximum: int | None = None


@frozen(kw_only=True)
class EventSourceMappingRecord:
    """An event source mapping, which outlives its function.

    ``kind`` is a name of `EventSourceKind`. ``members`` are those that callers may set, as AWS writes them, with
    their defaults (``BatchSize``, ``FilterCriteria``, ``StartingPosition`` …); moments in them are seconds since
    the epoch. ``transition`` is Creating, Enabling, Disabling, Updating or Deleting until ``settled_at``, and
    then the mapping is Enabled or Disabled by ``enabled``, or gone. A poller puts ``last_processing_result``.
    """

    uuid: str
    kind: str
    function_name: str
    qualifier: str | None
    enabled: bool
    members: Mapping[str, Any]
    last_modified: float
    transition: str
    settled_at: float
    state_transition_reason: str
    last_processing_result: str | None = None
    tags: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class CodeSigningRecord:
    """A code signing configuration. ``on_untrusted`` is Warn or Enforce."""

    arn: str
    publishers: Sequence[str]
    on_untrusted: str
    description: str
    last_modified: float
    tags: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class StackResource:
    """What a resource of a stack became: ``properties`` are those, worked out, that it was made with."""

    stack: str
    logical_id: str
    aws_type: str
    physical_id: str
    ref: str
    attributes: Mapping[str, str]
    properties: Mapping[str, Any]
    is_retained: bool = False
