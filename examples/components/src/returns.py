import json


def handler(event, context):
    return {"refunded": [json.loads(record["body"])["order"] for record in event["Records"]]}
