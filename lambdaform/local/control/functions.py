"""Functions with their versions and aliases, and which configuration a name and qualifier stand for.

Source: AWS Lambda Developer Guide, configuration-versions, configuration-aliases and
configuring-alias-routing; deck section C6.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

from attrs import define, evolve, field, frozen

from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.names import FunctionName, check_tenant_id
from lambdaform.local.control.records import LATEST, EventInvokeRecord
from lambdaform.local.errors import TENANT_MISSING, TENANT_UNEXPECTED, AwsError, invalid_parameter, not_found


@frozen
class Alias:
    """A name for a version; ``weights`` are the shares, 0 to 1, of further versions."""

    name: str
    version: str
    weights: Mapping[str, float] = field(factory=dict)

    def choose(self, chance: random.Random) -> str:
        """The version that one invocation goes to."""
        point = chance.random() if self.weights else 1.0
        for version, weight in self.weights.items():
            if point < weight:
                return version
            point -= weight
        return self.version


@define(kw_only=True)
class Function:
    """One function. ``versions`` has ``$LATEST`` and each published one.

    ``provisioned`` is how many environments are to be kept ready, by alias or version; ``allocations`` are those
    that the service keeps; ``event_invoke`` says how events are tried again, by alias or version, too.
    ``logical_id`` is its name in the template of ``stack``.
    """

    name: str
    arn: str
    logical_id: str = ""
    stack: str = ""
    versions: dict[str, FunctionConfiguration] = field(factory=dict)
    aliases: dict[str, Alias] = field(factory=dict)
    reserved_concurrency: int | None = None
    provisioned: dict[str, int] = field(factory=dict)
    allocations: dict[str, Allocation] = field(factory=dict)
    event_invoke: dict[str, EventInvokeRecord] = field(factory=dict)
    #: When an update of ``$LATEST`` is through, and this is not the function any more; 0 where there is none.
    updated_at: float = 0.0

    @property
    def refusal(self) -> str | None:
        """Why it cannot run here, where it cannot."""
        return self.versions[LATEST].refusal


@frozen
class Target:
    """What an invocation is to run: the version's configuration, and the ARN that the caller asked for.

    ``allocation`` is the provisioned concurrency of what was asked for, where it has some, and ``event_invoke`` how
    its events are tried again.
    """

    function: Function
    configuration: FunctionConfiguration
    invoked_arn: str
    allocation: Allocation | None = None
    event_invoke: EventInvokeRecord | None = None

    def of_tenant(self, tenant_id: str | None) -> Target:
        """The same for one tenant, where the function isolates them. Raises `AwsError` as Lambda does."""
        if tenant_id is not None:
            check_tenant_id(tenant_id)
        if not self.configuration.tenant_isolation:
            if tenant_id is not None:
                raise invalid_parameter(TENANT_UNEXPECTED)
            return self
        if tenant_id is None:
            raise invalid_parameter(TENANT_MISSING)
        return evolve(self, configuration=evolve(self.configuration, tenant_id=tenant_id))


class Functions:
    """All functions, by name. A function may be called by its logical id, too, where no name is the same.

    ``make`` makes one that is asked for and has not been put here yet, if there is one of that name; ``renew`` makes
    one anew whose update is through.
    """

    def __init__(self) -> None:
        self.make: Callable[[str], Function | None] = lambda _: None
        self.renew: Callable[[str], None] = lambda _: None
        self._by_name: dict[str, Function] = {}
        self._names: dict[str, str] = {}

    def __iter__(self) -> Iterator[Function]:
        return iter(self._by_name.values())

    def put(self, function: Function) -> None:
        """Take a function, in the place of an earlier one of its name."""
        self._by_name[function.name] = function
        self.name(function.logical_id, function.name)

    def name(self, logical_id: str, name: str) -> None:
        """Let a function be called by its logical id, too."""
        if logical_id:
            self._names[logical_id] = name

    def remove(self, name: str) -> None:
        """Forget a function."""
        self._by_name.pop(name, None)
        for logical_id in [each for each, own in self._names.items() if own == name]:
            del self._names[logical_id]

    def known(self, name: str) -> Function | None:
        """The function with this name, if it has been asked for or put here before."""
        return self._by_name.get(name)

    def name_of(self, name: str) -> str:
        """The name of the function that is called so, once it has been: this one, unless it is its logical id."""
        return name if name in self._by_name else self._names.get(name, name)

    def find(self, name: str) -> Function | None:
        """The function with this name or logical id."""
        found = self._by_name.get(name) or self.make(name)
        if found is None and name in self._names:
            own = self._names[name]
            found = self._by_name.get(own) or self.make(own)
        return found

    def resolve(self, name: FunctionName, chance: random.Random, arn_prefix: str) -> Target:
        """The version that one invocation of a name goes to. Raises `AwsError` where there is none."""
        function = self.find(name.name)
        if function is None:
            raise not_found(f"{arn_prefix}{name.name}:{name.qualifier or LATEST}")
        invoked_arn = f"{function.arn}:{name.qualifier}" if name.qualifier else function.arn
        version = name.qualifier or LATEST
        if version in function.aliases:
            version = function.aliases[version].choose(chance)
        configuration = function.versions.get(version)
        if configuration is None:
            raise not_found(invoked_arn)
        if configuration.refusal is not None:
            raise AwsError("InvalidParameterValueException", configuration.refusal, 400)
        return Target(
            function,
            configuration,
            invoked_arn,
            _allocation(function, configuration),
            function.event_invoke.get(name.qualifier or LATEST),
        )


def _allocation(function: Function, configuration: FunctionConfiguration) -> Allocation | None:
    """The version's own provisioned concurrency, under whichever name it was configured and is asked for."""
    if function.allocations:
        for allocation in function.allocations.values():
            if allocation.configuration is configuration:
                return allocation
    return None
