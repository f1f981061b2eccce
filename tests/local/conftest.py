"""The local services that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdaform.local import sandbox
from tests.local.lab import Lab, laboratory


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service whose processes have their own view of the file system, where this machine allows that."""
    with laboratory(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture(scope="module")
def open_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service whose processes see this machine as it is."""
    with laboratory(tmp_path_factory.mktemp("open"), sandboxed=False) as made:
        yield made


@pytest.fixture(scope="module", params=["view", "folders"])
def any_lab(request: pytest.FixtureRequest) -> Lab:
    """Both kinds, one after the other."""
    name = "lab" if request.param == "view" else "open_lab"
    made: Lab = request.getfixturevalue(name)
    return made


@pytest.fixture(scope="session")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Skips where this machine gives processes no view of their own."""
    folder = tmp_path_factory.mktemp("trial")
    reason = sandbox.unavailable(folder)
    if reason is not None:
        pytest.skip(f"this machine gives processes no view of their own: {reason}")
    return folder
