def handler(event, context):
    premium = 40 + max(0, 30 - event["age"]) * 3
    return {"premium": premium, "version": context.function_version}
