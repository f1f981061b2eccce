"""The same application in AWS CDK, synthesised into the folder that ``OUTPUT`` names. Run by the peer's own Python."""

import os

from aws_cdk import App, Duration, Stack, Tags
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"

# Without the limit of 500 resources, and with the code as an object in S3, so that nothing is packaged.
app = App(context={"@aws-cdk/core:stackResourceLimit": 0}, outdir=os.environ["OUTPUT"])
stack = Stack(app, "bench")
Tags.of(stack).add("service", "bench")
code = lambda_.Code.from_bucket(s3.Bucket.from_bucket_name(stack, "Code", "code"), "code.zip")
for number in range(int(os.environ["FUNCTIONS"])):
    failed = sqs.Queue(stack, f"Failed{number}", retention_period=Duration.days(14))
    function = lambda_.Function(
        stack,
        f"Part{number}",
        description=f"Works on part {number}",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="app.handler",
        code=code,
        memory_size=512,
        timeout=Duration.seconds(30),
        environment={"PART": str(number), "FAILED_URL": failed.queue_url},
        dead_letter_queue=failed,
    )
    function.add_to_role_policy(
        iam.PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[TABLE])
    )
    failed.grant_send_messages(function)
    alias = lambda_.Alias(stack, f"Live{number}", alias_name="live", version=function.current_version)
    events.Rule(
        stack,
        f"Every{number}",
        description=f"Part {number}, each five minutes",
        schedule=events.Schedule.rate(Duration.minutes(5)),
        targets=[targets.LambdaFunction(alias)],
    )
app.synth()
