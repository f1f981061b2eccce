"""The shutdown phase of an environment with extensions: the runtime is asked to end, then they are told, and have time.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and runtimes-extensions-api (shutdown phase);
aws-lambda-runtime-interface-emulator, rapid/shutdown.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lambdaform.facts.quotas import Quotas
from lambdaform.local.clock import wall_time
from lambdaform.local.extensions import Extensions
from lambdaform.local.processes import Processes
from lambdaform.local.telemetry import Telemetry

#: The runtime's share of the time.
_RUNTIME_SHARE = 0.3


class Shutdown:
    """That of one environment, which may come again and again. ``over`` ends what is left of the processes."""

    def __init__(
        self,
        quotas: Quotas,
        extensions: Extensions,
        telemetry: Telemetry,
        processes: Processes,
        over: Callable[[], None],
    ) -> None:
        #: What is next once it is over; None where none is under way.
        self.then: Callable[[], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._quotas = quotas
        self._extensions = extensions
        self._telemetry = telemetry
        self._processes = processes
        self._over = over
        self._reason, self._until = "", 0.0
        self._timer: asyncio.TimerHandle | None = None
        #: The delivery of what is kept for subscribers before they are told.
        self._parting: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether it is under way."""
        return self.then is not None

    def begin(self, reason: str, then: Callable[[], None]) -> None:
        """Ask the runtime to end, in its share of the time; ``reason`` is what the extensions are told afterwards."""
        quotas, runtime = self._quotas, self._processes.runtime
        is_external = bool(self._processes.of_extensions)
        seconds = (
            quotas.shutdown_ms_external_extensions if is_external else quotas.shutdown_ms_internal_extensions
        ) / 1000
        self.then, self._reason, self._parting = then, reason, None
        self._until = self._loop.time() + seconds
        if runtime is None or runtime.has_exited:
            self.runtime_left()
        else:
            runtime.terminate()
            self._timer = self._loop.call_later(seconds * _RUNTIME_SHARE, self.runtime_left)

    def runtime_left(self) -> None:
        """The runtime has ended, or its time is up: external extensions are told, those at least that want to be.

        Before they are told they get what was kept for them.
        """
        self._stop_timer()
        processes = self._processes
        processes.kill_runtime()
        if processes.of_extensions and self._parting is None and self._telemetry.has_kept:
            self._parting = asyncio.ensure_future(self._telemetry.flush(self._left / 2))
            self._parting.add_done_callback(self._parted)
            return
        seconds = self._left
        told = self._extensions.shut_down(self._reason, int((wall_time() + seconds) * 1000))
        for name in processes.of_extensions.keys() - told if told else ():
            # It is not waited for.
            processes.kill_extension(name)
        if not told or processes.have_extensions_exited:
            self.end()
        else:
            self._timer = self._loop.call_later(seconds, self.end)

    def extension_left(self) -> None:
        """The process of an extension has ended."""
        if self.is_on and self._processes.runtime is None and self._processes.have_extensions_exited:
            self.end()

    def end(self) -> None:
        """The extensions have ended, or their time is up; nothing happens where none is under way."""
        then, self.then = self.then, None
        if then is not None:
            self._stop_timer()
            self._over()
            then()

    @property
    def _left(self) -> float:
        """How many seconds are left."""
        return max(self._until - self._loop.time(), 0)

    def _parted(self, parting: asyncio.Task[None]) -> None:
        if self.is_on and self._parting is parting:
            self.runtime_left()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
