"""Reading a template's text: what each scalar and tag stands for, where everything is, and what is refused."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError
from lambdaform.load.yaml_reader import Template, read_template


def read(text: str) -> Template:
    return read_template(text, "template.yaml")


def data(text: str) -> Any:
    return read(text).data


def refused(text: str) -> DefinitionError:
    with pytest.raises(DefinitionError) as raised:
        read(text)
    assert raised.value.rule == "LF001"
    return raised.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("text", "text"),
        ("'7'", "7"),
        ('"true"', "true"),
        ("7", 7),
        ("-1_000", -1000),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1.0e+3", 1000.0),
        ("12e10", "12e10"),
        (".5", 0.5),
        ("yes", True),
        ("Off", False),
        ("TRUE", True),
        ("~", None),
        ("", None),
        ("!!str 7", "7"),
        ('!!int "7"', 7),
        ("2012-10-17", "2012-10-17"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("012345678901", "012345678901"),
        ("1:30", "1:30"),
        ("22:22", "22:22"),
        ("1.2.3", "1.2.3"),
        ("python3.13", "python3.13"),
        ("y", "y"),
        ("-", None),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">\n  one\n  line\n", "one line\n"),
    ],
)
def test_a_scalar_is_what_a_person_meant(written: str, meant: object) -> None:
    if written == "-":
        assert data("key:\n- \n") == {"key": [None]}
        return
    value = data(f"key: {written}\n")["key"]
    assert (type(value), value) == (type(meant), meant)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Queue", {"Ref": "Queue"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!Sub '${Queue}-1'", {"Fn::Sub": "${Queue}-1"}),
        ("!Sub ['${a}', {a: !Ref B}]", {"Fn::Sub": ["${a}", {"a": {"Ref": "B"}}]}),
        ("!If [C, !Ref A, !Ref 'AWS::NoValue']", {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!Base64 text", {"Fn::Base64": "text"}),
        ("!FindInMap [M, a, b]", {"Fn::FindInMap": ["M", "a", "b"]}),
        ("!ImportValue 7", {"Fn::ImportValue": "7"}),
        ("!Not [!Equals [a, b]]", {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}),
        (
            "!Transform {Name: M, Parameters: {a: 1}}",
            {"Fn::Transform": {"Name": "M", "Parameters": {"a": 1}}},
        ),
        ("!Cidr [!Ref B, 6, 8]", {"Fn::Cidr": [{"Ref": "B"}, 6, 8]}),
        ("!Length [a]", {"Fn::Length": ["a"]}),
        ("!ToJsonString {a: 1}", {"Fn::ToJsonString": {"a": 1}}),
        ("[!Ref AWS::Region]", [{"Ref": "AWS::Region"}]),
    ],
)
def test_a_short_form_is_its_long_form(short: str, long: object) -> None:
    assert data(f"key: {short}\n") == {"key": long}


def test_json_is_read_as_it_is() -> None:
    text = json.dumps(
        {"Resources": {"Fn": {"Type": "X", "Properties": {"N": 1, "B": True, "S": "a\tb", "L": [None]}}}}
    )
    assert data(text) == json.loads(text)


def test_a_character_that_json_writes_as_two_escapes_is_one() -> None:
    assert data('{"key": "\\ud83d\\ude00"}') == {"key": "😀"}


def test_a_number_of_json_may_have_an_exponent_only() -> None:
    assert data('{"key": 12e10}') == {"key": 12e10}


def test_anchors_and_merges_are_followed() -> None:
    text = "base: &base {a: 1, b: 2}\nuse:\n  <<: *base\n  b: 3\nsame: *base\n"
    assert data(text) == {"base": {"a": 1, "b": 2}, "use": {"a": 1, "b": 3}, "same": {"a": 1, "b": 2}}


TEXT = """\
# a comment
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Layers:
        - one
        - !Ref Two
      Role: !GetAtt Role.Arn
      Flow: {a: 1, b: [2, 3]}
      Url: !Sub
        - x
        - name: !Ref Three
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("Resources",), (2, 1)),
        (("Resources", "Fn"), (3, 3)),
        (("Resources", "Fn", "Type"), (4, 5)),
        (("Resources", "Fn", "Properties", "Layers", 0), (7, 11)),
        (("Resources", "Fn", "Properties", "Layers", 1), (8, 11)),
        (("Resources", "Fn", "Properties", "Layers", 1, "Ref"), (8, 11)),
        (("Resources", "Fn", "Properties", "Role"), (9, 7)),
        (("Resources", "Fn", "Properties", "Flow", "b"), (10, 20)),
        (("Resources", "Fn", "Properties", "Flow", "b", 1), (10, 27)),
        (("Resources", "Fn", "Properties", "Url", "Fn::Sub", 1, "name"), (13, 11)),
    ],
)
def test_every_key_and_item_has_its_line_and_column(
    path: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    assert read(TEXT).marks[path] == place


KEYS = st.text("abcXYZ09-_ :#äß漢", min_size=1, max_size=8).filter(
    lambda key: key.strip() == key and key != "<<"
)
SCALARS = (
    st.text(max_size=20)
    | st.integers(-(10**18), 10**18)
    | st.booleans()
    | st.none()
    | st.sampled_from(
        ["yes", "07", "1_0", "1e5", "2020-01-01", "null", "~", "=", "<<", "!x", "&a", "*a", "- a", "a: b"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_pyyaml_writes_is_read_back(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    # PyYAML does not read all of its own line ends back.
    assume(yaml.safe_load(text) == value)
    assert data(text) == value


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_json_writes_is_read_back(value: dict[str, Any]) -> None:
    assert data(json.dumps(value)) == value


def paths_in(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path}
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in pairs:
        found |= paths_in(item, (*path, step))
    return found


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_nothing_that_is_read_is_without_a_place(value: dict[str, Any]) -> None:
    template = read(yaml.safe_dump(value, allow_unicode=True))
    assert paths_in(template.data) == template.marks.keys()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("{}[]:,-#&*!|>'\"%@` \n\tab01", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    sentence = "."
    try:
        read(text)
    except DefinitionError as error:
        sentence = error.what
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "what", "line", "column"),
    [
        ("a: [1\n", "Not readable as YAML or JSON", 1, 4),
        ("a: 1\nb:\n  - c\n d: 1\n", "Not readable as YAML or JSON", 4, 2),
        ("a: !Unknown x\n", "The tag !Unknown is no intrinsic function.", 1, 4),
        ("a: !!python/object/apply:os.system [id]\n", "python/object/apply:os.system", 1, 4),
        ("a: !!timestamp 2020-01-01\n", "timestamp", 1, 4),
        ("a: *nowhere\n", "*nowhere has no anchor.", 1, 4),
        ("a: &self [*self]\n", "*self has no anchor.", 1, 11),
        ("? [1, 2]\n: x\n", "A key is not plain text.", 1, 3),
        ("a: 1\n---\nb: 2\n", "The file has a second document.", 2, 1),
        ("a:\n  <<: text\n", "<< merges what is no mapping.", 2, 3),
        ('a: "\\ud800"\n', "A text has half a character.", 1, 4),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, what: str, line: int, column: int) -> None:
    error = refused(text)
    assert error.where is not None
    assert (what in error.what, error.where.line, error.where.column) == (True, line, column)


def test_a_tag_that_is_nearly_right_is_told_with_the_right_one() -> None:
    assert refused("a: !Reff x\n").right == "Did you mean '!Ref'?"


@pytest.mark.parametrize(
    ("text", "is_a"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n", "a list"),
        ("text\n", "plain text"),
        ("7\n", "7"),
    ],
)
def test_what_is_no_mapping_is_no_template(text: str, is_a: str) -> None:
    assert refused(text).what == f"template.yaml is not a template: it is {is_a}."


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts() -> None:
    template = read("Resources:\n  Fn: {a: 1}\n  Fn: {a: 2}\n")
    [problem] = template.problems
    assert template.data == {"Resources": {"Fn": {"a": 2}}}
    assert (problem.rule, problem.location and problem.location.line) == ("LF200", 3)
    assert problem.what == "Duplicate key 'Fn': it stands at line 2 already."


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_an_alias_bomb_is_refused() -> None:
    assert refused(laughs(9)).what == "Aliases repeat too much."


@pytest.mark.parametrize(
    "text", [laughs(40), "a: " + "[" * 100_000, "a: " + "{a: " * 100_000, "- " * 100_000]
)
def test_a_bomb_costs_neither_time_nor_memory(text: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    try:
        refused(text)
        assert time.process_time() - began < 2
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()


def test_values_may_be_nested_as_deep_as_any_template_needs() -> None:
    assert data("a: " + "[" * 100 + "]" * 100)["a"] != []


def test_values_nested_deeper_are_refused() -> None:
    assert "nested more than 150 deep" in refused("a: " + "[" * 200 + "]" * 200).what.lower()
