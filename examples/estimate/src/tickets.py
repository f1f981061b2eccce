def sell(event, context):
    return {"statusCode": 201, "body": "sold"}


def print_tickets(event, context):
    return {"printed": len(event["Records"])}
