def handler(event, context):
    name = event["queryStringParameters"].get("service", "all")
    return {
        "isBase64Encoded": False,
        "statusCode": 200,
        "statusDescription": "200 OK",
        "headers": {"Content-Type": "text/html"},
        "body": f"<h1>{name}: up</h1>",
    }
