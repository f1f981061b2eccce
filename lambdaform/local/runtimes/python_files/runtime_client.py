"""The module under AWS's runtime client that talks to the Runtime API, in the place of its compiled one.

Its functions are those that ``awslambdaric`` calls. The compiled one asks the system some twenty-three times an event,
where this one asks twice, and it is there for each version of Python. It waits in Python, so that a function's
handlers of signals run while it waits. It runs on the function's Python, from 3.7 on, and is not part of lambdaform.

Source: AWS Lambda Developer Guide, runtimes-api; RFC 9112 (HTTP/1.1).
"""

from __future__ import annotations

import atexit
import os
import time

# Not ``socket``, which takes longer to import than all else here.
from _socket import AF_INET, IPPROTO_TCP, MSG_WAITALL, SOCK_STREAM, TCP_NODELAY, socket
from collections.abc import Mapping

_PREFIX = "/2018-06-01/runtime/invocation/"
_DEADLINE = "Lambda-Runtime-Deadline-Ms"
#: The headers that anybody here or in awslambdaric looks for: as they are spelt, and in lower case, for they may have
#: been spelt otherwise on their way.
_NAMES = {
    spelt: name
    for name in (
        "Connection",
        "Content-Length",
        "Content-Type",
        "Lambda-Runtime-Aws-Request-Id",
        "Lambda-Runtime-Aws-Tenant-Id",
        "Lambda-Runtime-Client-Context",
        "Lambda-Runtime-Cognito-Identity",
        _DEADLINE,
        "Lambda-Runtime-Invocation-Id",
        "Lambda-Runtime-Invoked-Function-Arn",
        "Lambda-Runtime-Trace-Id",
        "Transfer-Encoding",
    )
    for spelt in (name, name.lower())
}
#: How much is read at once, and sent in one piece with its head, in bytes.
_PIECE = 65_536


class _Answer:
    """An answer's status, those of its headers that anybody looks for, and its body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class _Closed(Exception):  # noqa: N818 - it is told as what it is: the API has gone
    """The other side closed the connection before it said anything."""


class _Client:
    """One connection to the Runtime API, made when it is needed and kept."""

    def __init__(self) -> None:
        self.agent = ""
        self._socket: socket | None = None
        self._head = ""
        self._rest = b""
        #: A small request whose answer is read with that of the next one: what it was, and its bytes; and whether it is
        #: still to be sent, with the next one.
        self._owed: tuple[str, bytes] | None = None
        self._is_held = False
        #: The head of the last answer that said that all is well, and what it says: the next one is mostly the same.
        self._accepted: tuple[bytes, tuple[int, dict[str, str]]] = (b"", (0, {}))

    def call(self, method: str, name: str, headers: str, body: bytes | None) -> _Answer:
        """One request and its answer."""
        kept = self._socket is not None
        held = self._owed[1] if self._owed is not None and self._is_held else b""
        self._is_held = False
        try:
            self._send(method, name, headers, body, held)
            self._settle()
            return self._answer()
        except (_Closed, BrokenPipeError, ConnectionResetError):
            if not kept:
                self._close()
                raise
        # A connection that was kept may have been closed meanwhile, which is seen when it is used.
        try:  # noqa: SIM105 - contextlib is not imported for this
            self._settle()
        except (_Closed, BrokenPipeError, ConnectionResetError):
            pass  # Then it is sent again, too.
        self._close()
        if self._owed is not None:
            self._connect().sendall(self._owed[1])
        self._send(method, name, headers, body)
        self._settle()
        return self._answer()

    def post(self, name: str, headers: str, body: bytes, *, is_followed: bool) -> None:
        """Send what is to be accepted. Raises `RuntimeError` where it is not, which of a small body shows at the next call.

        So the runtime need not be woken for the word that all is well. One that ``is_followed`` at once by the next
        call is sent with that.
        """
        if self._owed is not None or len(body) > _PIECE:
            _check(name, self.call("POST", name, headers, body))
            return
        message = self._message("POST", name, headers, body)
        self._owed, self._is_held = (name, message), is_followed
        if not is_followed:
            self._send_owed()

    def flush(self) -> None:
        """Send what is held; there is no next call."""
        if self._is_held:
            self._is_held = False
            self._send_owed()

    def _send_owed(self) -> None:
        assert self._owed is not None
        message = self._owed[1]
        try:
            (self._socket or self._connect()).sendall(message)
        except (BrokenPipeError, ConnectionResetError):
            self._close()
            self._connect().sendall(message)

    def _send(self, method: str, name: str, headers: str, body: bytes | None, before: bytes = b"") -> None:
        connection = self._socket or self._connect()
        message = self._message(method, name, headers, body)
        connection.sendall(before + message)
        if body is not None and len(body) > _PIECE:
            connection.sendall(body)

    def _message(self, method: str, name: str, headers: str, body: bytes | None) -> bytes:
        """A request's bytes, with its body where that is small."""
        if self._socket is None:
            self._connect()
        length = "" if body is None else f"Content-Length: {len(body)}\r\n"
        head = f"{method} {_PREFIX}{name} HTTP/1.1\r\n{self._head}{headers}{length}\r\n".encode()
        return head + body if body is not None and len(body) <= _PIECE else head

    def _settle(self) -> None:
        """Read the answer that is owed, if there is one. Raises `RuntimeError` where it says no."""
        if self._owed is not None:
            answer = self._answer()
            (name, _), self._owed = self._owed, None
            _check(name, answer)

    def _answer(self) -> _Answer:
        connection = self._socket
        if connection is None:
            raise _Closed("The Runtime API closed the connection.")
        status = 100
        while status < 200:
            status, answered = self._answer_head(connection)
        content = self._answer_body(connection, status, answered)
        if answered.get("Connection", "").lower() == "close":
            self._close()
        return _Answer(status, answered, content)

    def _connect(self) -> socket:
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rpartition(":")
        connection = socket(AF_INET, SOCK_STREAM)
        connection.connect((host, int(port)) if host else (port, 80))
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        agent = f"User-Agent: {self.agent}\r\n" if self.agent else ""
        self._socket, self._head, self._rest = connection, f"Host: {host}:{port}\r\n{agent}", b""
        return connection

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self, connection: socket) -> None:
        piece = connection.recv(_PIECE)
        if not piece:
            raise _Closed("The Runtime API closed the connection.")
        self._rest += piece

    def _answer_head(self, connection: socket) -> tuple[int, dict[str, str]]:
        end = self._rest.find(b"\r\n\r\n")
        while end < 0:
            self._more(connection)
            end = self._rest.find(b"\r\n\r\n")
        head, self._rest = self._rest[:end], self._rest[end + 4 :]
        if head == self._accepted[0]:
            return self._accepted[1]
        first, *lines = head.decode(errors="replace").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            known = _NAMES.get(name) or _NAMES.get(name.lower())
            if known:
                headers[known] = value.strip()
        status = int(first.split(" ", 2)[1])
        if status == 202:
            self._accepted = head, (status, headers)
        return status, headers

    def _answer_body(self, connection: socket, status: int, headers: Mapping[str, str]) -> bytes:
        if headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks(connection)
        if status in (204, 304):
            return b""
        return self._exactly(connection, int(headers.get("Content-Length", 0)))

    def _exactly(self, connection: socket, length: int) -> bytes:
        rest = self._rest
        if len(rest) >= length:
            self._rest = rest[length:]
            return rest[:length]
        self._rest = b""
        pieces, missing = [rest], length - len(rest)
        while missing:
            # All at once, into bytes that nobody has to copy.
            piece = connection.recv(missing, MSG_WAITALL)
            if not piece:
                raise RuntimeError("The Runtime API closed the connection within its answer.")
            pieces.append(piece)
            missing -= len(piece)
        return pieces[1] if not rest and len(pieces) == 2 else b"".join(pieces)

    def _chunks(self, connection: socket) -> bytes:
        pieces = []
        length = -1
        while length:
            length = int(self._line(connection).split(b";")[0], 16)
            pieces.append(self._exactly(connection, length))
            # After the last chunk there may be trailers, up to an empty line.
            while self._line(connection) and not length:
                pass
        return b"".join(pieces)

    def _line(self, connection: socket) -> bytes:
        while b"\r\n" not in self._rest:
            self._more(connection)
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line


_client = _Client()
atexit.register(_client.flush)
#: The size of the current event, in bytes: to let go of a large one takes long, and its caller need not wait for that.
_size = [0]


def initialize_client(agent: str) -> None:
    """Remember how to introduce ourselves."""
    _client.agent = agent


def next() -> tuple[bytes, Mapping[str, str | int]]:  # noqa: A001 - the name that awslambdaric calls
    """Wait for the next event: its body and headers, the deadline as the number that the compiled client makes of it."""
    answer = _client.call("GET", "next", "", None)
    if answer.status != 200:
        raise RuntimeError("Failed to get next")
    headers: dict[str, str | int] = {**answer.headers}
    headers[_DEADLINE] = int(headers[_DEADLINE])
    headers.pop("Content-Length", None)
    _size[0] = len(answer.body)
    return answer.body, headers


def post_invocation_result(
    request_id: str, data: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    """Hand over what the function returned."""
    _post(request_id, "response", data, content_type, invocation_id)


def post_error(
    request_id: str, error: bytes | str, xray_fault: str, invocation_id: str | None = None
) -> None:
    """Hand over what the function raised."""
    data = error if isinstance(error, bytes) else error.encode()
    _post(request_id, "error", data, "application/json", invocation_id, xray_fault)


def _post(
    request_id: str, kind: str, data: bytes, content_type: str, invocation_id: str | None, cause: str = ""
) -> None:
    headers = f"Content-Type: {content_type}\r\n"
    if cause:
        headers += f"Lambda-Runtime-Function-XRay-Error-Cause: {cause}\r\n"
    if invocation_id:
        headers += f"Lambda-Runtime-Invocation-Id: {invocation_id}\r\n"
    # awslambdaric asks for the next event as soon as this has returned.
    _client.post(f"{request_id}/{kind}", headers, data, is_followed=_size[0] <= _PIECE)


def _check(name: str, answer: _Answer) -> None:
    """Raise `RuntimeError`, in the compiled client's words, where what was posted is not accepted."""
    if answer.status // 100 == 2:
        return
    why = answer.body.decode(errors="replace")
    told = f"Failed to post handler success response. Http response code: {answer.status}. {why}"
    line = f"[ERROR] [{int(time.time() * 1000)}] LAMBDA_RUNTIME {told}\n"
    try:  # noqa: SIM105 - contextlib is not imported for this
        os.write(2, line.encode())
    except OSError:
        pass  # The function has closed it, and nobody would read it.
    raise RuntimeError(f"Failed to post invocation {name.rpartition('/')[2]}")
