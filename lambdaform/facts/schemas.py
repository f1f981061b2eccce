"""Where the dated tables and exported schemas lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def schema_file(name: str) -> Path:
    """The path of a file under ``schemas/``. Raises `FileNotFoundError` where the installation lacks it."""
    for folder in (_PACKAGE / "schemas", _PACKAGE.parent / "schemas"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"schemas/{name} is not part of this installation of lambdaform")


def read_schema(name: str) -> Any:
    """The content of a JSON file under ``schemas/``."""
    return json.loads(schema_file(name).read_text("utf-8"))
