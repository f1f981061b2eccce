"""Templates that AWS takes and that look like mistakes, and their neighbours that are mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.check.cases.pieces import (
    QUEUE,
    ROLE,
    VERSION,
    alias,
    allow,
    event,
    function,
    mapping,
    plain_function,
    resource,
    role,
    template,
)
from lambdaform.check.findings import check
from lambdaform.load.template import load_file

NESTED = resource(
    "Other", "AWS::CloudFormation::Stack", "TemplateURL: https://bucket.s3.amazonaws.com/t.yaml"
)
APPLICATION = resource("Other", "AWS::Serverless::Application", "Location: https://bucket.s3.amazonaws.com/t")
CUSTOM = resource("Other", "AWS::CloudFormation::CustomResource", "ServiceToken: !Sub '${AWS::StackName}'")
OWN_TYPE = resource("Other", "Custom::Thing", "ServiceToken: !Sub '${AWS::StackName}'")
PARAMETER = resource("Other", "AWS::SSM::Parameter", "Type: String\nValue: an-arn")
PASSING_ON = {
    "nested": (NESTED, "Outputs.Arn"),
    "application": (APPLICATION, "Outputs.Arn"),
    "custom": (CUSTOM, "Arn"),
    "own-type": (OWN_TYPE, "Arn"),
    "parameter": (PARAMETER, "Value"),
}
USES = {
    "dead-letters": function("DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt ARN}"),
    "role": function("Role: !GetAtt ARN"),
    "layer": function("Layers: [!GetAtt ARN]"),
    "destination": function(
        "EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt ARN}}}"
    ),
    "redrive": resource(
        "Queue", "AWS::SQS::Queue", "RedrivePolicy: {deadLetterTargetArn: !GetAtt ARN, maxReceiveCount: 5}"
    ),
    "source": event("SQS", "Queue: !GetAtt ARN"),
    "function": resource(
        "Version", "AWS::Lambda::Version", "FunctionName: !GetAtt ARN\nDescription: by its ARN"
    ),
}
STREAM = resource("Stream", "AWS::Kinesis::Stream", "ShardCount: 1")
CONSUMER = resource(
    "Consumer", "AWS::Kinesis::StreamConsumer", "ConsumerName: fast\nStreamARN: !GetAtt Stream.Arn"
)
READ = "kinesis:DescribeStream, kinesis:GetRecords, kinesis:GetShardIterator"
ALIAS = alias("Name: live\nFunctionVersion: !GetAtt Version.Version")
OF_ALIAS = mapping("Enabled: true").replace("!Ref Fn", "!Ref Alias").replace("Mapping:", "Second:", 1)
KEY = resource(
    "Key",
    "AWS::KMS::Key",
    "KeyPolicy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, "
    "Action: 'kms:Decrypt', Resource: '*'}]}",
)


def table(name: str, key: str, index: str = "") -> str:
    return resource(
        name,
        "AWS::DynamoDB::Table",
        "BillingMode: PAY_PER_REQUEST\n"
        f"AttributeDefinitions: [{', '.join(f'{{AttributeName: {each}, AttributeType: S}}' for each in 'abc')}]\n"
        f"KeySchema: {key}\n{index}",
    )


def key(*attributes: str) -> str:
    """A key of attributes such as ``a HASH``."""
    pairs = (each.split() for each in attributes)
    return f"[{', '.join(f'{{AttributeName: {name}, KeyType: {kind}}}' for name, kind in pairs)}]"


def index(*attributes: str, kind: str = "Global") -> str:
    return f"{kind}SecondaryIndexes: [{{IndexName: i, Projection: {{ProjectionType: ALL}}, KeySchema: {key(*attributes)}}}]"


def found(tmp_path: Path, *resources: str) -> list[str]:
    file = tmp_path / "template.yaml"
    file.write_text(template(*resources))
    return [each.rule for each in check(load_file(file))]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("source", PASSING_ON)
def test_what_stacks_and_custom_resources_put_out_may_be_anything(
    source: str, use: str, tmp_path: Path
) -> None:
    other, attribute = PASSING_ON[source]
    assert found(tmp_path, other, USES[use].replace("ARN", f"Other.{attribute}", 1)) == []


RIGHT = {
    "a stream for a function and for its alias": (
        QUEUE, plain_function(), VERSION, ALIAS, mapping("Enabled: true"), OF_ALIAS,
    ),
    "a consumer, which the role may read by its stream": (
        STREAM,
        CONSUMER,
        role(
            allow(f"Action: [{READ}]", "Resource: !GetAtt Stream.Arn"),
            allow("Action: kinesis:SubscribeToShard", "Resource: !Ref Consumer"),
        ),
        plain_function(ROLE),
        mapping("StartingPosition: LATEST", "!Ref Consumer"),
    ),
    "a global index with several attributes of a kind": (
        table("Table", key("a HASH"), index("a HASH", "b HASH", "c RANGE")),
    ),
    "a long input of a schedule of Scheduler's": (
        event("ScheduleV2", f"ScheduleExpression: rate(1 day)\nInput: '\"{'x' * 9000}\"'"),
    ),
    "Python that is newer than this one": (
        function('Runtime: python3.14\nInlineCode: "def handler[T](event: T, context): return event"'),
    ),
    "a key that lets the role use it": (
        role(), KEY, plain_function(f"{ROLE}\nKmsKeyArn: !GetAtt Key.Arn"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_found_on(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, *RIGHT[name]) == []


SLOW = plain_function("Timeout: 90")
WRONG = {
    "a queue that an alias reads": ("LF205", (QUEUE, SLOW, VERSION, ALIAS, OF_ALIAS)),
    "an alias that reads a queue twice": (
        "LF282",
        (QUEUE, plain_function(), VERSION, ALIAS, OF_ALIAS, OF_ALIAS.replace("Second:", "Third:", 1)),
    ),
    "a local index with several attributes of a kind": (
        "LF127",
        (table("Table", key("a HASH"), index("a HASH", "b RANGE", "c RANGE", kind="Local")),),
    ),
    "a table's own key with several attributes of a kind": (
        "LF127",
        (table("Table", key("a HASH", "b HASH", "c RANGE")),),
    ),
    "Python that no version reads": (
        "LF250",
        (function("Runtime: python3.14\nInlineCode: 'def handler(event, context) pass'"),),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_thing_is_found_on(name: str, tmp_path: Path) -> None:
    rule, resources = WRONG[name]
    assert found(tmp_path, *resources) == [rule]


def test_each_table_is_looked_at(tmp_path: Path) -> None:
    wrong = key("a HASH", "b HASH", "c RANGE")
    assert found(tmp_path, table("First", wrong), table("Second", wrong)) == ["LF127", "LF127"]
