import json


def door(event, context):
    return {"statusCode": 200}


def guess(event, context):
    number = json.loads(event["body"])["number"]
    verdict = "right" if number == 42 else "too low" if number < 42 else "too high"
    return {"statusCode": 200, "body": verdict}
