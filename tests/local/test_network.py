"""Where an environment listens is its own; what else it connects to is this machine's; port 25 is closed."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform.local import network
from lambdaform.local.network import Address
from lambdaform.local.process import limits_not_enforced
from tests.local.lab import Lab

pytestmark = pytest.mark.skipif(
    network.unavailable() is not None,
    reason=f"this machine tells nothing of networks: {network.unavailable()}",
)

#: Listens from its first event on, and says what it hears on a port.
ECHO = """
    import socket, threading

    def serve(server, name):
        while True:
            connection, _ = server.accept()
            connection.sendall(name.encode())
            connection.close()

    server = None
    def handler(event, context):
        global server
        if server is None and event.get("listen"):
            server = socket.create_server(("", event["listen"]), reuse_port=event.get("reuse", False))
            threading.Thread(target=serve, args=(server, context.function_name), daemon=True).start()
        if "connect" not in event:
            return server.getsockname()[1]
        try:
            with socket.create_connection((event.get("host", "127.0.0.1"), event["connect"]), 20) as own:
                return own.makefile().read()
        except OSError as error:
            return error.strerror or str(error)
"""


@contextmanager
def service(answer: bytes, host: str = "127.0.0.1") -> Iterator[int]:
    """Something of this machine's that answers every connection; its port."""
    with socket.create_server((host, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(30)


@pytest.fixture
def port() -> int:
    """A port on which nobody listens, and that the kernel gives to nobody who asks for any."""
    for number in random.sample(range(12_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", number)):
            return number
    pytest.skip("every port is taken")


def refuses(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as own:
        return own.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.usefixtures("view")
def test_nobody_outside_reaches_where_a_function_listens(lab: Lab, port: int) -> None:
    name = lab.function(ECHO)
    assert lab.invoke(name, {"listen": port, "connect": port}).value == name
    assert refuses(port)


@pytest.mark.usefixtures("view")
def test_neither_where_it_listens_on_any_free_port(lab: Lab) -> None:
    name = lab.function("""
        import socket
        def handler(event, context):
            global server
            server = socket.socket()
            if event == "bind":
                server.bind(("127.0.0.1", 0))
            server.listen()
            return server.getsockopt(socket.SOL_SOCKET, 71, 8).hex()
    """)
    # SO_NETNS_COOKIE, for somebody here may listen on the very port that the kernel gives there.
    with socket.socket() as own:
        here = own.getsockopt(socket.SOL_SOCKET, 71, 8).hex()
    for how in ("bind", "listen at once"):
        assert lab.invoke(name, how).value != here, how


@pytest.mark.usefixtures("view")
def test_two_environments_listen_on_the_same_port(lab: Lab, port: int) -> None:
    names = [lab.function(ECHO), lab.function(ECHO)]
    for name in names:
        assert lab.invoke(name, {"listen": port}).value == port
    assert [lab.invoke(name, {"connect": port}).value for name in names] == names


@pytest.mark.usefixtures("view")
def test_another_environment_does_not_reach_it(lab: Lab, port: int) -> None:
    lab.invoke(lab.function(ECHO), {"listen": port})
    other = lab.function(ECHO)
    assert lab.invoke(other, {"connect": port}).value == "Connection refused"


@pytest.mark.usefixtures("view")
def test_a_port_that_is_taken_here_is_free_there(lab: Lab) -> None:
    with service(b"this machine's") as port:
        name = lab.function(ECHO)
        assert lab.invoke(name, {"connect": port}).value == "this machine's"
        assert lab.invoke(name, {"listen": port, "connect": port}).value == name


def test_what_this_machine_serves_is_reached_by_one_that_listens(any_lab: Lab, port: int) -> None:
    with service(b"this machine's") as served:
        name = any_lab.function(ECHO)
        assert any_lab.invoke(name, {"listen": port, "connect": served}).value == "this machine's"
        assert any_lab.invoke(name, {"connect": served, "host": "localhost"}).value == "this machine's"


def test_addresses_beyond_the_loopback_are_reached(any_lab: Lab, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: it only tells which address of ours leads there (TEST-NET-1, RFC 5737).
            probe.connect(("192.0.2.1", 9))
            own = probe.getsockname()[0]
    except OSError:
        pytest.skip("this machine has no network")
    with service(b"from afar", own) as served:
        name = any_lab.function(ECHO)
        event = {"listen": port, "connect": served, "host": own}
        assert any_lab.invoke(name, event).value == "from afar"


def test_port_25_is_closed_and_no_other(any_lab: Lab) -> None:
    name = any_lab.function(ECHO)
    assert any_lab.invoke(name, {"connect": 25}).value == "Connection timed out"
    # TEST-NET-1: nobody is there, but nobody has to be asked.
    assert any_lab.invoke(name, {"connect": 25, "host": "192.0.2.1"}).value == "Connection timed out"
    assert any_lab.invoke(name, {"connect": 26}).value == "Connection refused"


@pytest.mark.usefixtures("view")
def test_datagrams_are_received_from_within_and_not_from_outside(lab: Lab, port: int) -> None:
    name = lab.function("""
        import socket
        receiver = None
        def handler(event, context):
            global receiver
            if receiver is None:
                receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                receiver.bind(("", event["port"]))
                receiver.settimeout(20)
                return None
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                if event["how"] == "connect":
                    sender.connect(("127.0.0.1", event["port"]))
                    sender.send(b"connected")
                else:
                    sender.sendto(b"addressed", ("127.0.0.1", event["port"]))
                return receiver.recv(100).decode()
    """)
    lab.invoke(name, {"port": port})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.sendto(b"from outside", ("127.0.0.1", port))
    assert lab.invoke(name, {"port": port, "how": "connect"}).value == "connected"
    assert lab.invoke(name, {"port": port, "how": "sendto"}).value == "addressed"


def test_datagrams_reach_this_machine(any_lab: Lab, port: int) -> None:
    name = any_lab.function("""
        import socket
        receiver = None
        def handler(event, context):
            global receiver
            receiver = receiver or socket.create_server(("", event["own"]))
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.bind(("", 0))
            sender.sendto(b"addressed", ("127.0.0.1", event["port"]))
    """)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        any_lab.invoke(name, {"own": port, "port": receiver.getsockname()[1]})
        assert receiver.recv(100) == b"addressed"


@pytest.mark.usefixtures("view")
def test_hundreds_of_connections_to_its_own_port_are_no_matter(lab: Lab, port: int) -> None:
    name = lab.function(
        """
        import socket
        def handler(event, context):
            with socket.create_server(("", event)) as server:
                for _ in range(300):
                    with socket.create_connection(("127.0.0.1", event)):
                        server.accept()[0].close()
            return "connected"
        """,
        timeout=60,
    )
    assert lab.invoke(name, port).value == "connected"


@pytest.mark.usefixtures("view")
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_whoever_listens_on_one_address_alone_is_reached_there(lab: Lab, port: int, family: str) -> None:
    if not socket.has_ipv6 and family == "AF_INET6":
        pytest.skip("this machine has no IPv6")
    host = "127.0.0.1" if family == "AF_INET" else "::1"
    name = lab.function(
        f"""
        import socket
        def handler(event, context):
            server = socket.socket(socket.{family})
            server.bind(("{host}", event))
            server.listen()
            client = socket.create_connection(("{host}", event))
            server.accept()[0].sendall(b"heard")
            return client.recv(5).decode()
        """
    )
    assert lab.invoke(name, port).value == "heard"


@pytest.mark.usefixtures("view")
def test_a_socket_keeps_what_was_set_before_it_moved(lab: Lab, port: int) -> None:
    name = lab.function("""
        import fcntl, os, socket
        def handler(event, context):
            own = socket.socket()
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            own.settimeout(3)
            own.bind(("", event))
            state = os.get_inheritable(own.fileno()), os.get_blocking(own.fileno())
            options = [own.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)]
            options.append(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            own.set_inheritable(True)
            own.close()
            return [*state, *options]
    """)
    assert lab.invoke(name, port).value == [False, False, 1, 1]


@pytest.mark.usefixtures("view")
def test_sockets_of_other_kinds_are_left_alone(lab: Lab) -> None:
    name = lab.function("""
        import socket
        def handler(event, context):
            with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                server.bind("/tmp/here")
                server.listen()
                client.connect("/tmp/here")
                server.accept()[0].sendall(b"heard")
                return client.recv(5).decode()
    """)
    assert lab.invoke(name).value == "heard"


def test_what_is_no_socket_is_the_kernels_to_refuse(any_lab: Lab) -> None:
    name = any_lab.function("""
        import ctypes, os
        def handler(event, context):
            libc = ctypes.CDLL(None, use_errno=True)
            said = []
            for call in (libc.connect, libc.bind):
                for descriptor, address in ((0, bytes(16)), (999, bytes(16)), (1, None)):
                    call(descriptor, address, 16)
                    said.append(os.strerror(ctypes.get_errno()))
            return said
    """)
    # Standard input is /dev/null, and standard output a pipe.
    [nothing, unknown, _, *_] = any_lab.invoke(name).value
    assert (nothing, unknown) == ("Socket operation on non-socket", "Bad file descriptor")


@pytest.mark.usefixtures("view")
def test_an_environment_that_crashed_listens_again(lab: Lab, port: int) -> None:
    name = lab.function(
        ECHO.replace("global server", "global server\n        if event.get('end'): import os; os._exit(1)")
    )
    assert lab.invoke(name, {"listen": port, "connect": port}).value == name
    assert lab.invoke(name, {"end": True}).error["errorType"] == "Runtime.ExitError"
    assert lab.invoke(name, {"listen": port, "connect": port}).value == name


NODE = """
    import http from "node:http";
    import dgram from "node:dgram";
    const server = http.createServer((request, response) => response.end("heard"));
    export const handler = async (event) => {
        if (!server.listening) await new Promise((ready) => server.listen(event.port, ready));
        const heard = await (await fetch(`http://localhost:${event.port}/`)).text();
        const receiver = dgram.createSocket("udp4");
        await new Promise((ready) => receiver.bind(event.port, ready));
        const received = new Promise((resolve) => receiver.on("message", (message) => resolve(`${message}`)));
        const sender = dgram.createSocket("udp4");
        sender.send("datagram", event.port, "127.0.0.1");
        const datagram = await received;
        sender.close();
        receiver.close();
        const there = await (await fetch(`http://127.0.0.1:${event.served}/`)).text();
        return [heard, datagram, there];
    };
"""


@pytest.mark.usefixtures("view")
def test_node_listens_and_connects(lab: Lab, port: int) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    name = lab.function({"index.mjs": NODE}, runtime="nodejs22.x")
    with service(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere") as served:
        outcome = lab.invoke(name, {"port": port, "served": served})
    assert outcome.value == ["heard", "datagram", "there"]
    assert refuses(port)


@pytest.mark.usefixtures("view")
def test_nothing_of_a_network_is_left_when_its_environment_ends(lab: Lab, port: int) -> None:
    lab.service.end_environments()
    assert lab.service._loopbacks is not None
    assert lab.service._loopbacks._process is None
    lab.invoke(lab.function(ECHO), {"listen": port})
    process = lab.service._loopbacks._process
    assert process is not None
    lab.service.end_environments()
    assert process.poll() is not None
    assert lab.service._loopbacks._process is None


@given(st.binary(max_size=40))
def test_whatever_is_no_address_of_the_internet_is_none(data: bytes) -> None:
    address = Address.read(data)
    family = int.from_bytes(data[:2], "little") if len(data) >= 2 else None
    if family not in (socket.AF_INET, socket.AF_INET6) or len(data) < 8:
        assert address is None
    elif address is not None:
        assert address.port == int.from_bytes(data[2:4], "big")


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.4.5.6", True),
        ("0.0.0.0", True),
        ("128.0.0.1", False),
        ("0.0.0.1", False),
        ("::1", True),
        ("::", True),
        ("::2", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_are_this_machines_own(host: str, is_local: bool) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    told, beginning = (
        socket.inet_pton(family, host),
        int(family).to_bytes(2, "little") + (80).to_bytes(2, "big"),
    )
    data = beginning + told + bytes(8) if family == socket.AF_INET else beginning + bytes(4) + told + bytes(4)
    assert Address.read(data) == Address(80, is_local)


def test_what_is_not_enforced_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "port 25" not in " ".join(limits_not_enforced(None))
    assert "inbound connections" not in " ".join(limits_not_enforced(None))
    assert "inbound connections" in " ".join(limits_not_enforced("not wanted"))
    monkeypatch.setattr(network, "unavailable", lambda: "Linux 5.4.0 cannot ask what to do with a socket")
    said = " ".join(limits_not_enforced(None))
    assert "inbound connections" in said
    assert "port 25" in said
