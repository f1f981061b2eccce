import json
import os

import boto3


def handler(event, context):
    answer = boto3.client("lambda").invoke(FunctionName=os.environ["KITCHEN"], Payload=json.dumps(event))
    made = json.load(answer["Payload"])
    return f"Your {made['tea']} tea comes in {made['minutes']} minutes."


def gong(event, context):
    print("gong", event["time"])
