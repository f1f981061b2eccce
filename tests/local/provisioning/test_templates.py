"""Templates become functions, versions, aliases, layers and schedules of the local service."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.local import deployed
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function
from lambdaform.local.provisioning.overrides import Overrides, read_overrides
from lambdaform.local.provisioning.provisioner import Provisioned
from lambdaform.synth.assembly import Assembly
from lambdaform.synth.assets import Asset
from tests.local.stacks import stack_account

INLINE = {"ZipFile": "def handler(event, context):\n    return 1\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def provision(folder: Path) -> Any:
    """Makes a template's functions: ``provision(resources, overrides=…, assets=…, parameters=…)``."""

    def make(
        resources: Mapping[str, Any],
        *,
        overrides: Overrides | None = None,
        assets: Mapping[str, Asset] | None = None,
        parameters: Mapping[str, str] | None = None,
        profile: str = "current",
        **sections: Any,
    ) -> Provisioned:
        assembly = Assembly(
            "app", {"Resources": resources, **sections}, "cfn", assets or {}, parameters or {}
        )
        return stack_account(folder, overrides=overrides, profile=profile).provision(assembly)

    return make


def function(**properties: Any) -> dict[str, Any]:
    values = {"Runtime": "python3.13", "Handler": "index.handler", "Code": INLINE, **properties}
    if "ImageUri" in values["Code"]:
        del values["Runtime"], values["Handler"]
    return {"Type": "AWS::Lambda::Function", "Properties": values}


def only(made: Provisioned) -> tuple[Function, FunctionConfiguration]:
    [one] = made.functions
    return one, one.versions["$LATEST"]


def test_a_function_has_the_defaults_of_lambda(provision: Any) -> None:
    made, latest = only(provision({"Fn": function()}))
    assert (made.name, made.logical_id) == ("app-Fn", "Fn")
    assert made.arn == "arn:aws:lambda:us-east-1:123456789012:function:app-Fn"
    assert (latest.memory_size, latest.timeout, latest.ephemeral_storage) == (128, 3, 512)
    assert (latest.log_group, latest.log_format) == ("/aws/lambda/app-Fn", "Text")
    assert latest.environment == {}


def test_a_functions_properties_are_its_configuration(provision: Any) -> None:
    made, latest = only(
        provision(
            {
                "Fn": function(
                    FunctionName="mine",
                    MemorySize=512,
                    Timeout="30",
                    EphemeralStorage={"Size": 1024},
                    Architectures=["arm64"],
                    LoggingConfig={"LogFormat": "JSON", "LogGroup": "/mine", "ApplicationLogLevel": "DEBUG"},
                    DeadLetterConfig={"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
                    ReservedConcurrentExecutions=5,
                    TracingConfig={"Mode": "Active"},
                ),
                "Dead": {"Type": "AWS::SQS::Queue"},
            }
        )
    )
    assert made.name == "mine"
    assert made.reserved_concurrency == 5
    assert (latest.memory_size, latest.timeout, latest.ephemeral_storage) == (512, 30, 1024)
    assert (latest.architecture, latest.tracing_mode) == ("arm64", "Active")
    assert (latest.log_group, latest.log_format, latest.application_log_level) == ("/mine", "JSON", "DEBUG")
    assert latest.dead_letter_target == "arn:aws:sqs:us-east-1:123456789012:app-Dead"


def test_a_reservation_of_0_is_one(provision: Any) -> None:
    assert only(provision({"Fn": function(ReservedConcurrentExecutions=0)}))[0].reserved_concurrency == 0


def test_inline_code_is_a_file_of_its_runtime(provision: Any) -> None:
    _, latest = only(provision({"Fn": function()}))
    assert (latest.code / "index.py").read_text() == INLINE["ZipFile"]
    _, latest = only(provision({"Fn": function(Runtime="nodejs22.x", Code={"ZipFile": "exports.x = 1;"})}))
    assert (latest.code / "index.js").read_text() == "exports.x = 1;"


def test_code_is_unpacked_from_its_asset(provision: Any) -> None:
    asset = Asset.from_text({"app.py": "x = 1\n"})
    resources = {"Fn": function(Code={"S3Bucket": "any", "S3Key": asset.key})}
    _, latest = only(provision(resources, assets={asset.key: asset}))
    assert (latest.code / "app.py").read_text() == "x = 1\n"


def test_the_same_code_is_unpacked_once(provision: Any) -> None:
    made = provision({"One": function(), "Two": function()})
    assert len({each.versions["$LATEST"].code for each in made.functions}) == 1


REFUSED = [
    ({"PackageType": "Image", "Code": {"ImageUri": "x"}}, "container image"),
    ({"Code": {"ImageUri": "x"}}, "container image"),
    ({"Code": {"S3Bucket": "b", "S3Key": "k.zip"}}, 'its code is not on this machine ({"S3Bucket": "b"'),
    (
        {"Runtime": "dotnet10"},
        "The runtime is dotnet10, and lambdaform runs no .NET. Publish it as an executable",
    ),
    (
        {"Layers": ["arn:aws:lambda:us-east-1:111111111111:layer:theirs:3"]},
        "layer:theirs:3 is not on this machine",
    ),
]


@pytest.mark.parametrize(("properties", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_function_that_cannot_run_here_refuses_and_the_others_run(
    provision: Any, properties: Mapping[str, Any], reason: str
) -> None:
    refusing, running = provision({"Bad": function(**properties), "Good": function()}).functions
    assert reason in refusing.refusal
    assert running.refusal is None


def test_a_function_whose_condition_does_not_hold_is_not_made(provision: Any) -> None:
    resources = {"Fn": {**function(), "Condition": "Never"}, "Other": function()}
    made = provision(resources, Conditions={"Never": {"Fn::Equals": ["a", "b"]}})
    assert [each.logical_id for each in made.functions] == ["Other"]


def test_variables_are_worked_out(provision: Any) -> None:
    values = {"TABLE": {"Ref": "Table"}, "STAGE": {"Ref": "Stage"}, "FLAG": True, "N": 3}
    resources = {"Fn": function(Environment={"Variables": values}), "Table": {"Type": "AWS::DynamoDB::Table"}}
    _, latest = only(
        provision(
            resources,
            Parameters={"Stage": {"Type": "String", "Default": "dev"}},
            parameters={"Stage": "prod"},
        )
    )
    assert latest.environment == {"TABLE": "app-Table", "STAGE": "prod", "FLAG": "true", "N": "3"}


def test_a_variable_that_only_a_deployment_knows_is_said(provision: Any) -> None:
    resources = {
        "Fn": function(Environment={"Variables": {"API": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}}),
        "Api": {"Type": "AWS::ApiGatewayV2::Api"},
    }
    [notice, *_] = provision(resources).notices
    assert notice.function == "Fn"
    assert notice.text == (
        "Fn: the variable API depends on Api.ApiEndpoint, known only after deployment. "
        "Give it with --parameter or --env-vars."
    )


def test_a_function_name_that_only_a_deployment_knows_is_said(provision: Any) -> None:
    made = provision(
        {"Fn": function(FunctionName={"Fn::Sub": "${Prefix}-fn"})}, Parameters={"Prefix": {"Type": "String"}}
    )
    [notice] = made.notices
    assert notice.text == (
        "Fn: its name depends on the parameter Prefix, known only after deployment. Here it is app-Fn."
    )


def test_overrides_go_by_logical_id_then_name_then_for_all(provision: Any) -> None:
    given = Overrides(
        variables={
            "Parameters": {"A": "all", "B": "all", "C": "all"},
            "app-Fn": {"B": "name", "C": "name"},
            "Fn": {"C": "id"},
        }
    )
    _, latest = only(provision({"Fn": function(Environment={"Variables": {"A": "x"}})}, overrides=given))
    assert latest.environment == {"A": "all", "B": "name", "C": "id"}


def test_variables_for_a_function_that_is_not_there_are_said(provision: Any) -> None:
    given = {name: {"A": "1"} for name in ("Price", "app-Price", "Prise", "Parameters", "Off")}
    made = provision(
        {"Price": function(), "Off": {**function(), "Condition": "Never"}},
        overrides=Overrides(variables=given),
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    assert made.unused == [
        "--env-vars has variables for the function 'Prise', which is not there. Did you mean 'Price'?"
    ]


def test_an_override_settles_what_only_a_deployment_knows(provision: Any) -> None:
    resources = {
        "Fn": function(Environment={"Variables": {"API": {"Fn::GetAtt": ["Api", "Url"]}}}),
        "Api": {"Type": "AWS::Unheard::Of"},
    }
    made = provision(resources, overrides=Overrides(variables={"Fn": {"API": "http://here"}}))
    assert made.notices == []
    assert only(made)[1].environment == {"API": "http://here"}


@pytest.mark.parametrize(("profile", "said"), [("2019-04-01", ["waits 10 to 60 s"]), ("current", [])])
def test_the_wait_for_a_network_interface_of_2019_is_said(
    provision: Any, profile: str, said: list[str]
) -> None:
    vpc = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    made = provision({"Fn": function(VpcConfig=vpc)}, profile=profile)
    assert [word for word in said if word in made.notices[0].text] == said
    assert len(made.notices) == len(said)


def test_a_variable_with_a_name_of_lambdas_is_refused(provision: Any) -> None:
    with pytest.raises(DefinitionError, match="AWS_REGION is a name that Lambda keeps to itself"):
        provision({"Fn": function(Environment={"Variables": {"AWS_REGION": "x"}})})


def layer(asset: Asset) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Key": asset.key}}}


def test_of_two_layers_the_later_ones_file_is_kept(provision: Any) -> None:
    first = Asset.from_text({"python/a.py": "first", "python/b.py": "first"})
    second = Asset.from_text({"python/b.py": "second", "python/c.py": "second"})
    resources = {
        "One": layer(first),
        "Two": layer(second),
        "Fn": function(Layers=[{"Ref": "One"}, {"Ref": "Two"}]),
    }
    _, latest = only(provision(resources, assets={first.key: first, second.key: second}))
    found = {each.name: each.read_text() for each in (latest.opt / "python").iterdir()}
    assert found == {"a.py": "first", "b.py": "second", "c.py": "second"}


def laid_over(folder: Path, *layers: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Layers of links and files, one over the other, and what was said; a text that begins with > is a link's target."""
    folders = []
    for number, files in enumerate(layers):
        folders.append(folder / str(number))
        for name, text in files.items():
            file = folders[-1] / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith(">"):
                file.symlink_to(text[1:])
            else:
                file.write_text(text)
    said: list[str] = []
    return deployed._merged(folders, folder, said.append), said


@pytest.mark.parametrize(
    ("layers", "found", "is_said"),
    [
        ([{"x": "file"}, {"x/a": "in a folder"}], {"x/a": "in a folder"}, True),
        ([{"x/a": "in a folder"}, {"x": "file"}], {"x": "file"}, True),
        ([{"x/a": "in a folder"}, {"x": ">y", "y": "file"}], {"x": "file", "y": "file"}, True),
        (
            [{"x": ">a", "a": "one"}, {"x": ">nowhere"}, {"x": ">b", "b": "two"}],
            {"x": "two", "a": "one"},
            False,
        ),
        ([{"x/a": "one", "x/b": "one"}, {"x/b": "two"}], {"x/a": "one", "x/b": "two"}, False),
    ],
)
def test_of_what_two_layers_both_have_the_later_ones_is_there(
    tmp_path: Path, layers: list[dict[str, str]], found: dict[str, str], is_said: bool
) -> None:
    opt, said = laid_over(tmp_path, *layers)
    assert {name: (opt / name).read_text() for name in found} == found
    assert bool(said) == is_said
    if said:
        assert said == [
            "One layer has x as a folder, and another has not: the later one's is there, and Lambda may refuse them: "
            "Lambda layer conversion failed. Rename one."
        ]


def test_layers_whose_files_can_have_no_further_name_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str, __: str) -> None:
        raise OSError(errno.EMLINK, "Too many links")

    monkeypatch.setattr(os, "link", full)
    opt, _ = laid_over(tmp_path, {"a": "one", "b": "one"}, {"b": "two"})
    assert [(opt / name).read_text() for name in ("a", "b")] == ["one", "two"]


def test_merging_layers_leaves_each_layer_as_it_was(provision: Any) -> None:
    first, second = Asset.from_text({"a": "first"}), Asset.from_text({"a": "second"})
    resources = {
        "One": layer(first),
        "Two": layer(second),
        "Both": function(Layers=[{"Ref": "One"}, {"Ref": "Two"}]),
        "Alone": function(Layers=[{"Ref": "One"}]),
    }
    both, alone = provision(resources, assets={first.key: first, second.key: second}).functions
    assert (both.versions["$LATEST"].opt / "a").read_text() == "second"
    assert (alone.versions["$LATEST"].opt / "a").read_text() == "first"


def test_a_layer_of_another_account_may_be_given(provision: Any, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "tool").write_text("x")
    arn = "arn:aws:lambda:us-east-1:111111111111:layer:theirs:3"
    made, latest = only(provision({"Fn": function(Layers=[arn])}, overrides=Overrides(layers={arn: theirs})))
    assert made.refusal is None
    assert (latest.opt / "tool").exists()


PUBLISHED = {
    "Fn": function(),
    "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}},
    "Live": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "Name": "live",
            "FunctionName": {"Ref": "Fn"},
            "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]},
            "RoutingConfig": {
                "AdditionalVersionWeights": [{"FunctionVersion": "$LATEST", "FunctionWeight": 0.1}]
            },
        },
    },
}


def test_versions_and_aliases_are_made(provision: Any) -> None:
    made, _ = only(provision(PUBLISHED))
    assert set(made.versions) == {"$LATEST", "1"}
    assert made.versions["1"].version == "1"
    assert made.aliases["live"].version == "1"
    assert made.aliases["live"].weights == {"$LATEST": 0.1}


def test_references_to_versions_and_aliases_are_their_arns(provision: Any) -> None:
    values = {"V": {"Ref": "V"}, "LIVE": {"Ref": "Live"}, "N": {"Fn::GetAtt": ["V", "Version"]}}
    made = provision({**PUBLISHED, "Other": function(Environment={"Variables": values})})
    arn = "arn:aws:lambda:us-east-1:123456789012:function:app-Fn"
    assert made.functions[1].versions["$LATEST"].environment == {
        "V": f"{arn}:1",
        "LIVE": f"{arn}:live",
        "N": "1",
    }


def test_retries_and_age_are_those_of_the_alias(provision: Any) -> None:
    config = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Fn"},
            "Qualifier": "live",
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        },
    }
    made, _ = only(provision({**PUBLISHED, "Config": config}))
    assert set(made.event_invoke) == {"live"}
    live = made.event_invoke["live"]
    assert (live.maximum_retry_attempts, live.maximum_event_age) == (0, 60)


def rule(**properties: Any) -> dict[str, Any]:
    values = {
        "ScheduleExpression": "rate(5 minutes)",
        "Targets": [{"Id": "0", "Arn": {"Fn::GetAtt": ["Fn", "Arn"]}}],
        **properties,
    }
    return {"Type": "AWS::Events::Rule", "Properties": values}


def test_a_rule_with_a_schedule_fires_its_function(provision: Any) -> None:
    [schedule] = provision({"Fn": function(), "Nightly": rule()}).schedules
    assert schedule.rule_arn == "arn:aws:events:us-east-1:123456789012:rule/app-Nightly"
    assert schedule.function_arn == "arn:aws:lambda:us-east-1:123456789012:function:app-Fn"
    assert (schedule.expression, schedule.enabled, schedule.input) == ("rate(5 minutes)", True, None)


def test_a_rule_that_is_disabled_does_not_fire(provision: Any) -> None:
    [schedule] = provision({"Fn": function(), "Nightly": rule(State="DISABLED")}).schedules
    assert not schedule.enabled


def test_a_rule_may_fire_an_alias_with_an_input(provision: Any) -> None:
    target = {"Id": "0", "Arn": {"Ref": "Live"}, "Input": '{"a": 1}'}
    [schedule] = provision({**PUBLISHED, "Nightly": rule(Targets=[target])}).schedules
    assert schedule.function_arn.endswith(":function:app-Fn:live")
    assert schedule.input == '{"a": 1}'


def test_a_rule_for_an_event_pattern_or_another_target_is_no_schedule(provision: Any) -> None:
    resources = {
        "Fn": function(),
        "Pattern": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["x"]}}},
        "Elsewhere": rule(Targets=[{"Id": "0", "Arn": "arn:aws:sqs:us-east-1:1:q"}]),
    }
    assert provision(resources).schedules == []


@pytest.mark.parametrize(
    ("aws_type", "properties", "words"),
    [
        (
            "AWS::Lambda::EventSourceMapping",
            {
                "FunctionName": {"Ref": "Fn"},
                "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:orders",
                "BatchSize": "5",
                "Tags": [{"Key": "team", "Value": "shop"}],
            },
            "event source mappings",
        ),
        ("AWS::ApiGateway::RestApi", {}, "REST APIs"),
        ("AWS::Scheduler::Schedule", {}, "Scheduler"),
    ],
)
def test_an_event_source_that_nothing_fires_here_is_said(
    provision: Any, aws_type: str, properties: dict[str, Any], words: str
) -> None:
    [notice] = provision({"Fn": function(), "Source": {"Type": aws_type, "Properties": properties}}).notices
    assert notice.text.startswith("Not simulated yet: ")
    assert words in notice.text


def test_a_reference_to_nothing_is_a_definition_error(provision: Any) -> None:
    with pytest.raises(DefinitionError, match="Ref names 'Nothing'"):
        provision({"Fn": function(Environment={"Variables": {"A": {"Ref": "Nothing"}}})})


def test_a_number_that_is_none_is_a_definition_error(provision: Any) -> None:
    with pytest.raises(DefinitionError, match="'much' stands where a number is needed"):
        provision({"Fn": function(MemorySize="much")})


def overrides_of(tmp_path: Path, text: str) -> dict[str, dict[str, str]]:
    file = tmp_path / "env.json"
    file.write_text(text)
    return read_overrides(file)


def test_a_file_of_variables_is_read_as_sams(tmp_path: Path) -> None:
    data = {"Fn": {"A": "x", "N": 1, "B": True, "Z": None}, "Parameters": {"C": "y"}}
    assert overrides_of(tmp_path, json.dumps(data)) == {
        "Fn": {"A": "x", "N": "1", "B": "true", "Z": ""},
        "Parameters": {"C": "y"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "has no variables by function"),
        ('{"A": "x"}', "has no variables by function"),
        ('{"Fn": {"A": ["x"]}}', "gives Fn the variable A with no text"),
    ],
)
def test_a_file_of_something_else_is_a_usage_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        overrides_of(tmp_path, text)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: no such file or directory"):
        read_overrides(tmp_path / "missing.json")


def test_a_loop_is_named_as_missing_and_the_rest_is_there(provision: Any) -> None:
    loop = ["Name", ["A", "B"], {"Queue${Name}": {"Type": "AWS::SQS::Queue"}}]
    made = provision({"Fn": function(), "Fn::ForEach::Queues": loop})
    [notice] = made.notices
    assert only(made)[0].logical_id == "Fn"
    assert "loops (Fn::ForEach)" in notice.text
