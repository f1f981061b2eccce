"""Resource policies: statements as AWS writes them, and what is refused, in its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local.control.resource_policies import ResourcePolicies
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError
from tests.local.control.ground import ARN, add_function, refusal
from tests.local.control.planes import bench

NO_RESOURCE = (404, "ResourceNotFoundException", "The resource you requested does not exist.")
NO_POLICY = (404, "ResourceNotFoundException", "No policy is associated with the given resource.")
STALE = (
    412,
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the "
    "latest Revision Id",
)
BUCKET = "arn:aws:s3:::pictures"


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = bench(tmp_path).state
    add_function(state, "thumbs", "1", live="1")
    return state


@pytest.fixture
def policies(state: State) -> ResourcePolicies:
    return ResourcePolicies(state)


def s3(**more: Any) -> dict[str, Any]:
    """A permission for S3."""
    return {
        "function_name": "thumbs",
        "statement_id": "s3",
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "source_arn": BUCKET,
        **more,
    }


def statement(policies: ResourcePolicies, **more: Any) -> str:
    added: str = policies.add_permission(**s3(**more))["Statement"]
    return added


def document(policies: ResourcePolicies, **named: Any) -> Any:
    return json.loads(policies.get_policy(function_name="thumbs", **named)["Policy"])


def test_a_statement_is_written_as_aws_writes_it(policies: ResourcePolicies) -> None:
    assert statement(policies) == (
        '{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",'
        f'"Resource":"{ARN}thumbs","Condition":{{"ArnLike":{{"AWS:SourceArn":"{BUCKET}"}}}}}}'
    )


def test_a_policy_is_written_as_aws_writes_it(policies: ResourcePolicies) -> None:
    added = statement(policies)
    told = policies.get_policy(function_name="thumbs")["Policy"]
    assert told == f'{{"Version":"2012-10-17","Id":"default","Statement":[{added}]}}'


@pytest.mark.parametrize(
    ("principal", "rendered"),
    [
        ("*", "*"),
        ("210987654321", {"AWS": "arn:aws:iam::210987654321:root"}),
        ("arn:aws:iam::210987654321:user/ada", {"AWS": "arn:aws:iam::210987654321:user/ada"}),
        ("arn:aws:iam::210987654321:role/a/b", {"AWS": "arn:aws:iam::210987654321:role/a/b"}),
        ("alexa-appkit.amazon.com", {"Service": "alexa-appkit.amazon.com"}),
        ("logs.us-east-1.amazonaws.com", {"Service": "logs.us-east-1.amazonaws.com"}),
    ],
)
def test_a_principal_is_rendered_by_what_it_is(
    policies: ResourcePolicies, principal: str, rendered: object
) -> None:
    assert json.loads(statement(policies, principal=principal))["Principal"] == rendered


@pytest.mark.parametrize(
    "principal", ["invalid.nonaws.com", "21098765432", "arn:aws:s3:::pictures", "amazonaws.com", "ada"]
)
def test_a_principal_that_is_none_is_refused(policies: ResourcePolicies, principal: str) -> None:
    assert refusal(policies.add_permission, **s3(principal=principal)) == (
        400,
        "InvalidParameterValueException",
        "The provided principal was invalid. Please check the principal and try again.",
    )


def test_every_condition_stands_under_its_operator(policies: ResourcePolicies) -> None:
    made = json.loads(
        statement(
            policies,
            action="lambda:InvokeFunctionUrl",
            principal="*",
            source_account="123456789012",
            principal_org_id="o-1234567890",
            function_url_auth_type="NONE",
        )
    )
    assert json.dumps(made["Condition"]) == json.dumps(
        {
            "StringEquals": {
                "AWS:SourceAccount": "123456789012",
                "lambda:FunctionUrlAuthType": "NONE",
                "aws:PrincipalOrgID": "o-1234567890",
            },
            "ArnLike": {"AWS:SourceArn": BUCKET},
        }
    )


def test_a_skill_has_a_token_and_a_url_a_bool(policies: ResourcePolicies) -> None:
    alexa = json.loads(statement(policies, source_arn=None, event_source_token="amzn1.ask.skill.1"))
    url = json.loads(
        statement(policies, statement_id="url", source_arn=None, principal="*", invoked_via_function_url=True)
    )
    assert alexa["Condition"] == {"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.1"}}
    assert url["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}


def test_without_conditions_there_is_none(policies: ResourcePolicies) -> None:
    assert "Condition" not in json.loads(statement(policies, source_arn=None))


def test_a_url_auth_type_is_for_urls(policies: ResourcePolicies) -> None:
    assert refusal(policies.add_permission, **s3(function_url_auth_type="NONE"))[1:] == (
        "InvalidParameterValueException",
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
    )


def test_a_version_and_an_alias_have_policies_of_their_own(policies: ResourcePolicies) -> None:
    statement(policies)
    assert refusal(policies.get_policy, function_name="thumbs", qualifier="1") == NO_RESOURCE
    statement(policies, qualifier="1")
    statement(policies, function_name="thumbs:live", qualifier="live")
    assert [each["Resource"] for each in document(policies, qualifier="1")["Statement"]] == [f"{ARN}thumbs:1"]
    assert [each["Resource"] for each in document(policies, qualifier="live")["Statement"]] == [
        f"{ARN}thumbs:live"
    ]
    assert len(document(policies)["Statement"]) == 1


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (
            {"function_name": "thumbs:live", "qualifier": "1"},
            (
                400,
                "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.",
            ),
        ),
        (
            {"function_name": "thumbs:$LATEST", "qualifier": "$LATEST"},
            (
                400,
                "InvalidParameterValueException",
                "We currently do not support adding policies for $LATEST.",
            ),
        ),
        (
            {"function_name": "nobody"},
            (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody"),
        ),
        (
            {"function_name": "thumbs:gone"},
            (404, "ResourceNotFoundException", f"Cannot find alias arn: {ARN}thumbs:gone"),
        ),
        (
            {"qualifier": "42"},
            (404, "ResourceNotFoundException", f"Function not found: {ARN}thumbs:42"),
        ),
        (
            {"qualifier": "valid-with-$"},
            (404, "ResourceNotFoundException", f"Function not found: {ARN}thumbs:valid-with-$"),
        ),
    ],
)
def test_what_does_not_exist_gets_no_permission(
    policies: ResourcePolicies, named: dict[str, Any], told: tuple[int, str, str]
) -> None:
    assert refusal(policies.add_permission, **s3(**named)) == told


def test_a_statement_id_is_there_once(policies: ResourcePolicies) -> None:
    statement(policies)
    assert refusal(policies.add_permission, **s3()) == (
        409,
        "ResourceConflictException",
        "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing "
        "statement.",
    )


def test_the_first_statement_goes_by_the_revision_of_what_it_is_for(
    policies: ResourcePolicies, state: State
) -> None:
    assert refusal(policies.add_permission, **s3(qualifier="live", revision_id="wrong")) == STALE
    statement(policies, qualifier="live", revision_id=state.aliases["thumbs", "live"].revision_id)
    statement(policies, revision_id=state.versions["thumbs", "$LATEST"].revision_id)


def test_a_further_statement_goes_by_the_policys_revision(policies: ResourcePolicies, state: State) -> None:
    statement(policies)
    function = state.versions["thumbs", "$LATEST"].revision_id
    assert refusal(policies.add_permission, **s3(statement_id="two", revision_id=function)) == STALE
    latest = policies.get_policy(function_name="thumbs")["RevisionId"]
    statement(policies, statement_id="two", revision_id=latest)
    assert policies.get_policy(function_name="thumbs")["RevisionId"] != latest


def test_removing_leaves_the_others(policies: ResourcePolicies) -> None:
    statement(policies)
    statement(policies, statement_id="two")
    policies.remove_permission(function_name="thumbs", statement_id="s3")
    assert [each["Sid"] for each in document(policies)["Statement"]] == ["two"]


def test_a_policy_without_statements_is_none(policies: ResourcePolicies) -> None:
    statement(policies)
    revision = policies.get_policy(function_name="thumbs")["RevisionId"]
    policies.remove_permission(function_name="thumbs", statement_id="s3", revision_id=revision)
    assert refusal(policies.get_policy, function_name="thumbs") == NO_RESOURCE
    assert refusal(policies.remove_permission, function_name="thumbs", statement_id="s3") == NO_POLICY


def test_removing_what_is_not_there_is_refused(policies: ResourcePolicies) -> None:
    remove = policies.remove_permission
    assert refusal(remove, function_name="thumbs", statement_id="s3") == NO_POLICY
    statement(policies)
    assert refusal(remove, function_name="thumbs", statement_id="other")[1:] == (
        "ResourceNotFoundException",
        "Statement other is not found in resource policy.",
    )
    assert refusal(remove, function_name="nobody", statement_id="s3")[1:] == (
        "ResourceNotFoundException",
        f"No policy found for: {ARN}nobody",
    )
    assert refusal(remove, function_name="thumbs", statement_id="s3", qualifier="gone")[1:] == (
        "ResourceNotFoundException",
        f"Cannot find alias arn: {ARN}thumbs:gone",
    )
    assert refusal(remove, function_name="thumbs", statement_id="s3", revision_id="wrong") == STALE


def test_no_policy_is_told_of_what_does_not_exist(policies: ResourcePolicies) -> None:
    assert refusal(policies.get_policy, function_name="nobody") == NO_RESOURCE
    assert refusal(policies.get_policy, function_name="thumbs", qualifier="77") == NO_RESOURCE


def test_a_policy_has_room_for_20_kb(policies: ResourcePolicies) -> None:
    told: list[AwsError] = []
    for number in range(1_000):
        try:
            statement(policies, statement_id=f"s{number}")
        except AwsError as error:
            told.append(error)
            break
    assert [each.code for each in told] == ["PolicyLengthExceededException"]
    assert told[0].message.endswith("is bigger than the limit (20480).")
    assert 20_480 - 400 < len(policies.get_policy(function_name="thumbs")["Policy"]) <= 20_480


WHOLE: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "nobody",
            "Effect": "Deny",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": [f"{ARN}thumbs", f"{ARN}thumbs:*"],
            "Condition": {"ArnLike": {"aws:SourceArn": BUCKET}},
        }
    ],
}


def put(policies: ResourcePolicies, document: Any = WHOLE, arn: str = f"{ARN}thumbs", **more: Any) -> Any:
    return policies.put_resource_policy(resource_arn=arn, policy=json.dumps(document), **more)


def test_a_whole_policy_takes_the_place_of_single_permissions(policies: ResourcePolicies) -> None:
    statement(policies)
    told = put(policies)
    assert json.loads(told["Policy"]) == WHOLE
    assert policies.get_resource_policy(resource_arn=f"{ARN}thumbs") == told
    assert policies.get_policy(function_name="thumbs") == told


def test_a_permission_is_added_to_a_whole_policy(policies: ResourcePolicies) -> None:
    put(policies)
    statement(policies)
    assert [each["Sid"] for each in document(policies)["Statement"]] == ["nobody", "s3"]


def test_a_whole_policy_goes_with_its_revision(policies: ResourcePolicies) -> None:
    first = put(policies)["RevisionId"]
    put(policies, revision_id=first)
    arn = f"{ARN}thumbs"
    stale = refusal(policies.delete_resource_policy, resource_arn=arn, revision_id=first)
    assert stale[:2] == (412, "PreconditionFailedException")
    policies.delete_resource_policy(resource_arn=arn)
    assert refusal(policies.get_resource_policy, resource_arn=arn) == NO_RESOURCE
    assert refusal(policies.delete_resource_policy, resource_arn=arn) == NO_POLICY


def test_a_whole_policy_is_one_resources(policies: ResourcePolicies) -> None:
    other = f"{ARN}thumbs".replace("us-east-1", "eu-west-1")
    assert refusal(policies.get_resource_policy, resource_arn=other) == NO_RESOURCE
    assert refusal(policies.get_resource_policy, resource_arn=f"{ARN}nobody")[0] == 404


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"Effect": "Maybe"}, "Effect"),
        ({"Principal": None}, "Principal"),
        ({"Principal": {"Aws": "*"}}, "the kind Aws"),
        ({"Action": "s3:GetObject"}, "s3:GetObject"),
        ({"Resource": f"{ARN}other"}, "other"),
        ({"NotAction": "lambda:GetFunction"}, "one of them only"),
        ({"Condition": {"StringIs": {"aws:SourceAccount": "1"}}}, "StringIs"),
        ({"Condition": {"StringEquals": "x"}}, "StringEquals"),
    ],
)
def test_a_wrong_statement_is_refused_with_what_is_wrong(
    policies: ResourcePolicies, change: dict[str, Any], what: str
) -> None:
    document = {**WHOLE, "Statement": {**WHOLE["Statement"][0], **change}}
    status, code, message = refusal(put, policies=policies, document=document)
    assert (status, code) == (400, "InvalidParameterValueException")
    assert what in message


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"Version":"2020-01-01"}', '{"Statement":[]}'])
def test_what_is_no_policy_is_refused(policies: ResourcePolicies, text: str) -> None:
    told = refusal(policies.put_resource_policy, resource_arn=f"{ARN}thumbs", policy=text)
    assert told[:2] == (400, "InvalidParameterValueException")
