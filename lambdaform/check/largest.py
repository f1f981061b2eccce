"""What makes a package large: its largest packages and files, as a table to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: How many packages, and how many files, are worth a line.
_ROWS = 8
#: The part of the whole below which nothing is worth a line.
_SMALL = 0.005
#: Where packages lie in code and in layers. Source: AWS Lambda Developer Guide, packaging-layers.
_PACKAGES = re.compile(
    r"((?:nodejs/)?(?:node\d+/)?node_modules/|python/(?:lib/python[\d.]+/site-packages/)?)?(.*)"
)


def megabytes(size: int) -> str:
    """A number of bytes in MB, as AWS counts them: 1,048,576 bytes."""
    return f"{size / 2**20:,.1f} MB"


def table(files: Iterable[tuple[str, int]]) -> str:
    """The largest packages and files among these, by name and size in bytes; each on a further line."""
    listed = list(files)
    packages: dict[str, int] = {}
    for name, size in listed:
        package = _package_of(name)
        packages[package] = packages.get(package, 0) + size
    whole = sum(packages.values())
    folders = [(name, size) for name, size in packages.items() if name.endswith("/")]
    lines = (*_rows("The largest folders", folders, whole), *_rows("The largest files", listed, whole))
    return "".join(f"\n    {line}" for line in lines)


def _rows(title: str, sizes: list[tuple[str, int]], whole: int) -> Iterator[str]:
    worth = [(name, size) for name, size in sizes if size > whole * _SMALL]
    largest = sorted(worth, key=lambda each: (-each[1], each[0]))[:_ROWS]
    if largest:
        yield f"{title}:"
    for name, size in largest:
        yield f"{megabytes(size):>12} {100 * size / max(whole, 1):4.0f} %  {name}"


def _package_of(name: str) -> str:
    """The folder at the top in which a file lies, or the package among a language's packages; else its own name."""
    found = _PACKAGES.fullmatch(name)
    before, rest = (found[1] or "", found[2]) if found else ("", name)
    parts = rest.split("/")
    # npm's scopes are folders of packages.
    depth = 2 if parts[0].startswith("@") and "node_modules" in before else 1
    return name if len(parts) <= depth else f"{before}{'/'.join(parts[:depth])}/"
