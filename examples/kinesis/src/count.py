import base64
import json
from collections import Counter


def handler(event, context):
    counts = Counter()
    for record in event["Records"]:
        try:
            counts[json.loads(base64.b64decode(record["kinesis"]["data"]))["page"]] += 1
        except (ValueError, KeyError):
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
    print(dict(counts))
    return {"batchItemFailures": []}
