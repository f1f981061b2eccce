"""How many files the service may have open, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIMITED = """
import resource
from lambdaform.local.open_files import allow_many
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
allow_many()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [(256, 1024, "1024 1024"), (1024, 1024, "1024 1024")],
    ids=["raised", "as it was"],
)
def test_the_limit_is_raised_as_far_as_it_may_be(soft: int, hard: int, after: str) -> None:
    code = LIMITED.format(soft=soft, hard=hard)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == after
