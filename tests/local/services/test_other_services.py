"""The other AWS services behind the same URL: moto's in this process, and another emulator where one is named."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError

from lambdaform.errors import UsageError
from lambdaform.local.services.forwarding import Forwarding
from lambdaform.local.services.moto_services import bucket_of
from lambdaform.synth.assembly import Assembly
from tests.local.lab import HERE, Lab, laboratory
from tests.local.served_account import ServedAccount

T = TypeVar("T")
ROLE = "arn:aws:iam::123456789012:role/lambda"
#: A function that keeps what it is called with where the test can see it.
KEEP = "import json\ndef handler(event, context):\n    print('got', json.dumps(event))\n"


class Served(ServedAccount):
    """An account behind its endpoint; ``said`` is what a person was told."""

    def __init__(self, lab: Lab, said: list[str] | None = None) -> None:
        super().__init__(lab)
        self.said = said if said is not None else []

    def got(self, name: str) -> Any:
        """What a function was called with, once it was."""

        async def logged() -> Any:
            while True:
                for line in self.lab.log:
                    if line.function_name == name and line.text.startswith("got "):
                        return json.loads(line.text.removeprefix("got "))
                await asyncio.sleep(0.005)

        return self.lab.run(logged())

    def told(self, words: str) -> str:
        """What a person was told, once it was."""

        async def heard() -> str:
            while True:
                for sentence in self.said:
                    if words in sentence:
                        return sentence
                await asyncio.sleep(0.005)

        try:
            return self.lab.run(heard())
        except TimeoutError:
            pytest.fail(f"{words!r} is not in {self.said}; the log is {[line.text for line in self.lab.log]}")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    said: list[str] = []
    with laboratory(tmp_path, notice=said.append) as lab:
        made = Served(lab, said)
        try:
            yield made
        finally:
            made.close()


def deploy(served: Served, resources: dict[str, Any]) -> None:
    """Deploy a stack named shop."""

    async def deploying() -> None:
        served.lab.service.deploy(Assembly("shop", {"Resources": resources}, "cfn", {}, {}))

    served.lab.run(deploying())


def function(code: str = KEEP, **properties: Any) -> dict[str, Any]:
    values = {
        "Runtime": HERE,
        "Handler": "index.handler",
        "Timeout": 30,
        "MemorySize": 512,
        "Code": {"ZipFile": code},
        **properties,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": values}


def may(service: str, source: Any) -> dict[str, Any]:
    properties = {
        "FunctionName": {"Ref": "Fn"},
        "Action": "lambda:InvokeFunction",
        "Principal": f"{service}.amazonaws.com",
        "SourceArn": source,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def test_an_object_that_is_put_can_be_read_listed_and_looked_at(served: Served) -> None:
    s3 = served.of("s3")
    served.call(s3.create_bucket, Bucket="photos")
    served.call(s3.put_object, Bucket="photos", Key="a b/ü.txt", Body=b"x" * 100_000)
    answer = served.call(s3.get_object, Bucket="photos", Key="a b/ü.txt")
    assert served.call(answer["Body"].read) == b"x" * 100_000
    assert served.call(s3.head_object, Bucket="photos", Key="a b/ü.txt")["ContentLength"] == 100_000
    listed = served.call(s3.list_objects_v2, Bucket="photos")["Contents"]
    assert [each["Key"] for each in listed] == ["a b/ü.txt"]


def test_a_presigned_address_is_answered_too(served: Served) -> None:
    s3 = served.of("s3")
    served.call(s3.create_bucket, Bucket="photos")
    served.call(s3.put_object, Bucket="photos", Key="a.txt", Body=b"hello")
    url = s3.generate_presigned_url("get_object", {"Bucket": "photos", "Key": "a.txt"})

    def read() -> bytes:
        with urllib.request.urlopen(url, timeout=30) as answer:
            content: bytes = answer.read()
            return content

    assert served.call(read) == b"hello"


def test_a_queues_url_leads_here(served: Served) -> None:
    sqs = served.of("sqs")
    url = served.call(sqs.create_queue, QueueName="jobs")["QueueUrl"]
    assert url == f"{served.endpoint.url}/123456789012/jobs"
    served.call(sqs.send_message, QueueUrl=url, MessageBody="one")
    [message] = served.call(sqs.receive_message, QueueUrl=url)["Messages"]
    assert message["Body"] == "one"


def test_who_calls_is_told_by_sts(served: Served) -> None:
    told = served.call(served.of("sts").get_caller_identity)
    assert (told["Account"], told["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:user/test")


def test_a_function_is_told_its_role_by_sts(served: Served) -> None:
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n"
    )
    deploy(served, {"Fn": function(code, Role="arn:aws:iam::123456789012:role/cook")})
    assert served.lab.invoke("shop-Fn").value == "arn:aws:sts::123456789012:assumed-role/cook/shop-Fn"


def test_a_service_that_nobody_has_is_refused_by_name(served: Served) -> None:
    with pytest.raises(ClientError) as refused:
        served.call(served.of("outposts").list_outposts)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert "--services URL" in refused.value.response["Error"]["Message"]


def test_code_comes_from_a_bucket(served: Served) -> None:
    import io
    import zipfile

    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return 'from S3'")
    s3, functions = served.of("s3"), served.of("lambda")
    served.call(s3.create_bucket, Bucket="code")
    served.call(s3.put_object, Bucket="code", Key="f.zip", Body=data.getvalue())
    members = {"FunctionName": "f", "Runtime": HERE, "Handler": "index.handler", "Role": ROLE}
    served.call(functions.create_function, **members, Code={"S3Bucket": "code", "S3Key": "f.zip"})
    served.call(functions.get_waiter("function_active_v2").wait, FunctionName="f")
    assert served.lab.invoke("f").value == "from S3"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"S3Bucket": "code", "S3Key": "none.zip"}, "NoSuchKey"),
        ({"S3Bucket": "no-bucket", "S3Key": "f.zip"}, "NoSuchBucket"),
    ],
)
def test_code_that_is_in_no_bucket_is_refused_with_s3s_code(
    served: Served, where: dict[str, str], code: str
) -> None:
    served.call(served.of("s3").create_bucket, Bucket="code")
    members = {"FunctionName": "f", "Runtime": HERE, "Handler": "index.handler", "Role": ROLE}
    with pytest.raises(ClientError, match=f"S3 Error Code: {code}"):
        served.call(served.of("lambda").create_function, **members, Code=where)


def test_a_stacks_resources_are_there_for_its_functions(served: Served) -> None:
    code = (
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    table = boto3.resource('dynamodb').Table(os.environ['TABLE'])\n"
        "    table.put_item(Item={'id': 'a'})\n"
        "    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='b')\n"
        "    return table.scan()['Items']\n"
    )
    table = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    variables = {"TABLE": {"Ref": "Table"}, "QUEUE": {"Ref": "Queue"}}
    deploy(
        served,
        {
            "Fn": function(code, Environment={"Variables": variables}),
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}},
        },
    )
    assert served.lab.invoke("shop-Fn").value == [{"id": "a"}]
    sqs = served.of("sqs")
    url = served.call(sqs.get_queue_url, QueueName="shop-Queue")["QueueUrl"]
    attributes = served.call(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (attributes["VisibilityTimeout"], attributes["ApproximateNumberOfMessages"]) == ("60", "1")


def test_what_is_gone_from_a_stack_is_gone_from_the_services(served: Served) -> None:
    deploy(served, {"One": {"Type": "AWS::SQS::Queue"}, "Two": {"Type": "AWS::SQS::Queue"}})
    sqs = served.of("sqs")
    assert len(served.call(sqs.list_queues)["QueueUrls"]) == 2
    deploy(served, {"One": {"Type": "AWS::SQS::Queue"}})
    assert [url.rpartition("/")[2] for url in served.call(sqs.list_queues)["QueueUrls"]] == ["shop-One"]


EVERY = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
    "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "60"}},
    "Line": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "News"}},
    "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 2}},
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}},
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": "5", "WriteCapacityUnits": "5"},
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    },
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            "FilterPolicy": {"kind": ["new"]},
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["shop"]},
            "Targets": [{"Id": "0", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
        },
    },
}


def test_every_type_that_is_made_can_be_made_and_deleted(served: Served) -> None:
    deploy(served, EVERY)
    assert served.call(served.of("kinesis").list_streams)["StreamNames"] == ["shop-Stream"]
    topics = served.of("sns")
    [subscription] = served.call(topics.list_subscriptions)["Subscriptions"]
    assert subscription["Protocol"] == "sqs"
    [rule] = served.call(served.of("events").list_rules, EventBusName="orders")["Rules"]
    assert rule["Name"] == "shop-Rule"
    deploy(served, {})
    assert served.call(served.of("kinesis").list_streams)["StreamNames"] == []
    assert served.call(topics.list_topics)["Topics"] == []
    assert served.call(served.of("iam").list_roles)["Roles"] == []
    assert served.said == []


def notifying(*more: str) -> dict[str, Any]:
    configuration = {
        "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["Fn", "Arn"]}}]
    }
    bucket = {"BucketName": "photos", "NotificationConfiguration": configuration}
    return {
        "Fn": function(),
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
        **({"May": may("s3", "arn:aws:s3:::photos")} if "allowed" in more else {}),
    }


def test_a_bucket_calls_its_function(served: Served) -> None:
    deploy(served, notifying("allowed"))
    served.call(served.of("s3").put_object, Bucket="photos", Key="cat.jpg", Body=b"meow")
    [record] = served.got("shop-Fn")["Records"]
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["object"]["key"] == "cat.jpg"
    assert record["s3"]["object"]["sequencer"]


def test_a_key_is_told_as_s3_tells_it(served: Served) -> None:
    deploy(served, notifying("allowed"))
    served.call(served.of("s3").put_object, Bucket="photos", Key="in/my cat+dog.jpg", Body=b"meow")
    [record] = served.got("shop-Fn")["Records"]
    assert record["s3"]["object"]["key"] == "in/my+cat%2Bdog.jpg"


def test_what_a_bucket_tells_follows_the_template_while_it_runs(served: Served) -> None:
    deploy(served, notifying("allowed"))
    served.call(served.of("s3").list_buckets)
    quiet = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "photos"}}
    deploy(served, {"Fn": function(), "Bucket": quiet})
    told = served.call(served.of("s3").get_bucket_notification_configuration, Bucket="photos")
    assert "LambdaFunctionConfigurations" not in told


def test_a_rule_that_changes_is_another_one_in_its_place(served: Served) -> None:
    def rule(source: str) -> dict[str, Any]:
        return {"Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": [source]}}}}

    deploy(served, rule("one"))
    served.call(served.of("events").list_rules)
    deploy(served, rule("two"))
    [made] = served.call(served.of("events").list_rules)["Rules"]
    assert json.loads(made["EventPattern"]) == {"source": ["two"]}


def test_a_queue_that_changes_stays_until_the_next_run_and_that_is_said(served: Served) -> None:
    deploy(served, {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 5}}})
    served.call(served.of("sqs").list_queues)
    deploy(served, {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 50}}})
    served.call(served.of("sqs").list_queues)
    assert served.told("Jobs has changed") == "Jobs has changed; what it was stays until the next run."


def test_what_the_user_has_exported_for_aws_tools_is_not_gone_by(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", served.endpoint.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", served.endpoint.url)
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    deploy(served, {"Jobs": {"Type": "AWS::SQS::Queue"}})
    monkeypatch.delenv("AWS_PROFILE")
    queues = served.of("sqs")
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    told = served.call(queues.list_queues)
    assert ("QueueUrls" in told, served.said) == (True, [])


def test_a_role_may_have_a_policy_without_a_version(served: Served) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}
    role = {"AssumeRolePolicyDocument": {"Statement": []}, "Policies": [policy]}
    deploy(served, {"Role": {"Type": "AWS::IAM::Role", "Properties": role}})
    told = served.call(served.of("iam").list_role_policies, RoleName="shop-Role")
    assert (told["PolicyNames"], served.said) == (["p"], [])


def test_a_bucket_without_permission_is_refused_and_that_is_said(served: Served) -> None:
    deploy(served, notifying())
    served.call(served.of("s3").put_object, Bucket="photos", Key="cat.jpg", Body=b"meow")
    said = served.told("arn:aws:s3:::photos may not invoke")
    assert f"aws lambda --endpoint-url {served.endpoint.url} add-permission" in said
    assert "--source-arn arn:aws:s3:::photos" in said


def test_a_topic_calls_its_function_with_subject_and_attributes(served: Served) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:shop-News"
    subscription = {
        "TopicArn": {"Ref": "News"},
        "Protocol": "lambda",
        "Endpoint": {"Fn::GetAtt": ["Fn", "Arn"]},
    }
    deploy(
        served,
        {
            "Fn": function(),
            "News": {"Type": "AWS::SNS::Topic", "Properties": {}},
            "Sub": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
            "May": may("sns", topic),
        },
    )
    attributes = {"kind": {"DataType": "String", "StringValue": "new"}}
    served.call(
        served.of("sns").publish,
        TopicArn=topic,
        Message="hello",
        Subject="greeting",
        MessageAttributes=attributes,
    )
    [record] = served.got("shop-Fn")["Records"]
    assert record["Sns"]["TopicArn"] == topic
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("hello", "greeting")
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}


def test_a_rule_with_a_pattern_calls_its_function_with_what_it_asks_for(served: Served) -> None:
    rule = {
        "EventPattern": {"source": ["shop"]},
        "Targets": [{"Id": "0", "Arn": {"Fn::GetAtt": ["Fn", "Arn"]}, "InputPath": "$.detail"}],
    }
    deploy(
        served,
        {
            "Fn": function(),
            "Orders": {"Type": "AWS::Events::Rule", "Properties": rule},
            "May": may("events", "arn:aws:events:us-east-1:123456789012:rule/shop-Orders"),
        },
    )
    entry = {"Source": "shop", "DetailType": "order", "Detail": '{"id": 7}'}
    served.call(served.of("events").put_events, Entries=[entry])
    assert served.got("shop-Fn") == {"id": 7}


def test_another_emulator_answers_where_one_is_named(served: Served, tmp_path: Path) -> None:
    with laboratory(tmp_path / "second", services_url=served.endpoint.url) as lab:
        # Two services on two loops: this one is asked by a thread, while the first one's loop runs.
        forwarding = lab.service.services
        assert isinstance(forwarding, Forwarding)
        served.call(served.of("s3").create_bucket, Bucket="code")
        served.call(served.of("s3").put_object, Bucket="code", Key="f.zip", Body=b"zip")
        read = asyncio.run_coroutine_threadsafe(
            forwarding.read_object("code", "f.zip", None), lab.runner.get_loop()
        )
        reading = asyncio.to_thread(lab.runner.run, asyncio.wait_for(asyncio.wrap_future(read), 60))
        assert served.lab.run(reading) == b"zip"


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://x", "http://", "http://x/path"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of an emulator"):
        Forwarding(url, "us-east-1", lambda _: None)


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("localhost", None),
        ("127.0.0.1", None),
        ("photos.localhost", "photos"),
        ("photos.s3.localhost", "photos"),
        ("s3.localhost", None),
        ("abc.lambda-url.us-east-1.localhost", None),
    ],
)
def test_a_bucket_may_be_named_by_the_host(host: str, bucket: str | None) -> None:
    assert bucket_of(host) == bucket


def test_moto_is_imported_with_the_first_request_for_another_service(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from lambdaform.local.endpoint.server import Endpoint\n"
        "from lambdaform.local.service import LocalLambda\n"
        "async def main():\n"
        "    async with LocalLambda('x', log=print, notice=print, state_folder=Path('state')) as service:\n"
        "        endpoint = Endpoint.of(service)\n"
        "        await endpoint.start(0)\n"
        "        assert 'moto' not in sys.modules\n"
        "        assert 'boto3' not in sys.modules\n"
        "        endpoint.close()\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, timeout=60)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("s3", "list_buckets"),
        ("route53", "list_hosted_zones"),
        ("sqs", "list_queues"),
        ("dynamodb", "list_tables"),
    ],
)
def test_clients_of_each_protocol_show_that_moto_is_not_installed(
    served: Served, monkeypatch: pytest.MonkeyPatch, service: str, operation: str
) -> None:
    monkeypatch.setitem(sys.modules, "moto.core.base_backend", None)
    refused = served.refusal(getattr(served.of(service), operation))
    assert refused["Error"]["Message"] == (
        "AWS services other than Lambda are served by moto, which is not installed. pip install 'lambdaform[local]', "
        "or name another emulator: --services URL."
    )


def test_what_functions_log_is_in_cloudwatch_logs(served: Served) -> None:
    deploy(served, {"Fn": function("def handler(event, context):\n    print('one')\n    print('two')\n")})
    served.lab.invoke("shop-Fn")
    logs = served.of("logs")
    group = "/aws/lambda/shop-Fn"
    [stream] = served.call(logs.describe_log_streams, logGroupName=group)["logStreams"]
    told = served.call(logs.get_log_events, logGroupName=group, logStreamName=stream["logStreamName"])
    messages = [each["message"] for each in told["events"]]
    assert [each for each in messages if each in ("one", "two")] == ["one", "two"]
    assert [each.split()[0] for each in messages if each.isupper() or " RequestId" in each][:1] == ["START"]


def test_what_is_logged_later_follows_in_the_same_group(served: Served) -> None:
    deploy(served, {"Fn": function("def handler(event, context):\n    print('seen', event)\n")})
    logs = served.of("logs")
    for number in range(3):
        served.lab.invoke("shop-Fn", number)
        found = served.call(logs.filter_log_events, logGroupName="/aws/lambda/shop-Fn", filterPattern="seen")
        assert [each["message"] for each in found["events"]] == [f"seen {n}" for n in range(number + 1)]


def test_another_account_has_its_number_everywhere(tmp_path: Path) -> None:
    with laboratory(tmp_path, account_id="111122223333") as lab:
        served = Served(lab)
        url = served.call(served.of("sqs").create_queue, QueueName="jobs")["QueueUrl"]
        assert url.endswith("/111122223333/jobs")
        topic = served.call(served.of("sns").create_topic, Name="news")["TopicArn"]
        assert topic == "arn:aws:sns:us-east-1:111122223333:news"
        assert served.call(served.of("sts").get_caller_identity)["Account"] == "111122223333"
        deploy(served, {"Fn": function("def handler(e, c): return c.invoked_function_arn")})
        assert served.lab.invoke("shop-Fn").value == (
            "arn:aws:lambda:us-east-1:111122223333:function:shop-Fn"
        )
        served.close()
