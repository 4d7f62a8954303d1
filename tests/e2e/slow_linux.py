"""Clients that drip their request, and clients that read nothing of what they asked for: all others
are served meanwhile, and they in the end. How many there are is the tier's affair.
"""

import contextlib
import resource
import selectors
import socket
import threading

import pytest

from hello import answer_hello, say_hello
from program import LIMIT_S
from world import (FULL, HOST, REPLIES, Server, allowing, connect, connect_head, echoes, new_source,
                   read_grant, refused, serve_echo, tunnel)

DRIPPING, UNREAD = (500, 2000) if FULL else (50, 100)
SERVED = 50
SMALL = 4096  # of the kernel's buffers, or thousands of unread downloads would fill the machine


@pytest.fixture(scope="module", autouse=True)
def _descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


class Flood:
    """Sends to whoever has said hello as much as is taken, from one thread."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(1024)
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.1):
                if key.fileobj is self._listener:
                    connection, _ = self._listener.accept()
                    answer_hello(connection)
                    connection.setblocking(False)
                    self._selector.register(connection, selectors.EVENT_WRITE)
                    continue
                try:
                    key.fileobj.send(bytes(65536))
                except OSError:
                    self._selector.unregister(key.fileobj)
                    key.fileobj.close()

    def __enter__(self) -> "Flood":
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()


def others_are_served(gateway, origin) -> None:
    clients = [tunnel(gateway.port, origin.port, source=new_source()) for _ in range(SERVED)]
    for client in clients:
        with client:
            assert echoes(client, b"still served" * 1000)


def connect_small(port: int) -> socket.socket:
    """A client with hardly any room for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    client.settimeout(LIMIT_S)
    client.bind((new_source(), 0))
    client.connect(("127.0.0.1", port))
    return client


def test_requests_that_drip(tmp_path, origin):
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(allowing(tmp_path, [origin.port], HeaderTimeout="300s"))
        slow = [stack.enter_context(connect(gateway.port, new_source())) for _ in range(DRIPPING)]
        head = connect_head(origin.port)
        for byte in head[:8]:
            for client in slow:
                client.sendall(bytes([byte]))
            others_are_served(gateway, origin)
        for client in slow:
            client.sendall(head[8:])
            read_grant(client)


def test_downloads_that_nobody_reads(tmp_path, origin):
    with contextlib.ExitStack() as stack:
        flood = stack.enter_context(Flood())
        gateway = stack.enter_context(allowing(tmp_path, [origin.port, flood.port]))
        for number in range(UNREAD):
            client = stack.enter_context(connect_small(gateway.port))
            client.sendall(connect_head(flood.port))
            read_grant(client)
            say_hello(client, HOST)
            if number % 100 == 0:
                others_are_served(gateway, origin)
        others_are_served(gateway, origin)


def test_a_limit_that_is_reached_is_said_at_once(tmp_path, origin):
    """Those that hold all tunnels send nothing any more; who comes hears 503 and does not wait."""
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(allowing(tmp_path, [origin.port], MaxTunnels=DRIPPING,
                                               MaxTunnelsPerClient=DRIPPING))
        for _ in range(DRIPPING):
            stack.enter_context(tunnel(gateway.port, origin.port))
        for _ in range(SERVED):
            reply = refused(gateway.port, connect_head(origin.port), new_source())
            assert reply == REPLIES["TUNNELS_FULL"]
