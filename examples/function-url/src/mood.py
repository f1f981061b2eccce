import hashlib

MOODS = ["calm", "curious", "merry", "thoughtful"]


def handler(event, context):
    name = event.get("queryStringParameters", {}).get("name", "stranger")
    mood = MOODS[hashlib.sha256(name.encode()).digest()[0] % len(MOODS)]
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": f"{name} is {mood}\n"}
