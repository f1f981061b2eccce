"""Which class of the model stands for which AWS type and which SAM event."""

from __future__ import annotations

from functools import cache

from lambdaform.model import alarm, awslambda, events, function, iam, layer, queue, table
from lambdaform.model.events import Event
from lambdaform.model.resource import Resource


@cache
def resource_types() -> dict[str, type[Resource]]:
    """The model's resource classes by AWS type."""
    rooms = (alarm, awslambda, function, iam, layer, queue, table)
    return {
        each.TYPE: each
        for room in rooms
        for each in vars(room).values()
        if isinstance(each, type) and issubclass(each, Resource) and each.TYPE
    }


@cache
def event_types() -> dict[str, type[Event]]:
    """The model's event classes by SAM's name."""
    return {
        each.TYPE: each
        for each in vars(events).values()
        if isinstance(each, type) and issubclass(each, Event) and each.TYPE
    }
