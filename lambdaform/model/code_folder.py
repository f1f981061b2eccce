"""A folder of code on this machine, and how it becomes an archive. A template has its path only.

Source: none of AWS's: packaging is what happens before AWS sees the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from attrs import field

from lambdaform.model.constraints import Count
from lambdaform.model.definition import frozen
from lambdaform.model.shape import Shape


@frozen
class CodeFolder(Shape):
    """A folder or file of code, with what of it is packaged: ``CodeFolder("src", exclude=["tests/"])``.

    ``exclude`` has patterns as in a ``.gitignore``; ``include`` those that are packaged all the same. The dependencies
    in the folder's ``requirements.txt``, ``pyproject.toml`` or ``package.json`` are installed into the archive;
    ``dependencies`` names another such file, relative to the app's file, and False installs none.
    """

    path: Annotated[str, Count(low=1, unit="characters")]
    exclude: Sequence[str] | None = field(default=None, kw_only=True)
    include: Sequence[str] | None = field(default=None, kw_only=True)
    dependencies: str | Literal[False] | None = field(default=None, kw_only=True)


def local_path(value: Any) -> str | None:
    """The path that a property says its code has on this machine; None where it lies elsewhere."""
    if isinstance(value, CodeFolder):
        return value.path
    return value if isinstance(value, str) and not value.startswith(("s3://", "https://")) else None
