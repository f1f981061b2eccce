def handler(event, context):
    debit = sum(entry["amount"] for entry in event["entries"] if entry["side"] == "debit")
    credit = sum(entry["amount"] for entry in event["entries"] if entry["side"] == "credit")
    if debit != credit:
        raise ValueError(f"debit {debit} is not credit {credit}")
    return {"booked": len(event["entries"]), "amount": debit}
