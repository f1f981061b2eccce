def stamp(event, context):
    return {"letter": event["letter"], "stamps": 1 + len(event["text"]) // 1000}


def print_letter(event, context):
    if not event["text"]:
        raise ValueError(f"letter {event['letter']} is empty")
    return {"letter": event["letter"], "pages": 1 + len(event["text"]) // 2000}
