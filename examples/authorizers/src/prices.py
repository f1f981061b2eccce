def handler(event, context):
    member = event["requestContext"]["authorizer"]["lambda"]["member"]
    return {"for": member, "tea": 2.5, "cake": 3}
