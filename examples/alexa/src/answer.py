MINUTES = {"soft": 5, "medium": 7, "hard": 10}


def handler(event, context):
    request = event["request"]
    if request["type"] == "IntentRequest" and request["intent"]["name"] == "BoilEgg":
        wish = request["intent"]["slots"]["kind"]["value"]
        text = f"A {wish} egg takes {MINUTES[wish]} minutes."
    else:
        text = "How do you like your egg?"
    return {
        "version": "1.0",
        "response": {"outputSpeech": {"type": "PlainText", "text": text}, "shouldEndSession": True},
    }
