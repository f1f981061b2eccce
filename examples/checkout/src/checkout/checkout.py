import json
import logging
import os

from pricing import total

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event, context):
    if "Records" in event:
        return store([json.loads(record["body"]) for record in event["Records"]])
    if event.get("source") == "aws.events":
        logger.info("report of %s", event["time"])
        return {"reported": event["time"]}
    return quote(event)


def quote(basket):
    amount = total(basket["items"])
    logger.info("quoted %d items at %s", len(basket["items"]), amount)
    return {"total": str(amount), "currency": os.environ["CURRENCY"]}


def store(orders):
    import boto3

    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    for order in orders:
        table.put_item(Item={**order, "total": str(total(order["items"]))})
    return {"stored": len(orders)}
