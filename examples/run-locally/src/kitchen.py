MINUTES = {"green": 2, "black": 4, "rooibos": 7}


def handler(event, context):
    return {"tea": event["tea"], "minutes": MINUTES[event["tea"]]}
