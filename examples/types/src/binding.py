import json


def handler(event, context):
    return {"bound": [json.loads(record["body"])["title"] for record in event["Records"]]}
