"""``make docs``: writes the generated pages, and renews what the others show of files and commands.

``python -m docs.generate`` writes the reference; with ``--played`` also plays each page, or those that are named, and
puts in the example's files and what the commands print, where the page shows something else.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from docs import reference
from docs.pages import GENERATED, PAGES, ROOT, Page, renewed


def generated() -> Mapping[Path, str]:
    """Each page that is generated, by its file."""
    return {ROOT / "docs" / "reference" / name: text for name, text in reference.pages().items()}


def write_generated() -> None:
    """Write the generated pages, and take away those that are no longer made."""
    made = generated()
    for folder in {path.parent for path in made}:
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.md"):
            if path not in made:
                path.unlink()
    for path, text in made.items():
        path.write_text(text, "utf-8")


def play(names: list[str]) -> None:
    """Renew the pages with these names, or all."""
    for path in PAGES:
        if path.parent.name in GENERATED or (names and path.stem not in names) or path.parent == ROOT:
            continue
        page = Page.read(path)
        if page.missing_programs:
            print(f"{page.name}: left as it is; not installed: {', '.join(page.missing_programs)}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            new = renewed(page, Path(folder) / "project")
        if new.text != page.text:
            path.write_text(new.text, "utf-8")
            print(f"{page.name}: renewed")


if __name__ == "__main__":
    if "--played" in sys.argv:
        play([each for each in sys.argv[1:] if each != "--played"])
    else:
        write_generated()
