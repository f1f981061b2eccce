import json
import time


def handler(event, context):
    if event["minutes"] > 12:
        print(f"burnt: {event['pizza']}")
    metric = {
        "Namespace": "Oven",
        "Dimensions": [["pizza"]],
        "Metrics": [{"Name": "minutes", "Unit": "None"}],
    }
    embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}
    print(json.dumps({"_aws": embedded, "pizza": event["pizza"], "minutes": event["minutes"]}))
    return {"baked": event["pizza"]}
