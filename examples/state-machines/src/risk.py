def handler(event, context):
    months = event["sum"] / (event["income"] * 0.2)
    return {"percent": round(min(100, months), 1)}
