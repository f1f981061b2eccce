"""The Telemetry API of one environment, and the older Logs API: who has subscribed to what, and its delivery.

Events are kept for each subscriber and delivered in batches of as many and as large ones as it asked for: when there
are so many, or when its time is up; and before the environment is frozen or ends. A subscriber that takes nothing
loses the oldest, and is told how many.

Source: AWS Lambda Developer Guide, telemetry-api and telemetry-api-reference (limits and defaults);
aws-lambda-runtime-interface-emulator, rapi/router.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections import deque
from collections.abc import Callable

from attrs import define, field

from lambdaform.local import platform_events
from lambdaform.local.api_answers import not_found, refuse
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.extensions import Extension
from lambdaform.local.http import Connection, Request
from lambdaform.local.platform_events import PlatformEvent
from lambdaform.local.subscription import (
    APIS,
    LOGS,
    Api,
    InvalidSubscription,
    Subscription,
    line_as_object,
    line_as_text,
    read,
)

#: Where both APIs are.
PATHS = tuple(APIS)
_MAX_KEPT_BYTES = 4 << 20


@define(eq=False)
class _Subscriber:
    wants: Subscription
    kept: deque[bytes] = field(factory=deque)
    size: int = 0
    dropped: int = 0
    dropped_bytes: int = 0
    timer: asyncio.TimerHandle | None = None
    sending: asyncio.Task[None] | None = None

    def delivered(self, size: int, count: int) -> int:
        """How many bytes so many records with these bytes are on their way: an array with commas, or lines."""
        return size + count + (self.wants.protocol == "HTTP")

    def next_batch(self) -> tuple[list[bytes], int]:
        """The oldest of what is kept, as many and as large as it asked for, or one that is larger; and its bytes."""
        batch = [self.kept.popleft()]
        size = len(batch[0])
        while (
            self.kept
            and len(batch) < self.wants.max_items
            and self.delivered(size + len(self.kept[0]), len(batch) + 1) <= self.wants.max_bytes
        ):
            batch.append(self.kept.popleft())
            size += len(batch[-1])
        return batch, size


class Telemetry:
    """The subscribers of one environment.

    ``known`` gives the extension that sent a request, or refuses it; ``say`` gets the platform's own event about a
    subscription. ``socket_to`` gives a socket for a port on which a subscriber listens, if it needs one of its own.
    ``in_json`` says that the function's log is in JSON.
    """

    def __init__(
        self,
        known: Callable[[Connection, Request], Extension | None],
        say: Callable[[PlatformEvent], None],
        socket_to: Callable[[int], socket.socket | None] = lambda _: None,
        *,
        in_json: bool = False,
    ) -> None:
        self._known = known
        self._say = say
        self._socket_to = socket_to
        self._in_json = in_json
        self._subscribers: dict[str, _Subscriber] = {}
        self._closed = False
        #: What was said before anybody could subscribe, and when.
        self._begun: tuple[PlatformEvent, str] | None = None
        #: Whether anybody has subscribed, or still may.
        self.is_wanted = True

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
        self._closed, self._begun, self.is_wanted = False, None, True

    def close_subscription(self) -> None:
        """Initialisation is over: nobody may subscribe any more."""
        self._closed, self._begun = True, None
        self.is_wanted = bool(self._subscribers)

    def publish(self, event: PlatformEvent, time: str) -> None:
        """Keep an event of the platform for everybody who subscribed to them."""
        if event.type == platform_events.INIT_START:
            self._begun = event, time
        for each in self._subscribers.values():
            self._publish_to(each, event, time)

    def _publish_to(self, subscriber: _Subscriber, event: PlatformEvent, time: str) -> None:
        if "platform" in subscriber.wants.types:
            data = subscriber.wants.form(event, time)
            if data is not None:
                self._keep(subscriber, data)

    def log(self, kind: str, text: str, time: str) -> None:
        """Keep a line of the function, or of an extension, for everybody who subscribed to such."""
        forms: dict[bool, bytes] = {}
        for each in self._subscribers.values():
            if kind not in each.wants.types:
                continue
            as_object = self._in_json and each.wants.takes_objects
            if as_object not in forms:
                forms[as_object] = (line_as_object if as_object else line_as_text)(kind, text, time)
            self._keep(each, forms[as_object])

    async def flush(self, within: float | None = None) -> None:
        """Deliver everything that is kept, and wait for that, at most so many seconds.

        What a subscriber does not take in time stays kept.
        """
        for each in self._subscribers.values():
            if each.kept:
                self._start(each)
        sending = [each.sending for each in self._subscribers.values() if each.sending is not None]
        if sending:
            await asyncio.wait(sending, timeout=within)

    def request(self, connection: Connection, request: Request) -> None:
        """One request to either API."""
        api = APIS.get(request.path.removesuffix("/"))
        if api is None:
            not_found(connection)
        elif request.method != "PUT":
            connection.reply(405, b"", {"Allow": "PUT"})
        elif (extension := self._known(connection, request)) is not None:
            self._subscribe(connection, api, extension.name, request.body)

    def _subscribe(self, connection: Connection, api: Api, name: str, body: bytes) -> None:
        if self._closed:
            message = f"{api.name} API subscription is closed already"
            refuse(connection, 403, f"{api.name}.SubscriptionClosed", message)
            return
        before = self._subscribers.get(name)
        try:
            if before is not None and before.wants.api is not api:
                raise InvalidSubscription(f"{name} has subscribed to the {before.wants.api.name} API")
            wants = read(api, body)
        except InvalidSubscription as error:
            refuse(connection, 400, api.invalid, str(error))
            return
        connection.reply(200, b'"OK"', {"Content-Type": "application/json"})
        if before is None:
            self._add(name, wants)
        else:
            # What is kept for it already goes where it says now.
            before.wants = wants

    def _add(self, name: str, wants: Subscription) -> None:
        subscriber = self._subscribers[name] = _Subscriber(wants)
        if self._begun is not None:
            self._publish_to(subscriber, *self._begun)
        said = (
            platform_events.logs_subscription if wants.api is LOGS else platform_events.telemetry_subscription
        )
        self._say(said(name, wants.types))

    def _keep(self, subscriber: _Subscriber, data: bytes) -> None:
        subscriber.kept.append(data)
        subscriber.size += len(data)
        while subscriber.size > _MAX_KEPT_BYTES:
            oldest = subscriber.kept.popleft()
            subscriber.size -= len(oldest)
            subscriber.dropped += 1
            subscriber.dropped_bytes += len(oldest)
        if (
            len(subscriber.kept) >= subscriber.wants.max_items
            or subscriber.delivered(subscriber.size, len(subscriber.kept)) >= subscriber.wants.max_bytes
        ):
            self._start(subscriber)
        elif subscriber.timer is None:
            loop = asyncio.get_running_loop()
            subscriber.timer = loop.call_later(subscriber.wants.timeout, self._start, subscriber)

    def _start(self, subscriber: _Subscriber) -> None:
        if subscriber.timer is not None:
            subscriber.timer.cancel()
            subscriber.timer = None
        if subscriber.sending is None or subscriber.sending.done():
            subscriber.sending = asyncio.ensure_future(self._send(subscriber))

    async def _send(self, subscriber: _Subscriber) -> None:
        while subscriber.kept:
            if subscriber.dropped:
                reason = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."
                event = platform_events.logs_dropped(subscriber.dropped, subscriber.dropped_bytes, reason)
                data = subscriber.wants.form(event, utc_text(wall_time()))
                assert data is not None
                subscriber.kept.appendleft(data)
                subscriber.size += len(data)
                subscriber.dropped = subscriber.dropped_bytes = 0
            batch, size = subscriber.next_batch()
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
                own = self._socket_to(subscriber.wants.port) or socket.socket()
                own.setblocking(False)
                await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", subscriber.wants.port))
                return await _sent(own, subscriber, batch)
        except (OSError, TimeoutError, ValueError):
            # Also what is no answer of HTTP.
            return False
        finally:
            if own is not None:
                own.close()


async def _sent(connected: socket.socket, subscriber: _Subscriber, batch: list[bytes]) -> bool:
    reader, writer = await asyncio.open_connection(sock=connected)
    try:
        if subscriber.wants.protocol == "TCP":
            writer.write(b"".join(each + b"\n" for each in batch))
            await writer.drain()
            return True
        body = b"[" + b",".join(batch) + b"]"
        head = (
            f"POST {subscriber.wants.path} HTTP/1.1\r\nHost: sandbox.localdomain:{subscriber.wants.port}\r\n"
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
