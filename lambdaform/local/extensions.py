"""The Extensions API of one environment: which extensions there are, what each has registered for, who is waiting.

External extensions are executables under ``/opt/extensions``, each in a process of its own; internal ones are part
of the runtime's process. The environment asks here whether all of them are done, and hands them their events.

Source: AWS Lambda Developer Guide, runtimes-extensions-api; aws-lambda-runtime-interface-emulator (statuses,
error types and messages).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import define, frozen

from lambdaform.local.api_answers import accept, bad_transition, not_found, refuse
from lambdaform.local.http import Connection, Request

PREFIX = "/2020-01-01/extension/"
#: Where external extensions lie in the merged layers.
FOLDER = "extensions"
#: The variables that are the runtime's own, and not there for extensions.
HIDDEN = frozenset(
    {
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_AWS_XRAY_DAEMON_ADDRESS",
        "_AWS_XRAY_DAEMON_PORT",
        "_HANDLER",
    }
)
_EVENTS = {True: ("INVOKE", "SHUTDOWN"), False: ("INVOKE",)}
_IDENTIFIER = "lambda-extension-identifier"
_ERROR_TYPE = "lambda-extension-function-error-type"


class ExtensionState(StrEnum):
    """What an extension is doing, in the words of AWS's messages."""

    STARTED = "Started"
    REGISTERED = "Registered"
    READY = "Ready"
    RUNNING = "Running"
    INIT_ERROR = "InitError"
    EXIT_ERROR = "ExitError"
    LAUNCH_ERROR = "LaunchError"


_FAILED = (ExtensionState.INIT_ERROR, ExtensionState.EXIT_ERROR, ExtensionState.LAUNCH_ERROR)


@define(eq=False)
class Extension:
    """One extension: ``events`` are those that it registered for, ``waiting`` the connection of its ``next``.

    ``exit_code`` is how its process ended, if it has.
    """

    name: str
    is_external: bool
    identifier: str
    state: ExtensionState = ExtensionState.STARTED
    events: tuple[str, ...] = ()
    waiting: Connection | None = None
    error_type: str | None = None
    exit_code: int | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it has reported an error, or could not be started."""
        return self.state in _FAILED


@frozen(kw_only=True)
class FunctionFacts:
    """What an extension is told about the function when it registers."""

    name: str
    version: str
    handler: str
    account_id: str


def found_in(opt: Path) -> list[str]:
    """The names of the external extensions in merged layers, in order: all files, for Lambda tries to start each."""
    folder = opt / FOLDER
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if each.is_file())


class Extensions:
    """The extensions of one environment, from its start to its end or reset.

    ``changed`` is called whenever one of them has registered, waits, or has failed.
    """

    def __init__(
        self, facts: FunctionFacts, external: Iterable[str], most: int, changed: Callable[[], None]
    ) -> None:
        self._facts = facts
        #: The names of the external ones.
        self.external = tuple(external)
        self._most = most
        self._changed = changed
        self._all: dict[str, Extension] = {}
        self._closed = False
        #: What the first error that one of them has reported makes of the end of a process.
        self.reported: str | None = None
        self.reset()

    def __bool__(self) -> bool:
        return bool(self._all)

    def __iter__(self) -> Iterator[Extension]:
        return iter(self._all.values())

    def reset(self) -> None:
        """Forget what was there: the processes start from the beginning."""
        self._closed = False
        self.reported = None
        self._all = {
            each.identifier: each
            for each in (Extension(name, True, str(uuid.uuid4())) for name in self.external)
        }

    @property
    def have_registered(self) -> bool:
        """Whether each external one has registered, so that the runtime may start."""
        return all(each.state is not ExtensionState.STARTED for each in self if each.is_external)

    @property
    def are_done(self) -> bool:
        """Whether every one that had something to do waits for its next event."""
        return all(each.state is ExtensionState.READY for each in self)

    @property
    def exited(self) -> Extension | None:
        """The first whose process has ended. One that has reported an error is expected to end."""
        return next((each for each in self if each.exit_code is not None), None)

    def close_registration(self) -> None:
        """Initialisation is over: no further extension may register."""
        self._closed = True

    def invoke(self, event: Mapping[str, Any]) -> None:
        """Tell those that registered for it of an event that the runtime has got."""
        self._tell("INVOKE", event)

    def shut_down(self, reason: str, deadline_ms: int) -> bool:
        """Tell those that registered for it that the environment ends; whether any did."""
        event = {"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline_ms}
        return self._tell("SHUTDOWN", event)

    def has_exited(self, name: str, code: int) -> None:
        """The process of an external extension has ended."""
        for each in self:
            if each.is_external and each.name == name:
                each.exit_code = code
        self._changed()

    def not_started(self, name: str, error_type: str) -> None:
        """An external extension could not be started."""
        for each in self:
            if each.is_external and each.name == name:
                each.state, each.error_type = ExtensionState.LAUNCH_ERROR, error_type

    def disconnected(self, connection: Connection) -> None:
        """A client went away."""
        for each in self:
            if each.waiting is connection:
                each.waiting = None

    def request(self, connection: Connection, request: Request) -> None:
        """One request to the Extensions API."""
        call = request.path.removeprefix(PREFIX)
        if request.method == "POST" and call == "register":
            self._register(connection, request)
        elif request.method == "GET" and call == "event/next":
            self._next(connection, request)
        elif request.method == "POST" and call in ("init/error", "exit/error"):
            self._error(connection, request, call)
        else:
            not_found(connection)

    def _tell(self, kind: str, event: Mapping[str, Any]) -> bool:
        told = False
        for each in self:
            if kind not in each.events or each.waiting is None:
                continue
            connection, each.waiting = each.waiting, None
            each.state = ExtensionState.RUNNING
            headers = {
                "Content-Type": "application/json",
                "Lambda-Extension-Event-Identifier": str(uuid.uuid4()),
            }
            connection.reply(200, json.dumps(event).encode(), headers)
            told = True
        return told

    def _register(self, connection: Connection, request: Request) -> None:
        name = request.headers.get("lambda-extension-name", "")
        if not name:
            _refuse(connection, "Extension.InvalidExtensionName", "Empty extension name")
            return
        events = _events_in(request.body)
        if events is None:
            _refuse(connection, "InvalidRequestFormat", 'The body is JSON such as {"events": ["INVOKE"]}')
            return
        extension = next((each for each in self if each.is_external and each.name == name), None)
        for event in events:
            if event not in _EVENTS[extension is not None]:
                kind = "external" if extension is not None else "internal"
                _refuse(
                    connection,
                    "Extension.InvalidEventType",
                    f"{event}: event is not supported by {kind} extensions",
                )
                return
        if extension is None:
            extension = self._new_internal(connection, name)
            if extension is None:
                return
        if extension.state is not ExtensionState.STARTED:
            _out_of_turn(connection, extension, ExtensionState.REGISTERED)
            return
        extension.state, extension.events = ExtensionState.REGISTERED, tuple(events)
        facts = {
            "functionName": self._facts.name,
            "functionVersion": self._facts.version,
            "handler": self._facts.handler,
        }
        features = request.headers.get("lambda-extension-accept-feature", "")
        if "accountId" in (each.strip() for each in features.split(",")):
            facts["accountId"] = self._facts.account_id
        headers = {"Content-Type": "application/json", "Lambda-Extension-Identifier": extension.identifier}
        connection.reply(200, json.dumps(facts).encode(), headers)
        self._changed()

    def _new_internal(self, connection: Connection, name: str) -> Extension | None:
        if self._closed:
            _refuse(connection, "Extension.RegistrationClosed", "Extension registration closed already")
        elif any(each.name == name for each in self):
            _refuse(
                connection, "Extension.InvalidExtensionState", "Extension with this name already registered"
            )
        elif len(self._all) >= self._most:
            _refuse(connection, "Extension.TooManyExtensions", f"Extension limit ({self._most}) reached")
        else:
            extension = Extension(name, False, str(uuid.uuid4()))
            self._all[extension.identifier] = extension
            return extension
        return None

    def known(self, connection: Connection, request: Request) -> Extension | None:
        """The extension that sent a request; None where it was refused."""
        identifier = request.headers.get(_IDENTIFIER)
        if not identifier:
            message = "Missing Lambda-Extension-Identifier header"
            _refuse(connection, "Extension.MissingExtensionIdentifier", message)
            return None
        try:
            uuid.UUID(identifier)
        except ValueError:
            _refuse(connection, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
            return None
        if identifier not in self._all:
            _refuse(connection, "Extension.UnknownExtensionIdentifier", f"Unknown extension {identifier}")
            return None
        return self._all[identifier]

    def _next(self, connection: Connection, request: Request) -> None:
        extension = self.known(connection, request)
        if extension is None:
            return
        if extension.state is ExtensionState.STARTED or extension.has_failed or extension.waiting is not None:
            _out_of_turn(connection, extension, ExtensionState.READY)
            return
        extension.state, extension.waiting = ExtensionState.READY, connection
        self._changed()

    def _error(self, connection: Connection, request: Request, call: str) -> None:
        extension = self.known(connection, request)
        if extension is None:
            return
        error_type = request.headers.get(_ERROR_TYPE)
        if not error_type:
            _refuse(connection, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
            return
        to = ExtensionState.INIT_ERROR if call == "init/error" else ExtensionState.EXIT_ERROR
        if extension.has_failed or (
            to is ExtensionState.INIT_ERROR and extension.state is not ExtensionState.REGISTERED
        ):
            _out_of_turn(connection, extension, to)
            return
        extension.state, extension.error_type = to, error_type
        self.reported = self.reported or f"Extension.{to.value}"
        accept(connection)
        self._changed()


def _refuse(connection: Connection, error_type: str, message: str) -> None:
    refuse(connection, 403, error_type, message)


def _out_of_turn(connection: Connection, extension: Extension, to: ExtensionState) -> None:
    message = bad_transition(f"extension {extension.name}", extension.state, to)
    _refuse(connection, "Extension.InvalidExtensionState", message)


def _events_in(body: bytes) -> list[str] | None:
    """The events that a registration asks for; None where it is not in order."""
    try:
        asked = json.loads(body) if body else {}
    except ValueError:
        return None
    if asked is not None and not isinstance(asked, dict):
        return None
    # Lambda is written in Go, to which null and nothing are an empty list; aws-lambda-go sends null.
    events = (asked or {}).get("events") or []
    if not isinstance(events, list) or not all(isinstance(each, str) for each in events):
        return None
    return events
