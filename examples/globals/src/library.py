import os
from datetime import date, timedelta


def lend(event, context):
    due = date.fromisoformat(event["day"]) + timedelta(days=int(os.environ["DAYS"]))
    return {"book": event["book"], "due": due.isoformat()}


def renew(event, context):
    return lend(event, context)


def remind(event, context):
    return {"from_day": int(os.environ["DAYS"])}
