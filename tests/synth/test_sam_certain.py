"""A check does not ask AWS's transform about templates that it takes for certain; here it is asked about all of them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lambdaform.check.cases import CASES
from lambdaform.errors import DefinitionError
from lambdaform.load.app import load_app, load_stacks
from lambdaform.load.template import load_file, load_template
from lambdaform.load.yaml_reader import read_template
from lambdaform.model.crossing import family
from lambdaform.model.stack import Stack
from lambdaform.synth import sam_certain
from lambdaform.synth.sam_certain import takes
from lambdaform.synth.sam_transform import TransformError, prepared, transform
from tests.corpus import CORPUS, entries, name_of, present

EXAMPLES = Path(__file__).parents[2] / "examples"


def is_refused(template: dict[str, Any]) -> bool:
    try:
        transform(template)
    except TransformError:
        return True
    return False


def stack_of(load: Callable[[], Stack]) -> Stack:
    try:
        return load()
    except DefinitionError:
        pytest.skip("it cannot be read")


def assert_certain_only_where_taken(stack: Stack) -> None:
    template = prepared(stack)
    if takes(template):
        assert not is_refused(template)


@present
@pytest.mark.corpus
@pytest.mark.parametrize(
    "entry", [*entries("templates"), *entries("errors"), *entries("mistakes")], ids=name_of
)
def test_no_template_of_the_corpus_is_certain_and_refused(entry: dict[str, Any]) -> None:
    folder = CORPUS / "mistakes" if not (CORPUS / entry["file"]).exists() else CORPUS
    assert_certain_only_where_taken(stack_of(lambda: load_file(folder / entry["file"])))


@pytest.mark.parametrize("text", dict.fromkeys(text for case in CASES for text in (case.wrong, case.right)))
def test_no_template_of_the_rules_is_certain_and_refused(text: str) -> None:
    assert_certain_only_where_taken(stack_of(lambda: load_template(read_template(text, "template.yaml"))))


@pytest.mark.parametrize("app", sorted(EXAMPLES.glob("*/app.py")), ids=lambda app: str(app.parent.name))
def test_no_example_is_certain_and_refused(app: Path) -> None:
    for root in load_stacks(app):
        for stack in family(root):
            assert_certain_only_where_taken(stack)


def test_an_ordinary_application_is_certain() -> None:
    assert takes(prepared(load_app(EXAMPLES / "checkout" / "app.py")))


FUNCTION = {"Runtime": "python3.13", "Handler": "app.handler", "CodeUri": "src"}


def template_with(properties: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    entry = {"Type": "AWS::Serverless::Function", "Properties": {**FUNCTION, **properties}, **attributes}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Work": entry}}


@pytest.mark.parametrize(
    "properties",
    [
        {"CodeUri": None},
        {"InlineCode": "pass"},
        {"Handler": ""},
        {"PackageType": "Image"},
        {"AutoPublishAlias": {"Ref": "Alias"}},
        {"DeploymentPreference": {"Type": "AllAtOnce"}},
        {"DeadLetterQueue": {"Type": "SQS"}},
        {"DeadLetterQueue": {"Type": "Kinesis", "TargetArn": "arn"}},
        {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}},
        {"Policies": [{"SQSSendMessagePolicy": {}}]},
        {"Policies": [{"NoSuchPolicy": {"QueueName": "q"}}]},
        {"Environment": {"Variables": "x"}},
        {"Tags": {"lambda:createdBy": "me"}},
        {"FunctionUrlConfig": {"AuthType": "SOME"}},
        {"Events": {"Odd-Name": {"Type": "SQS", "Properties": {"Queue": "arn"}}}},
        {"Events": {"New": {"Type": "SQS", "Properties": {}}}},
        {"Events": {"New": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)", "State": "ENABLED", "Enabled": True}}}},
        {"Events": {"New": {"Type": "S3", "Properties": {"Bucket": "b"}}}},
        {"Description": {"Fn::GetAtt": ["Queue", {"Ref": "Attribute"}]}},
        {"NoSuchProperty": 1},
    ],
    ids=lambda properties: "-".join(properties) + str(len(repr(properties))),
)  # fmt: skip
def test_what_the_transform_may_refuse_is_left_to_it(properties: dict[str, Any]) -> None:
    assert takes(template_with({}))
    assert not takes(template_with(properties))


def test_a_name_that_the_transform_gives_is_left_to_it() -> None:
    template = template_with({})
    template["Resources"]["WorkRole"] = {"Type": "AWS::SQS::Queue"}
    assert not takes(template)
    assert is_refused(template)


def test_a_route_that_two_functions_have_is_left_to_it() -> None:
    event = {"Events": {"Get": {"Type": "HttpApi", "Properties": {"Path": "/a", "Method": "get"}}}}
    template = template_with(event)
    assert takes(template)
    template["Resources"]["Other"] = copy.deepcopy(template["Resources"]["Work"])
    assert not takes(template)
    assert is_refused(template)


SCALARS: list[Any] = [
    *(
        "a",
        "src",
        "live",
        "1",
        "/a",
        "get",
        "SQS",
        "ENABLED",
        "arn:aws:sqs:::q",
        "s3://bucket/key",
        "s3:/",
        "s3://b",
    ),
    *(
        "{{resolve:ssm:/a/b}}",
        "../x",
        "x86_64",
        "AllAtOnce",
        "",
        "rate(5 minutes)",
        "ReadOnlyAccess",
        "src/a.zip?b#c",
    ),
    *(0, 1, 10, 0.5, True, False, None, [], {}),
]
REFERENCES: list[Any] = [
    {"Ref": "Queue"},
    {"Ref": "Name"},
    {"Ref": "AWS::NoValue"},
    {"Fn::GetAtt": ["Queue", "Arn"]},
    {"Fn::Sub": "${Name}-${Queue}"},
    {"Fn::Sub": ["${A}", {"A": {"Ref": "Name"}}]},
    {"Fn::Join": ["-", ["a", {"Ref": "Name"}]]},
    {"Fn::Select": [0, ["a"]]},
    {"Fn::If": ["Live", "a", {"Ref": "AWS::NoValue"}]},
    {"Fn::FindInMap": ["Table", "a", "b"]},
    {"Fn::ImportValue": "a"},
]
QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
#: A whole value of each property whose value has parts; all others get those above.
WHOLE: dict[str, Any] = {
    "Architectures": ["arm64"],
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    "AutoPublishAlias": "live",
    "CodeUri": "s3://bucket/path/code.zip",
    "CompatibleArchitectures": ["arm64"],
    "DeadLetterConfig": {"Arn": QUEUE},
    "DeadLetterQueue": {"Type": "SNS", "TargetArn": {"Ref": "Topic"}},
    "DeploymentPreference": {
        "Type": "Canary10Percent5Minutes",
        "Hooks": {"PreTraffic": {"Ref": "Queue"}},
        "Alarms": [{"Ref": "Queue"}],
        "Enabled": True,
        "Role": "arn",
    },
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE, "Type": "SQS"}},
    "Environment": {"Variables": {"A": {"Ref": "Queue"}, "B": 1}},
    "EventInvokeConfig": {
        "MaximumRetryAttempts": 1,
        "DestinationConfig": {
            "OnFailure": {"Type": "SQS", "Destination": {"Ref": "Queue"}},
            "OnSuccess": {"Type": "Lambda", "Destination": "arn"},
        },
    },
    "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "FunctionUrlConfig": {"AuthType": "NONE", "InvokeMode": "BUFFERED"},
    "Method": "POST",
    "PackageType": "Zip",
    "Path": "/a/{id}",
    "Pattern": {"source": ["a"]},
    "Policies": ["ReadOnlyAccess", {"SQSPollerPolicy": {"QueueName": {"Ref": "Queue"}}}, {"Statement": {"Effect": "Allow"}}],
    "PrimaryKey": {"Name": "id", "Type": "String"},
    "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1},
    "ProvisionedThroughput": {"ReadCapacityUnits": 5},
    "RetentionPolicy": "Delete",
    "RetryPolicy": {"MaximumRetryAttempts": 1},
    "Schedule": "rate(5 minutes)",
    "SnapStart": {"ApplyOn": "PublishedVersions"},
    "State": "DISABLED",
    "Tags": {"A": {"Ref": "Name"}},
    "VpcConfig": {"SubnetIds": {"Ref": "Name"}},
}  # fmt: skip


def variants(value: Any) -> Iterator[Any]:
    """A value, and what becomes of it where one part is missing, doubled, or something else."""
    yield value
    yield from (*SCALARS, *REFERENCES)
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: each for name, each in value.items() if name != key}
            yield from ({**value, key: each} for each in variants(part))
        yield {**value, "More": 1}
    elif isinstance(value, list):
        yield value + value
        for index, part in enumerate(value):
            yield from ([*value[:index], each, *value[index + 1 :]] for each in variants(part))


def values_of(name: str) -> list[Any]:
    """What a property is tried with: a value with parts, changed in all ways, and in lists and mappings."""
    plain = [*variants(WHOLE.get(name, "a"))]
    return [
        *plain,
        *([each] for each in (*SCALARS, *REFERENCES)),
        *({"A": each} for each in (*SCALARS, *REFERENCES)),
    ]


def first_fitting(name: str, test: Callable[[Any], bool]) -> Any:
    return next(each for each in values_of(name) if test(each))


def template_of(entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A template with these resources. Each route gets a path of its own."""
    template: dict[str, Any] = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Name": {"Type": "String", "Default": "a"}},
        "Mappings": {"Table": {"a": {"b": "c"}}},
        "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Name"}, "a"]}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    for number, entry in enumerate(copy.deepcopy(entries)):
        for event in entry["Properties"].get("Events", {}).values():
            if isinstance(event.get("Properties"), dict) and isinstance(event["Properties"].get("Path"), str):
                event["Properties"]["Path"] += f"/{number}x"
        template["Resources"][f"Part{number}x"] = entry
    return template


def assert_those_that_are_certain_are_taken(entries: Iterable[dict[str, Any]], at_least: int = 1) -> None:
    certain = [each for each in entries if takes(template_of([each]))]
    assert len(certain) >= at_least
    for start in range(0, len(certain), 50):
        together = certain[start : start + 50]
        if is_refused(template_of(together)):
            assert [each for each in together if is_refused(template_of([each]))] == []
            raise AssertionError("they are refused only together")


def function(properties: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    code = {} if "InlineCode" in properties else {"CodeUri": "src"}
    given = {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        **code,
        "AutoPublishAlias": "live",
        **properties,
    }
    return {"Type": "AWS::Serverless::Function", "Properties": given, **attributes}


@pytest.mark.slow
def test_none_of_these_values_of_a_functions_property_is_certain_and_refused() -> None:
    for name in sam_certain._PROPERTIES.keys() - {"Events"}:
        assert_those_that_are_certain_are_taken(function({name: value}) for value in values_of(name))


def test_no_two_properties_are_certain_and_refused_together() -> None:
    fitting = {
        name: first_fitting(name, test) for name, test in sam_certain._PROPERTIES.items() if name != "Events"
    }
    pairs = [function({a: fitting[a], b: fitting[b]}) for a, b in itertools.combinations(fitting, 2)]
    assert_those_that_are_certain_are_taken(pairs, len(pairs) // 2)


@pytest.mark.parametrize(
    "attribute", ["Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"]
)
def test_a_function_with_an_attribute_is_not_certain_and_refused(attribute: str) -> None:
    value = {"Condition": "Live", "DependsOn": ["Queue"], "Metadata": {"A": 1}}.get(attribute, "Retain")
    fitting = {
        name: first_fitting(name, test) for name, test in sam_certain._PROPERTIES.items() if name != "Events"
    }
    assert_those_that_are_certain_are_taken(
        function({name: each}, **{attribute: value}) for name, each in fitting.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", sam_certain._EVENTS)
def test_none_of_these_values_of_an_events_property_is_certain_and_refused(kind: str) -> None:
    tests, required = sam_certain._EVENTS[kind]
    whole = {name: first_fitting(name, tests[name]) for name in required}

    def event(properties: dict[str, Any]) -> dict[str, Any]:
        return function({"Events": {"New": {"Type": kind, "Properties": {**whole, **properties}}}})

    for name in (*tests, "Enabled"):
        assert_those_that_are_certain_are_taken((event({name: value}) for value in values_of(name)), 0)
    fitting = {name: first_fitting(name, test) for name, test in tests.items()}
    assert_those_that_are_certain_are_taken([event(fitting)])
    assert_those_that_are_certain_are_taken(
        event({a: fitting[a], b: fitting[b]}) for a, b in itertools.combinations(fitting, 2)
    )


@pytest.mark.parametrize(
    ("aws_type", "needed"),
    [("AWS::Serverless::SimpleTable", {}), ("AWS::Serverless::LayerVersion", {"ContentUri": "layer"})],
)
def test_none_of_these_values_of_a_table_or_layer_is_certain_and_refused(
    aws_type: str, needed: dict[str, Any]
) -> None:
    tests = sam_certain._LAYER if needed else sam_certain._TABLE
    for name in tests:
        assert_those_that_are_certain_are_taken(
            {"Type": aws_type, "Properties": {**needed, name: value}} for value in values_of(name)
        )


@pytest.mark.slow
def test_no_globals_are_certain_and_refused() -> None:
    for name in sam_certain._GLOBALS:
        fitting = [each for each in values_of(name) if sam_certain._PROPERTIES[name](each)]
        for value in (fitting[0], fitting[-1]):
            for own in ({}, {name: fitting[0]}):
                template = template_of([function({"DeploymentPreference": {"Enabled": False}, **own})])
                template["Globals"] = {"Function": {name: value}}
                assert not takes(template) or not is_refused(template)
