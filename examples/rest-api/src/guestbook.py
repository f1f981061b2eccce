import html
import json


def write(event, context):
    entry = json.loads(event["body"])
    line = f"{entry['name']} ({event['pathParameters']['year']}): {html.escape(entry['text'])}"
    return {
        "statusCode": 201,
        "headers": {"content-type": "application/json", "access-control-allow-origin": "https://example.com"},
        "body": json.dumps({"entry": line}),
    }
