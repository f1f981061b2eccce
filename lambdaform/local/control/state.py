"""The state of one account in one region: all tables, and what every operation on them goes by.

Source: design: one control plane, whose doors (the endpoint, the provisioner, Python) have no logic of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from lambdaform.facts.quotas import Quotas
from lambdaform.local.clock import Clock
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.control.layer import LayerVersionRecord, weigh
from lambdaform.local.control.names import FunctionName, parse_name
from lambdaform.local.control.policy import PolicyRecord
from lambdaform.local.control.records import (
    LATEST,
    AliasRecord,
    CodeSigningRecord,
    EventInvokeRecord,
    EventSourceMappingRecord,
    FunctionRecord,
    ProvisionedRecord,
    RuntimeManagementRecord,
    ScalingRecord,
    StackResource,
    StoredCode,
    UrlRecord,
    VersionRecord,
)
from lambdaform.local.control.store import Owned, Store
from lambdaform.local.control.vpc import Network
from lambdaform.local.errors import invalid_parameter, not_found
from lambdaform.local.physical import Account

_T = TypeVar("_T")


class State:
    """Tables by kind; those of a function's parts have its name as their owner.

    ``codes`` keeps the archives of functions and layers. ``new_id`` gives a UUID of the seeded chance. Listeners of
    ``on_change`` get the name of each function of which anything changed that its invocations go by, after the
    transaction.
    """

    def __init__(
        self,
        account: Account,
        quotas: Quotas,
        clock: Clock,
        store: Store,
        codes: CodeStore,
        new_id: Callable[[], str],
    ) -> None:
        self.account = account
        self.quotas = quotas
        self.clock = clock
        self.store = store
        self.codes = codes
        self.new_id = new_id
        self.on_change: list[Callable[[str], None]] = []
        #: Reads an object of S3 (bucket, key, version); raises `AwsError` with S3's own code and message.
        self.read_object: Callable[[str, str, str | None], Awaitable[bytes]] | None = None
        #: The trust policy of a role of the account's IAM; None for one that nobody has made.
        self.trust_of: Callable[[str], Awaitable[Mapping[str, Any] | None]] | None = None
        #: The account's EC2, where somebody asks it.
        self.network: Network | None = None
        #: Where an archive can be downloaded; whoever serves them says where.
        self.code_url: Callable[[StoredCode], str] = lambda code: codes.archive(code).absolute().as_uri()
        self._changed: dict[str, None] = {}
        self._at_once = False
        self._parts: list[Owned[Any]] = []
        self.functions = store.table("functions", FunctionRecord, _reserved)
        self.versions = self.part("versions", VersionRecord, _code_size)
        self.aliases = self.part("aliases", AliasRecord)
        #: By the qualifier that a policy is for; empty for the function's own.
        self.policies = self.part("policies", PolicyRecord)
        self.provisioned = self.part("provisioned", ProvisionedRecord)
        self.event_invoke_configs = self.part("event_invoke_configs", EventInvokeRecord)
        self.urls = self.part("urls", UrlRecord)
        self.runtime_management = self.part("runtime_management", RuntimeManagementRecord)
        self.scaling_configs = self.part("scaling_configs", ScalingRecord)
        #: By their UUIDs: they outlive their functions.
        self.stack_resources = store.owned("stack_resources", StackResource)
        self.event_source_mappings = store.table("event_source_mappings", EventSourceMappingRecord)
        #: By the layer's ARN and the number of the version.
        self.layers = store.owned("layers", LayerVersionRecord, weigh)
        self.code_signing_configs = store.table("code_signing_configs", CodeSigningRecord)
        #: What a service really keeps for a function's qualifier; None where no service runs.
        self.allocation_of: Callable[[str, str], Allocation | None] = lambda _name, _qualifier: None
        #: What is known of an event source by its ARN (a queue's VisibilityTimeout); None for one that is not there.
        #: Nobody knows where there are no services.
        self.describe_source: Callable[[str], Awaitable[Mapping[str, Any] | None]] | None = None
        #: The address of a function URL by its id; whoever serves them says where.
        self.url_of: Callable[[str], str] = lambda url_id: (
            f"https://{url_id}.lambda-url.{account.region}.on.aws/"
        )

    def part(self, kind: str, record: type[_T], weigh: Callable[[_T], int] | None = None) -> Owned[_T]:
        """A table of what functions have: by the function's name, and by the version or alias that each belongs to.

        What is in it goes with its function, and with its version or alias.
        """
        table = self.store.owned(kind, record, weigh)
        self._parts.append(table)
        return table

    def drop_function(self, name: str) -> None:
        """Delete a function and all of its parts."""
        for table in self._parts:
            table.drop(name)
        del self.functions[name]
        self.changed(name)

    def drop_qualifier(self, name: str, qualifier: str) -> None:
        """Delete a version or an alias of a function, and all that belongs to it."""
        for table in self._parts:
            if (name, qualifier) in table:
                del table[name, qualifier]
        self.changed(name)

    def arn(self, resource: str) -> str:
        """The ARN of something of Lambda's: ``layer:shared``, ``event-source-mapping:…``."""
        account = self.account
        return f"arn:{account.partition}:lambda:{account.region}:{account.account_id}:{resource}"

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        """A function's ARN, with a qualifier where one is given."""
        return self.arn(f"function:{name}:{qualifier}" if qualifier else f"function:{name}")

    def name(self, text: str, qualifier: str | None = None) -> FunctionName:
        """A function's name in any form. Raises `AwsError` for one that is none."""
        account = self.account
        return parse_name(
            text,
            qualifier,
            region=account.region,
            account=account.account_id,
            partition=account.partition,
        )

    def unqualified(self, text: str) -> str:
        """A function's name, for an operation that no version or alias has. Raises `AwsError` for a qualified one."""
        named = self.name(text)
        if named.qualifier is not None:
            raise invalid_parameter(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
                "operation. Please specify either a function name or an unqualified function ARN."
            )
        return named.name

    def function(self, text: str, qualifier: str | None = None) -> tuple[FunctionRecord, str | None]:
        """A function by any form of its name, and the qualifier that came with it. Raises `AwsError` (404)."""
        named = self.name(text, qualifier)
        function = self.functions.get(named.name)
        if function is None:
            raise not_found(self.function_arn(named.name, named.qualifier))
        return function, named.qualifier

    def version(self, text: str, qualifier: str | None = None) -> VersionRecord:
        """The version that a name and qualifier stand for, by an alias's main version. Raises `AwsError` (404)."""
        function, wanted = self.function(text, qualifier)
        alias = self.aliases.of(function.name).get(wanted or "")
        version = self.versions.of(function.name).get(
            alias.version if alias is not None else wanted or LATEST
        )
        if version is None:
            raise not_found(self.function_arn(function.name, wanted))
        return version

    def due(self, seconds: float) -> float:
        """When a transition that takes so long is over."""
        return self.clock.now() + (0.0 if self._at_once else seconds)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within the block transitions take no time: whoever brings about a whole stack would wait for each."""
        before, self._at_once = self._at_once, True
        try:
            yield
        finally:
            self._at_once = before

    def changed(self, function_name: str) -> None:
        """Something changed that invocations of a function go by."""
        self._changed[function_name] = None

    def tell(self) -> None:
        """Tell the listeners what has changed since."""
        changed, self._changed = self._changed, {}
        for name in changed:
            for listener in self.on_change:
                listener(name)


def _code_size(version: VersionRecord) -> int:
    return version.code.size if version.code is not None else 0


def _reserved(function: FunctionRecord) -> int:
    return function.reserved_concurrency or 0
