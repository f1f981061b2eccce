import os


def handler(event, context):
    return {"swept": os.environ["LETTERS"], "older_than_days": int(os.environ["KEEP_DAYS"])}
