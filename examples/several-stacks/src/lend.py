import json
import os


def handler(event, context):
    loan = json.loads(event["body"])
    return {"statusCode": 201, "body": json.dumps({"isbn": loan["isbn"], "from": os.environ["BOOKS"]})}
