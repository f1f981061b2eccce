"""The Telemetry API of one environment, and the older Logs API: who has subscribed to what, and its delivery.

Events are kept for each subscriber and delivered in batches: when there are as many, or as large ones, as it
asked for, or when its time is up; and before the environment is frozen or ends. A subscriber that takes nothing
loses the oldest, and is told how many.

Source: AWS Lambda Developer Guide, telemetry-api and telemetry-api-reference (limits and defaults).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen

from lambdaform.local import platform_events
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.http import Connection, Request
from lambdaform.local.platform_events import PlatformEvent

PATHS = ("/2022-07-01/telemetry", "/2020-08-15/logs")
_TYPES = ("platform", "function", "extension")
_SCHEMAS = ("2025-01-29", "2022-12-13", "2022-07-01", "2021-03-18", "2020-08-15")
_MAX_KEPT_BYTES = 4 << 20
_HOSTS = ("sandbox.localdomain", "sandbox", "localhost", "127.0.0.1")


@frozen
class _Limit:
    least: int
    most: int
    default: int


_LIMITS = {
    "maxItems": _Limit(1000, 10_000, 10_000),
    "maxBytes": _Limit(262_144, 1_048_576, 262_144),
    "timeoutMs": _Limit(25, 30_000, 1000),
}


@define(eq=False)
class _Subscriber:
    name: str
    types: tuple[str, ...]
    protocol: str
    port: int
    path: str
    max_items: int
    max_bytes: int
    timeout: float
    kept: deque[bytes] = field(factory=deque)
    size: int = 0
    dropped: int = 0
    dropped_bytes: int = 0
    timer: asyncio.TimerHandle | None = None
    sending: asyncio.Task[None] | None = None


class Telemetry:
    """The subscribers of one environment. ``say`` gets the platform's own event about a subscription.

    ``socket_to`` gives a socket for a port on which a subscriber listens, if it needs one of its own.
    """

    def __init__(
        self,
        say: Callable[[PlatformEvent], None],
        socket_to: Callable[[int], socket.socket | None] = lambda _: None,
    ) -> None:
        self._say = say
        self._socket_to = socket_to
        self._subscribers: dict[str, _Subscriber] = {}
        self._closed = False
        #: Whether anybody has subscribed.
        self.is_wanted = False

    @property
    def has_kept(self) -> bool:
        """Whether something is still to be delivered, or is on its way."""
        return any(
            each.kept or (each.sending is not None and not each.sending.done())
            for each in self._subscribers.values()
        )

    def reset(self) -> None:
        """Forget all subscribers: the extensions start from the beginning."""
        for each in self._subscribers.values():
            if each.timer is not None:
                each.timer.cancel()
            if each.sending is not None:
                each.sending.cancel()
        self._subscribers.clear()
        self.is_wanted = self._closed = False

    def close_subscription(self) -> None:
        """Initialisation is over: nobody may subscribe any more."""
        self._closed = True

    def publish(self, kind: str, event: Mapping[str, Any]) -> None:
        """Keep an event for everybody who subscribed to its kind: platform, function or extension."""
        data: bytes | None = None
        for each in self._subscribers.values():
            if kind not in each.types:
                continue
            data = data or json.dumps(event, separators=(",", ":")).encode()
            self._keep(each, data)

    async def flush(self) -> None:
        """Deliver everything that is kept; what a subscriber does not take in time stays kept."""
        await asyncio.gather(*(self._flush(each) for each in tuple(self._subscribers.values())))

    def subscribe(self, connection: Connection, request: Request, name: str) -> None:
        """One request to subscribe, of a known extension."""
        if self._closed:
            body = {
                "errorType": "Telemetry.NotSupported",
                "errorMessage": "Telemetry API subscription is closed already",
            }
            _reply(connection, 403, body)
            return
        try:
            subscriber = _read(name, request.body)
        except _Invalid as error:
            _reply(connection, 400, {"errorType": "ValidationError", "errorMessage": str(error)})
            return
        self._subscribers[name] = subscriber
        self.is_wanted = True
        _reply(connection, 200, "OK")
        self._say(platform_events.telemetry_subscription(name, subscriber.types))

    def _keep(self, subscriber: _Subscriber, data: bytes) -> None:
        subscriber.kept.append(data)
        subscriber.size += len(data)
        while subscriber.size > _MAX_KEPT_BYTES:
            oldest = subscriber.kept.popleft()
            subscriber.size -= len(oldest)
            subscriber.dropped += 1
            subscriber.dropped_bytes += len(oldest)
        if len(subscriber.kept) >= subscriber.max_items or subscriber.size >= subscriber.max_bytes:
            self._start(subscriber)
        elif subscriber.timer is None:
            loop = asyncio.get_running_loop()
            subscriber.timer = loop.call_later(subscriber.timeout, self._start, subscriber)

    def _start(self, subscriber: _Subscriber) -> None:
        if subscriber.timer is not None:
            subscriber.timer.cancel()
            subscriber.timer = None
        if subscriber.sending is None or subscriber.sending.done():
            subscriber.sending = asyncio.ensure_future(self._send(subscriber))

    async def _flush(self, subscriber: _Subscriber) -> None:
        if subscriber.kept:
            self._start(subscriber)
        if subscriber.sending is not None:
            await asyncio.wait([subscriber.sending])

    async def _send(self, subscriber: _Subscriber) -> None:
        while subscriber.kept:
            if subscriber.dropped:
                reason = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."
                event = platform_events.logs_dropped(subscriber.dropped, subscriber.dropped_bytes, reason)
                data = json.dumps(event.telemetry(utc_text(wall_time()))).encode()
                subscriber.kept.appendleft(data)
                subscriber.size += len(data)
                subscriber.dropped = subscriber.dropped_bytes = 0
            count = min(len(subscriber.kept), subscriber.max_items)
            batch = [subscriber.kept.popleft() for _ in range(count)]
            size = sum(map(len, batch))
            subscriber.size -= size
            if not await self._deliver(subscriber, batch):
                subscriber.kept.extendleft(reversed(batch))
                subscriber.size += size
                return

    async def _deliver(self, subscriber: _Subscriber, batch: list[bytes]) -> bool:
        """Whether the subscriber took a batch."""
        own: socket.socket | None = None
        try:
            async with asyncio.timeout(2):
                own = self._socket_to(subscriber.port) or socket.socket()
                own.setblocking(False)
                await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", subscriber.port))
                return await _sent(own, subscriber, batch)
        except (OSError, TimeoutError):
            return False
        finally:
            if own is not None:
                own.close()


async def _sent(connected: socket.socket, subscriber: _Subscriber, batch: list[bytes]) -> bool:
    reader, writer = await asyncio.open_connection(sock=connected)
    try:
        if subscriber.protocol == "TCP":
            writer.write(b"".join(each + b"\n" for each in batch))
            await writer.drain()
            return True
        body = b"[" + b",".join(batch) + b"]"
        head = (
            f"POST {subscriber.path} HTTP/1.1\r\nHost: sandbox.localdomain:{subscriber.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        status = await reader.readline()
        return re.match(rb"HTTP/1\.[01] 2\d\d", status) is not None
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class _Invalid(Exception):  # noqa: N818 - an answer to a client
    """A subscription that is not one."""


def _read(name: str, body: bytes) -> _Subscriber:
    try:
        data = json.loads(body)
        destination = data["destination"]
        types = data["types"]
        address = urlsplit(destination.get("URI") or f"tcp://sandbox.localdomain:{destination['port']}")
        port = address.port
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _Invalid(f"The subscription is not readable: {error}") from error
    if not isinstance(types, list) or not types or any(each not in _TYPES for each in types):
        raise _Invalid(f"types must be some of {', '.join(_TYPES)}")
    if data.get("schemaVersion", _SCHEMAS[-1]) not in _SCHEMAS:
        raise _Invalid(f"schemaVersion must be one of {', '.join(_SCHEMAS)}")
    if destination.get("protocol") not in ("HTTP", "TCP"):
        raise _Invalid("destination.protocol must be HTTP or TCP")
    if address.hostname not in _HOSTS or port is None:
        raise _Invalid("destination.URI must name a port of sandbox.localdomain")
    buffering = data.get("buffering") or {}
    values = {}
    for key, limit in _LIMITS.items():
        value = buffering.get(key, limit.default)
        if not isinstance(value, int) or isinstance(value, bool) or not limit.least <= value <= limit.most:
            raise _Invalid(f"buffering.{key} must be from {limit.least} to {limit.most}")
        values[key] = value
    return _Subscriber(
        name,
        tuple(types),
        destination["protocol"],
        port,
        address.path or "/",
        values["maxItems"],
        values["maxBytes"],
        values["timeoutMs"] / 1000,
    )


def _reply(connection: Connection, status: int, body: Any) -> None:
    connection.reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})
