import json
import random
import urllib.request


def handler(event, context):
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": event.get("PhysicalResourceId", context.log_stream_name),
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    try:
        if event["RequestType"] != "Delete":
            sides = int(event["ResourceProperties"]["Sides"])
            answer["Data"] = {"Value": random.Random(event["RequestId"]).randint(1, sides)}
    except (KeyError, ValueError) as error:
        answer |= {"Status": "FAILED", "Reason": repr(error)}
    if event["ResponseURL"]:
        body = json.dumps(answer).encode()
        urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT"), timeout=10)
    return {key: answer.get(key) for key in ("Status", "Reason", "Data")}
