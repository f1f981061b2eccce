import os


def handler(event, context):
    first = os.environ["COUNTER"][0].upper()
    return {"number": f"{os.environ['PREFIX']}{first}{len(event['Records']):03}"}
