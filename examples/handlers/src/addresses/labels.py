def handler(event, context):
    return "\n".join([event["name"], event["street"], event["city"], event["country"].upper()])
