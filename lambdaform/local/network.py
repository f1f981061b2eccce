"""The network of one environment: where it listens is its own, port 25 is closed, all else is this machine's.

Nobody outside reaches a port on which a function or an extension listens, and two environments may listen on the
same one; yet both reach the databases, endpoints and the internet that this machine does. So their processes stay in
the machine's network, and only sockets that listen move: the kernel stops them at bind(2), listen(2), connect(2) and
a sendto(2) with an address, and asks here. A socket that is to listen is exchanged for one of a network namespace of
the environment's own (`lambdaform.local.loopback`), and so is one that is to be connected to it. Nothing else is
touched, and once a socket is connected nobody asks any more. It keeps accidents apart, not attackers.

A datagram that is sent with sendmsg(2) goes where its socket is: there the kernel cannot tell whether it has an address.

Source: deck section B3 (inbound connections and TCP port 25 are blocked); seccomp_unotify(2), pidfd_getfd(2),
socket(7); Linux, include/uapi/linux/seccomp.h.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
from functools import cache

from attrs import field, frozen

from lambdaform.local import confine
from lambdaform.local.confine import MACHINES
from lambdaform.local.loopback import Loopbacks

#: The port that Lambda blocks, and the error with which attempts at it end there, after minutes.
_MAIL, _MAIL_ERROR = 25, errno.ETIMEDOUT
#: The first version of Linux that tells in which network a socket is, and its option.
_OLDEST = (5, 14)
_SO_NETNS_COOKIE = 71
_PIDFD_GETFD = 438
#: What the kernel asks and takes (struct seccomp_notif, seccomp_notif_resp, seccomp_notif_addfd), and by which requests.
_QUESTION, _ANSWER, _EXCHANGE = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI"), struct.Struct("=QIIII")
_RECEIVE, _SEND, _ADD_DESCRIPTOR = 0xC050_2100, 0xC018_2101, 0x4018_2103
_GO_ON, _SET_DESCRIPTOR = 1, 1
#: The longest address of IPv4 and IPv6.
_ADDRESS_BYTES = 28
#: How an address of IPv4 begins among those of IPv6, and how one of a machine's own loopback does; ::1 is that in IPv6.
_MAPPED, _LOOPBACK = bytes(10) + b"\xff\xff", 127
#: Options that programs set before they bind or connect: level, number, and size of the value.
_OPTIONS = (
    (socket.SOL_SOCKET, socket.SO_REUSEADDR, 4),
    (socket.SOL_SOCKET, socket.SO_REUSEPORT, 4),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 4),
    (socket.SOL_SOCKET, socket.SO_BROADCAST, 4),
    (socket.SOL_SOCKET, socket.SO_LINGER, 8),
    (socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16),
    (socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 4),
    (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 4),
)


@frozen
class Address:
    """An address of the internet. ``is_local`` says that it is this machine's own loopback, or any."""

    port: int
    is_local: bool

    @classmethod
    def read(cls, data: bytes) -> Address | None:
        """The address in a struct sockaddr; None for one of another family, or that is cut off."""
        if len(data) < 8:
            return None
        family, port = struct.unpack_from("=H", data)[0], struct.unpack_from(">H", data, 2)[0]
        if family == socket.AF_INET:
            host = data[4:8]
        elif family == socket.AF_INET6 and len(data) >= 24:
            host = data[8:24].removeprefix(_MAPPED)
        else:
            return None
        return cls(port, host[0] == _LOOPBACK if len(host) == 4 and any(host) else int.from_bytes(host) <= 1)


class Network:
    """One environment's. Without ``loopbacks`` it listens as any program does, and only port 25 is closed."""

    def __init__(self, loopbacks: Loopbacks | None) -> None:
        self._loopbacks = loopbacks
        self._loop = asyncio.get_running_loop()
        #: The port of its Runtime API, on which it never listens itself.
        self.runtime_api_port = 0
        self._receives_datagrams = False

    def answers(self, channel: socket.socket) -> Questions:
        """Answer the questions of one process and its descendants, until that is closed.

        Through the channel, which stays the caller's, comes the descriptor on which they are asked.
        """
        return Questions(self, self._loop, channel.dup())

    def socket_to(self, port: int) -> socket.socket | None:
        """A socket that can be connected to where the environment listens on a port; None where it does not."""
        if self._loopbacks is None:
            return None
        return self._loopbacks.receiver(self, socket.AF_INET, socket.SOCK_STREAM, 0, port)

    def close(self) -> None:
        """Let go of what it listened on."""
        if self._loopbacks is not None:
            self._loopbacks.forget(self)

    def answer(self, question: Question) -> int | None:
        """Do what a system call needs; the error with which it is to end, or None for it to go on.

        Raises `OSError` where its process has ended, or names no socket.
        """
        machine = MACHINES[os.uname().machine]
        if question.number == machine.listen:
            self._listen(question)
            return None
        address = question.address(*((4, 5) if question.number == machine.sendto else (1, 2)))
        if address is None:
            return None
        if question.number == machine.bind:
            self._bind(question, address)
            return None
        if address.port == _MAIL and question.own().type == socket.SOCK_STREAM:
            return _MAIL_ERROR
        self._connect(question, address)
        return None

    def _listen(self, question: Question) -> None:
        """A socket that listens without an address gets one by itself."""
        own = question.own()
        if own.family in (socket.AF_INET, socket.AF_INET6) and not _is_elsewhere(own):
            self._exchange(question, own)

    def _bind(self, question: Question, address: Address) -> None:
        own = question.own()
        if own.type == socket.SOCK_STREAM:
            listens = address.port != 0 or address.is_local
        elif own.type == socket.SOCK_DGRAM:
            # Whoever asks for no port sends. Where the environment receives, that is most likely to itself.
            listens = address.port != 0 or self._receives_datagrams
            self._receives_datagrams = listens
        else:
            listens = False
        if listens and not _is_elsewhere(own):
            self._exchange(question, own)

    def _connect(self, question: Question, address: Address) -> None:
        if self._loopbacks is None or not self._loopbacks.has(self):
            return
        own = question.own()
        if own.type not in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            return
        kind = (own.family, own.type, own.proto)
        other: socket.socket | None = None
        if address.is_local and address.port != self.runtime_api_port:
            other = self._loopbacks.receiver(self, *kind, address.port)
        is_elsewhere = _is_elsewhere(own)
        if other is None and is_elsewhere:
            other, is_elsewhere = socket.socket(*kind), False
        if other is not None:
            with other:
                if not is_elsewhere:
                    question.exchange(own, other)

    def _exchange(self, question: Question, own: socket.socket) -> None:
        if self._loopbacks is not None:
            with self._loopbacks.open(self, own.family, own.type, own.proto) as other:
                question.exchange(own, other)


@frozen(slots=False)
class Question:
    """One system call that waits, of the thread ``thread``; ``listener`` is the descriptor on which it is answered."""

    listener: int
    identifier: int
    thread: int
    number: int
    arguments: tuple[int, ...]
    _own: list[socket.socket] = field(factory=list, init=False)

    def address(self, pointer: int, length: int) -> Address | None:
        """The address to which an argument points, and another says its length."""
        at, size = self.arguments[pointer], min(self.arguments[length] & 0xFFFF_FFFF, _ADDRESS_BYTES)
        memory = os.open(f"/proc/{self.thread}/mem", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return Address.read(os.pread(memory, size, at))
        except OverflowError:
            return None
        finally:
            os.close(memory)

    def own(self) -> socket.socket:
        """The socket that the first argument names, shared with its process."""
        if not self._own:
            process = os.pidfd_open(self._process())
            try:
                descriptor = _libc().syscall(_PIDFD_GETFD, process, self._descriptor, 0)
            finally:
                os.close(process)
            if descriptor < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd")
            try:
                self._own.append(socket.socket(fileno=descriptor))
            except OSError:
                os.close(descriptor)
                raise
        return self._own[0]

    def exchange(self, own: socket.socket, other: socket.socket) -> None:
        """Give the process another socket in the place of its own, with the same options."""
        _copy_options(own, other)
        flags = fcntl.fcntl(own, fcntl.F_GETFL) & os.O_NONBLOCK
        fcntl.fcntl(other, fcntl.F_SETFL, fcntl.fcntl(other, fcntl.F_GETFL) & ~os.O_NONBLOCK | flags)
        kept = self._descriptor_flags() & os.O_CLOEXEC
        order = _EXCHANGE.pack(self.identifier, _SET_DESCRIPTOR, other.fileno(), self._descriptor, kept)
        fcntl.ioctl(self.listener, _ADD_DESCRIPTOR, order)

    def reply(self, error: int | None) -> None:
        """Let the system call go on, or end with an error."""
        answer = _ANSWER.pack(self.identifier, 0, 0, _GO_ON)
        if error is not None:
            answer = _ANSWER.pack(self.identifier, 0, -error, 0)
        # A process that has ended meanwhile waits for nothing.
        with contextlib.suppress(FileNotFoundError):
            fcntl.ioctl(self.listener, _SEND, answer)

    def close(self) -> None:
        """Let go of its socket."""
        for each in self._own:
            each.close()

    @property
    def _descriptor(self) -> int:
        return self.arguments[0] & 0xFFFF_FFFF

    def _process(self) -> int:
        """The process of the thread."""
        with open(f"/proc/{self.thread}/status", "rb") as file:  # noqa: PTH123 - somebody waits
            status = file.read()
        return int(status.partition(b"\nTgid:")[2].split(maxsplit=1)[0])

    def _descriptor_flags(self) -> int:
        with open(f"/proc/{self.thread}/fdinfo/{self._descriptor}", "rb") as file:  # noqa: PTH123
            return int(file.read().partition(b"flags:")[2].split(maxsplit=1)[0], 8)


class Questions:
    """What one process and its descendants ask."""

    def __init__(self, network: Network, loop: asyncio.AbstractEventLoop, channel: socket.socket) -> None:
        self._network = network
        self._loop = loop
        self._channel: socket.socket | None = channel
        self._listener: int | None = None
        channel.setblocking(False)
        loop.add_reader(channel.fileno(), self._begin)
        self._begin()

    def _begin(self) -> None:
        """The descriptor comes, or the process has ended, or asks nothing."""
        channel = self._channel
        assert channel is not None
        try:
            _, descriptors, _, _ = socket.recv_fds(channel, 1, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        self._loop.remove_reader(channel.fileno())
        channel.close()
        self._channel = None
        if descriptors:
            self._listener = descriptors[0]
            self._loop.add_reader(self._listener, self._ask)

    def _ask(self) -> None:
        listener = self._listener
        assert listener is not None
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        if not any(event & select.POLLIN for _, event in poll.poll(0)):
            # Nobody is left who could ask.
            self.close()
            return
        asked = bytearray(_QUESTION.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, asked)
        except FileNotFoundError:
            # Whoever asked has ended.
            return
        identifier, thread, _, number, _, _, *arguments = _QUESTION.unpack(asked)
        question = Question(listener, identifier, thread, number, tuple(arguments))
        error = None
        try:
            error = self._network.answer(question)
        except OSError:
            # Its process has ended, or what it names is no socket and no address: the kernel says so itself.
            pass
        finally:
            question.close()
            question.reply(error)

    def close(self) -> None:
        """Answer no more."""
        for each in (self._channel, self._listener):
            if each is not None:
                descriptor = each if isinstance(each, int) else each.fileno()
                self._loop.remove_reader(descriptor)
        if self._channel is not None:
            self._channel.close()
        if self._listener is not None:
            os.close(self._listener)
        self._channel = self._listener = None


def _is_elsewhere(own: socket.socket) -> bool:
    """Whether a socket is in another network than this process."""
    return own.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8) != _own_network()


@cache
def _own_network() -> bytes:
    with socket.socket() as own:
        return own.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)


def _copy_options(own: socket.socket, other: socket.socket) -> None:
    for level, number, size in _OPTIONS:
        # Not every kind of socket has each.
        with contextlib.suppress(OSError):
            value = own.getsockopt(level, number, size)
            if value != other.getsockopt(level, number, size):
                other.setsockopt(level, number, value)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def unavailable() -> str | None:
    """Why this machine cannot tell what a process connects to, or None where it can."""
    reason = confine.unavailable()
    if reason is not None:
        return reason
    release = os.uname().release.split(".")
    if (int(release[0]), int(release[1])) < _OLDEST or not confine.can_ask():
        return f"Linux {os.uname().release} cannot ask what to do with a socket"
    return None
