"""Networks with nothing but a loopback, and sockets in them: those on which environments listen.

A process of its own makes them (`lambdaform.local.loopback_process`), for none that has threads may enter a user
namespace. It starts when the first environment listens, and ends when none does any more.

Source: network_namespaces(7), user_namespaces(7), unix(7) (SCM_RIGHTS).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from lambdaform.local.loopback_process import ANSWER, FORGET, RECEIVES, REQUEST, SOCKET

#: How long the process may take for an answer, in seconds; usually it is less than a millisecond.
_PATIENCE = 20.0


class Loopbacks:
    """The networks of one service's environments, by whatever object stands for each."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def has(self, owner: object) -> bool:
        """Whether there is a network of this owner's."""
        return owner in self._numbers

    def open(self, owner: object, family: int, kind: int, protocol: int) -> socket.socket:
        """A new socket in the owner's network, which is made if need be. Raises `OSError`."""
        if owner not in self._numbers:
            self._count += 1
            self._numbers[owner] = self._count
        answer, descriptors = self._ask(SOCKET, owner, family, kind, protocol, 0)
        if not descriptors:
            raise OSError(answer, os.strerror(answer))
        return socket.socket(fileno=descriptors[0])

    def receives(self, owner: object, kind: int, port: int) -> bool:
        """Whether somebody receives on a port of the owner's network; with port 0, on any. Raises `OSError`."""
        return owner in self._numbers and self._ask(RECEIVES, owner, 0, kind, 0, port)[0] == 1

    def forget(self, owner: object) -> None:
        """The owner has ended, and its network goes with its last socket."""
        if owner not in self._numbers:
            return
        number = self._numbers.pop(owner)
        if not self._numbers:
            self.close()
        elif self._channel is not None:
            self._channel.send(REQUEST.pack(FORGET, number, 0, 0, 0, 0))

    def close(self) -> None:
        """End the process; its networks go with their last sockets."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None

    def _ask(
        self, what: int, owner: object, family: int, kind: int, protocol: int, port: int
    ) -> tuple[int, list[int]]:
        if self._channel is None:
            self._channel = self._start()
        self._channel.send(REQUEST.pack(what, self._numbers[owner], family, kind, protocol, port))
        data, descriptors, _, _ = socket.recv_fds(self._channel, ANSWER.size, 1, socket.MSG_CMSG_CLOEXEC)
        if not data:
            self.close()
            raise ConnectionResetError("the process that makes networks has ended")
        [answer] = ANSWER.unpack(data)
        return answer, descriptors

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_PATIENCE)
        file = Path(__file__).with_name("loopback_process.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(file)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        return ours
