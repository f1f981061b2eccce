import os


def handler(event, context):
    return {"statusCode": 202, "body": f"goes to {os.environ['LETTERS']}"}
