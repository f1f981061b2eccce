"""The house as CONTRIBUTING.md draws it: a room imports only from those below it, and no room another's private names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lambdaform"
#: The rooms in the order of CONTRIBUTING's table, from the top of the house down.
ROOMS = re.findall(r"^\| `(\w+)/` \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)

#: What stands above all rooms: the names of all that is public, and the command line's other name.
TOP = ("__init__.pyi", "__main__.py")


def imports() -> Iterator[tuple[Path, str, str, list[str]]]:
    """Each import of the package's own modules: the file, its room, the room of the module, and the names."""
    for file in sorted(PACKAGE.rglob("*.py*")):
        if file.suffix not in (".py", ".pyi"):
            continue
        room = file.relative_to(PACKAGE).parts[0]
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lambdaform."):
                yield file, room, str(node.module).split(".")[1], [each.name for each in node.names]
            if isinstance(node, ast.ImportFrom) and node.module == "lambdaform":
                yield from ((file, room, each.name, []) for each in node.names)


def test_every_folder_is_a_room_and_every_room_a_folder() -> None:
    folders = {each.name for each in PACKAGE.iterdir() if (each / "__init__.py").is_file()}
    assert folders == set(ROOMS)


def test_a_room_imports_only_from_those_below_it() -> None:
    level = {room: number for number, room in enumerate(ROOMS)}
    below = len(ROOMS)
    wrong = [
        f"{file.relative_to(ROOT)} imports {other}"
        for file, room, other, _ in imports()
        if other in level and level.get(room, -1 if room in TOP else below) > level[other]
    ]
    assert wrong == []


def test_no_room_imports_what_is_private_in_another() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name} of {other}"
        for file, room, other, names in imports()
        for name in names
        if room != other and re.match(r"_(?!_)", name)
    ]
    assert wrong == []
