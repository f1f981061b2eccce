"""The process that makes networks with nothing but a loopback, and sockets in them (`lambdaform.local.loopback`).

It is run by itself, and so imports nothing of lambdaform's. It is asked over its standard input, a socket; when that
is closed it ends.

Source: network_namespaces(7), user_namespaces(7), netdevice(7), proc(5) (/proc/net/tcp).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator

#: A question: what, of which network, a socket's family, kind and protocol, a port.
REQUEST = struct.Struct("=BQiiii")
#: An answer: an error's number; 0, and a socket with it; or whether somebody receives.
ANSWER = struct.Struct("=i")
SOCKET, RECEIVES, FORGET = 1, 2, 3

_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41
#: The files in which the kernel lists sockets, and the state of those that receive (any, of those without connections).
_LISTS: dict[int, tuple[str, bytes | None]] = {
    socket.SOCK_STREAM: ("tcp", b"0A"),
    socket.SOCK_DGRAM: ("udp", None),
}


class Networks:
    """The networks, by their numbers."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptors: dict[int, int] = {}
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
        if number in self._descriptors:
            self._check(self._libc.setns(self._descriptors[number], _CLONE_NEWNET))
            return
        self._check(self._libc.unshare(_CLONE_NEWNET))
        self._descriptors[number] = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP_AND_RUNNING))

    def forget(self, number: int) -> None:
        """Hold a network no longer."""
        descriptor = self._descriptors.pop(number, None)
        if descriptor is not None:
            os.close(descriptor)

    def _check(self, result: int) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def receives(kind: int, port: int) -> bool:
    """Whether somebody receives on a port of the network that this process is in; with port 0, on any."""
    return any(port in (0, each) for each in _receiving(kind))


def _receiving(kind: int) -> Iterator[int]:
    name, state = _LISTS[kind]
    for version in ("", "6"):
        try:
            with open(f"/proc/self/net/{name}{version}", "rb") as file:  # noqa: PTH123 - somebody waits
                lines = file.read().splitlines()[1:]
        except FileNotFoundError:
            # A machine may have no IPv6.
            continue
        for line in lines:
            _, local, _, its_state, *_ = line.split()
            if state in (None, its_state):
                yield int(local.rpartition(b":")[2], 16)


def main() -> None:
    """Answer until nobody asks any more."""
    channel = socket.socket(fileno=0)
    networks = Networks()
    while request := channel.recv(REQUEST.size):
        what, number, family, kind, protocol, port = REQUEST.unpack(request)
        if what == FORGET:
            networks.forget(number)
            continue
        try:
            networks.enter(number)
            if what == RECEIVES:
                channel.send(ANSWER.pack(receives(kind, port)))
                continue
            with socket.socket(family, kind, protocol) as made:
                socket.send_fds(channel, [ANSWER.pack(0)], [made.fileno()])
        except OSError as error:
            channel.send(ANSWER.pack(error.errno or -1))


if __name__ == "__main__":
    main()
