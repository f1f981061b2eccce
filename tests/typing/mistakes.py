"""Thirty-six mistakes that authors make, one a statement, and who sees each first.

``types`` after a statement means that mypy and pyright both flag it; a rule's id, that they cannot and that making the
object refuses it. `test_typing.py` holds both to it, and docs/how-to/types.md shows the table.
"""
# ruff: noqa: B018, RUF100

from lambdaform import (
    Alarm,
    Alias,
    Allow,
    Bucket,
    Canary,
    DeploymentPreference,
    Function,
    HttpApiEvent,
    KinesisEvent,
    Layer,
    Queue,
    S3Event,
    ScheduleEvent,
    SimpleTable,
    SqsEvent,
    Stack,
    Stream,
    Topic,
    VpcConfig,
    cron,
    policies,
    rate,
)

stack = Stack("shop")
queue = stack.add(Queue("Orders"))
topic = stack.add(Topic("News"))
layer = stack.add(Layer("Shared", content_uri="layers/shared"))
table = stack.add(SimpleTable("Carts"))
bucket = stack.add(Bucket("Uploads"))
stream = stack.add(Stream("Clicks", shard_count=1))

# The name of a property
Function("F", memory=512)  # types
Queue("Q", visibilty_timeout=60)  # types
queue.url_of_queue  # types
# The kind of a value
Function("F", memory_size="512")  # types
Function("F", timeout="10s")  # types
Function("F", handler=print)  # types
Function("F", environment=["A=b"])  # types
Function("F", tags=["team:orders"])  # types
Function("F", vpc_config={"SubnetIds": ["subnet-1"]})  # types
Function("F", auto_publish_alias=True)  # types
# A choice
Function("F", runtime="pyton3.13")  # types
Function("F", architectures=["arm"])  # types
Function("F", tracing="active")  # types
Stack("shop", profile="2020-01-01")  # types
ScheduleEvent(rate(5, "minuts"))  # types
KinesisEvent(stream, starting_position="BEGINNING")  # types
# What was to be given
Function()  # types
SqsEvent()  # types
Alias("Live", name="live")  # types
Canary(percent=10)  # types
policies.sqs_send_message()  # types
# One thing for another
Function("F", dead_letter_queue=layer)  # types
Function("F", layers=[queue])  # types
Function("F", layers=layer)  # types
Function("F", events={"Orders": queue})  # types
Function("F", events=[SqsEvent(queue)])  # types
SqsEvent(topic)  # types
S3Event(bucket=queue, events=["s3:ObjectCreated:*"])  # types
policies.dynamodb_crud(queue)  # types
Allow("dynamodb:PutItem", on=5)  # types
stack.add("Orders")  # types
# What no type can tell
Function("F", timeout=901)  # LF101
Function("F", environment={"1ST": "x"})  # LF102
ScheduleEvent(cron("0 18 * * MON-FRI *"))  # LF110
ScheduleEvent("rate(5 minute)")  # LF110
Function("F", deployment_preference=DeploymentPreference(type=Canary(percent=10, minutes=7)))  # LF103
VpcConfig(subnet_ids=[f"subnet-{n}" for n in range(17)])  # LF104
Function("F", reserved_concurrent_executions=-1)  # LF101
HttpApiEvent(path="/orders", method="fetch")  # LF102
Alarm("Errors", comparison_operator="GreaterThanThreshold", evaluation_periods=0)  # LF101
Queue("Bad id")  # LF102
