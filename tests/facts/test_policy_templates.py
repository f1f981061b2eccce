"""SAM's policy templates: the names are those of AWS's own transform."""

from __future__ import annotations

import json
from importlib.resources import files

from lambdaform.facts.policy_templates import POLICY_TEMPLATES


def test_the_names_are_those_of_the_transform() -> None:
    text = files("samtranslator").joinpath("policy_templates_data/policy_templates.json").read_text("utf-8")
    assert json.loads(text)["Templates"].keys() == POLICY_TEMPLATES
