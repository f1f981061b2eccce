import os


def handler(event, context):
    return f"line {os.environ['LINE']} is ringing"
