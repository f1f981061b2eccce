import json


def handler(event, context):
    wanted = [json.loads(record["body"])["report"] for record in event["Records"]]
    return {"reports": sorted(set(wanted))}
