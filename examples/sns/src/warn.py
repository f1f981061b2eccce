import json


def handler(event, context):
    message = event["Records"][0]["Sns"]
    warning = json.loads(message["Message"])
    return {"text": f"{message['Subject']}: {warning['place']}, {warning['wind']} km/h"}
