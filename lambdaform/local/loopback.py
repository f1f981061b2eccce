"""Networks with nothing but a loopback, and sockets in them: those on which environments listen.

A process of its own makes them (`lambdaform.local.loopback_process`), for none that has threads may enter a user
namespace. It starts when the first environment listens, and ends when none does any more.

Source: network_namespaces(7), user_namespaces(7), unix(7) (SCM_RIGHTS), socket(7) (SO_REUSEADDR).
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

from lambdaform.local.loopback_process import ANSWER, FORGET, REQUEST, SOCKETS

#: How long the process may take for an answer, in seconds; usually it is less than a millisecond.
_PATIENCE = 20.0
#: How many sockets are made at once, after the first: asking costs more than making.
_BATCH = 4


class Loopbacks:
    """The networks of one service's environments, by whatever object stands for each."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        #: Sockets that nobody has yet, by their owners and kinds.
        self._spare: dict[object, dict[tuple[int, int, int], list[socket.socket]]] = {}
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def has(self, owner: object) -> bool:
        """Whether there is a network of this owner's."""
        return owner in self._numbers

    def open(self, owner: object, family: int, kind: int, protocol: int) -> socket.socket:
        """A new socket in the owner's network, which is made if need be. Raises `OSError`."""
        key = (family, kind, protocol)
        count = _BATCH
        if owner not in self._numbers:
            self._count += 1
            self._numbers[owner], self._spare[owner] = self._count, {}
            count = 1
        spare = self._spare[owner].setdefault(key, [])
        if not spare:
            spare += self._ask(owner, *key, count)
        return spare.pop()

    def receiver(
        self, owner: object, family: int, kind: int, protocol: int, port: int
    ) -> socket.socket | None:
        """A socket like that of `open`, where somebody receives on a port of the owner's network; else None.

        Somebody does where nobody else may: the kernel's own list of sockets takes it milliseconds to make.
        Raises `OSError`.
        """
        if owner not in self._numbers:
            return None
        own = self.open(owner, family, kind, protocol)
        if _is_taken(own, port):
            return own
        own.close()
        # What listens in the other version of the protocol may take the connections of this one, too.
        try:
            with self.open(owner, _OTHER[family], kind, protocol) as other:
                is_taken = _is_taken(other, port)
        except OSError:
            # A machine may have no IPv6.
            is_taken = False
        return self.open(owner, family, kind, protocol) if is_taken else None

    def forget(self, owner: object) -> None:
        """The owner has ended, and its network goes with its last socket."""
        if owner not in self._numbers:
            return
        number = self._numbers.pop(owner)
        for each in self._spare.pop(owner).values():
            for spare in each:
                spare.close()
        if not self._numbers:
            self.close()
        elif self._channel is not None:
            self._channel.send(REQUEST.pack(FORGET, number, 0, 0, 0, 0))

    def close(self) -> None:
        """End the process; its networks go with their last sockets."""
        for kinds in self._spare.values():
            for each in kinds.values():
                while each:
                    each.pop().close()
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None

    def _ask(self, owner: object, family: int, kind: int, protocol: int, count: int) -> list[socket.socket]:
        if self._channel is None:
            self._channel = self._start()
        self._channel.send(REQUEST.pack(SOCKETS, self._numbers[owner], family, kind, protocol, count))
        data, made, _, _ = socket.recv_fds(self._channel, ANSWER.size, count, socket.MSG_CMSG_CLOEXEC)
        if not data:
            self.close()
            raise ConnectionResetError("the process that makes networks has ended")
        [error] = ANSWER.unpack(data)
        if error:
            raise OSError(error, os.strerror(error))
        return [socket.socket(fileno=each) for each in made]

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


_OTHER: dict[int, int] = {socket.AF_INET: socket.AF_INET6, socket.AF_INET6: socket.AF_INET}


def _is_taken(trial: socket.socket, port: int) -> bool:
    """Whether somebody has a port already in the network of a socket."""
    try:
        if trial.family == socket.AF_INET6:
            trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if trial.type == socket.SOCK_STREAM:
            # Connections of somebody who listens no more are no matter.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("", port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
