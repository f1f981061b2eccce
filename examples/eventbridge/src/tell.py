def handler(event, context):
    return {"text": f"Your parcel {event['parcel']} comes {event['hours']} hours later."}
