import os

MEMBERS = set(os.environ["MEMBERS"].split(","))


def handler(event, context):
    member = event["headers"].get("x-member", "").lower()
    return {"isAuthorized": member in MEMBERS, "context": {"member": member}}
