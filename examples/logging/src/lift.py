import logging

logger = logging.getLogger("lift")


def handler(event, context):
    logger.debug("asked for floor %s", event["floor"])
    if event["persons"] > 8:
        logger.warning("overloaded", extra={"persons": event["persons"]})
        return {"moving": False}
    return {"moving": True, "floor": event["floor"]}
