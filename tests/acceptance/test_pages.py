"""README.md and the documentation tell the truth: each page is followed as a reader would (`docs/pages.py`)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import GENERATED, PAGES, ROOT, Page, Stage, lasting

WRITTEN = [Page.read(path) for path in PAGES if path.parent.name not in GENERATED]
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def named(page: Page) -> str:
    return page.name


@pytest.mark.parametrize("page", [each for each in WRITTEN if each.commands], ids=named)
def test_a_page_shows_what_its_commands_print(page: Page, tmp_path: Path) -> None:
    if page.missing_programs:
        pytest.skip(f"not installed: {', '.join(page.missing_programs)}")
    with Stage(tmp_path / "project") as stage:
        for played in stage.play(page):
            if not played.is_true:
                assert lasting(played.printed) == lasting(played.shown.output), played.shown.text


@pytest.mark.parametrize("page", [each for each in WRITTEN if each.path.parent.name == "how-to"], ids=named)
def test_a_how_to_says_where_its_application_is(page: Page) -> None:
    if page.example:
        name = f"examples/{page.example.name}"
        assert f"[`{name}`](../../{name})" in page.text


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_python_on_a_page_compiles(page: Page) -> None:
    for block in page.blocks:
        if block.language == "python":
            compile(block.text, page.name, "exec")


def test_the_readme_shows_each_command() -> None:
    readme = Page.read(ROOT / "README.md")
    shown = {each.text.split()[1] for each in readme.commands if each.text.startswith("lambdaform")}
    assert {"synth", "check", "invoke", "run"} <= shown


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_link_of_a_page_leads_somewhere(path: Path) -> None:
    text = _CODE.sub("", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        linked = path.parent / file if file else path
        assert linked.exists(), target
        if anchor:
            assert anchor in _anchors(linked), target


def made_anew() -> dict[Path, str]:
    """The generated pages, made in a process of their own.

    `typing` takes two unions of the same members for one, so that their order depends on what was imported before.
    """
    script = (
        "import json, docs.generate as d; print(json.dumps({str(p): t for p, t in d.generated().items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {Path(path): text for path, text in json.loads(done.stdout).items()}


def test_generated_pages_are_current() -> None:
    made = made_anew()
    there = {path for folder in GENERATED for path in (ROOT / "docs" / folder).glob("*.md")}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    left_over = there - made.keys()
    assert sorted(path.name for path in (*stale, *left_over)) == [], "make docs"


def test_each_page_can_be_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        for target in re.findall(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)", page.read_text("utf-8")):
            linked = (page.parent / target).resolve()
            if linked not in reached and linked.exists():
                reached.add(linked)
                waiting.append(linked)
    assert [path.name for path in PAGES if path.is_relative_to(ROOT / "docs") and path not in reached] == []


def _anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    headings = _HEADING.findall(_CODE.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
