"""Functions that call the URLs of others, by their hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.local.hosts import Hosts
from tests.local.function_url.test_served import Street, closed, returning
from tests.local.lab import laboratory

CALLER = """
    import urllib.request
    def handler(event, context):
        with urllib.request.urlopen(event, timeout=20) as answer:
            return answer.read().decode()
"""


@pytest.mark.usefixtures("view")
def test_a_function_finds_the_url_of_another(tmp_path: Path) -> None:
    with laboratory(tmp_path) as lab:
        street = Street(lab, [])
        caller = street.function(CALLER)
        first = street.url(returning("'first'"))
        assert lab.invoke(caller, f"http://{street.host(first)}/").value == "first"
        # One that comes while the caller's environment is there already.
        second = street.url(returning("'second'"))
        assert lab.invoke(caller, f"http://{street.host(second)}/").value == "second"
        lab.run(closed(street.endpoint))


def test_names_come_and_go_in_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    hosts = Hosts(file)
    before, inode = file.read_text("utf-8"), file.stat().st_ino
    hosts.show(["a.localhost", "b.localhost"])
    assert file.read_text("utf-8") == f"{before}127.0.0.1 a.localhost\n127.0.0.1 b.localhost\n"
    hosts.show([])
    assert (file.read_text("utf-8"), file.stat().st_ino) == (before, inode)
