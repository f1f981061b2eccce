"""Writes every JSON Schema into ``schemas/``: ``make schemas``, or ``python -m lambdaform.json_schema.export [FOLDER]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lambdaform.json_schema.findings import findings_schema
from lambdaform.json_schema.payloads import answer_schema, event_schema
from lambdaform.json_schema.stack import stack_schema
from lambdaform.payloads.catalog import NAMES, source, takes_answer

FOLDER = Path(__file__).resolve().parent.parent.parent / "schemas"

#: What makes each exported file, by its path under ``schemas/``.
SCHEMAS: Mapping[str, Callable[[], Any]] = {
    "stack.schema.json": stack_schema,
    "findings.schema.json": findings_schema,
    **{
        f"events/{name}.schema.json": partial(lambda each: event_schema(source(each)), name) for name in NAMES
    },
    **{
        f"events/{name}.answer.schema.json": partial(lambda each: answer_schema(source(each)), name)
        for name in NAMES
        if takes_answer(name)
    },
}


def text_of(name: str) -> str:
    """The text of an exported file."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files, to the folder that is named or else to the clone's own."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    (folder / "events").mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / name).write_text(text_of(name), "utf-8")


if __name__ == "__main__":
    main()
