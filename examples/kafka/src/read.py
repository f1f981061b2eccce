import base64
import json


def handler(event, context):
    newest = {}
    for records in event["records"].values():
        for record in records:
            meter = base64.b64decode(record["key"]).decode()
            newest[meter] = json.loads(base64.b64decode(record["value"]))["kwh"]
    return newest
