"""Expansions by AWS's transform that were made before, kept in the cache folder beside installed packages.

Importing the translator takes half of what a command takes, and the same template expands to the same one. What may
change an expansion is part of its key: the template, its parameters, the region, the translator, and our use of it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lambdaform.errors import UsageError
from lambdaform.synth.cache import keep, kept, key_of

_KIND = "expansions"
_FILE = "template.json"
#: So many are kept; the oldest go.
_MOST = 64

Translate = Callable[[dict[str, Any], dict[str, Any], str], dict[str, Any]]


def expansion(
    template: dict[str, Any], parameters: dict[str, Any], region: str, translate: Translate
) -> dict[str, Any]:
    """What ``translate`` makes of the template, or made of it before. Refusals are not kept."""
    try:
        asked = json.dumps([template, parameters, region])
    except (TypeError, ValueError, RecursionError):
        return translate(template, parameters, region)
    key = key_of([asked, *_tools()])
    folder = kept(_KIND, key)
    if folder is not None:
        with contextlib.suppress(OSError, ValueError):
            known: dict[str, Any] = json.loads((folder / _FILE).read_text("utf-8"))
            return known
        shutil.rmtree(folder, ignore_errors=True)
    made = translate(template, parameters, region)
    # Without a cache that can be written, each command translates anew.
    with contextlib.suppress(UsageError, OSError, TypeError, ValueError):
        text = json.dumps(made)
        if json.loads(text) == made:
            _make_room(keep(_KIND, key, lambda place: _write(place / _FILE, text)).parent)
    return made


def _write(file: Path, text: str) -> None:
    # Values of parameters may stand in it.
    file.touch(mode=0o600)
    file.write_text(text, "utf-8")


def _tools() -> list[str]:
    """What tells one state of the translator, and of our use of it, from another."""
    spec = find_spec("samtranslator")
    files = [Path(spec.origin)] if spec is not None and spec.origin else []
    own = Path(__file__)
    files += [own.with_name("sam_transform.py"), own.parent.parent / "facts" / "managed_policies.py"]
    states = ((each, each.stat()) for each in files)
    return [f"{each}:{state.st_mtime_ns}:{state.st_size}" for each, state in states]


def _make_room(kind: Path) -> None:
    folders = sorted(
        (each for each in kind.iterdir() if not each.name.startswith(".")),
        key=lambda each: each.stat().st_mtime_ns,
    )
    for each in folders[:-_MOST]:
        shutil.rmtree(each, ignore_errors=True)
