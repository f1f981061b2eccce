asked = 0


def handler(event, context):
    global asked
    asked += 1
    return {"tenant": context.tenant_id, "asked": asked}
