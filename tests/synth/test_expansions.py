"""A template that was expanded before is not expanded again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdaform.synth import expansions
from lambdaform.synth.expansions import expansion
from lambdaform.synth.sam_transform import transform

TEMPLATE: dict[str, Any] = {"Resources": {"Fn": {"Type": "AWS::Serverless::Function"}}}


class Translator:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, template: dict[str, Any], parameters: dict[str, Any], region: str) -> dict[str, Any]:
        self.asked += 1
        return {"Resources": {"Expanded": {"Of": [template, parameters, region]}}}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_same_template_is_translated_once() -> None:
    translator = Translator()
    first = expansion(TEMPLATE, {}, "eu-west-1", translator)
    assert expansion(TEMPLATE, {}, "eu-west-1", translator) == first
    assert translator.asked == 1


@pytest.mark.parametrize(
    ("template", "parameters", "region"),
    [
        ({**TEMPLATE, "Description": "other"}, {}, "eu-west-1"),
        (TEMPLATE, {"Stage": "prod"}, "eu-west-1"),
        (TEMPLATE, {}, "us-east-1"),
        ({"Resources": {}, **TEMPLATE, "Metadata": {}}, {}, "eu-west-1"),
    ],
    ids=["template", "parameter", "region", "section"],
)
def test_another_question_is_asked_anew(
    template: dict[str, Any], parameters: dict[str, Any], region: str
) -> None:
    translator = Translator()
    expansion(TEMPLATE, {}, "eu-west-1", translator)
    expansion(template, parameters, region, translator)
    assert translator.asked == 2


def test_another_translator_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    translator = Translator()
    expansion(TEMPLATE, {}, "eu-west-1", translator)
    monkeypatch.setattr(expansions, "_tools", lambda: ["another"])
    expansion(TEMPLATE, {}, "eu-west-1", translator)
    assert translator.asked == 2


def test_a_damaged_file_is_no_answer(cache: Path) -> None:
    translator = Translator()
    first = expansion(TEMPLATE, {}, "eu-west-1", translator)
    [file] = cache.rglob("template.json")
    file.write_text("{")
    assert expansion(TEMPLATE, {}, "eu-west-1", translator) == first
    assert expansion(TEMPLATE, {}, "eu-west-1", translator) == first
    assert translator.asked == 2


def test_without_a_cache_it_is_translated_all_the_same(cache: Path) -> None:
    cache.write_text("a file, no folder")
    assert expansion(TEMPLATE, {}, "eu-west-1", Translator())["Resources"]


def test_what_is_kept_is_for_its_owner_alone(cache: Path) -> None:
    expansion(TEMPLATE, {"Password": "secret"}, "eu-west-1", Translator())
    [file] = cache.rglob("template.json")
    assert file.stat().st_mode & 0o077 == 0


def test_only_so_many_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansions, "_MOST", 3)
    for number in range(5):
        expansion({"Description": str(number)}, {}, "eu-west-1", Translator())
    assert len(list(cache.rglob("template.json"))) == 3


def test_the_transform_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Fn": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Runtime": "python3.13", "Handler": "app.handler", "InlineCode": "pass"},
            }
        },
    }
    first = transform(template)
    monkeypatch.setattr("samtranslator.translator.translator.Translator.translate", None)
    assert transform(template) == first
    assert list(transform(template)["Resources"]) == list(first["Resources"])
