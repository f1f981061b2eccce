from urllib.parse import unquote_plus

LIMIT = 10 * 1024 * 1024


def handler(event, context):
    taken = []
    for record in event["Records"]:
        file = record["s3"]["object"]
        key = unquote_plus(file["key"])
        if file["size"] > LIMIT:
            raise ValueError(f"{key} has {file['size']:,} bytes")
        taken.append({"bucket": record["s3"]["bucket"]["name"], "key": key, "etag": file["eTag"]})
    return taken
