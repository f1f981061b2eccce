"""Says what the orders of an event were worth."""

from amounts import in_words
from orjson import dumps, loads


def handler(event, context):
    orders = loads(event["body"])
    digest = {"orders": len(orders), "worth": in_words(sum(each["cents"] for each in orders))}
    return {"statusCode": 200, "body": dumps(digest).decode()}
