import json
import os

import boto3


def handler(event, context):
    answer = boto3.client("lambda").invoke(FunctionName=os.environ["NEW_VERSION"], Payload=b'{"age": 30}')
    healthy = "FunctionError" not in answer and json.load(answer["Payload"])["premium"] == 40
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if healthy else "Failed",
    )
