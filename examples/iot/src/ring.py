TIMES = {"SINGLE": 1, "DOUBLE": 2}


def handler(event, context):
    battery = int(event["batteryVoltage"].removesuffix("mV"))
    return {"ring": TIMES[event["clickType"]], "button": event["button"], "battery_low": battery < 1000}
