"""A template that changes changes the account in place: what differs is updated, what is gone deleted, versions stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdaform.errors import DefinitionError
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.synth.assembly import Assembly
from tests.local.stacks import StackAccount, stack_account

CODE = "def handler(event, context):\n    return {}\n"
Resources = dict[str, dict[str, Any]]


@pytest.fixture
def account(tmp_path: Path) -> StackAccount:
    return stack_account(tmp_path)


def function(answer: int = 1, **properties: Any) -> dict[str, Any]:
    code = {"ZipFile": CODE.format(answer)}
    values = {"Runtime": "python3.13", "Handler": "index.handler", "Code": code, **properties}
    return {"Type": "AWS::Lambda::Function", "Properties": values}


def resource(kind: str, /, policy: str | None = None, **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"Type": f"AWS::Lambda::{kind}", "Properties": properties}
    return {**made, "DeletionPolicy": policy} if policy else made


def deploy(account: StackAccount, resources: Resources, name: str = "app") -> Any:
    return account.provision(Assembly(name, {"Resources": resources}, "cfn", {}, {}))


def published(answer: int, version: str) -> Resources:
    """A function with an alias on a version of its own, as SAM's AutoPublishAlias writes them."""
    return {
        "Fn": function(answer),
        version: resource("Version", policy="Retain", FunctionName={"Ref": "Fn"}),
        "Live": resource(
            "Alias",
            Name="live",
            FunctionName={"Ref": "Fn"},
            FunctionVersion={"Fn::GetAtt": [version, "Version"]},
        ),
    }


def test_a_function_whose_code_changes_keeps_its_name_and_its_creation(account: StackAccount) -> None:
    deploy(account, {"Fn": function(1)})
    before = account.bench.state.functions["app-Fn"]
    deploy(account, {"Fn": function(2)})
    assert account.bench.state.functions["app-Fn"] == before
    code = account.functions.find("app-Fn")
    assert code is not None
    assert "return 2" in (code.versions["$LATEST"].code / "index.py").read_text()


def test_new_code_with_a_new_version_moves_the_alias_and_keeps_the_old_version(account: StackAccount) -> None:
    deploy(account, published(1, "V1"))
    deploy(account, published(2, "V2"))
    state = account.bench.state
    assert [*state.versions.of("app-Fn")] == ["$LATEST", "1", "2"]
    assert state.aliases["app-Fn", "live"].version == "2"


def test_the_version_that_an_alias_was_moved_from_still_runs_the_old_code(account: StackAccount) -> None:
    deploy(account, published(1, "V1"))
    deploy(account, published(2, "V2"))
    made = account.functions.find("app-Fn")
    assert made is not None
    assert "return 1" in (made.versions["1"].code / "index.py").read_text()


def test_a_template_that_has_not_changed_changes_nothing(account: StackAccount) -> None:
    deploy(account, published(1, "V1"))
    before = account.bench.everything()
    account.pool.retired.clear()
    deploy(account, published(1, "V1"))
    assert account.bench.everything() == before
    assert account.pool.retired == []


def test_settings_that_change_are_updated_and_others_stay(account: StackAccount) -> None:
    deploy(account, {"Fn": function(Timeout=10, MemorySize=512)})
    deploy(account, {"Fn": function(Timeout=20, MemorySize=512)})
    latest = account.bench.state.versions["app-Fn", "$LATEST"]
    assert (latest.timeout, latest.memory_size) == (20, 512)


GONE = [
    ("Timeout", 10, "timeout", 3),
    ("MemorySize", 512, "memory_size", 128),
    ("Description", "of old", "description", ""),
    ("EphemeralStorage", {"Size": 1024}, "ephemeral_storage", 512),
    ("TracingConfig", {"Mode": "Active"}, "tracing_mode", "PassThrough"),
    ("DeadLetterConfig", {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:q"}, "dead_letter_config", None),
    ("SnapStart", {"ApplyOn": "PublishedVersions"}, "snap_start", "None"),
    ("Environment", {"Variables": {"A": "1"}}, "environment", None),
    ("KmsKeyArn", "arn:aws:kms:us-east-1:123456789012:key/a", "kms_key_arn", None),
]


@pytest.mark.parametrize(("name", "value", "member", "default"), GONE, ids=[name for name, *_ in GONE])
def test_a_setting_that_is_no_more_in_the_template_goes_back_to_its_default(
    account: StackAccount, name: str, value: Any, member: str, default: Any
) -> None:
    deploy(account, {"Fn": function(**{name: value})})
    assert getattr(account.bench.state.versions["app-Fn", "$LATEST"], member) not in (default, {})
    deploy(account, {"Fn": function()})
    assert (getattr(account.bench.state.versions["app-Fn", "$LATEST"], member) or default) == default


def test_reserved_concurrency_and_tags_follow_the_template(account: StackAccount) -> None:
    deploy(account, {"Fn": function(ReservedConcurrentExecutions=5, Tags=[{"Key": "team", "Value": "a"}])})
    made = account.bench.state.functions["app-Fn"]
    assert (made.reserved_concurrency, made.tags) == (5, {"team": "a"})
    deploy(account, {"Fn": function()})
    made = account.bench.state.functions["app-Fn"]
    assert (made.reserved_concurrency, made.tags) == (None, {})


def test_a_resource_that_is_gone_from_the_template_is_deleted(account: StackAccount) -> None:
    deploy(account, {"Fn": function(), "Other": function()})
    deploy(account, {"Fn": function()})
    assert list(account.bench.state.functions) == ["app-Fn"]
    assert account.functions.find("app-Other") is None


def test_a_resource_with_the_policy_retain_stays_when_it_is_gone_from_the_template(
    account: StackAccount,
) -> None:
    deploy(account, {"Fn": function(), "Other": {**function(), "DeletionPolicy": "Retain"}})
    deploy(account, {"Fn": function()})
    assert list(account.bench.state.functions) == ["app-Fn", "app-Other"]


def test_a_function_with_another_name_is_another_function(account: StackAccount) -> None:
    deploy(account, {"Fn": function(FunctionName="one")})
    deploy(account, {"Fn": function(FunctionName="two")})
    assert list(account.bench.state.functions) == ["two"]


def test_a_stack_that_is_no_more_deployed_is_deleted_with_all_that_it_made(account: StackAccount) -> None:
    deploy(account, {"Fn": function()}, "one")
    deploy(account, {"Fn": function()}, "two")
    assert list(account.bench.state.functions) == ["two-Fn"]


def test_what_calls_have_made_is_no_stacks_to_delete(account: StackAccount) -> None:
    account.bench.make("mine")
    deploy(account, {"Fn": function()})
    deploy(account, {})
    assert list(account.bench.state.functions) == ["mine"]


def test_a_function_of_a_stack_that_somebody_deleted_is_made_again(account: StackAccount) -> None:
    deploy(account, published(1, "V1"))
    account.bench.ask("DeleteFunction", FunctionName="app-Fn")
    deploy(account, published(1, "V1"))
    assert account.bench.state.aliases["app-Fn", "live"].version == "1"


def test_a_change_by_a_call_stays_until_the_template_changes_the_same(account: StackAccount) -> None:
    deploy(account, {"Fn": function(Timeout=10)})
    account.bench.change("app-Fn", Timeout=99)
    deploy(account, {"Fn": function(Timeout=10)})
    assert account.bench.state.versions["app-Fn", "$LATEST"].timeout == 99


def test_a_name_that_is_taken_is_told_with_what_to_do(account: StackAccount) -> None:
    account.bench.make("taken")
    with pytest.raises(DefinitionError, match="Function 'Fn': Function already exist: taken") as refused:
        deploy(account, {"Fn": function(FunctionName="taken")})
    assert "--fresh" in refused.value.text()


def test_what_lambda_refuses_leaves_the_account_as_it_was(account: StackAccount) -> None:
    deploy(account, {"Fn": function(1)})
    before = account.bench.everything()
    with pytest.raises(DefinitionError, match="Function 'Bad'"):
        deploy(account, {"Fn": function(2), "Bad": function(ReservedConcurrentExecutions=100_000)})
    assert account.bench.everything() == before


def test_a_property_that_is_missing_is_told(account: StackAccount) -> None:
    with pytest.raises(DefinitionError, match="'Live' has no FunctionVersion"):
        deploy(
            account, {"Fn": function(), "Live": resource("Alias", Name="live", FunctionName={"Ref": "Fn"})}
        )


def test_permissions_are_statements_and_go_with_the_template(account: StackAccount) -> None:
    permission = resource(
        "Permission",
        FunctionName={"Ref": "Fn"},
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn="arn:aws:events:us-east-1:123456789012:rule/r",
    )
    deploy(account, {"Fn": function(), "May": permission})
    policy = account.bench.ask("GetPolicy", FunctionName="app-Fn")["Policy"]
    assert '"Service":"events.amazonaws.com"' in policy
    deploy(account, {"Fn": function()})
    assert account.bench.refused("GetPolicy", FunctionName="app-Fn").code == "ResourceNotFoundException"


def test_a_permission_that_changes_is_another_statement_in_the_place_of_the_first(
    account: StackAccount,
) -> None:
    def permission(principal: str) -> dict[str, Any]:
        return resource(
            "Permission", FunctionName={"Ref": "Fn"}, Action="lambda:InvokeFunction", Principal=principal
        )

    deploy(account, {"Fn": function(), "May": permission("sns.amazonaws.com")})
    deploy(account, {"Fn": function(), "May": permission("s3.amazonaws.com")})
    policy = account.bench.ask("GetPolicy", FunctionName="app-Fn")["Policy"]
    assert "s3.amazonaws.com" in policy
    assert "sns.amazonaws.com" not in policy


def test_a_whole_policy_is_put_changed_and_deleted_and_permissions_join_it(account: StackAccount) -> None:
    def whole(effect: str) -> dict[str, Any]:
        arn = {"Fn::GetAtt": ["Fn", "Arn"]}
        statement = {"Sid": "all", "Effect": effect, "Principal": "*", "Action": "lambda:*", "Resource": arn}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return resource("ResourcePolicy", ResourceArn=arn, PolicyDocument=document)

    permission = resource(
        "Permission",
        FunctionName={"Ref": "Fn"},
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )

    def effects() -> list[tuple[str, str]]:
        policy = account.bench.ask("GetPolicy", FunctionName="app-Fn")["Policy"]
        return [(each["Sid"][:4], each["Effect"]) for each in json.loads(policy)["Statement"]]

    made = deploy(account, {"May": permission, "Whole": whole("Allow"), "Fn": function()})
    assert made.notices == []
    assert effects() == [("all", "Allow"), ("app-", "Allow")]
    deploy(account, {"Fn": function(), "Whole": whole("Deny")})
    assert effects() == [("all", "Deny")]
    deploy(account, {"Fn": function()})
    assert account.bench.refused("GetPolicy", FunctionName="app-Fn").code == "ResourceNotFoundException"


def test_urls_and_their_attributes_are_made(account: StackAccount) -> None:
    url = resource("Url", TargetFunctionArn={"Ref": "Fn"}, AuthType="NONE", Cors={"MaxAge": "5"})
    variables = {"Variables": {"URL": {"Fn::GetAtt": ["Url", "FunctionUrl"]}}}
    made = deploy(account, {"Fn": function(), "Url": url, "Other": function(Environment=variables)})
    assert made.notices == []
    told = account.bench.ask("GetFunctionUrlConfig", FunctionName="app-Fn")
    assert told["AuthType"] == "NONE"
    assert told["Cors"] == {"MaxAge": 5}
    assert account.bench.state.versions["app-Other", "$LATEST"].environment == {"URL": told["FunctionUrl"]}


def test_event_source_mappings_are_made_changed_and_deleted(account: StackAccount) -> None:
    def mapping(size: str) -> dict[str, Any]:
        arn = "arn:aws:sqs:us-east-1:123456789012:orders"
        return resource(
            "EventSourceMapping",
            FunctionName={"Ref": "Fn"},
            EventSourceArn=arn,
            BatchSize=size,
            Enabled="true",
        )

    deploy(account, {"Fn": function(), "Poll": mapping("5")})
    [made] = account.bench.ask("ListEventSourceMappings")["EventSourceMappings"]
    deploy(account, {"Fn": function(), "Poll": mapping("7")})
    [changed] = account.bench.ask("ListEventSourceMappings")["EventSourceMappings"]
    assert (made["UUID"], made["BatchSize"], changed["BatchSize"]) == (changed["UUID"], 5, 7)
    deploy(account, {"Fn": function()})
    assert account.bench.ask("ListEventSourceMappings")["EventSourceMappings"] == []


def test_provisioned_concurrency_follows_the_template(account: StackAccount) -> None:
    def stack(count: int | None) -> Resources:
        resources = published(1, "V1")
        if count is not None:
            config = {"ProvisionedConcurrentExecutions": str(count)}
            resources["Live"]["Properties"]["ProvisionedConcurrencyConfig"] = config
        return resources

    for count in (3, 5, None):
        deploy(account, stack(count))
        provisioned = account.bench.state.provisioned.of("app-Fn")
        assert [each.requested for each in provisioned.values()] == ([] if count is None else [count])


def test_an_account_that_lasts_is_the_same_for_the_next_service(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite3"
    first = stack_account(tmp_path, file=file)
    deploy(first, published(1, "V1"))
    first.bench.ask("PublishVersion", FunctionName="app-Fn", Description="by hand")
    everything = first.bench.everything()
    first.bench.state.store.close()
    second = stack_account(tmp_path / "second", file=file)
    assert second.bench.everything() == everything


def test_a_stack_goes_on_where_an_earlier_service_left_it(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite3"
    first = stack_account(tmp_path, file=file)
    deploy(first, published(1, "V1"))
    first.bench.state.store.close()
    second = stack_account(tmp_path, file=file)
    deploy(second, published(2, "V2"))
    assert [*second.bench.state.versions.of("app-Fn")] == ["$LATEST", "1", "2"]


LAYER = "arn:aws:lambda:us-east-1:111122223333:layer:theirs:3"


def test_a_function_whose_layer_was_missing_runs_once_its_content_is_given(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "tool").write_text("x")
    file, resources = tmp_path / "records.sqlite3", {"Fn": function(Layers=[LAYER])}
    first = stack_account(tmp_path, file=file)
    [refusing] = deploy(first, resources).functions
    assert "is not on this machine" in refusing.refusal
    first.bench.state.store.close()
    given = Overrides(layers={LAYER: tmp_path / "theirs"})
    [running] = deploy(stack_account(tmp_path, file=file, overrides=given), resources).functions
    assert running.refusal is None
    assert (running.versions["$LATEST"].opt / "tool").exists()


def test_the_content_of_a_given_layer_is_taken_anew_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    tool = tmp_path / "theirs" / "tool"
    account = stack_account(tmp_path, overrides=Overrides(layers={LAYER: tmp_path / "theirs"}))
    for text in ("one", "another"):
        tool.write_text(text)
        [made] = deploy(account, {"Fn": function(Layers=[LAYER])}).functions
        assert (made.versions["$LATEST"].opt / "tool").read_text() == text
