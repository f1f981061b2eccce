import base64
import gzip
import json
from collections import Counter


def handler(event, context):
    data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    return Counter(line["message"].split("\t")[-1].strip() for line in data["logEvents"])
