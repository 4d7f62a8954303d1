"""Every way to be refused that a client can bring about: the exact reply, and the event with it."""

import contextlib
import errno
import json
import select
import socket

import pytest

from hello import read_exactly
from world import (GRANTED, HOST, REPLIES, Server, allowing, connect, connect_head, new_source,
                   read_all, refused, sentence, serve_echo, told, tunnel)

SPECIAL, PLATFORM, CLOSED, FULL_QUEUE = ("special.example", "platform.example", "closed.example",
                                         "full.example")


def line(text: str) -> bytes:
    return text.encode() + b"\r\n\r\n"


def with_host(target: str, host: str = "") -> bytes:
    return line(f"CONNECT {target} HTTP/1.1\r\nHost: {host or target}")


# What is sent, and which error answers. All of these have event 104.
MALFORMED = [
    (line("CONNECT a.example:443 HTTP/1.1"), "HOST_FIELD_NONE"),
    (with_host("a.example:443", "b.example:443"), "HOST_FIELD_OTHER"),
    (with_host("a.example:444", "a.example"), "HOST_FIELD_OTHER"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nHost: a.example"),
     "HOST_FIELD_TWICE"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0"), "BODY"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked"),
     "BODY"),
    (b"CONNECT a.example:443 HTTP/1.1\nHost: a.example:443\n\n", "LINE_END"),
    (with_host("a.example"), "TARGET_PORT"),
    (with_host("a.example:0"), "TARGET_PORT"),
    (with_host("a.example:65536"), "TARGET_PORT"),
    (with_host("a.example:4294967739"), "TARGET_PORT"),
    (with_host("user@a.example:443"), "TARGET_FORM"),
    (line("CONNECT a.example:443 HTTP/2.0\r\nHost: a.example"), "HTTP_VERSION"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost : a.example"), "FIELD_NAME"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n folded"), "FIELD_FOLDED"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nX: a\0b"), "FIELD_CONTROL"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nX: " + "a" * 17000), "HEAD_SIZE"),
    (line("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example" + "\r\nX: a" * 64), "HEAD_FIELDS"),
]

METHODS = [
    ("GET", line("GET / HTTP/1.1\r\nHost: a.example")),
    ("OPTIONS", line("OPTIONS * HTTP/1.1\r\nHost: a.example")),
    ("HEAD", line("HEAD http://a.example/ HTTP/1.0")),
]


@pytest.fixture(name="source")
def _source():
    return new_source()


@pytest.fixture(scope="module", name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


@pytest.fixture(scope="module", name="closed")
def _closed():
    """A port that is taken, at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory, origin, closed):
    names = [SPECIAL, PLATFORM, CLOSED, FULL_QUEUE]
    with allowing(tmp_path_factory.mktemp("refusals"), [origin.port, closed], hosts=[HOST, *names],
                  resolve=[f"{SPECIAL}=10.1.2.3", f"{PLATFORM}=168.63.129.16",
                           f"{CLOSED}=127.0.0.1"]) as gateway:
        yield gateway


@pytest.mark.parametrize("request_bytes, name", MALFORMED, ids=[f"{m[1]}-{i}" for i, m in
                                                               enumerate(MALFORMED)])
def test_malformed(gateway, source, request_bytes, name):
    assert refused(gateway.port, request_bytes, source) == REPLIES[name]
    event = told(gateway, 104, source)
    assert event["name"] == "NotConnect" and event["severity"] == "WARNING"
    assert event["method"] == sentence(REPLIES[name])


@pytest.mark.parametrize("method, request_bytes", METHODS, ids=[m[0] for m in METHODS])
def test_another_method(gateway, source, method, request_bytes):
    assert refused(gateway.port, request_bytes, source) == REPLIES["NOT_CONNECT"]
    assert told(gateway, 104, source)["method"] == method


def test_nothing_behind_a_refusal_is_looked_at(gateway, source, origin):
    request = line("GET / HTTP/1.1\r\nHost: a.example") + connect_head(origin.port)
    assert refused(gateway.port, request, source) == REPLIES["NOT_CONNECT"]
    assert told(gateway, 104, source)["method"] == "GET"


def test_what_was_posted_is_in_no_log(gateway, source):
    request = (b"POST http://a.example/track?token=QUERYWORD HTTP/1.1\r\nHost: a.example\r\n"
               b"Proxy-Authorization: Basic FIELDWORD\r\nContent-Length: 8\r\n\r\nBODYWORD")
    assert refused(gateway.port, request, source) == REPLIES["NOT_CONNECT"]
    event = told(gateway, 104, source)
    assert event["method"] == "POST"
    text = json.dumps(gateway.events)
    assert not any(word in text for word in ("QUERYWORD", "FIELDWORD", "BODYWORD", "track"))


def test_a_request_that_is_cut_off(gateway, source):
    with connect(gateway.port, source) as client:
        client.sendall(b"CONNECT a.example:443 HTT")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == REPLIES["HEAD_CUT"]
    assert told(gateway, 104, source)["method"] == sentence(REPLIES["HEAD_CUT"])


def test_one_byte_now_and_then_is_too_slow(tmp_path, source):
    """The time is for the whole head: a byte does not lengthen it."""
    with allowing(tmp_path, [443], HeaderTimeout="1s") as gateway:
        with connect(gateway.port, source) as client:
            for byte in connect_head(443, fields=b"X: " + b"x" * 10000):
                client.sendall(bytes([byte]))
                if select.select([client], [], [], 0.1)[0]:
                    break
            assert read_all(client) == REPLIES["HEAD_SLOW"]
        assert told(gateway, 104, source)["method"] == sentence(REPLIES["HEAD_SLOW"])


@pytest.mark.parametrize("greeting, name", [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500, "TLS"),
    (b"\x05\x01\x00", "SOCKS"), (b"\x04\x01\x01\xbb\x7f\x00\x00\x01\x00", "SOCKS"),
], ids=["TLS", "SOCKS5", "SOCKS4"])
def test_a_greeting_of_another_protocol_has_no_reply(gateway, source, greeting, name):
    with connect(gateway.port, source) as client:
        client.sendall(greeting)
        try:
            assert read_all(client) == b""
        except ConnectionResetError:
            pass
    assert name in told(gateway, 104, source)["method"]


def test_a_probe_of_a_load_balancer_is_no_event(gateway, source):
    connect(gateway.port, source).close()
    assert refused(gateway.port, METHODS[0][1], source) == REPLIES["NOT_CONNECT"]
    assert told(gateway, 104, source)["method"] == "GET"
    assert len([event for event in gateway.events if event.get("client") == source]) == 1


# ---- rules ----


def forbidden(gateway, name: str, host: str, port: int) -> dict:
    """The exact reply of a rule; its event, of which the caller looks at the rule."""
    source = new_source()
    assert refused(gateway.port, connect_head(port, host), source) == REPLIES[name]
    event = told(gateway, 105, source)
    assert event["name"] == "TargetForbidden" and event["severity"] == "ERROR"
    assert event["host"] == host.strip("[]") and event["port"] == port
    assert event["reason"] == sentence(REPLIES[name])
    assert event["text"].startswith(f"Target host ({host.strip('[]')}) is forbidden: ")
    return event


def test_a_host_that_is_not_listed(gateway, origin):
    forbidden(gateway, "HOST_UNLISTED", "evil.example", origin.port)


def test_a_port_that_is_not_listed(gateway):
    assert "AllowedPorts" in forbidden(gateway, "PORT_UNLISTED", HOST, 25)["rule"]


@pytest.mark.parametrize("literal", ["127.0.0.1", "[::1]", "10.0.0.1"])
def test_an_address_that_is_not_listed(gateway, origin, literal):
    forbidden(gateway, "LITERAL_UNLISTED", literal, origin.port)


def test_a_host_with_a_private_address(gateway, origin):
    forbidden(gateway, "ADDRESS_SPECIAL", SPECIAL, origin.port)


def test_a_host_with_the_platforms_address(gateway, origin):
    forbidden(gateway, "ADDRESS_PLATFORM", PLATFORM, origin.port)


def test_a_client_that_is_not_listed(tmp_path, origin):
    with allowing(tmp_path, [origin.port], AllowedClients="10.0.0.0/8") as gateway:
        rule = forbidden(gateway, "CLIENT_UNLISTED", HOST, origin.port)["rule"]
        assert "AllowedClients" in rule


# ---- the network and limits ----


def failed(gateway, name: str, host: str, port: int) -> None:
    source = new_source()
    assert refused(gateway.port, connect_head(port, host), source) == REPLIES[name]
    event = told(gateway, 403, source)
    assert event["name"] == "NetworkError"
    assert event["host"] == host and event["port"] == port
    assert event["reason"] == sentence(REPLIES[name])


def test_nobody_listens_there(gateway, closed):
    failed(gateway, "REFUSED", CLOSED, closed)


@contextlib.contextmanager
def black_hole(address: str, port: int = 0):
    """A queue that is full: Linux drops whoever knocks. Its port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as full, socket.socket(family) as one, \
            socket.socket(family) as other:
        full.bind((address, port))
        full.listen(0)
        for client in (one, other):
            client.setblocking(False)
            client.connect_ex(full.getsockname()[:2])
        yield full.getsockname()[1]


def test_the_other_side_does_not_answer(tmp_path):
    with black_hole("127.0.0.1") as port:
        with allowing(tmp_path, [port], ConnectTimeout="1s") as gateway:
            failed(gateway, "TIMED_OUT", HOST, port)


@pytest.mark.parametrize("deaf", ["127.0.0.2", "::1"])
def test_an_address_that_does_not_answer_is_not_waited_for(tmp_path, origin, deaf):
    """Another one gets its chance beside it; alone it would have had 120 s."""
    try:
        hole = black_hole(deaf, origin.port)
        with hole, allowing(tmp_path, [origin.port], hosts=["two.example"], ConnectTimeout="120s",
                            AllowedNetworks="127.0.0.0/8,::1/128",
                            resolve=[f"two.example={deaf},127.0.0.1"]) as gateway:
            tunnel(gateway.port, origin.port, "two.example").close()
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
        pytest.skip(f"{deaf} is no address here")


def test_a_limit_of_one_client(tmp_path, origin):
    with allowing(tmp_path, [origin.port], MaxTunnelsPerClient=1) as gateway:
        with tunnel(gateway.port, origin.port):
            assert refused(gateway.port, connect_head(origin.port)) == REPLIES["CLIENT_FULL"]
            event = told(gateway, 100, "127.0.0.1")
            assert event["name"] == "LimitReached" and event["severity"] == "WARNING"
            assert event["reason"] == sentence(REPLIES["CLIENT_FULL"])
        tunnel(gateway.port, origin.port, source=new_source()).close()


def is_granted(gateway, origin) -> bool:
    """Tried once, by a client that leaves again."""
    with connect(gateway.port) as client:
        client.sendall(connect_head(origin.port))
        return read_exactly(client, len(GRANTED)) == GRANTED


def test_a_limit_of_all_clients_and_their_place_is_free_again(tmp_path, origin):
    with allowing(tmp_path, [origin.port], MaxTunnels=2, MaxTunnelsPerClient=2) as gateway:
        with tunnel(gateway.port, origin.port), tunnel(gateway.port, origin.port):
            assert refused(gateway.port, connect_head(origin.port)) == REPLIES["TUNNELS_FULL"]
            reason = gateway.wait_event(100)["reason"]
            assert reason == sentence(REPLIES["TUNNELS_FULL"])
        while not is_granted(gateway, origin):
            pass


@pytest.mark.parametrize("in_all, several", [(30, True), (100, False)])
def test_a_limit_is_exact_over_all_loops(tmp_path, origin, in_all, several):
    """All come at once, from several addresses or one; those who are granted stay."""
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(allowing(tmp_path, [origin.port], Loops=8,
                                               MaxTunnels=in_all, MaxTunnelsPerClient=30,
                                               HeaderTimeout="300s", HandshakeTimeout="300s"))
        sources = [new_source() for _ in range(9)] if several else ["127.0.0.1"] * 9
        clients = [stack.enter_context(connect(gateway.port, source)) for source in sources * 10]
        for client in clients:
            client.sendall(connect_head(origin.port))
        heard = [read_exactly(client, len(GRANTED)) for client in clients]
    assert heard.count(GRANTED) == 30
    assert all(b" 503 " in reply for reply in heard if reply != GRANTED)
