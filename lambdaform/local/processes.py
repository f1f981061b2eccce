"""The processes of one environment: the runtime's and those of its external extensions, with what they write.

Source: AWS Lambda Developer Guide, lambda-runtime-environment and runtimes-extensions-api.
"""

from __future__ import annotations

from collections.abc import Callable

from lambdaform.local.environment_log import EnvironmentLog
from lambdaform.local.launch import Launch
from lambdaform.local.output import Output
from lambdaform.local.process import Process


class Processes:
    """One environment's. They are started one by one, and stand still, go on and end together."""

    def __init__(self, launch: Launch, log: EnvironmentLog) -> None:
        self.runtime: Process | None = None
        #: Those of the external extensions, by name.
        self.of_extensions: dict[str, Process] = {}
        self._launch = launch
        self._log = log
        self._output = Output(log.write_of_function)
        self._outputs_of_extensions: list[Output] = []

    def start_runtime(self, runtime_api: str, on_exit: Callable[[int], None]) -> None:
        """Start the runtime's. Raises as `Process` does."""
        self._output = output = Output(self._log.write_of_function)
        self.runtime = self._launch.start(runtime_api, output.take, on_exit)

    def start_extension(self, name: str, runtime_api: str, on_exit: Callable[[int], None]) -> None:
        """Start that of an external extension. Raises as `Process` does."""
        output = Output(self._log.write_of_extension)
        self._outputs_of_extensions.append(output)
        self.of_extensions[name] = self._launch.start_extension(name, runtime_api, output.take, on_exit)

    def all(self) -> list[Process]:
        """All of them: the extensions', then the runtime's."""
        runtime = [self.runtime] if self.runtime is not None else []
        return [*self.of_extensions.values(), *runtime] if self.of_extensions else runtime

    def freeze(self) -> None:
        """Have all of them stand still."""
        for process in self.all():
            process.freeze()

    def thaw(self) -> None:
        """Let them go on."""
        for process in self.all():
            process.thaw()

    def flush(self) -> None:
        """Have what they have written up to now in the log."""
        for process in self.all():
            process.drain()
        self._flush_outputs()

    def kill_runtime(self) -> None:
        """End the runtime's, with what it wrote last."""
        if self.runtime is not None:
            process, self.runtime = self.runtime, None
            # Extensions are strays of the runtime's, which have their own end.
            process.kill(strays=not self.of_extensions)
            self._output.flush()

    def kill_extension(self, name: str) -> None:
        """End that of one extension. What it has started and left alone ends with the last of them."""
        self.of_extensions.pop(name).kill(strays=False)

    def kill(self) -> None:
        """End all of them, and all that they have started."""
        self.kill_runtime()
        for process in self.of_extensions.values():
            process.kill()
        self._flush_outputs()
        self._outputs_of_extensions.clear()
        self.of_extensions.clear()

    @property
    def have_extensions_exited(self) -> bool:
        """Whether those of all external extensions have ended."""
        return all(each.has_exited for each in self.of_extensions.values())

    def _flush_outputs(self) -> None:
        self._output.flush()
        for output in self._outputs_of_extensions:
            output.flush()
