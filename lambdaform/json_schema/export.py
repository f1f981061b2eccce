"""Writes every JSON Schema into ``schemas/``: ``make schemas``, or ``python -m lambdaform.json_schema.export [FOLDER]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lambdaform.json_schema.findings import findings_schema
from lambdaform.json_schema.payloads import answer_schema, event_schema
from lambdaform.json_schema.stack import stack_schema
from lambdaform.payloads.catalog import NAMES, source

FOLDER = Path(__file__).resolve().parent.parent.parent / "schemas"


def schema_texts() -> Iterator[tuple[str, str]]:
    """Each exported file: its path under ``schemas/``, and its text."""
    yield "stack.schema.json", _text(stack_schema())
    yield "findings.schema.json", _text(findings_schema())
    for name in NAMES:
        kind = source(name)
        yield f"events/{name}.schema.json", _text(event_schema(kind))
        answer = answer_schema(kind)
        if answer is not None:
            yield f"events/{name}.answer.schema.json", _text(answer)


def _text(schema: Any) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files, to the folder that is named or else to the clone's own."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, text in schema_texts():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
