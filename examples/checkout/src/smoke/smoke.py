import json
import os

import boto3

BASKET = {"items": [{"price": "1.50", "quantity": 2}]}


def handler(event, context):
    answer = boto3.client("lambda").invoke(
        FunctionName=os.environ["NEW_VERSION"], Payload=json.dumps(BASKET).encode()
    )
    healthy = "FunctionError" not in answer and json.load(answer["Payload"])["total"] == "3.00"
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if healthy else "Failed",
    )
