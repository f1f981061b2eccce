import base64
import json
from collections import Counter


def handler(event, context):
    dough = Counter()
    for messages in event["rmqMessagesByQueue"].values():
        for message in messages:
            order = json.loads(base64.b64decode(message["data"]))
            dough[order["bread"]] += order["loaves"]
    return dough
