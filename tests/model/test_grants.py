"""Grants: what each allows on which resource, with the keys that it needs, and where they may stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from troposphere import kms, secretsmanager, ssm, stepfunctions

from lambdaform import (
    Alias,
    Allow,
    Bucket,
    EventBus,
    Function,
    GlobalSecondaryIndex,
    InlinePolicy,
    KeySchema,
    LogGroup,
    PolicyDocument,
    Queue,
    Resource,
    Role,
    Runtime,
    SimpleTable,
    SSESpecification,
    Stack,
    StateMachine,
    Stream,
    StreamConsumer,
    StreamEncryption,
    StreamSpecification,
    Table,
    Topic,
    Trust,
    Version,
    grants,
    policies,
    ref,
)
from lambdaform.errors import DefinitionError
from lambdaform.facts.iam_actions import nearest_action
from lambdaform.model.iam import Statement
from lambdaform.synth.template import plain, template_of

CODE: dict[str, Any] = {
    "runtime": Runtime.PYTHON_3_13,
    "handler": "index.handler",
    "inline_code": "def handler(event, context): pass",
}
KEY = {"Fn::GetAtt": ["Key", "Arn"]}


def key(stack: Stack) -> Resource:
    own: Resource = stack.add(kms.Key("Key", KeyPolicy={}))
    return own


def allowed(grant: Sequence[Statement]) -> list[tuple[str, list[Any]]]:
    """Each action with the resources on which it is allowed, as the template has them."""
    assert {each.effect for each in grant} <= {"Allow"}
    return [(action, plain(each.resource)) for each in grant for action in plain(each.action)]


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def below(logical_id: str, rest: str, name: str) -> dict[str, Any]:
    return {"Fn::Sub": [f"${{{name}}}{rest}", {name: arn(logical_id)}]}


def indexed() -> Table:
    return Table(
        "Orders",
        attribute_definitions={"id": "S", "day": "S"},
        key_schema={"id": "HASH"},
        global_secondary_indexes=[
            GlobalSecondaryIndex(index_name="byDay", key_schema=[KeySchema("day", "HASH")], projection="ALL")
        ],
        stream_specification=StreamSpecification("NEW_IMAGE"),
    )


def test_reading_a_table_is_on_the_table_alone() -> None:
    assert allowed(SimpleTable("Orders").read()) == [
        (action, [arn("Orders")])
        for action in (
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
        )
    ]


def test_reading_a_table_with_indexes_is_on_these_too() -> None:
    [statement] = indexed().read()
    assert plain(statement.resource) == [arn("Orders"), below("Orders", "/index/*", "Table")]


def test_writing_a_table_reads_nothing() -> None:
    actions = {action for action, _ in allowed(indexed().write())}
    assert actions == {
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }


def test_reading_and_writing_is_both_in_one_statement() -> None:
    table = indexed()
    [statement] = table.read_write()
    both = {action for action, _ in (*allowed(table.read()), *allowed(table.write()))}
    assert set(plain(statement.action)) == both


def test_reading_a_table_s_stream_is_on_the_stream() -> None:
    stream = {"Fn::GetAtt": ["Orders", "StreamArn"]}
    assert allowed(indexed().stream_read()) == [
        ("dynamodb:DescribeStream", [stream]),
        ("dynamodb:GetRecords", [stream]),
        ("dynamodb:GetShardIterator", [stream]),
        ("dynamodb:ListStreams", [below("Orders", "/stream/*", "Table")]),
    ]


def test_a_table_without_a_stream_has_none_to_read() -> None:
    with pytest.raises(DefinitionError, match="'Orders' has no stream"):
        Table("Orders", key_schema={"id": "HASH"}).stream_read()


def test_a_queue_s_producers_and_consumers() -> None:
    queue = Queue("Jobs")
    assert allowed(queue.send()) == [("sqs:SendMessage", [arn("Jobs")])]
    assert [action for action, _ in allowed(queue.consume())] == [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ]


def test_a_topic_a_bus_a_log_group_and_a_state_machine() -> None:
    assert allowed(Topic("News").publish()) == [("sns:Publish", [{"Ref": "News"}])]
    assert allowed(EventBus("Bus", name="shop").put_events()) == [("events:PutEvents", [arn("Bus")])]
    assert allowed(LogGroup("Log").write()) == [
        ("logs:CreateLogStream", [arn("Log")]),
        ("logs:PutLogEvents", [arn("Log")]),
    ]
    machine = StateMachine("Flow", definition={"StartAt": "A", "States": {}})
    assert allowed(machine.start()) == [("states:StartExecution", [{"Ref": "Flow"}])]


def test_an_express_state_machine_may_be_waited_for() -> None:
    machine = StateMachine("Flow", type="EXPRESS", definition={"StartAt": "A", "States": {}})
    assert [action for action, _ in allowed(machine.start())] == [
        "states:StartExecution",
        "states:StartSyncExecution",
    ]
    flow = Stack("shop").add(stepfunctions.StateMachine("Raw", RoleArn="r", StateMachineType="EXPRESS"))
    assert len(allowed(grants.start(flow))) == 2


def test_objects_below_a_prefix() -> None:
    bucket = Bucket("Files")
    get, listing = bucket.read("in/")
    assert plain(get.resource) == [below("Files", "/in/*", "Bucket")]
    assert (plain(listing.action), plain(listing.resource)) == (["s3:ListBucket"], [arn("Files")])
    assert plain(listing.condition) == {"StringLike": {"s3:prefix": "in/*"}}
    assert bucket.read()[1].condition is None
    assert allowed(bucket.write("out/")) == [
        ("s3:AbortMultipartUpload", [below("Files", "/out/*", "Bucket")]),
        ("s3:PutObject", [below("Files", "/out/*", "Bucket")]),
    ]
    assert allowed(bucket.delete()) == [("s3:DeleteObject", [below("Files", "/*", "Bucket")])]


def test_a_policy_variable_in_a_prefix_stays_one() -> None:
    [statement] = Bucket("Files").delete("${aws:username}/")
    assert plain(statement.resource) == [below("Files", "/${!aws:username}/*", "Bucket")]


def test_a_stream_and_its_consumer() -> None:
    stream = Stream("Clicks", shard_count=1)
    assert allowed(stream.write()) == [
        ("kinesis:PutRecord", [arn("Clicks")]),
        ("kinesis:PutRecords", [arn("Clicks")]),
    ]
    assert "kinesis:GetRecords" in [action for action, _ in allowed(stream.read())]
    consumer = StreamConsumer("Fast", consumer_name="fast", stream_arn=stream)
    subscribe, *rest = consumer.read()
    assert plain(subscribe.resource) == [{"Ref": "Fast"}]
    assert tuple(rest) == stream.read()


def test_a_function_its_versions_and_aliases() -> None:
    function = Function("Fn", **CODE)
    assert allowed(function.invoke()) == [("lambda:InvokeFunction", [arn("Fn")])]
    assert allowed(function.invoke("live")) == [("lambda:InvokeFunction", [below("Fn", ":live", "Function")])]
    version = Version("One", function_name=function)
    alias = Alias("live", function_name=function, function_version=version)
    assert allowed(version.invoke()) == [("lambda:InvokeFunction", [{"Ref": "One"}])]
    assert allowed(alias.invoke()) == [("lambda:InvokeFunction", [{"Ref": "live"}])]
    with pytest.raises(DefinitionError, match="is one already"):
        grants.invoke(alias, "live")


def test_troposphere_s_secrets_parameters_and_keys() -> None:
    stack = Stack("shop")
    own = key(stack)
    secret = stack.add(secretsmanager.Secret("Password", KmsKeyId=own.ref))
    assert allowed(grants.read(secret)) == [
        ("secretsmanager:GetSecretValue", [{"Ref": "Password"}]),
        ("kms:Decrypt", [KEY]),
    ]
    assert allowed(grants.decrypt(own)) == [("kms:Decrypt", [KEY])]
    assert allowed(grants.encrypt(own)) == [("kms:Encrypt", [KEY]), ("kms:GenerateDataKey", [KEY])]


@pytest.mark.parametrize(
    ("name", "slashes"), [("/shop/rate", [""]), ("rate", ["/"]), (None, ["/"]), (ref("Name"), ["", "/"])]
)
def test_a_parameter_s_arn_has_one_slash_before_its_name(name: Any, slashes: list[str]) -> None:
    properties = {} if name is None else {"Name": name}
    parameter = Stack("shop").add(ssm.Parameter("Rate", Type="String", Value="1", **properties))
    [statement] = grants.read(parameter)
    start = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    assert plain(statement.resource) == [
        {"Fn::Sub": [f"{start}{slash}${{Name}}", {"Name": {"Ref": "Rate"}}]} for slash in slashes
    ]


# Keys


def test_what_is_encrypted_with_a_key_needs_the_key() -> None:
    stack = Stack("shop")
    own = key(stack)
    queue = Queue("Jobs", kms_master_key_id=own.ref)
    topic = Topic("News", kms_master_key_id=own.ref)
    stream = Stream("Clicks", stream_encryption=StreamEncryption(key_id=own.attr("Arn")))
    table = SimpleTable(
        "Orders", sse_specification=SSESpecification(sse_enabled=True, kms_master_key_id=own.ref)
    )
    use = [("kms:Decrypt", [KEY]), ("kms:GenerateDataKey", [KEY])]
    assert allowed(queue.send())[1:] == use
    assert allowed(queue.consume())[4:] == [("kms:Decrypt", [KEY])]
    assert allowed(topic.publish())[1:] == use
    assert allowed(stream.write())[2:] == [("kms:GenerateDataKey", [KEY])]
    assert allowed(stream.read())[-1] == ("kms:Decrypt", [KEY])
    assert ("kms:Decrypt", [KEY]) in allowed(table.read())
    assert ("kms:Encrypt", [KEY]) in allowed(table.write())


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("alias/aws/sqs", None),
        ("arn:aws:kms:eu-west-1:123456789012:alias/own", None),
        ("arn:aws:kms:eu-west-1:123456789012:key/1", "arn:aws:kms:eu-west-1:123456789012:key/1"),
        ("1234", {"Fn::Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/1234"}),
        (
            ref("KeyId"),
            {
                "Fn::Sub": [
                    "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}",
                    {"Key": {"Ref": "KeyId"}},
                ]
            },
        ),
    ],
)
def test_a_key_may_be_named_in_many_ways(named: Any, expected: Any) -> None:
    found = [
        resource
        for action, resource in allowed(Queue("Jobs", kms_master_key_id=named).consume())
        if "kms" in action
    ]
    assert found == ([] if expected is None else [[expected]])


def test_a_key_behind_an_alias_of_the_stack_is_found() -> None:
    stack = Stack("shop")
    alias = stack.add(kms.Alias("Name", AliasName="alias/own", TargetKeyId=key(stack).ref))
    assert allowed(Queue("Jobs", kms_master_key_id=alias.ref).consume())[4:] == [("kms:Decrypt", [KEY])]


# Where they stand


def test_a_grant_stands_among_statements_and_policies() -> None:
    table, queue = SimpleTable("Orders"), Queue("Jobs")
    function = Function(
        "Fn",
        policies=[table.read(), Allow("s3:GetObject", on="*"), policies.sqs_poller(queue), queue.send()],
        **CODE,
    )
    assert isinstance(function.policies, tuple)
    first, template, last = function.policies
    assert isinstance(first, PolicyDocument)
    assert isinstance(last, PolicyDocument)
    assert [len(plain(each.statement)) for each in (first, last)] == [2, 1]
    assert template == policies.sqs_poller(queue)


def test_a_grant_is_a_policy_by_itself() -> None:
    table = SimpleTable("Orders")
    document = PolicyDocument(statement=table.read_write())
    assert document.statement == table.read_write()
    assert PolicyDocument(statement=[table.read(), Allow("s3:GetObject", on="*")]).statement[1:] == (  # type: ignore[index]
        Allow("s3:GetObject", on="*"),
    )
    policy = InlinePolicy("orders", [table.read(), table.write()])
    assert isinstance(policy.policy_document, PolicyDocument)
    role = Role("Worker", assume_role_policy_document=Trust("lambda.amazonaws.com"), policies=[policy])
    assert role.policies == (policy,)


def test_a_role_takes_grants_among_its_policies() -> None:
    table, other = SimpleTable("Orders"), InlinePolicy("files", Allow("s3:GetObject", on="*"))
    role = Role(
        "Worker",
        assume_role_policy_document=Trust("lambda.amazonaws.com"),
        policies=[table.read(), other, Allow("sqs:SendMessage", on="*")],
    )
    first, own = role.policies or ()  # type: ignore[misc]
    assert first == other
    assert own == InlinePolicy("statements", [table.read(), Allow("sqs:SendMessage", on="*")])


def test_a_function_that_has_one_grant_only() -> None:
    stack = Stack("shop")
    table = stack.add(SimpleTable("Orders"))
    stack.add(Function("Fn", policies=[table.read()], **CODE))
    written = template_of(stack)["Resources"]["Fn"]["Properties"]["Policies"]
    assert [len(each["Statement"]) for each in written] == [1]


def test_the_wrong_resource_is_told_with_the_right_types() -> None:
    with pytest.raises(DefinitionError, match="was given the AWS::SNS::Topic 'News'") as caught:
        grants.send(Topic("News"))
    assert "AWS::SQS::Queue" in (caught.value.right or "")
    assert caught.value.where is not None
    with pytest.raises(DefinitionError, match=r"grants.read\(\) was given 'Orders'"):
        grants.read("Orders")  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="Only a bucket has prefixes"):
        grants.read(SimpleTable("Orders"), "in/")


def test_every_action_that_is_granted_exists() -> None:
    stack = Stack("shop")
    own = key(stack)
    table, bucket, stream = (
        indexed(),
        Bucket("Files"),
        Stream("Clicks", stream_encryption=StreamEncryption(key_id=own.ref)),
    )
    queue = Queue("Jobs", kms_master_key_id=own.ref)
    every = (
        *table.read_write(),
        *table.stream_read(),
        *bucket.read_write(),
        *bucket.delete(),
        *stream.read_write(),
        *queue.send(),
        *queue.consume(),
        *Topic("News").publish(),
        *EventBus("Bus", name="b").put_events(),
        *Function("Fn", **CODE).invoke(),
        *LogGroup("Log").write(),
        *StateMachine("Flow", type="EXPRESS", definition={}).start(),
        *grants.encrypt(own),
    )
    assert [action for action, _ in allowed(every) if nearest_action(action)] == []
