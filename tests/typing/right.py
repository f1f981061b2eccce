"""A large application that is right: mypy and pyright, both strict, have nothing to say of it."""

from troposphere import ec2

from lambdaform import (
    Alarm,
    Alias,
    Allow,
    Aws,
    Bucket,
    Canary,
    Code,
    DeploymentPreference,
    EventSourceMapping,
    Function,
    HttpApiEvent,
    KinesisEvent,
    LambdaFunction,
    Layer,
    Queue,
    Ref,
    Role,
    Runtime,
    S3Event,
    ScheduleEvent,
    ScheduleV2Event,
    SimpleTable,
    SnsEvent,
    SqsEvent,
    Stack,
    Stream,
    Topic,
    Trust,
    Version,
    VpcConfig,
    cron,
    equals,
    if_,
    policies,
    rate,
    sub,
)

stack = Stack("checkout", description="Takes orders", tags={"service": "prod:checkout"})
stage = stack.parameter("Stage", default="dev", allowed_values=["dev", "prod"])
prod = stack.condition("Prod", equals(stage.ref, "prod"))
vpc = stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16"))
stack.output("VpcId", vpc.ref)
orders = stack.add(Queue("Orders", visibility_timeout=60))
failed = stack.add(Queue("Failed", message_retention_period=1_209_600))
topic = stack.add(Topic("Alarms"))
table = stack.add(SimpleTable("OrderTable"))
bucket = stack.add(Bucket("Uploads"))
stream = stack.add(Stream("Clicks", shard_count=1))
shared = stack.add(Layer("Shared", content_uri="layers/shared", compatible_runtimes=[Runtime.PYTHON_3_13]))
errors = stack.add(
    Alarm(
        "Errors",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        metric_name="Errors",
        namespace="AWS/Lambda",
        statistic="Sum",
        period=60,
        threshold=0.0,
        dimensions={"FunctionName": "checkout"},
    )
)
smoke = stack.add(
    Function(
        "Smoke",
        function_name="CodeDeployHook_smoke",
        runtime=Runtime.PYTHON_3_13,
        handler="smoke.handler",
        code_uri="src/smoke",
    )
)
checkout = stack.add(
    Function(
        "Checkout",
        runtime="python3.13",
        handler="checkout.handler",
        code_uri="src/checkout",
        memory_size=if_(prod, 1024, 256),
        timeout=10,
        architectures=["arm64"],
        ephemeral_storage=1024,
        layers=[shared, "arn:aws:lambda:eu-west-1:123456789012:layer:other:3"],
        environment={
            "TABLE": table.ref,
            "REGION": Aws.REGION,
            "URL": sub("https://${AWS::Region}.example.com"),
            "N": 3,
        },
        dead_letter_queue=failed,
        vpc_config=VpcConfig(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"]),
        policies=[
            Allow("dynamodb:PutItem", on=table),
            policies.sqs_send_message(failed),
            "AWSLambdaBasicExecutionRole",
        ],
        tracing="Active",
        tags={"team": "orders"},
        reserved_concurrent_executions=100,
        auto_publish_alias="live",
        deployment_preference=DeploymentPreference(type=Canary(percent=10, minutes=5), alarms=[errors]),
        events={
            "Orders": SqsEvent(orders, batch_size=10),
            "Nightly": ScheduleEvent(cron("0 18 ? * MON-FRI *")),
            "Soon": ScheduleV2Event(schedule_expression=rate(5, "minutes")),
            "Upload": S3Event(bucket=bucket, events=["s3:ObjectCreated:*"]),
            "Alarm": SnsEvent(topic),
            "Clicks": KinesisEvent(stream, starting_position="LATEST"),
            "Http": HttpApiEvent(path="/orders", method="post"),
        },
    )
)
plain = stack.add(
    LambdaFunction(
        "Plain",
        runtime=Runtime.PYTHON_3_13,
        handler="index.handler",
        role=stack.add(Role("PlainRole", assume_role_policy_document=Trust("lambda.amazonaws.com"))),
        code=Code(zip_file="def handler(event, context): pass"),
    )
)
one = stack.add(Version("One", function_name=plain))
stack.add(Alias("Live", function_name=plain, function_version=one, name="live"))
stack.add(EventSourceMapping("Mapping", function_name=plain, event_source_arn=orders, batch_size=10))
stack.output("Url", checkout.arn, export="checkout-arn")
arn: Ref[str] = checkout.arn
