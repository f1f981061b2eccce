PRICES = {"tea": "4.20", "cup": "9.99"}


def handler(event, context):
    return {"price": PRICES[event["name"]], "version": context.function_version}
