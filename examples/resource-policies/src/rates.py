RATES = {"EUR": 1.0, "SEK": 11.05, "USD": 1.16}


def handler(event, context):
    return {"currency": event["currency"], "rate": RATES[event["currency"]]}
