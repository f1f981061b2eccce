"""Work that takes long, beside the loop: in a thread of its own, for which nobody waits at the end.

An app's own code may run for minutes, packages be installed, a queue be polled; whoever ends lambdaform meanwhile must
not have to wait for that, as for a thread of the loop's executor.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """What the work gives, or raises, while the loop goes on."""
    given: Future[T] = Future()

    def run() -> None:
        if not given.set_running_or_notify_cancel():
            return
        try:
            given.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised for whoever waits
            given.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wrap_future(given)
