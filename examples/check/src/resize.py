def handler(event, context):
    return {"resized": [photo["name"] for photo in event["photos"]]}
