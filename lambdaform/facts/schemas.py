"""Where the dated tables and exported schemas lie: inside an installed package, or beside it in a clone.

Nothing is read, nor is what reading needs imported, before somebody asks.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lambdaform.errors import UsageError, shown

if TYPE_CHECKING:
    from pathlib import Path

#: The dated tables there are under ``schemas/quotas``.
PROFILES = ("current", "2019-04-01")


def schema_file(name: str, package: Path | None = None) -> Path:
    """The path of a file under ``schemas/``; ``package`` is where lambdaform's modules lie, if not here.

    Raises `FileNotFoundError` where the installation lacks it.
    """
    from pathlib import Path

    package = package or Path(__file__).resolve().parent.parent
    for folder in (package / "schemas", package.parent / "schemas"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"schemas/{name} is not part of this installation of lambdaform")


def read_schema(name: str) -> Any:
    """The content of a JSON file under ``schemas/``. Raises as `schema_file` does."""
    import json

    return json.loads(schema_file(name).read_text("utf-8"))


@cache
def dated_table(profile: str) -> dict[str, Any]:
    """A profile's table as it is written; not to be changed.

    Raises `UsageError`, with the profiles there are, where there is no such one.
    """
    if profile not in PROFILES:
        raise UsageError(
            f"There is no quota profile {shown(profile)}.", right=f"There are {', '.join(PROFILES)}."
        )
    table: dict[str, Any] = read_schema(f"quotas/{profile}.json")
    return table
