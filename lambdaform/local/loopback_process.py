"""The process that makes networks with nothing but a loopback, and sockets in them (`lambdaform.local.loopback`).

It is run by itself, and so imports nothing of lambdaform's. It is asked over its standard input, a socket; when that
is closed it ends.

Source: network_namespaces(7), user_namespaces(7), netdevice(7).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

#: A question: what, of which network, and of sockets the family, kind, protocol and how many.
REQUEST = struct.Struct("=BQiiii")
#: An answer: an error's number; or 0, and the sockets with it.
ANSWER = struct.Struct("=i")
SOCKETS, FORGET = 1, 2

_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41


class Networks:
    """The networks, by their numbers."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptors: dict[int, int] = {}
        self._current = 0
        user, group = os.getuid(), os.getgid()
        if user != 0:
            self._check(self._libc.unshare(_CLONE_NEWUSER))
            for name, text in (
                ("setgroups", "deny"),
                ("uid_map", f"{user} {user} 1"),
                ("gid_map", f"{group} {group} 1"),
            ):
                with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                    file.write(text)

    def enter(self, number: int) -> None:
        """Be in a network, a new one if need be."""
        if number == self._current:
            return
        if number in self._descriptors:
            self._check(self._libc.setns(self._descriptors[number], _CLONE_NEWNET))
            self._current = number
            return
        self._check(self._libc.unshare(_CLONE_NEWNET))
        self._current = number
        self._descriptors[number] = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP_AND_RUNNING))

    def forget(self, number: int) -> None:
        """Hold a network no longer; this process may stay in it until it enters another."""
        descriptor = self._descriptors.pop(number, None)
        if descriptor is not None:
            os.close(descriptor)

    def _check(self, result: int) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def main() -> None:
    """Answer until nobody asks any more."""
    channel = socket.socket(fileno=0)
    networks = Networks()
    while request := channel.recv(REQUEST.size):
        what, number, family, kind, protocol, count = REQUEST.unpack(request)
        if what == FORGET:
            networks.forget(number)
            continue
        made: list[socket.socket] = []
        try:
            networks.enter(number)
            made += [socket.socket(family, kind, protocol) for _ in range(count)]
            socket.send_fds(channel, [ANSWER.pack(0)], [each.fileno() for each in made])
        except OSError as error:
            channel.send(ANSWER.pack(error.errno or -1))
        for each in made:
            each.close()


if __name__ == "__main__":
    main()
