import os
from decimal import Decimal


def handler(event, context):
    steps = 1 + max(0, event["grams"] - 20) // 30
    return {"postage": str(Decimal(os.environ["RATE"]) * steps)}
