def handler(event, context):
    return {"filed": [record["body"] for record in event["Records"]]}
