import json


def handler(event, context):
    item = json.loads(event["invokingEvent"])["configurationItem"]
    evaluation = {
        "ComplianceResourceType": item["resourceType"],
        "ComplianceResourceId": item["resourceId"],
        "ComplianceType": "COMPLIANT" if item["configuration"]["encrypted"] else "NON_COMPLIANT",
        "OrderingTimestamp": item["configurationItemCaptureTime"],
    }
    if event["resultToken"] != "TESTMODE":
        import boto3

        boto3.client("config").put_evaluations(Evaluations=[evaluation], ResultToken=event["resultToken"])
    return evaluation
