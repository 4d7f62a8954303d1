"""A relay proxy in front: what it is told, and what becomes of each odd thing that it may say."""

import base64
import errno
import json
import re
import socket

import pytest

from hello import SERVER_HELLO, answer_hello, hello_for, read_exactly
from program import EMULATOR
from world import (GRANTED, HOST, REPLIES, Server, allowing, configure, connect, connect_head,
                   echoes, new_source, read_all, read_head, refused, sentence, told, tunnel,
                   wait_applied)

PORT = 443
OKAY = b"HTTP/1.1 200 OK\r\n"
RESET = "reset, without a byte"

# What the relay proxy says before the tunnel begins, whatever it announces.
GRANTING = [
    b"HTTP/1.1 200 Connection established\r\n\r\n",
    b"HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n",
    OKAY + b"Content-Length: 5\r\n\r\n",
    OKAY + b"Transfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OKAY + b"\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OKAY +
    b"\r\n",
]

# What it says; the error; the status that Proxy-Status passes on, 0: none; what the event adds.
REFUSING = [
    (b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n",
     "RELAY_LOGIN", 407, ", saying 407 Proxy Authentication Required"),
    (b"HTTP/1.1 403 Forbidden by policy\r\n\r\n<html>", "RELAY_REFUSED", 403,
     ", saying 403 Forbidden by policy"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n", "RELAY_REFUSED", 302,
     ", saying 302 Found"),
    (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nno!\n", "RELAY_REFUSED", 502,
     ", saying 502 Bad Gateway"),
    (b"HTTP/1.1 503 \r\n\r\n", "RELAY_REFUSED", 503, ", saying 503"),
    (b"HTTP/1.1 500 a\x1b[31mb\r\n\r\n", "RELAY_ANSWER", 500, ", saying 500 a"),
    (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "RELAY_ANSWER", 101,
     ", saying 101 Switching Protocols"),
    (b"HTTP/1.1 200 OK\n\n", "RELAY_ANSWER", 200, ", saying 200 OK"),
    (OKAY + b"A: b\0c\r\n\r\n", "RELAY_ANSWER", 200, ", saying 200 OK"),
    (OKAY + b"A: b\r\n folded\r\n\r\n", "RELAY_ANSWER", 200, ", saying 200 OK"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "RELAY_ANSWER", 0, ""),
    (b"\x15\x03\x01\x00\x02\x02\x16", "RELAY_ANSWER", 0, ""),
    (OKAY + b"A: " + b"x" * 17000 + b"\r\n\r\n", "RELAY_SIZE", 200, ", saying 200 OK"),
    (OKAY + b"A: b\r\n" * 65 + b"\r\n", "RELAY_SIZE", 200, ", saying 200 OK"),
    (OKAY + b"A: b\r\n", "RELAY_CUT", 200, ", saying 200 OK"),
    (b"HTTP/1.1 2", "RELAY_CUT", 0, ""),
    (b"", "RELAY_SILENT", 0, ""),
]


def serve_grant(connection) -> tuple[bytes, bytes]:
    """The ordinary one: grants, shakes hands, sends back what comes. Head, and what followed."""
    head = read_head(connection)
    connection.sendall(GRANTED)
    data = answer_hello(connection)
    while part := connection.recv(65536):
        connection.sendall(part)
        data += part
    return head, data


class Grant:
    """Says these bytes, is the server then: shakes hands, says a word, ends its side; the rest."""

    def __init__(self, reply: bytes):
        self._reply = reply

    def __call__(self, connection) -> bytes:
        read_head(connection)
        connection.sendall(self._reply)
        answer_hello(connection)
        connection.sendall(b"a word")
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


class Say:
    """Hears the request, says these bytes, ends its side; what else came."""

    def __init__(self, reply: bytes):
        self._reply = reply

    def __call__(self, connection) -> bytes:
        read_head(connection)
        connection.sendall(self._reply)
        try:
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)
        except OSError as error:  # reset before, or after, our end
            assert error.errno in (errno.ENOTCONN, errno.ECONNRESET), error
            return RESET


@pytest.fixture(scope="module", name="relay")
def _relay():
    with Server(serve_grant) as server:
        yield server


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory, relay):
    folder = tmp_path_factory.mktemp("relay")
    configure(str(folder / "data"), "relay", "set", f"http://127.0.0.1:{relay.port}",
              "--username", "agent", "--password-file", "-", input="SECRETWORD\n")
    with allowing(folder, [PORT]) as gateway:
        yield gateway


def test_what_it_is_told(gateway, relay):
    """Only the target and the login of the rules: of the client's own fields nothing."""
    relay.serve = serve_grant
    with connect(gateway.port) as client:
        client.sendall(connect_head(PORT, fields=b"Proxy-Authorization: Basic CLIENTWORD\r\n"
                                                 b"User-Agent: CLIENTWORD\r\n") + hello_for(HOST))
        assert read_exactly(client, len(GRANTED + SERVER_HELLO)) == GRANTED + SERVER_HELLO
        assert echoes(client, b"late")
    login = base64.b64encode(b"agent:SECRETWORD").decode()
    target = f"{HOST}:{PORT}"
    asked = (f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
             f"Proxy-Authorization: Basic {login}\r\n\r\n")
    assert relay.result() == (asked.encode(), hello_for(HOST) + b"late")
    text = json.dumps(gateway.events)
    assert not any(word in text for word in ("CLIENTWORD", "SECRETWORD", login))


@pytest.mark.parametrize("reply", GRANTING, ids=range(len(GRANTING)))
def test_a_reply_that_grants(gateway, relay, reply):
    relay.serve = Grant(reply)
    with tunnel(gateway.port, PORT) as client:
        client.sendall(b"the rest")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"a word"
    assert relay.result() == b"the rest"


@pytest.mark.parametrize("reply, name, status, said", REFUSING, ids=range(len(REFUSING)))
def test_a_reply_that_does_not(gateway, relay, reply, name, status, said):
    """The client's early bytes never reach whoever has not granted."""
    relay.serve = Say(reply)
    source = new_source()
    passed_on = f"; received-status={status}".encode() if status else b""
    expected = re.sub(rb"(Proxy-Status: [^\r;]*; error=\w+)[^\r]*", rb"\1" + passed_on,
                      REPLIES[name])
    assert refused(gateway.port, connect_head(PORT) + hello_for(HOST), source) == expected
    assert relay.result() in (b"", RESET)
    event = told(gateway, 403, source)
    assert event["host"] == HOST and event["port"] == PORT
    assert event["reason"] == sentence(REPLIES[name]) + said


def test_a_relay_that_says_nothing_is_waited_for_so_long(tmp_path):
    source = new_source()
    with Server(read_all) as relay:
        configure(str(tmp_path / "data"), "relay", "set", f"http://127.0.0.1:{relay.port}")
        with allowing(tmp_path, [PORT], ConnectTimeout="1s") as gateway:
            assert refused(gateway.port, connect_head(PORT), source) == REPLIES["RELAY_SLOW"]
            told(gateway, 403, source)


def test_a_relay_that_resets(gateway, relay):
    def serve(connection):
        read_head(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    relay.serve = serve
    source = new_source()
    # Wine tells some resets as ends.
    replies = [REPLIES["RESET"]] + ([REPLIES["RELAY_SILENT"]] if EMULATOR else [])
    assert refused(gateway.port, connect_head(PORT), source) in replies
    relay.result()
    told(gateway, 403, source)


def test_the_rules_come_before_the_relay(gateway):
    source = new_source()
    assert refused(gateway.port, connect_head(PORT, "evil.example"),
                   source) == REPLIES["HOST_UNLISTED"]
    told(gateway, 105, source)


def test_nobody_is_the_relay(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        configure(str(tmp_path / "data"), "relay", "set",
                  f"http://127.0.0.1:{taken.getsockname()[1]}")
        with allowing(tmp_path, [PORT]) as gateway:
            assert refused(gateway.port, connect_head(PORT)) == REPLIES["REFUSED"]


# ---- loops ----


# Each of them leads to whoever listens on 127.0.0.1, in one system or another.
OURSELVES = ["127.0.0.1", "127.1.2.3", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0",
             "64:ff9b::7f00:1"]


def test_a_target_that_is_ourselves(tmp_path):
    names = {f"own{i}.example": address for i, address in enumerate(OURSELVES)}
    with allowing(tmp_path, [PORT], hosts=names, resolve=[f"{name}={address}" for name, address
                                                          in names.items()]) as gateway:
        configure(gateway.data, "config", "set", "AllowedPorts", str(gateway.port),
                  "AllowedNetworks", "0.0.0.0/0,::/0")
        wait_applied(gateway)
        for name in names:
            source = new_source()
            assert refused(gateway.port, connect_head(gateway.port, name), source) \
                == REPLIES["ADDRESS_OWN"]
            assert told(gateway, 105, source)["host"] == name


@pytest.mark.parametrize("address", OURSELVES)
def test_a_relay_that_is_ourselves(tmp_path, address):
    with allowing(tmp_path, [PORT], resolve=[f"relay.example={address}"]) as gateway:
        configure(gateway.data, "relay", "set", f"http://relay.example:{gateway.port}")
        wait_applied(gateway)
        assert refused(gateway.port, connect_head(PORT)) == REPLIES["ADDRESS_OWN"]
        assert gateway.wait_event(105)["host"] == HOST


def test_a_relay_that_comes_and_goes(tmp_path):
    with Server(serve_grant) as relay, allowing(tmp_path, [PORT]) as gateway:
        configure(gateway.data, "relay", "set", f"http://127.0.0.1:{relay.port}")
        wait_applied(gateway)
        with tunnel(gateway.port, PORT) as before:
            configure(gateway.data, "relay", "clear")
            wait_applied(gateway)
            assert echoes(before, b"still here")
        assert b"Authorization" not in relay.result()[0]
