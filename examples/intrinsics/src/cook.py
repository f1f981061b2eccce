import os


def handler(event, context):
    dish, currency = os.environ["DISH"], os.environ["CURRENCY"]
    return f"{event['plates']} x {dish} in {os.environ['PLACE']}, paid in {currency}"
