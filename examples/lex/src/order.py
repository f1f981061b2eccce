STOCK = {"roses", "tulips"}


def handler(event, context):
    intent = event["sessionState"]["intent"]
    flower = (intent["slots"]["Flower"] or {}).get("value", {}).get("interpretedValue")
    if flower in STOCK:
        intent["state"] = "ReadyForFulfillment"
        return {"sessionState": {"dialogAction": {"type": "Delegate"}, "intent": intent}}
    return {
        "sessionState": {
            "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Flower"},
            "intent": {**intent, "slots": {**intent["slots"], "Flower": None}},
        },
        "messages": [{"contentType": "PlainText", "content": f"We have {' and '.join(sorted(STOCK))}."}],
    }
