import posixpath


def archive(event, context):
    name = posixpath.basename(event["path"])
    return {"key": f"{event['taken'][:4]}/{event['taken'][5:7]}/{name}"}


def caption(event, context):
    return " · ".join(filter(None, [event.get("place"), event.get("taken")]))
