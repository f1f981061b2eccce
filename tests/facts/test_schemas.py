"""Finding the dated tables, wherever lambdaform is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lambdaform.facts.schemas import PROFILES, read_schema, schema_file

ROOT = Path(__file__).resolve().parents[2]


def test_a_clone_has_the_tables_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "lambdaform").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.json").write_text("{}")
    assert schema_file("a.json", tmp_path / "lambdaform") == tmp_path / "schemas" / "a.json"


def test_a_wheel_has_the_tables_in_the_package(tmp_path: Path) -> None:
    (tmp_path / "lambdaform" / "schemas").mkdir(parents=True)
    (tmp_path / "lambdaform" / "schemas" / "a.json").write_text("{}")
    assert schema_file("a.json", tmp_path / "lambdaform") == tmp_path / "lambdaform" / "schemas" / "a.json"


def test_the_package_s_own_tables_win_over_a_stranger_s_folder(tmp_path: Path) -> None:
    for folder in (tmp_path / "schemas", tmp_path / "lambdaform" / "schemas"):
        folder.mkdir(parents=True)
        (folder / "a.json").write_text("{}")
    assert schema_file("a.json", tmp_path / "lambdaform") == tmp_path / "lambdaform" / "schemas" / "a.json"


def test_a_table_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"schemas/none\.json is not part of this installation"):
        schema_file("none.json", tmp_path)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_its_table(profile: str) -> None:
    assert read_schema(f"quotas/{profile}.json")["profile"] == profile


def test_the_readme_names_every_table() -> None:
    readme = (ROOT / "schemas" / "README.md").read_text("utf-8")
    tables = (ROOT / "schemas").glob("quotas/*.json")
    assert all(f"`quotas/{table.name}`" in readme for table in tables)


@pytest.mark.parametrize("module", ["runtimes", "quotas", "reserved", "managed_policies"])
def test_importing_facts_reads_no_table(module: str) -> None:
    program = (
        "import sys, builtins, io\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        f"import lambdaform.facts.{module}\n"
        "print([name for name in opened if name.endswith('.json')], 'json' in sys.modules)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[] False"
