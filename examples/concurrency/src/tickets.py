def sell(event, context):
    return {"seat": event["seat"], "price": 35 if event["seat"].startswith("A") else 20}


def print_ticket(event, context):
    return f"*** seat {event['seat']} ***"
