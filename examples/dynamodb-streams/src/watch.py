LOW = 10


def handler(event, context):
    low = []
    for record in event["Records"]:
        before = int(record["dynamodb"]["OldImage"]["count"]["N"])
        after = int(record["dynamodb"]["NewImage"]["count"]["N"])
        if after < LOW <= before:
            low.append(record["dynamodb"]["Keys"]["article"]["S"])
    return {"low": low}
