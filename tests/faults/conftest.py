"""Functions that do their worst, and what must hold after each: nothing of them is left on this machine."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict

from tests.faults.traces import Traces
from tests.local.lab import Lab, Outcome, laboratory


class Fault:
    """A function that may do anything, by its source. Its processes are known by a variable of their own."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.mark = f"OF_THIS_TEST={uuid.uuid4().hex}"
        self.before = self.traces()

    def function(self, code: str | Mapping[str, str], **configuration: Any) -> str:
        """A new function; returns its name."""
        name, _, value = self.mark.partition("=")
        return self.lab.function(code, environment={name: value}, **configuration)

    def invoke(self, name: str, event: Any = None) -> Outcome:
        """One invocation, up to the last line of its log."""
        return self.lab.invoke(name, event)

    def traces(self) -> Traces:
        """What the service, or a function of this test, has of this machine now."""
        return Traces.found(self.mark, self.lab.service._folder)

    def left(self) -> dict[str, frozenset[object]]:
        """What of that was not there before."""
        now, before = asdict(self.traces(), recurse=False), asdict(self.before, recurse=False)
        return {name: left for name, each in now.items() if (left := each - before[name])}

    def is_over(self) -> None:
        """End the environments, and see that nothing of them is left."""

        async def ending() -> None:
            self.lab.service.end_environments()

        self.lab.run(ending())
        deadline = self.lab.runner.get_loop().time() + 30
        while self.left() and self.lab.runner.get_loop().time() < deadline:
            # Extensions may take two seconds to end; sockets are closed by the loop.
            self.lab.run(asyncio.sleep(0.005))
        assert not self.left()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service for the faults of a module."""
    if sys.platform != "linux":
        pytest.skip("what is left is read from /proc")
    with laboratory(tmp_path_factory.mktemp("faults")) as made:
        # What environments are forked from stays until the service ends.
        made.ready()
        yield made


@pytest.fixture
def fault(lab: Lab) -> Iterator[Fault]:
    """A fault; nothing of it is left afterwards."""
    made = Fault(lab)
    yield made
    made.is_over()


@pytest.fixture(scope="module")
def started_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same, whose processes are each started anew."""
    if sys.platform != "linux":
        pytest.skip("what is left is read from /proc")
    with laboratory(tmp_path_factory.mktemp("started"), forks=False) as made:
        yield made


@pytest.fixture(scope="module")
def open_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same, whose processes see this machine as it is."""
    if sys.platform != "linux":
        pytest.skip("what is left is read from /proc")
    with laboratory(tmp_path_factory.mktemp("open"), sandboxed=False) as made:
        made.ready()
        yield made


@pytest.fixture(params=["forked", "started"])
def any_fault(request: pytest.FixtureRequest) -> Iterator[Fault]:
    """A fault of a Python process that was forked, and of one that was started anew."""
    made = Fault(request.getfixturevalue("lab" if request.param == "forked" else "started_lab"))
    yield made
    made.is_over()


@pytest.fixture
def open_fault(open_lab: Lab) -> Iterator[Fault]:
    """A fault of a process without a view of its own."""
    made = Fault(open_lab)
    yield made
    made.is_over()


@pytest.fixture
def in_view(lab: Lab) -> Path:
    """Skips where this machine gives processes no view of their own of the file system."""
    if lab.service._settings.no_view is not None:
        pytest.skip(f"this machine gives processes no view of their own: {lab.service._settings.no_view}")
    return lab.service._folder


@pytest.fixture
def counted(lab: Lab) -> None:
    """Skips where this machine does not limit how many processes an environment has."""
    said = " ".join(lab.service.limits_not_enforced())
    if "the number of processes" in said:
        pytest.skip(said)
