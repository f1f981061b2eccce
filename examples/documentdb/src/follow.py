def handler(event, context):
    changes = [each["event"] for each in event["events"]]
    return [f"{change['operationType']}: {change['fullDocument']['title']}" for change in changes]
