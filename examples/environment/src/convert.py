import json
import os
from decimal import Decimal

RATES = {currency: Decimal(rate) for currency, rate in json.loads(os.environ["RATES"]).items()}


def handler(event, context):
    amount = Decimal(event["amount"]) / RATES[event["from"]] * RATES[event["to"]]
    return {"amount": str(amount.quantize(Decimal("0.01"))), "stage": os.environ["STAGE"]}


def api_key():
    import boto3

    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["API_KEY_SECRET"])
    return secret["SecretString"]
