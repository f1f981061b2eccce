"""Suppressions: what they cover, where they are kept, and what is said of those that are wrong or needless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform import Alarm, Allow, Function, Queue, RawResource, Runtime, SqsEvent, Stack, VpcConfig
from lambdaform.check.findings import Finding, check, counting, needless_suppressions
from lambdaform.check.rule import Level, rules
from lambdaform.check.settings import Settings
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_file
from lambdaform.model.resource import Resource, joined_metadata, split_metadata
from lambdaform.synth.template import template_of

WHY = "until the March release"
INLINE: dict[str, Any] = {"handler": "index.handler", "inline_code": "def handler(event, context): pass"}


def old(suppress: dict[str, str] | None = None, **more: Any) -> Stack:
    """A stack of one function on a runtime that is deprecated, and which has one subnet."""
    stack = Stack("shop")
    network = VpcConfig(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
    stack.add(
        Function("Fn", runtime=Runtime.PYTHON_3_8, vpc_config=network, suppress=suppress, **INLINE, **more)
    )
    return stack


def counted(stack: Stack, settings: Settings | None = None) -> list[str]:
    return [each.rule for each in counting(check(stack, settings))]


def needless(stack: Stack) -> list[Finding]:
    return needless_suppressions(stack, check(stack), lambda rule: rule in rules())


def test_a_suppressed_finding_does_not_count_and_is_still_there() -> None:
    [finding] = [each for each in check(old({"LF402": WHY})) if each.rule == "LF402"]
    assert finding.suppression is not None
    assert (finding.suppression.reason, finding.suppression.by) == (WHY, "resource")
    assert "LF402" not in counted(old({"LF402": WHY}))


def test_a_rule_may_be_named_by_its_name() -> None:
    assert "LF402" not in counted(old({"old-runtime": WHY}))


def test_only_the_rules_named_are_suppressed() -> None:
    assert counted(old({"LF402": WHY})) == ["LF401"]


def test_what_is_inside_a_resource_is_covered_by_it() -> None:
    # The finding is the network's own, an object inside the function.
    assert counted(old({"LF401": WHY})) == ["LF402"]


def test_a_reference_inside_a_resource_is_covered_by_it() -> None:
    stack = Stack("shop")
    stack.add(Queue("Orders", raw={"Tags": Queue("Never").arn}, suppress={"LF201": WHY}))
    assert counted(stack) == []


def test_another_resource_is_not_covered() -> None:
    stack = Stack("shop")
    stack.add(Function("One", runtime=Runtime.PYTHON_3_8, suppress={"LF402": WHY}, **INLINE))
    stack.add(Function("Two", runtime=Runtime.PYTHON_3_8, **INLINE))
    assert [each.resources for each in counting(check(stack))] == [("Two",)]


def test_an_object_that_two_resources_share_is_covered_where_each_of_them_says_so() -> None:
    network = VpcConfig(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
    stack = Stack("shop")
    stack.add(
        Function("One", runtime=Runtime.PYTHON_3_13, vpc_config=network, suppress={"LF401": WHY}, **INLINE)
    )
    stack.add(Function("Two", runtime=Runtime.PYTHON_3_13, vpc_config=network, **INLINE))
    assert [each.what for each in counting(check(stack))] == ["'Two' uses one subnet only."]


def test_the_project_covers_all() -> None:
    assert counted(old(), Settings(ignore={"LF402": WHY, "LF401": WHY})) == []


def test_the_project_may_give_a_rule_another_level() -> None:
    levels = {each.rule: each.level for each in check(old(), Settings(level={"LF401": Level.ERROR}))}
    assert levels == {"LF401": Level.ERROR, "LF402": Level.WARNING}


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_reason_is_demanded(reason: str) -> None:
    with pytest.raises(DefinitionError, match=r"Say why") as raised:
        Queue("Orders", suppress={"LF205": reason})
    assert raised.value.rule == "LF902"


def test_an_unknown_rule_is_an_error_with_the_nearest() -> None:
    [finding] = [each for each in check(old({"LF-402": WHY})) if each.rule == "LF901"]
    assert (finding.level, finding.right) == (Level.ERROR, "Did you mean 'LF402'?")


def test_suppressions_are_not_suppressed() -> None:
    stack = Stack("shop")
    stack.add(Queue("Orders", suppress={"LF903": WHY}))
    assert counted(stack) == ["LF901"]


def test_a_needless_suppression_is_told() -> None:
    assert [(each.rule, each.level) for each in needless(old({"LF205": WHY}))] == [("LF903", Level.INFO)]


def test_a_suppression_of_what_was_not_looked_for_is_not_called_needless() -> None:
    stack = old({"LF002": WHY, "E3012": WHY})
    assert needless_suppressions(stack, check(stack), lambda rule: rule not in ("LF002", "E3012")) == []


def test_suppressions_survive_the_template(tmp_path: Path) -> None:
    from lambdaform.synth.yaml_writer import to_yaml

    stack = old({"LF402": WHY, "LF401": "one zone"}, metadata={"Owner": "shop"})
    template = template_of(stack)
    own = {"lambdaform": {"suppress": {"LF402": WHY, "LF401": "one zone"}}}
    assert template["Resources"]["Fn"]["Metadata"] == {"Owner": "shop", **own}
    file = tmp_path / "template.yaml"
    file.write_text(to_yaml(template))
    loaded = load_file(file)
    assert loaded.resources["Fn"] == stack.resources["Fn"]
    assert counted(loaded) == []


def test_troposphere_has_them_in_its_metadata() -> None:
    from troposphere import sns

    stack = Stack("shop")
    metadata = {"lambdaform": {"suppress": {"LF901": WHY}}}
    stack.add(sns.Topic("Orders", Metadata=metadata))
    assert stack.resources["Orders"].suppress == {"LF901": WHY}
    [finding] = check(stack)
    assert finding.location is not None
    assert (finding.rule, finding.location.line) == ("LF901", finding.location.line)
    assert "Metadata" in (finding.location.source_line or "")


@pytest.mark.parametrize("written", ["[LF402]", "LF402", "{LF402: }", "{LF402: ''}", "{LF402: [a]}"], ids=str)
def test_a_suppression_of_another_form_in_a_template_is_an_error_at_its_line(
    written: str, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Metadata:\n      lambdaform:\n"
        f"        suppress: {written}\n"
    )
    [finding] = check(load_file(file))
    assert finding.location is not None
    assert (finding.rule, finding.location.line) == ("LF902", 6)


def written(folder: Path, metadata: str) -> Stack:
    """A template with an old runtime, and a parameter whose default it does not allow."""
    file = folder / "template.yaml"
    file.write_text(
        f"Metadata: {{lambdaform: {metadata}}}\n"
        "Parameters: {Stage: {Type: String, AllowedValues: [a], Default: b}}\n"
        "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.8\n"
        "      Handler: index.h\n      Role: arn:aws:iam::123456789012:role/fn\n      Code: {ZipFile: h = print}\n"
    )
    return load_file(file)


def test_the_templates_own_metadata_covers_all_of_it(tmp_path: Path) -> None:
    found = check(written(tmp_path, f"{{suppress: {{LF402: {WHY}, LF212: so}}}}"))
    assert [each.suppression and each.suppression.by for each in found] == ["template", "template"]


@pytest.mark.parametrize(
    ("entry", "rule"), [("LF4O2: so", "LF901"), ("LF402: ''", "LF902"), ("LF402: [so]", "LF902")]
)
def test_a_wrong_suppression_in_the_templates_metadata_is_an_error(
    entry: str, rule: str, tmp_path: Path
) -> None:
    [finding] = [each for each in check(written(tmp_path, f"{{suppress: {{{entry}}}}}")) if each.rule == rule]
    assert finding.location is not None
    assert (finding.level, finding.location.line, finding.location.column) == (Level.ERROR, 1, 36)


def test_a_needless_suppression_in_the_templates_metadata_is_told(tmp_path: Path) -> None:
    [finding] = needless(written(tmp_path, "{suppress: {LF401: so, LF402: so}}"))
    assert finding.what == "The template suppresses LF401, and nothing of that is found."


reasons = st.dictionaries(st.sampled_from(sorted(rules())), st.text(min_size=1).filter(str.strip), min_size=1)
data = st.dictionaries(st.sampled_from(["Owner", "lambdaform"]), st.dictionaries(st.text(), st.text()))


@given(suppress=reasons, metadata=data)
def test_what_is_put_into_metadata_comes_out_again(
    suppress: dict[str, str], metadata: dict[str, dict[str, str]]
) -> None:
    metadata.get("lambdaform", {}).pop("suppress", None)
    resource: Resource = RawResource("Any", type="A::B::C", metadata=metadata, suppress=suppress)
    rest, found = split_metadata(joined_metadata(resource))
    without_empty = {key: value for key, value in metadata.items() if key != "lambdaform" or value}
    assert (found, rest or {}) == (suppress, without_empty)


def test_globals_have_none() -> None:
    with pytest.raises(DefinitionError, match=r"Globals of Function: a suppression has no place there"):
        Stack("shop").globals_for(Function, suppress={"LF402": WHY})


def test_every_class_of_resources_may_have_them() -> None:
    alarm = Alarm(
        "Late",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        suppress={"LF101": WHY},
    )
    assert alarm.suppress == {"LF101": WHY}


def test_a_problem_of_an_event_belongs_to_the_function(tmp_path: Path) -> None:
    stack = Stack("shop")
    orders = stack.add(Queue("Orders", visibility_timeout=60))
    events = {"New": SqsEvent(orders, batch_size=100)}
    stack.add(
        Function(
            "Fn", runtime=Runtime.PYTHON_3_13, events=events, policies=[Allow("s3:Get", on="*")], **INLINE
        )
    )
    whose = {each.rule: each.resources for each in check(stack)}
    assert whose["LF207"] == ("Fn",)
