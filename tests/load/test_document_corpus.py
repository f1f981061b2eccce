"""Real templates, written as data and read back, are the same templates."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.load.document import read_document
from lambdaform.load.document_writer import to_document
from lambdaform.load.template import load_file
from lambdaform.synth.template import template_of
from lambdaform.synth.yaml_writer import to_yaml
from tests.corpus import CORPUS, entries, name_of, present

pytestmark = [pytest.mark.corpus, present]


@pytest.mark.parametrize("entry", entries("templates"), ids=name_of)
def test_a_template_as_data_is_the_same_template(entry: dict[str, Any]) -> None:
    if "!Rain::" in (CORPUS / entry["file"]).read_text("utf-8"):
        pytest.skip("it is written for another tool, rain, which replaces its tags first")
    stack = load_file(CORPUS / entry["file"])
    if stack.problems:
        pytest.skip(f"it has a value that AWS refuses: {stack.problems[0].what}")
    again = read_document(to_yaml(to_document(stack)), "stack.yaml")
    assert template_of(again) == template_of(stack)
