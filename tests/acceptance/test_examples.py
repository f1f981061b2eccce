"""Every example as its reader would use it: synthesised, checked, linted by AWS's tool, and run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDERS = sorted(each.parent for each in EXAMPLES.glob("*/app.py"))
_BIN = Path(sys.executable).parent


def lambdaform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder, to its end."""
    return subprocess.run(
        [_BIN / "lambdaform", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the example, alone on the disk."""
    return Path(shutil.copytree(request.param, tmp_path / request.param.name))


each_example = pytest.mark.parametrize("copy", FOLDERS, ids=lambda folder: folder.name, indirect=True)
checkout = pytest.mark.parametrize("copy", [EXAMPLES / "checkout"], ids=["checkout"], indirect=True)


@each_example
def test_an_example_has_no_finding(copy: Path) -> None:
    checked = lambdaform(copy, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no findings" in checked.stdout


@each_example
@pytest.mark.parametrize("form", ["sam", "cfn"])
def test_the_template_of_an_example_passes_cfn_lint(copy: Path, form: str) -> None:
    written = lambdaform(copy, "synth", "--format", form, "--output", "build")
    assert written.returncode == 0, written.stderr
    linted = subprocess.run(
        [_BIN / "cfn-lint", "--non-zero-exit-code", "error", "--", "build/template.yaml"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


@checkout
def test_a_basket_is_quoted_with_prices_from_the_layer(copy: Path) -> None:
    ran = lambdaform(copy, "invoke", "Checkout", "--event", "events/quote.json")
    assert json.loads(ran.stdout) == {"total": "18.39", "currency": "EUR"}


@checkout
def test_the_schedules_event_is_the_evenings_report(copy: Path) -> None:
    ran = lambdaform(copy, "invoke", "Checkout", "--event", "events/evening.json")
    assert json.loads(ran.stdout) == {"reported": "2026-11-24T18:00:00Z"}


@checkout
def test_the_alias_runs_the_published_version(copy: Path) -> None:
    ran = lambdaform(copy, "invoke", "Checkout", "--event", "events/quote.json", "--qualifier", "live")
    assert "Version: 1\n" in ran.stderr
    assert ran.returncode == 0
