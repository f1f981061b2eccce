import json
import os


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            reading = json.loads(record["body"])
            if reading["celsius"] > float(os.environ["LIMIT"]):
                print(f"{reading['thermometer']} is too warm: {reading['celsius']}")
        except (ValueError, KeyError):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
