"""The shared corpus of real templates, where it is there; tests that need it carry the marker ``corpus``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"
present = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus of real templates at {CORPUS}")


def entries(kind: str) -> list[dict[str, Any]]:
    """The index's entries for ``templates``, ``errors`` or ``mistakes``; none where the corpus is missing."""
    if not CORPUS.is_dir():
        return []
    index = "mistakes/index.json" if kind == "mistakes" else "index.json"
    listed: list[dict[str, Any]] = json.loads((CORPUS / index).read_text("utf-8"))
    return listed if kind == "mistakes" else [each for each in listed if each["file"].startswith(kind)]


def name_of(entry: dict[str, Any]) -> str:
    """An entry's name in the list of tests."""
    return Path(entry["file"]).stem
