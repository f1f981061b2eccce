"""Writes a guest's name down."""

import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
topic = boto3.client("sns")


def handler(event: dict[str, str], context: object) -> str:
    table.put_item(Item={"id": event["name"]})
    topic.publish(TopicArn=os.environ["TOPIC"], Message=event["name"])
    return f"Welcome, {event['name']}."
