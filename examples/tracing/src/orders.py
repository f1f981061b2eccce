import json
import os


def accept(event, context):
    import boto3

    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event))
    return {"accepted": event["order"]}


def pack(event, context):
    orders = [json.loads(record["body"]) for record in event["Records"]]
    trace = os.environ.get("_X_AMZN_TRACE_ID", "")
    print(f"trace {'is sampled' if 'Sampled=1' in trace else 'is not sampled'}")
    return {"packed": [order["order"] for order in orders]}
