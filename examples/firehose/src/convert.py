import base64
import json


def handler(event, context):
    return {"records": [convert(record) for record in event["records"]]}


def convert(record):
    try:
        measured = json.loads(base64.b64decode(record["data"]))
        line = json.dumps({"scale": measured["scale"], "kg": round(measured["lb"] * 0.45359237, 3)}) + "\n"
    except (ValueError, KeyError):
        return {**record, "result": "ProcessingFailed"}
    return {
        "recordId": record["recordId"],
        "result": "Ok",
        "data": base64.b64encode(line.encode()).decode(),
    }
