"""Bytes through a tunnel: exactly those, in both directions, to the end of each. They follow a TLS
handshake, behind which nobody looks at them."""

import random
import threading

import pytest

from hello import (SERVER_HELLO, answer_hello, early_hello, long_hello, read_exactly, say_hello)
from world import (GRANTED, HOST, Server, allowing, connect, connect_head, echoes, read_all,
                   read_grant, serve_echo, tunnel)

SIZES = [0, 1, 65535, 65536, 65537, 3 * 1024 * 1024]


def serve_back(connection) -> int:
    """Reads to the end, then says all of it."""
    answer_hello(connection)
    data = read_all(connection)
    connection.sendall(data)
    return len(data)


class FirstToEnd:
    """Speaks first, ends its side, and then listens to the end."""

    def __init__(self, data: bytes):
        self._data = data

    def __call__(self, connection) -> bytes:
        answer_hello(connection)
        connection.sendall(self._data)
        connection.shutdown(1)
        return read_all(connection)


@pytest.fixture(scope="module", name="echo")
def _echo():
    with Server(serve_echo) as server:
        yield server


@pytest.fixture(scope="module", name="back")
def _back():
    with Server(serve_back) as server:
        yield server


@pytest.fixture(scope="module", name="first")
def _first():
    with Server(FirstToEnd(b"")) as server:
        yield server


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory, echo, back, first):
    ports = [echo.port, back.port, first.port]
    with allowing(tmp_path_factory.mktemp("tunnel"), ports) as gateway:
        yield gateway


@pytest.mark.parametrize("size", SIZES)
def test_the_client_ends_first_and_hears_the_rest(gateway, back, size):
    data = random.Random(size).randbytes(size)
    with tunnel(gateway.port, back.port) as client:
        client.sendall(data)
        client.shutdown(1)
        assert read_all(client) == data
    assert back.result() == size


@pytest.mark.parametrize("size", SIZES)
def test_the_server_ends_first_and_hears_the_rest(gateway, first, size):
    data = random.Random(size).randbytes(size)
    first.serve = FirstToEnd(data)
    with tunnel(gateway.port, first.port) as client:
        assert read_all(client) == data
        client.sendall(data)
    assert first.result() == data


def test_both_at_once(gateway, echo):
    data = random.Random(0).randbytes(3 * 1024 * 1024)
    with tunnel(gateway.port, echo.port) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        assert read_exactly(client, len(data)) == data
        sender.join()


@pytest.mark.parametrize("size", [1, 100, 1000, 65536, 200000])
def test_what_comes_with_the_request_goes_on(gateway, echo, size):
    """A piece of the hello, or the hello and 0-RTT data."""
    early = early_hello(HOST, random.Random(size).randbytes(200000))
    echoed = early[len(early_hello(HOST, b"")):]
    with connect(gateway.port) as client:
        client.sendall(connect_head(echo.port) + early[:size])
        read_grant(client)
        client.sendall(early[size:])
        assert read_exactly(client, len(SERVER_HELLO + echoed)) == SERVER_HELLO + echoed


@pytest.mark.parametrize("size", [1000, 16389, 16395, 65536])
def test_a_long_hello(gateway, first, size):
    hello = long_hello(HOST, size)
    assert len(hello) == size
    first.serve = answer_hello
    with connect(gateway.port) as client:
        client.sendall(connect_head(first.port) + hello)
        assert read_all(client) == GRANTED + SERVER_HELLO
    assert first.result() == hello


def test_a_request_in_pieces(gateway, echo):
    with connect(gateway.port) as client:
        for byte in connect_head(echo.port, fields=b"User-Agent: slow\r\n"):
            client.sendall(bytes([byte]))
        read_grant(client)
        say_hello(client, HOST)
        assert echoes(client, b"and on")


def test_the_agent_that_says_nothing_but_the_target(gateway, echo):
    """HTTP/1.0 without any field: the Azure Linux VM agent."""
    with connect(gateway.port) as client:
        client.sendall(f"CONNECT {HOST}:{echo.port} HTTP/1.0\r\n\r\n".encode())
        read_grant(client)
        say_hello(client, HOST)
        assert echoes(client, b"hello")


def test_a_hundred_tunnels_do_not_mix(gateway, echo):
    clients = [tunnel(gateway.port, echo.port) for _ in range(100)]
    for number, client in enumerate(clients):
        client.sendall(number.to_bytes(2, "big") * 500)
    for number, client in enumerate(clients):
        assert read_exactly(client, 1000) == number.to_bytes(2, "big") * 500
        client.close()


def test_a_reset_at_one_end_reaches_the_other(gateway, first):
    reached = threading.Event()

    def serve(connection):
        answer_hello(connection)
        connection.sendall(b"x")
        reached.wait(60)
        return read_all(connection)

    first.serve = serve
    client = tunnel(gateway.port, first.port)
    assert read_exactly(client, 1) == b"x"
    client.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: on, 0 s
    client.close()
    reached.set()
    assert isinstance(first.result(), ConnectionResetError)
