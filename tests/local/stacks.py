"""Stacks in an account of a test's own: provisioned, and as invocations see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

from lambdaform.facts.quotas import quotas
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.allocation import Allocation
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Functions
from lambdaform.local.deployed import Deployed
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.local.provisioning.provisioner import Provisioned, Provisioner
from lambdaform.local.scaling import Scaling
from lambdaform.synth.assembly import Assembly
from tests.local.control.planes import Bench, bench


@define
class NoEnvironments:
    """A pool that only notes what it is asked for."""

    retired: list[str] = field(factory=list)

    def retire(self, function_name: str, kept: set[FunctionConfiguration]) -> None:
        """Note it."""
        self.retired.append(function_name)

    def provision(self, allocations: Sequence[Allocation]) -> None:
        """Nothing."""

    def publish(self, configurations: Sequence[FunctionConfiguration]) -> None:
        """Nothing."""


@define
class StackAccount:
    """An account, and stacks that come into it."""

    bench: Bench
    functions: Functions
    pool: NoEnvironments
    provisioner: Provisioner

    def provision(self, *assemblies: Assembly) -> Provisioned:
        """Bring the account to what the assemblies describe; their functions are in the result."""
        names, made = self.provisioner.provision(*assemblies)
        self.bench.state.tell()
        made.functions += [each for each in map(self.functions.find, names) if each is not None]
        return made


def stack_account(
    folder: Path, *, overrides: Overrides | None = None, profile: str = "current", file: Path | None = None
) -> StackAccount:
    """A new account with its files in a folder; with ``file`` it lasts there."""
    account = bench(folder, limits=quotas(profile), file=file, archives=folder / "archives" if file else None)
    state, functions, pool = account.state, Functions(), NoEnvironments()
    Deployed(
        state=state,
        overrides=overrides or Overrides(),
        folder=folder / "layers",
        functions=functions,
        concurrency=Concurrency(state.quotas),
        scaling=Scaling(state.quotas, "us-east-1", state.clock.now),
        pool=pool,
        notice=lambda _: None,
    )
    return StackAccount(
        account, functions, pool, Provisioner(account.plane, state.account, overrides or Overrides())
    )
