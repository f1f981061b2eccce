"""The schemas in the repository are those that the classes make."""

from __future__ import annotations

import pytest

from lambdaform.facts.schemas import schema_file
from lambdaform.json_schema.export import schema_texts

TEXTS = dict(schema_texts())


@pytest.mark.parametrize("name", TEXTS)
def test_an_exported_schema_is_current(name: str) -> None:
    assert schema_file(name).read_text("utf-8") == TEXTS[name], "make schemas writes it anew"
