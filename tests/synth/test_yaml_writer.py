"""Templates as text: what is written is read back, and reads as a person would write it."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError
from lambdaform.load.yaml_reader import read_template
from lambdaform.synth.yaml_writer import to_json, to_yaml
from tests.synth import ruamel_writer

MISREAD = (
    "yes No on OFF true null ~ 1 1.0 0x1F 1e5 .5 +1 1_000 07 1:30 2020-01-01 2020-01-01T00:00:00Z << = y N"
)
LINES = [
    "",
    " ",
    "\n",
    "a\n",
    "a\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "a\tb\nc",
    "\ufeffa",
    "\x07",
    "\x85",
    "\u2028",
    "a\r\nb",
]
TEXTS = (
    st.text(max_size=30)
    | st.text("ab \t\n:#-'\"|>!&*%@`{}[],?~=<", max_size=20)
    | st.sampled_from(MISREAD.split() + LINES)
)
KEYS = st.text("abcXYZ09:-_ #!'äß", min_size=1, max_size=8) | st.sampled_from(
    ["yes", "1", "null", "a: b", "- a", "<<"]
)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(-1e6, 1e6).filter(lambda number: "e" not in repr(number))
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.fixed_dictionaries({"Ref": TEXTS})
        | st.fixed_dictionaries(
            {"Fn::Sub": TEXTS | st.tuples(TEXTS, st.dictionaries(KEYS, inner, max_size=2)).map(list)}
        )
        | st.fixed_dictionaries({"Fn::Join": st.tuples(TEXTS, st.lists(inner, max_size=3)).map(list)})
        | st.fixed_dictionaries({"Fn::GetAtt": st.tuples(TEXTS, TEXTS).map(list)})
    ),
    max_leaves=12,
)
TEMPLATES = st.dictionaries(KEYS, VALUES, max_size=4).filter(
    lambda value: value.keys() != {"Ref"} and "<<" not in value
)


class LongForms(yaml.SafeLoader):
    """PyYAML with CloudFormation's tags as what they stand for: a reader that shares nothing with ours."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


LongForms.add_multi_constructor("!", _long_form)


@settings(max_examples=250, deadline=None)
@given(TEMPLATES)
def test_what_is_written_is_read_back_by_our_reader(template: dict[str, Any]) -> None:
    assert read_template(to_yaml(template), "t.yaml").data == template


@settings(max_examples=250, deadline=None)
@given(TEMPLATES)
def test_what_is_written_is_read_back_by_pyyaml(template: dict[str, Any]) -> None:
    assert yaml.load(to_yaml(template), LongForms) == template


#: libyaml leaves a space behind a tag without text.
UNDER_TAGS = TEXTS.filter(bool)
#: As logical ids are; the empty lines before resources were put in afterwards there, by the first letter.
NAMES = st.from_regex(r"[abcXZ][abcXZ09]{1,7}", fullmatch=True) | st.just("Fn::ForEach::All")
DATA = st.recursive(
    TEXTS | st.text("ab c:", min_size=120, max_size=140) | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(st.text("ab c:", min_size=120, max_size=140), inner, min_size=1, max_size=2)
        | st.fixed_dictionaries({"Ref": UNDER_TAGS})
        | st.fixed_dictionaries({"Fn::Sub": UNDER_TAGS | st.tuples(TEXTS, inner).map(list)})
        | st.fixed_dictionaries({"Fn::Join": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"Fn::GetAtt": st.tuples(TEXTS, TEXTS).map(list)})
        | st.fixed_dictionaries({"Fn::GetAZs": UNDER_TAGS})
    ),
    max_leaves=12,
)
SECTIONS = st.fixed_dictionaries(
    {"AWSTemplateFormatVersion": st.just("2010-09-09")},
    optional={
        "Transform": DATA,
        "Description": DATA,
        "Resources": st.dictionaries(NAMES, DATA, max_size=4),
        "Outputs": DATA,
    },
)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(SECTIONS)
def test_it_is_written_as_libyaml_writes_it(template: dict[str, Any]) -> None:
    assert to_yaml(template) == ruamel_writer.to_yaml(template)


@settings(max_examples=250, deadline=None)
@given(st.floats())
def test_a_number_is_read_back_as_one(number: float) -> None:
    read = yaml.safe_load(written(number))["Key"]
    assert isinstance(read, float)
    assert read == number or (read != read and number != number)


@settings(max_examples=50, deadline=None)
@given(TEMPLATES)
def test_json_is_read_back(template: dict[str, Any]) -> None:
    assert json.loads(to_json(template)) == template


def written(value: Any) -> str:
    return to_yaml({"Key": value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Ref": "Queue"}, "Key: !Ref Queue"),
        ({"Ref": "AWS::Region"}, "Key: !Ref AWS::Region"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "Key: !GetAtt Queue.Arn"),
        ({"Fn::Sub": "${A}-b"}, "Key: !Sub ${A}-b"),
        ({"Fn::Join": ["-", ["a", {"Ref": "B"}]]}, "Key: !Join ['-', [a, !Ref B]]"),
        ({"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}, "Key: !If [C, 1, !Ref 'AWS::NoValue']"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "Key: !Select [0, !GetAZs '']"),
        ("2012-10-17", "Key: '2012-10-17'"),
        ("yes", "Key: 'yes'"),
        ("plain text, of words", "Key: plain text, of words"),
        ("arn:aws:s3:::data/*", "Key: arn:aws:s3:::data/*"),
        ("cron(0 18 ? * MON-FRI *)", "Key: cron(0 18 ? * MON-FRI *)"),
        (True, "Key: true"),
        ([], "Key: []"),
        ({}, "Key: {}"),
        (["a", "b"], "Key:\n- a\n- b"),
        ("größer 漢", "Key: größer 漢"),
    ],
)
def test_a_value_is_written_as_a_person_would(value: Any, text: str) -> None:
    assert written(value) == f"{text}\n"


def test_text_of_several_lines_is_a_literal_block() -> None:
    assert written("def handler(event, context):\n    return 1\n") == textwrap.dedent(
        """\
        Key: |
          def handler(event, context):
              return 1
        """
    )


def test_a_long_text_stays_on_its_line() -> None:
    assert written("word " * 200 + "end") == f"Key: {'word ' * 200}end\n"


def test_arguments_that_fit_no_line_stand_below_each_other() -> None:
    assert written({"Fn::Join": ["", ["x" * 60, "y" * 60]]}).startswith("Key: !Join\n- ''\n- - xxx")


def test_what_stands_twice_is_written_twice_without_an_anchor() -> None:
    shared = ["a"]
    assert written({"One": shared, "Two": shared}) == "Key:\n  One:\n  - a\n  Two:\n  - a\n"


def test_keys_keep_their_order() -> None:
    assert list(read_template(to_yaml({"b": 1, "a": {"d": 1, "c": 2}}), "t.yaml").data) == ["b", "a"]


def test_an_empty_line_stands_before_each_section_and_resource() -> None:
    template = {
        "Transform": "T",
        "Description": "d",
        "Resources": {"A": {"Type": "X"}, "B": {"Type": "Z"}},
        "Outputs": {},
    }
    assert to_yaml(template) == textwrap.dedent(
        """\
        Transform: T
        Description: d

        Resources:
          A:
            Type: X

          B:
            Type: Z

        Outputs: {}
        """
    )


def test_an_empty_line_never_gets_into_a_text() -> None:
    text = "Resources:\n  A: 1\nB: 2\n"
    template = {"Description": text, "Resources": {"A": {"Code": f"x\n{text}", "Sub": {"Fn::Sub": text}}}}
    assert read_template(to_yaml(template), "t.yaml").data == template


def test_text_of_a_class_of_its_own_is_written_as_text() -> None:
    class Text(str):
        __slots__ = ()

    assert to_yaml({Text("Key"): [Text("value")]}) == "Key:\n- value\n"


def test_what_no_template_can_have_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"which is of the type bytes\. It must be text, a number"):
        written([b"bytes"])


def test_a_key_of_several_lines_stays_on_one() -> None:
    assert to_yaml({"a\nb": 1}) == '"a\\nb": 1\n'
