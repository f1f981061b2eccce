"""Any calls in any order leave an account as a simple model has it: aliases, policies, and the sums of concurrency.

The model knows when a call must be refused, and with which error. Now and then the account is closed and opened again
from its file, and must be the same.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from attrs import define, evolve, field
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lambdaform.facts.quotas import quotas
from lambdaform.local.errors import AwsError
from tests.local.control.planes import Bench, bench, function, zipped

LATEST = "$LATEST"
LIMITS = evolve(quotas(), account_concurrency=14, unreserved_minimum=10)
NAMES = st.sampled_from(["checkout", "orders"])
ALIASES = st.sampled_from(["live", "canary"])
NUMBERS = st.sampled_from(["1", "2", "3"])
VERSIONS = NUMBERS | st.just(LATEST)
COUNTS = st.integers(1, 5)
CONFLICT, INVALID, MISSING = (
    "ResourceConflictException",
    "InvalidParameterValueException",
    "ResourceNotFoundException",
)


@define
class Route:
    """Where an alias leads: its version, and a further one with a weight."""

    version: str
    further: str | None

    @property
    def versions(self) -> set[str]:
        """All that it names."""
        return {self.version, *filter(None, [self.further])}


@define
class Model:
    """What one function has."""

    code: str
    published: dict[str, str] = field(factory=dict)
    last: int = 0
    aliases: dict[str, Route] = field(factory=dict)
    reserved: int | None = None
    provisioned: dict[str, int] = field(factory=dict)
    statements: dict[str, set[str]] = field(factory=dict)

    @property
    def versions(self) -> set[str]:
        """All versions there are."""
        return {LATEST, *self.published}

    @property
    def total(self) -> int:
        """What is provisioned."""
        return sum(self.provisioned.values())

    @property
    def claim(self) -> int:
        """What the function takes of the account's concurrency."""
        return self.total if self.reserved is None else self.reserved

    def subject(self, qualifier: str) -> str:
        """The version that a version or alias stands for."""
        return self.aliases[qualifier].version if qualifier in self.aliases else qualifier

    def refusal_of_route(self, route: Route) -> str | None:
        """Why an alias must not lead there."""
        if route.further is not None and route.further == route.version:
            return INVALID
        if route.further is not None and route.version == LATEST:
            return INVALID
        return None if route.versions <= self.versions else MISSING

    def forget(self, qualifier: str) -> None:
        """A version or an alias goes, with what it has."""
        self.provisioned.pop(qualifier, None)
        self.statements.pop(qualifier, None)


class Account(RuleBasedStateMachine):
    """An account, the model of it, and the calls that change both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, Model] = {}
        self.sources = 0
        self.bench: Bench = self.opened()

    def opened(self) -> Bench:
        """The account, from its file."""
        return bench(
            self.folder, file=self.folder / "control.sqlite3", limits=LIMITS, archives=self.folder / "zips"
        )

    def teardown(self) -> None:
        """Leave nothing."""
        self.bench.state.store.close()
        shutil.rmtree(self.folder)

    def call(self, operation: str, expected: str | None, **members: Any) -> dict[str, Any]:
        """Call an operation that succeeds, or is refused with the error that is expected."""
        code, answer = None, {}
        try:
            answer = asyncio.run(self.bench.call(operation, **members))
        except AwsError as error:
            code = error.code
        assert code == expected, f"{operation} {members}"
        self.bench.settle()
        return answer

    @property
    def left(self) -> int:
        """What all functions leave of the account's concurrency."""
        return LIMITS.account_concurrency - sum(each.claim for each in self.model.values())

    def text(self) -> str:
        """Source code that no function had before."""
        self.sources += 1
        return f"version = {self.sources}"

    @initialize(name=NAMES)
    def begin(self, name: str) -> None:
        """There is a function."""
        self.create(name)

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        """Make a function."""
        code = self.text()
        members = function(name, Code={"ZipFile": zipped(code)})
        self.call("CreateFunction", CONFLICT if name in self.model else None, **members)
        self.model.setdefault(name, Model(code))

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        """Delete a function."""
        self.call("DeleteFunction", None if name in self.model else MISSING, FunctionName=name)
        self.model.pop(name, None)

    @rule(name=NAMES)
    def update(self, name: str) -> None:
        """Give a function other code."""
        code = self.text()
        expected = None if name in self.model else MISSING
        self.call("UpdateFunctionCode", expected, FunctionName=name, ZipFile=zipped(code))
        if expected is None:
            self.model[name].code = code

    @rule(name=NAMES)
    def publish(self, name: str) -> None:
        """Publish a version; the last one again where nothing has changed."""
        own = self.model.get(name)
        told = self.call("PublishVersion", None if own else MISSING, FunctionName=name)
        if own is None:
            return
        if own.published.get(str(own.last)) != own.code:
            own.last += 1
            own.published[str(own.last)] = own.code
        assert told["Version"] == str(own.last)

    @rule(name=NAMES, version=NUMBERS)
    def delete_version(self, name: str, version: str) -> None:
        """Delete a version that no alias names."""
        own = self.model.get(name)
        if own is None:
            self.call("DeleteFunction", MISSING, FunctionName=name, Qualifier=version)
            return
        is_named = version in own.published and any(version in each.versions for each in own.aliases.values())
        self.call("DeleteFunction", CONFLICT if is_named else None, FunctionName=name, Qualifier=version)
        if not is_named:
            own.published.pop(version, None)
            own.forget(version)

    @rule(name=NAMES, alias=ALIASES, version=VERSIONS, further=st.none() | NUMBERS)
    def create_alias(self, name: str, alias: str, version: str, further: str | None) -> None:
        """Name a version."""
        own, route = self.model.get(name), Route(version, further)
        expected = own.refusal_of_route(route) if own else self.unknown_route(route)
        if own and expected is None and alias in own.aliases:
            expected = CONFLICT
        self.call("CreateAlias", expected, FunctionName=name, Name=alias, **self.members(route))
        if own and expected is None:
            own.aliases[alias] = route

    @rule(name=NAMES, alias=ALIASES, version=VERSIONS, further=st.none() | NUMBERS)
    def move_alias(self, name: str, alias: str, version: str, further: str | None) -> None:
        """Have an alias name another version."""
        own, route = self.model.get(name), Route(version, further)
        if own is None or alias not in own.aliases:
            expected: str | None = MISSING
        else:
            expected = own.refusal_of_route(route)
            if expected is None and alias in own.provisioned:
                expected = self.refusal_to_provision_twice(own, alias, version)
        self.call("UpdateAlias", expected, FunctionName=name, Name=alias, **self.members(route))
        if own is not None and expected is None:
            own.aliases[alias] = route

    @rule(name=NAMES, alias=ALIASES)
    def delete_alias(self, name: str, alias: str) -> None:
        """Forget a name."""
        own = self.model.get(name)
        self.call("DeleteAlias", None if own else MISSING, FunctionName=name, Name=alias)
        if own is not None and alias in own.aliases:
            del own.aliases[alias]
            own.forget(alias)

    @rule(name=NAMES, count=st.integers(0, 5))
    def reserve(self, name: str, count: int) -> None:
        """Reserve concurrency."""
        own = self.model.get(name)
        expected = None
        if own is None:
            expected = MISSING
        elif count < own.total or (
            count > own.claim and self.left + own.claim - count < LIMITS.unreserved_minimum
        ):
            expected = INVALID
        self.call("PutFunctionConcurrency", expected, FunctionName=name, ReservedConcurrentExecutions=count)
        if own is not None and expected is None:
            own.reserved = count

    @rule(name=NAMES)
    def give_back(self, name: str) -> None:
        """Reserve nothing any more."""
        own = self.model.get(name)
        self.call("DeleteFunctionConcurrency", None if own else MISSING, FunctionName=name)
        if own is not None:
            own.reserved = None

    @rule(name=NAMES, qualifier=VERSIONS | ALIASES, count=COUNTS)
    def provision(self, name: str, qualifier: str, count: int) -> None:
        """Have environments ready."""
        own = self.model.get(name)
        expected = self.refusal_to_provision(own, qualifier, count)
        self.call(
            "PutProvisionedConcurrencyConfig",
            expected,
            FunctionName=name,
            Qualifier=qualifier,
            ProvisionedConcurrentExecutions=count,
        )
        if own is not None and expected is None:
            own.provisioned[qualifier] = count

    @rule(name=NAMES, qualifier=NUMBERS | ALIASES)
    def let_go(self, name: str, qualifier: str) -> None:
        """Have no environments ready any more."""
        own = self.model.get(name)
        is_there = own is not None and qualifier in {*own.published, *own.aliases}
        self.call(
            "DeleteProvisionedConcurrencyConfig",
            None if is_there else MISSING,
            FunctionName=name,
            Qualifier=qualifier,
        )
        if own is not None and is_there:
            own.provisioned.pop(qualifier, None)

    @rule(name=NAMES, qualifier=st.none() | NUMBERS | ALIASES, sid=st.sampled_from("ab"))
    def permit(self, name: str, qualifier: str | None, sid: str) -> None:
        """Let somebody invoke a function, a version or an alias."""
        own = self.model.get(name)
        expected = None
        if own is None or qualifier not in {None, *own.published, *own.aliases}:
            expected = MISSING
        elif sid in own.statements.get(qualifier or "", ()):
            expected = CONFLICT
        self.call(
            "AddPermission",
            expected,
            FunctionName=name,
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            **({"Qualifier": qualifier} if qualifier else {}),
        )
        if own is not None and expected is None:
            own.statements.setdefault(qualifier or "", set()).add(sid)

    @precondition(lambda self: any(each.statements for each in self.model.values()))
    @rule(data=st.data())
    def forbid(self, data: st.DataObject) -> None:
        """Take a statement out of a policy."""
        subjects = [(name, qualifier) for name, each in self.model.items() for qualifier in each.statements]
        name, qualifier = data.draw(st.sampled_from(subjects))
        statements = self.model[name].statements[qualifier]
        sid = data.draw(st.sampled_from(sorted(statements)))
        self.call(
            "RemovePermission",
            None,
            FunctionName=name,
            StatementId=sid,
            **({"Qualifier": qualifier} if qualifier else {}),
        )
        statements.discard(sid)
        if not statements:
            del self.model[name].statements[qualifier]

    @rule()
    def open_again(self) -> None:
        """Close the account, and open it again."""
        moment = self.bench.clock.moment
        self.bench.state.store.close()
        self.bench = self.opened()
        self.bench.clock.moment = moment
        # The same chance would give the same ids again.
        for _ in range(self.sources * 50):
            self.bench.state.new_id()

    def members(self, route: Route) -> dict[str, Any]:
        """What an alias's route is to a call."""
        weights = {route.further: 0.25} if route.further else {}
        return {
            "FunctionVersion": route.version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }

    def unknown_route(self, route: Route) -> str:
        """What is said of a route where there is no function."""
        return MISSING if (found := Model("").refusal_of_route(route)) is None else found

    def refusal_to_provision_twice(self, own: Model, qualifier: str, version: str) -> str | None:
        """Why a version must not be provisioned under this name, too."""
        taken = {own.subject(each) for each in own.provisioned if each != qualifier}
        if version in taken:
            return CONFLICT
        return INVALID if version == LATEST else None

    def refusal_to_provision(self, own: Model | None, qualifier: str, count: int) -> str | None:
        """Why a version or alias must not have so many environments."""
        if qualifier == LATEST:
            return INVALID
        if own is None or qualifier not in {*own.published, *own.aliases}:
            return MISSING
        if found := self.refusal_to_provision_twice(own, qualifier, own.subject(qualifier)):
            return found
        total = own.total - own.provisioned.get(qualifier, 0) + count
        if own.reserved is not None:
            return INVALID if total > own.reserved else None
        grows = total > own.claim
        return INVALID if grows and self.left + own.claim - total < LIMITS.unreserved_minimum else None

    @invariant()
    def is_as_the_model_has_it(self) -> None:
        """All that the account tells is what the model knows."""

        def told(operation: str, **members: Any) -> dict[str, Any]:
            return asyncio.run(self.bench.call(operation, **members))

        functions = told("ListFunctions")["Functions"]
        assert [each["FunctionName"] for each in functions] == [*self.model]
        for name, own in self.model.items():
            versions = told("ListVersionsByFunction", FunctionName=name)["Versions"]
            assert [each["Version"] for each in versions] == [LATEST, *own.published]
            aliases = told("ListAliases", FunctionName=name)["Aliases"]
            assert {each["Name"]: route_of(each) for each in aliases} == own.aliases
            reserved = told("GetFunctionConcurrency", FunctionName=name).get("ReservedConcurrentExecutions")
            assert reserved == own.reserved
            configs = told("ListProvisionedConcurrencyConfigs", FunctionName=name)
            assert {
                each["FunctionArn"].rpartition(":")[2]: each["RequestedProvisionedConcurrentExecutions"]
                for each in configs["ProvisionedConcurrencyConfigs"]
            } == own.provisioned
            for qualifier, statements in own.statements.items():
                document = told(
                    "GetPolicy", FunctionName=name, **({"Qualifier": qualifier} if qualifier else {})
                )
                assert all(f'"Sid":"{sid}"' in document["Policy"] for sid in statements)
                assert document["Policy"].count('"Sid"') == len(statements)
        limit = told("GetAccountSettings")["AccountLimit"]
        assert limit["UnreservedConcurrentExecutions"] == self.left
        assert self.left >= LIMITS.unreserved_minimum


def route_of(alias: dict[str, Any]) -> Route:
    """An alias's route, as a call tells it."""
    further = [*alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}), None]
    return Route(alias["FunctionVersion"], further[0])


TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
