"""A control plane in memory for tests, under a clock that a test moves, and functions in it."""

from __future__ import annotations

import asyncio
import io
import random
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from lambdaform.facts.quotas import Quotas, quotas
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.state import State
from lambdaform.local.control.store import Store
from lambdaform.local.errors import AwsError
from lambdaform.local.physical import Account

ROLE = "arn:aws:iam::123456789012:role/lambda"
#: 2026-11-26T00:00:00Z
START = 1_795_651_200.0


@define
class Hands:
    """A clock that a test sets."""

    moment: float = START

    def now(self) -> float:
        """The moment it is."""
        return self.moment

    async def sleep_until(self, when: float) -> None:
        """Be there."""
        self.moment = max(self.moment, when)

    def forward(self, seconds: float) -> None:
        """Move on."""
        self.moment += seconds


@define
class Bench:
    """A control plane, and its clock."""

    plane: ControlPlane
    clock: Hands
    told: list[str] = field(factory=list)

    @property
    def state(self) -> State:
        """What the plane remembers."""
        return self.plane.state

    async def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation with its members as AWS names them."""
        return await self.plane.call(operation, members)

    def ask(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation and wait for its answer."""
        return asyncio.run(self.call(operation, **members))

    def refused(self, operation: str, **members: Any) -> AwsError:
        """Call an operation that must be refused; nothing may have changed then."""
        before = self.everything()
        with pytest.raises(AwsError) as refused:
            self.ask(operation, **members)
        assert self.everything() == before
        return refused.value

    def make(self, name: str = "checkout", /, **members: Any) -> dict[str, Any]:
        """Create a function that is Active."""
        made = self.ask("CreateFunction", **function(name, **members))
        self.settle()
        return made

    def change(self, name: str = "checkout", /, **members: Any) -> dict[str, Any]:
        """Change a function's configuration, and let the change go through."""
        changed = self.ask("UpdateFunctionConfiguration", FunctionName=name, **members)
        self.settle()
        return changed

    def everything(self) -> tuple[dict[Any, Any], ...]:
        """All functions, versions and aliases."""
        state = self.state
        return dict(state.functions), dict(state.versions), dict(state.aliases)

    def settle(self) -> None:
        """Let a function's transition go through."""
        self.clock.forward(1.0)


def bench(
    folder: Path, *, file: Path | None = None, limits: Quotas | None = None, archives: Path | None = None
) -> Bench:
    """A control plane whose code is unpacked in a folder; the same random ids in each."""
    clock, chance = Hands(), random.Random(7)

    def new_id() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    state = State(
        Account("test"),
        limits or quotas(),
        clock,
        Store(file),
        CodeStore(archives, folder / "code"),
        new_id,
    )
    made = Bench(ControlPlane(state), clock)
    state.on_change.append(made.told.append)
    return made


def function(name: str = "checkout", /, **members: Any) -> dict[str, Any]:
    """The members of a CreateFunction that AWS takes."""
    return {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": ROLE,
        "Code": {"ZipFile": zipped("def handler(event, context): return event")},
        **members,
    }


def zipped(text: str, name: str = "index.py") -> bytes:
    """An archive of one file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return data.getvalue()
