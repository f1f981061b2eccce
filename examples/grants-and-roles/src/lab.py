def take_in(event, context):
    return {"ticket": f"film-{event['film']}"}


def develop(event, context):
    return {"developed": len(event["Records"])}
