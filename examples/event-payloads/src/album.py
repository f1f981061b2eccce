from urllib.parse import unquote_plus

PICTURES = (".jpg", ".png")


def handler(event, context):
    keys = [unquote_plus(record["s3"]["object"]["key"]) for record in event["Records"]]
    return [key for key in keys if key.endswith(PICTURES)]
