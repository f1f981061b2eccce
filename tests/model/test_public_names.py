"""The names that `import lambdaform` offers: the same to Python and to type checkers, and cheap to have."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lambdaform

#: What the package's own tables say: names by the module that defines them, and modules offered as such.
HOMES: dict[str, str] = vars(lambdaform)["_HOMES"]
MODULES: dict[str, str] = vars(lambdaform)["_MODULES"]
HOME_OF = {name: home for home, names in HOMES.items() for name in names.split()}
HEAVY = {"troposphere", "samtranslator", "boto3", "moto", "cfnlint", "cattrs", "asyncio"}
STUB = Path(lambdaform.__file__).with_suffix(".pyi")


def stub_names() -> dict[str, str]:
    """Each name of the stub with the module that it comes from."""
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.parse(STUB.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_stub_has_each_name_from_the_module_it_is_found_in_at_run_time() -> None:
    homes = {name: f"lambdaform.{home}" for name, home in HOME_OF.items()}
    modules = {name: f"lambdaform.{home}".rpartition(".")[0] for name, home in MODULES.items()}
    assert stub_names() == {**homes, **modules}


@pytest.mark.parametrize("name", lambdaform.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(lambdaform, name) is not None


@pytest.mark.parametrize(("name", "home"), sorted(HOME_OF.items()))
def test_a_class_is_offered_from_the_module_that_defines_it(name: str, home: str) -> None:
    value = getattr(lambdaform, name)
    if isinstance(value, type):
        assert value.__module__ == f"lambdaform.{home}"


def test_no_name_has_two_homes() -> None:
    names = [name for names in HOMES.values() for name in names.split()]
    assert sorted(names) == sorted(set(names))


def test_an_unknown_name_is_refused_like_any_modules() -> None:
    with pytest.raises(AttributeError, match="Functoin"):
        getattr(lambdaform, "Functoin")  # noqa: B009 - a name that no type checker knows


def test_importing_the_package_imports_nothing_of_the_model() -> None:
    code = "import sys, lambdaform; print([name for name in sys.modules if name.startswith('lambdaform.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_using_the_whole_model_imports_nothing_heavy() -> None:
    code = "import sys, lambdaform; [getattr(lambdaform, n) for n in lambdaform.__all__]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY & set(loaded.split()) == set()
