"""The package's modules: found by name, known to type checkers, and free of what handlers do not need."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lambdaform import payloads

FOLDER = Path(payloads.__file__ or "").parent
MODULES = sorted(each.stem for each in FOLDER.glob("*.py") if each.stem != "__init__")


def test_every_module_is_offered() -> None:
    assert sorted(vars(payloads)["__all__"]) == MODULES


def test_the_stub_offers_every_module() -> None:
    stub = ast.parse((FOLDER / "__init__.pyi").read_text("utf-8"))
    names = [alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(filter(None, names)) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_there_by_its_name(name: str) -> None:
    assert getattr(payloads, name).__name__ == f"lambdaform.payloads.{name}"


def test_another_name_is_refused_like_any_modules() -> None:
    with pytest.raises(AttributeError, match="sqss"):
        getattr(payloads, "sqss")  # noqa: B009 - a name that no type checker knows


def test_payloads_need_nothing_of_the_model_and_no_other_package_than_attrs() -> None:
    code = "import sys; from lambdaform.payloads import sqs; sqs.sample(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    own = {name for name in loaded.split() if name.startswith("lambdaform.")}
    assert own == {
        "lambdaform.errors",
        "lambdaform.payloads",
        "lambdaform.payloads.payload",
        "lambdaform.payloads.polling",
        "lambdaform.payloads.sqs",
    }
    assert {"cattrs", "click", "boto3"} & set(loaded.split()) == set()
