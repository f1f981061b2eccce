"""A function's life through the AWS SDK for JavaScript, against ``lambdaform run`` (`javascript_sdk/life.mjs`)."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from tests.acceptance.lives import RUNTIME, archive, served

SCRIPT = Path(__file__).with_name("javascript_sdk") / "life.mjs"
SDK = "@aws-sdk/client-lambda@3.1164.0"
#: Where the SDK stays once it is installed.
HOME = Path.home() / ".cache" / "lambdaform" / "javascript-sdk"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("node") is None or shutil.which("npm") is None, reason="node and npm are not installed"
    ),
]


@pytest.fixture(scope="module")
def sdk() -> Path:
    if not (HOME / "node_modules" / "@aws-sdk" / "client-lambda").is_dir():
        HOME.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(HOME), SDK]
        try:
            subprocess.run(install, check=True, capture_output=True, timeout=300)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"npm cannot install {SDK}: {error}")
    return HOME


def test_a_function_lives_through_the_javascript_sdk(tmp_path: Path, sdk: Path) -> None:
    archives = [b64encode(archive(number)).decode() for number in (1, 2)]
    with served(tmp_path) as running:
        ended = subprocess.run(
            ["node", str(SCRIPT), str(sdk), running.url, RUNTIME, *archives],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
