import json

BOXES = {"DE": "A", "FR": "B", "SE": "C"}


def handler(event, context):
    failed = []
    for record in event["Records"]:
        letter = json.loads(record["body"])
        if letter["country"] in BOXES:
            print(f"letter {letter['id']}: box {BOXES[letter['country']]}")
        else:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
