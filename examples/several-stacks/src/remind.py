def handler(event, context):
    return {"reminded": event["time"]}
