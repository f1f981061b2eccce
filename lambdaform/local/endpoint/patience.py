"""How long the endpoint waits for its clients, and how many it has at once.

A request's head must be there soon, its body must come along, and a connection that nothing is asked on is closed after a
while. Where there are as many connections as there may be, one that is idle makes room; if none is, the new one is
told so. Who waits for an answer may wait as long as it takes.

Source: OWASP, "Denial of Service Cheat Sheet" (slow requests); Apache HTTP Server, mod_reqtimeout (rates);
boto3 and the AWS CLI keep connections for reuse.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, MutableMapping, Set
from weakref import WeakKeyDictionary

from attrs import frozen

from lambdaform.local.http import Connection


@frozen(kw_only=True)
class Patience:
    """Limits: seconds for a head, for a body to come at ``rate`` bytes a second, and for a connection without a request.

    ``period`` is how often it is looked; ``connections`` how many there may be.
    """

    head: float = 10.0
    body: float = 10.0
    rate: float = 500.0
    idle: float = 75.0
    period: float = 1.0
    connections: int = 2048


def most_connections() -> int:
    """How many connections this process has room for: half of the files that it may open, but not too many."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(64, min(2048, soft // 2))


@frozen
class _Seen:
    """A connection as it was: what it was at, in which of its requests, since when, and how much had come then."""

    stage: str
    served: int
    since: float
    received: int


class SlowClients:
    """Looks at connections from time to time, and ends those that take too long."""

    def __init__(self, patience: Patience, now: Callable[[], float]) -> None:
        self._patience = patience
        self._now = now
        self._seen: MutableMapping[Connection, _Seen] = WeakKeyDictionary()

    def sweep(self, connections: Set[Connection]) -> None:
        """Look at all connections once."""
        now = self._now()
        for connection in tuple(connections):
            stage, received = connection.stage
            seen = self._seen.get(connection)
            if seen is None or (seen.stage, seen.served) != (stage, connection.served):
                self._seen[connection] = _Seen(stage, connection.served, now, received)
            elif self._is_too_slow(seen, received, now):
                connection.close()
            elif stage == "body" and now - seen.since >= self._patience.body:
                self._seen[connection] = _Seen(stage, connection.served, now, received)

    def make_room(self, connections: Set[Connection]) -> bool:
        """End the connection that has been idle the longest; whether there was one."""
        # One that came a moment ago is about to ask something.
        idle = [
            each for each in connections if each.stage[0] == "idle" and (each.served or each in self._seen)
        ]
        if not idle:
            return False
        now = self._now()
        min(idle, key=lambda each: self._seen[each].since if each in self._seen else now).close()
        return True

    def _is_too_slow(self, seen: _Seen, received: int, now: float) -> bool:
        patience, waited = self._patience, now - seen.since
        if seen.stage == "head":
            return waited >= patience.head
        if seen.stage == "body":
            return waited >= patience.body and received - seen.received < patience.rate * waited
        return seen.stage == "idle" and waited >= patience.idle
