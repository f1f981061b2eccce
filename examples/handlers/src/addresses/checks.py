REQUIRED = ("name", "street", "city", "country")


def handler(event, context):
    missing = [field for field in REQUIRED if not event.get(field)]
    if missing:
        raise ValueError(f"missing: {', '.join(missing)}")
    return {"ok": True}
