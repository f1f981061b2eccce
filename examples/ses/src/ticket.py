def handler(event, context):
    mail = event["Records"][0]["ses"]
    if mail["receipt"]["spamVerdict"]["status"] == "FAIL":
        return {"disposition": "STOP_RULE_SET"}
    print(f"ticket: {mail['mail']['commonHeaders']['subject']}")
    return {"disposition": "CONTINUE"}
