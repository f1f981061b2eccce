ERRANDS = {"ada": {"monday": ["post office", "bakery"]}}


def handler(event, context):
    user = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    day = event["pathParameters"]["day"]
    return {"day": day, "errands": ERRANDS.get(user, {}).get(day, [])}
