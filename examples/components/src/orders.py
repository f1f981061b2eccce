import json


def handler(event, context):
    return {"packed": [json.loads(record["body"])["order"] for record in event["Records"]]}
