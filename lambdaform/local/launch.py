"""Starting the runtime's process of an environment: its view, its variables, its command.

Where this machine allows processes a view of their own, they find everything where Lambda has it; elsewhere they
get real folders, which their variables name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen

from lambdaform.facts.quotas import Quotas
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control_groups import ControlGroup, ControlGroups
from lambdaform.local.extensions import FOLDER, HIDDEN
from lambdaform.local.logs import Log
from lambdaform.local.namespace import Namespace
from lambdaform.local.network import Network
from lambdaform.local.nursery import Ancestor, Nurseries, Nursery
from lambdaform.local.process import Process
from lambdaform.local.removal import Removals
from lambdaform.local.runtimes import Forkable, Runtime
from lambdaform.local.sandbox import OPT, RUNTIME, TASK, TMP, View, fits_in_memory
from lambdaform.local.variables import Paths, variables

#: Starts a runtime behind a wrapper script, in the words of the bootstrap of AWS's runtimes: ``$0`` is what it is called
#: and ``$1`` where it lies.
_WRAPPED = """
test -f "$1" || { echo "$0: does not exist"; exit 127; }
test -x "$1" || { echo "$0: is not an executable"; exit 126; }
exec "$@"
"""


@frozen(kw_only=True)
class Settings:
    """What all environments of a service share. ``folder`` is where they keep their files.

    ``no_view`` says why processes cannot have a view of their own of the file system, if they cannot. ``watch``
    gets a variable that all processes of an environment have (`lambdaform.local.guard`); ``groups`` limit them, and
    ``networks`` makes each environment's, where that is possible; ``shares_cpu`` says that the groups limit the CPU.
    ``debug_port`` says where a function waits for a debugger, if it is debugged.
    """

    quotas: Quotas
    log: Log
    folder: Path
    endpoint_url: Callable[[], str | None]
    no_view: str | None
    watch: Callable[[str], None]
    groups: ControlGroups | None = None
    shares_cpu: bool = False
    networks: Callable[[], Network | None] = lambda: None
    debug_port: Callable[[str], int | None] = lambda _: None
    #: What processes are forked from, where they may be.
    nurseries: Nurseries | None = None
    #: Removes what environments have had.
    removals: Removals = field(factory=Removals)


@frozen(kw_only=True)
class Launch:
    """Everything that starting a runtime needs. ``folder`` is the environment's own, with ``tmp`` and ``root``."""

    configuration: FunctionConfiguration
    runtime: Runtime
    settings: Settings
    folder: Path
    log_stream: str
    initialization_type: str
    metadata_token: str
    credentials_token: str | None = None
    #: What all processes of the environment see, where they can have a view of their own.
    namespace: Namespace | None = field(init=False, repr=False)

    @namespace.default
    def _made(self) -> Namespace | None:
        return Namespace(self._view()) if self._in_view else None

    #: What counts them, where that is possible.
    group: ControlGroup | None = field(init=False, repr=False)

    @group.default
    def _counted(self) -> ControlGroup | None:
        groups = self.settings.groups
        return groups.make(self.settings.quotas.processes) if groups is not None else None

    #: Where it listens, where that can be told.
    network: Network | None = field(init=False, repr=False)

    @network.default
    def _connected(self) -> Network | None:
        # Whoever debugs it connects to it.
        is_debugged = self.settings.debug_port(self.configuration.function_name) is not None
        return None if is_debugged else self.settings.networks()

    def limit_cpu(self) -> None:
        """Give all processes together the CPU that Lambda gives to the function's memory, from now on."""
        if self.settings.shares_cpu and self.group is not None:
            quotas = self.settings.quotas
            self.group.limit_cpu(self.configuration.memory_size / quotas.memory_per_vcpu)

    def close(self) -> None:
        """There will be no more processes."""
        if self.group is not None and self.settings.groups is not None:
            self.settings.groups.remove(self.group)
        if self.network is not None:
            self.network.close()
        self.settings.removals.put(self.folder, self.namespace)

    def start(
        self, runtime_api: str, on_output: Callable[[int, bytes], None], on_exit: Callable[[int], None]
    ) -> Process:
        """Start the runtime's process. Raises as `Process` does."""
        paths = self._paths()
        environment = self._variables(paths, runtime_api)
        plain = self.runtime.command(paths)
        command = self._wrapped(plain, environment, paths)
        is_interpreter = self.runtime.folder is not None and command == plain
        return self._process(
            command,
            paths.task,
            environment,
            on_output,
            on_exit,
            starts_slowly=is_interpreter,
            nursery=self._nursery() if command == plain else None,
            frames_log=self.runtime.frames_log,
        )

    def start_extension(
        self,
        name: str,
        runtime_api: str,
        on_output: Callable[[int, bytes], None],
        on_exit: Callable[[int], None],
    ) -> Process:
        """Start the process of an external extension. Raises as `Process` does."""
        paths = self._paths()
        variables = self._variables(paths, runtime_api)
        environment = {key: value for key, value in variables.items() if key not in HIDDEN}
        folder = "/" if self._in_view else paths.task
        return self._process((f"{paths.opt}/{FOLDER}/{name}",), folder, environment, on_output, on_exit)

    @property
    def notice(self) -> str | None:
        """What a person should know of this function's environments here."""
        if not self._in_view or self._limits_tmp:
            return None
        size = self.configuration.ephemeral_storage
        return f"The {size} MB of /tmp are not limited here: that is more than a quarter of this machine's memory."

    @property
    def _limits_tmp(self) -> bool:
        return self._in_view and fits_in_memory(self.configuration.ephemeral_storage)

    @property
    def _in_view(self) -> bool:
        return self.settings.no_view is None

    def _nursery(self) -> Nursery | None:
        """What the runtime's process is forked from, if there is anything."""
        nurseries, runtime = self.settings.nurseries, self.runtime
        if nurseries is None or not isinstance(runtime, Forkable):
            return None
        ancestors = ancestors_of(self.configuration, runtime, self.settings)
        return nurseries.find(ancestors, lambda: runtime.top_level_names(self.configuration))

    def _process(
        self,
        command: tuple[str, ...],
        folder: str,
        environment: dict[str, str],
        on_output: Callable[[int, bytes], None],
        on_exit: Callable[[int], None],
        *,
        starts_slowly: bool = False,
        nursery: Nursery | None = None,
        frames_log: bool = False,
    ) -> Process:
        return Process(
            command,
            folder=folder,
            environment=environment,
            file_descriptors=self.settings.quotas.file_descriptors,
            processes=self.settings.quotas.processes,
            namespace=self.namespace,
            group=self.group,
            network=self.network,
            starts_slowly=starts_slowly,
            nursery=nursery,
            frames_log=frames_log,
            on_output=on_output,
            on_exit=on_exit,
        )

    def _variables(self, paths: Paths, runtime_api: str) -> dict[str, str]:
        return variables(
            self.configuration,
            paths,
            runtime_api=runtime_api,
            log_stream=self.log_stream,
            initialization_type=self.initialization_type,
            runtime_variables=self.runtime.variables(paths),
            endpoint_url=self.settings.endpoint_url(),
            in_sandbox=self._in_view,
            metadata_token=self.metadata_token,
            credentials_token=self.credentials_token,
        )

    def _wrapped(
        self, command: tuple[str, ...], environment: dict[str, str], paths: Paths
    ) -> tuple[str, ...]:
        """The command behind the function's wrapper script, where it names one (managed runtimes only)."""
        wrapper = environment.get("AWS_LAMBDA_EXEC_WRAPPER")
        if not wrapper or self.runtime.folder is None:
            return command
        found = wrapper
        for seen, real in (("/opt/", paths.opt), ("/var/task/", paths.task)):
            if wrapper.startswith(seen):
                found = f"{real}/{wrapper.removeprefix(seen)}"
        return ("/bin/sh", "-c", _WRAPPED, wrapper, found, *command)

    def _paths(self) -> Paths:
        return _paths(self.configuration, self.runtime, self.folder / "tmp", in_view=self._in_view)

    def _view(self) -> View:
        return View(
            task=self.configuration.code,
            opt=self.configuration.opt,
            tmp=self.folder / "tmp",
            root=self.folder / "root",
            runtime=self.runtime.folder,
            visible=self.runtime.visible,
            hosts=self.settings.folder / "hosts",
            programs=self.runtime.programs,
            tmp_mb=self.configuration.ephemeral_storage if self._limits_tmp else None,
        )


def ancestors_of(
    configuration: FunctionConfiguration, runtime: Runtime, settings: Settings
) -> tuple[Ancestor, ...]:
    """What a function's processes may be forked from, the best first."""
    if not isinstance(runtime, Forkable):
        return ()
    in_view = settings.no_view is None
    paths = _paths(configuration, runtime, settings.folder, in_view=in_view)
    return runtime.ancestors(configuration, paths, in_view=in_view)


def _paths(configuration: FunctionConfiguration, runtime: Runtime, tmp: Path, *, in_view: bool) -> Paths:
    """Where a process finds everything; ``tmp`` is its own folder where it has no view."""
    if in_view:
        return Paths(task=str(TASK), opt=str(OPT), tmp=str(TMP), runtime=str(RUNTIME))
    return Paths(
        task=str(configuration.code),
        opt=str(configuration.opt),
        tmp=str(tmp),
        runtime=str(runtime.folder or RUNTIME),
    )
