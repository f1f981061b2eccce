"""What invocations go by, kept in step with the control plane: each function as its records have it now.

A function is made from its records when it is first invoked, and anew whenever they change; then the environments of
versions that are no more, or no longer the same, end after their current event. Only what has to be there ahead of
events (reserved and provisioned concurrency, snapshots) is looked after at once.

Source: AWS Lambda Developer Guide, lambda-runtime-environment, configuration-versions, and troubleshooting-deployment
("Lambda: Layer conversion failed").
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from lambdaform.errors import LocalError
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Alias, Function, Functions
from lambdaform.local.control.layer import find_layer
from lambdaform.local.control.records import FunctionRecord, StoredCode, VersionRecord
from lambdaform.local.control.state import State
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.local.runtimes import missing_runtime
from lambdaform.local.scaling import Scaling
from lambdaform.synth.assets import linked

_T = TypeVar("_T")
_NO_CONTAINERS = (
    "It is a container image, and lambdaform runs no containers. "
    "Test it with sam local invoke, which needs Docker, or package its code as an archive."
)


class Environments(Protocol):
    """What a pool of environments is told of functions."""

    def retire(self, function_name: str, kept: set[FunctionConfiguration]) -> None:
        """End the environments of all versions of a function but these."""

    def provision(self, allocations: Sequence[Allocation]) -> None:
        """Keep environments ready for these allocations, and for no others."""

    def publish(self, configurations: Sequence[FunctionConfiguration]) -> None:
        """Have snapshots of these versions, and of no others."""


class Deployed:
    """The data plane's view of a state. ``provisions=False`` leaves provisioned concurrency and snapshots out."""

    def __init__(
        self,
        *,
        state: State,
        overrides: Overrides,
        folder: Path,
        functions: Functions,
        concurrency: Concurrency,
        scaling: Scaling,
        pool: Environments,
        notice: Callable[[str], None],
        provisions: bool = True,
    ) -> None:
        self._state = state
        self._code = state.codes
        self._overrides = overrides
        self._folder = folder
        self._functions = functions
        self._concurrency = concurrency
        self._scaling = scaling
        self._pool = pool
        self._notice = notice
        self._provisions = provisions
        self._allocations: Mapping[str, Sequence[Allocation]] = {}
        self._snapshots: Mapping[str, Sequence[FunctionConfiguration]] = {}
        functions.make = self._first
        functions.renew = self.refresh
        state.on_change.append(self.refresh)

    def start(self) -> None:
        """Look after what an earlier run has left that must be there ahead of events. Needs a running loop."""
        ahead = {name for name, _ in self._state.provisioned}
        ahead |= {name for (name, _), version in self._state.versions.items() if _has_snapshot(version)}
        for name, function in self._state.functions.items():
            if name in ahead:
                self.refresh(name)
            elif function.reserved_concurrency is not None:
                self._concurrency.set(name, function.reserved_concurrency, ())

    def refresh(self, name: str) -> None:
        """A function is not what it was: take it anew."""
        before = self._functions.known(name)
        record = self._state.functions.get(name)
        if record is None:
            self._functions.remove(name)
            self._take(name, None, ())
            return
        if before is None and not self._is_wanted_ahead(name):
            self._functions.name(record.logical_id, name)
            self._concurrency.set(name, record.reserved_concurrency, ())
            return
        self._adopt(record, before)

    def _first(self, name: str) -> Function | None:
        """A function that is asked for and has not been made yet."""
        record = self._state.functions.get(name)
        return self._adopt(record, None) if record is not None else None

    def _adopt(self, record: FunctionRecord, before: Function | None) -> Function:
        function = self._made(record, before)
        self._functions.put(function)
        self._take(function.name, function, tuple(function.versions.values()))
        return function

    def _take(self, name: str, function: Function | None, versions: Sequence[FunctionConfiguration]) -> None:
        """Let everything that counts or keeps environments know of a function as it is now."""
        allocations = tuple(function.allocations.values()) if function is not None else ()
        snapshots = [each for each in versions if each.snap_start and each.refusal is None]
        self._concurrency.set(
            name, function.reserved_concurrency if function is not None else None, allocations
        )
        kept = set(versions)
        self._pool.retire(name, kept)
        self._scaling.keep(name, kept)
        if self._provisions and (allocations or name in self._allocations):
            self._allocations = _with(self._allocations, name, allocations)
            self._pool.provision([each for some in self._allocations.values() for each in some])
        if self._provisions and (snapshots or name in self._snapshots):
            self._snapshots = _with(self._snapshots, name, snapshots)
            self._pool.publish([each for some in self._snapshots.values() for each in some])

    def _is_wanted_ahead(self, name: str) -> bool:
        return bool(self._state.provisioned.of(name)) or any(
            map(_has_snapshot, self._state.versions.of(name).values())
        )

    def _made(self, record: FunctionRecord, before: Function | None) -> Function:
        name = record.name
        function = Function(
            name=name,
            arn=self._state.function_arn(name),
            logical_id=record.logical_id,
            stack=record.stack,
            reserved_concurrency=record.reserved_concurrency,
            aliases={
                each.name: Alias(each.name, each.version, each.weights)
                for each in self._state.aliases.of(name).values()
            },
            provisioned={
                qualifier: each.requested for qualifier, each in self._state.provisioned.of(name).items()
            },
            event_invoke=dict(self._state.event_invoke_configs.of(name)),
        )
        known = before.versions if before is not None else {}
        now = self._state.clock.now()
        for version, its in self._state.versions.of(name).items():
            invoked = its.invoked(now)
            if invoked is not its:
                function.updated_at = its.updated_at
            configuration = self._configuration(record, invoked)
            old = known.get(version)
            # The same object as long as it says the same: comparing two takes long.
            function.versions[version] = old if old is not None and old == configuration else configuration
        if self._provisions:
            self._allocate(function, before)
        return function

    def _allocate(self, function: Function, before: Function | None) -> None:
        """Give a function its allocations: those that it had, where they are what it asks for again."""
        for qualifier, count in function.provisioned.items():
            alias = function.aliases.get(qualifier)
            configuration = function.versions.get(alias.version if alias is not None else qualifier)
            if configuration is None:
                continue
            allocation = Allocation(qualifier=qualifier, configuration=configuration, requested=count)
            old = before.allocations.get(qualifier) if before is not None else None
            if old is not None and old.is_same(allocation):
                allocation = old
                allocation.configuration = configuration
            function.allocations[qualifier] = allocation

    def _configuration(self, record: FunctionRecord, version: VersionRecord) -> FunctionConfiguration:
        """What an environment of a version is made from; one that cannot run here says why."""
        logging = version.logging_config
        refusal = record.refusal
        code = opt = self._empty
        missing = [arn for arn in version.layers if self._layer(arn) is None]
        if version.package_type == "Image":
            refusal = refusal or _NO_CONTAINERS
        elif (unknown := missing_runtime(version.runtime or "")) is not None:
            refusal = refusal or str(unknown)
        elif missing:
            [arn, *_] = missing
            refusal = refusal or (
                f"The layer {arn} is not on this machine. Give its content: --layer {arn}=FOLDER."
            )
        elif version.code is not None:
            try:
                code, opt = self._code.unpacked(version.code), self._opt(version.layers)
            except LocalError as error:
                refusal = refusal or str(error)
        return FunctionConfiguration(
            function_name=record.name,
            function_arn=self._state.function_arn(record.name),
            version=version.version,
            runtime=version.runtime or "",
            handler=version.handler or "",
            code=code,
            opt=opt,
            environment={
                **(version.environment or {}),
                **self._overrides.variables_of(record.name, record.logical_id),
            },
            memory_size=version.memory_size,
            timeout=version.timeout,
            ephemeral_storage=version.ephemeral_storage,
            architecture=version.architectures[0],
            role=version.role,
            log_group=str(logging.get("LogGroup") or f"/aws/lambda/{record.name}"),
            log_format=str(logging.get("LogFormat") or "Text"),
            application_log_level=logging.get("ApplicationLogLevel"),
            system_log_level=str(logging.get("SystemLogLevel") or "INFO"),
            tracing_mode=version.tracing_mode,
            dead_letter_target=(version.dead_letter_config or {}).get("TargetArn"),
            snap_start=_has_snapshot(version),
            tenant_isolation=(version.tenancy_config or {}).get("TenantIsolationMode") == "PER_TENANT",
            active_at=version.active_at if version.state(self._state.clock.now()) == "Pending" else 0.0,
            refusal=refusal,
        )

    @property
    def _empty(self) -> Path:
        empty = self._folder / "none"
        empty.mkdir(parents=True, exist_ok=True)
        return empty

    def _layer(self, arn: str) -> StoredCode | None:
        """The content of a layer version, where it is on this machine."""
        layer = find_layer(self._state, arn)
        return layer.code if layer is not None else None

    def _opt(self, arns: Sequence[str]) -> Path:
        """The folder with the content of layers, one over the other."""
        folders = [self._code.unpacked(each) for each in map(self._layer, arns) if each is not None]
        if not folders:
            return self._empty
        return folders[0] if len(folders) == 1 else _merged(folders, self._folder, self._notice)


def _has_snapshot(version: VersionRecord) -> bool:
    return version.snap_start == "PublishedVersions" and version.version != "$LATEST"


def _with(table: Mapping[str, Sequence[_T]], name: str, values: Sequence[_T]) -> Mapping[str, Sequence[_T]]:
    """The table with other values for one name; those without any are not in it."""
    return {key: each for key, each in {**table, name: values}.items() if each}


def _merged(folders: Sequence[Path], under: Path, notice: Callable[[str], None]) -> Path:
    """One folder with the content of several; where two have the same name, the later one's."""
    digest = hashlib.sha256("\n".join(str(each) for each in folders).encode()).hexdigest()
    merged = under / digest
    if merged.exists():
        return merged
    passing = merged.with_name(f".{digest}")
    exchanged = [path for folder in folders for path in _lay_over(passing, folder)]
    passing.rename(merged)
    if exchanged:
        notice(
            f"One layer has {exchanged[0].relative_to(passing)} as a folder, and another has not: the later one's is "
            "there, and Lambda may refuse them: Lambda layer conversion failed. Rename one."
        )
    return merged


def _lay_over(lower: Path, upper: Path) -> Iterator[Path]:
    """Put a folder's content over another's: folders become one, anything else takes the place of what has its name.

    Tells where a folder and something else had the same name. Files are in both places without a copy, for they are
    read-only from now on.
    """
    if lower.is_symlink() or lower.is_file():
        yield lower
        lower.unlink()
    lower.mkdir(exist_ok=True)
    for entry in upper.iterdir():
        target = lower / entry.name
        if entry.is_dir() and not entry.is_symlink():
            yield from _lay_over(target, entry)
            continue
        if target.is_dir() and not target.is_symlink():
            yield target
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        if entry.is_symlink():
            target.symlink_to(entry.readlink())
        elif not linked(str(entry), str(target)):
            shutil.copy2(entry, target)
