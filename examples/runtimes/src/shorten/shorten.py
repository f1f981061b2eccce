import hashlib


def handler(event, context):
    digest = hashlib.sha256(event["url"].encode()).hexdigest()
    return {"code": digest[:8], "url": event["url"]}
