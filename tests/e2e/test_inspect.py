"""What is not the TLS that the rules ask for: nothing of it reaches the server, or nothing of the
server's answer the client; the client is told why by an alert, the administrator by an event.

Handshakes made by hand: what no TLS stack would say can be said. Real ones are
test_certificates.py's.
"""

import contextlib
import socket
import threading

import pytest

from hello import (EARLY_DATA, ECH, SERVER_HELLO, answer_hello, client_hello, extension, hello_for,
                   old_hello, read_exactly, records, server_hello, server_name)
from program import LIMIT_S
from world import (HOST, Server, allowing, configure, connect, connect_head, echoes, granted,
                   new_source, read_all, read_grant, read_head, refused, serve_echo, told,
                   told_refused, tunnel)

# Numbers of RFC 8446, section 6.
UNEXPECTED_MESSAGE, HANDSHAKE_FAILURE, ACCESS_DENIED, DECODE_ERROR, PROTOCOL_VERSION = (10, 40, 49,
                                                                                        50, 70)
UNRECOGNIZED_NAME = 112

OTHER = client_hello(server_name("evil.example"))
SSL2 = b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(37)

# name: what the client sends first, the error, the alert that it hears.
REFUSED = {
    "another name": (OTHER, "SNI_OTHER", UNRECOGNIZED_NAME),
    "a name below it": (client_hello(server_name("a." + HOST)), "SNI_OTHER", UNRECOGNIZED_NAME),
    "an address": (client_hello(server_name("127.0.0.1")), "SNI_OTHER", UNRECOGNIZED_NAME),
    "no name": (client_hello(b""), "SNI_MISSING", UNRECOGNIZED_NAME),
    "two names": (client_hello(server_name(HOST, HOST)), "SNI_INVALID", UNRECOGNIZED_NAME),
    "two extensions": (client_hello(server_name(HOST) * 2), "TLS_DECODE", DECODE_ERROR),
    "an empty list": (client_hello(server_name()), "TLS_DECODE", DECODE_ERROR),
    "an empty name": (client_hello(server_name("")), "SNI_INVALID", UNRECOGNIZED_NAME),
    "NUL": (client_hello(server_name(HOST + "\0.evil.example")), "SNI_INVALID", UNRECOGNIZED_NAME),
    "a dot at the end": (client_hello(server_name(HOST + ".")), "SNI_INVALID", UNRECOGNIZED_NAME),
    "SSL 3.0": (old_hello(HOST, 0x0300), "TLS_OLD", PROTOCOL_VERSION),
    "TLS 1.0": (old_hello(HOST, 0x0301), "TLS_OLD", PROTOCOL_VERSION),
    "TLS 1.1": (client_hello(server_name(HOST), versions=(0x0302, 0x0301)), "TLS_OLD",
                PROTOCOL_VERSION),
    "SSL 2.0": (SSL2, "TLS_SSL2", PROTOCOL_VERSION),
    "DTLS": (b"\x16\xfe\xfd" + bytes(50), "TLS_DATAGRAM", PROTOCOL_VERSION),
    "HTTP": (f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), "TLS_PLAIN", UNEXPECTED_MESSAGE),
    "CONNECT": (connect_head(443), "TLS_PLAIN", UNEXPECTED_MESSAGE),
    "SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", "TLS_PLAIN", UNEXPECTED_MESSAGE),
    "SOCKS": (b"\x05\x01\x00", "TLS_PLAIN", UNEXPECTED_MESSAGE),
    "a byte": (b"?", "TLS_PLAIN", UNEXPECTED_MESSAGE),
    "data": (records(23, b"data"), "TLS_ORDER", UNEXPECTED_MESSAGE),
    "a server's hello": (SERVER_HELLO, "TLS_ORDER", UNEXPECTED_MESSAGE),
    "cut short within": (records(22, hello_for(HOST)[5:9] + bytes(len(hello_for(HOST)) - 9)),
                         "TLS_DECODE", DECODE_ERROR),
    "a record too long": (b"\x16\x03\x01\xff\xff", "TLS_RECORD", DECODE_ERROR),
    "a hello too long": (records(22, b"\1\0\xff\xfd"), "TLS_LONG", DECODE_ERROR),
    "another one behind": (hello_for(HOST) + OTHER, "TLS_ORDER", UNEXPECTED_MESSAGE),
}


class Answer:
    """A server that reads a hello and says this; whether it came, and what became of the rest."""

    def __init__(self, answer: bytes):
        self._answer = answer

    def __call__(self, connection) -> bytes:
        answer_hello(connection, self._answer)
        return read_all(connection)


@pytest.fixture(scope="module", name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


@pytest.fixture(scope="module", name="hearing")
def _hearing():
    """A server that says nothing; all that it heard, or how that ended."""
    with Server(read_all) as server:
        yield server


@pytest.fixture(scope="module", name="odd")
def _odd():
    """A server that each test tells what to do."""
    with Server(read_all) as server:
        yield server


@contextlib.contextmanager
def inspecting(folder, *servers, **options):
    ports = [server.port for server in servers]
    with allowing(folder, ports, LogLevel="debug", **options) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory, origin, hearing, odd):
    with inspecting(tmp_path_factory.mktemp("inspect"), origin, hearing, odd) as gateway:
        yield gateway


def hear_alert(client: socket.socket) -> int:
    """All that comes is one fatal alert."""
    said = read_all(client)
    assert len(said) == 7 and said[0] == 21 and said[3:6] == b"\0\2\2", said
    return said[6]


def is_refused(gateway, port: int, said: bytes, name: str, alert: int) -> dict:
    source = new_source()
    with granted(gateway.port, port, source=source) as client:
        client.sendall(said)
        assert hear_alert(client) == alert
    event = told_refused(gateway, name, source)
    assert event["host"] == HOST
    return event


def heard_nothing(server: Server) -> None:
    """Reset, or ended, without a byte."""
    heard = server.result()
    assert heard == b"" or isinstance(heard, OSError), heard


def passes(gateway, port: int, said: bytes, answer: bytes = SERVER_HELLO) -> dict:
    """What is said reaches the server, its answer the client; the event that tells of it."""
    source = new_source()
    with granted(gateway.port, port, source=source) as client:
        client.sendall(said)
        assert read_exactly(client, len(answer)) == answer
        event = told(gateway, 107, source)
    assert event["name"] == "TlsVerified" and event["host"] == HOST
    return event


@pytest.mark.parametrize("said, name, alert", REFUSED.values(), ids=REFUSED)
def test_what_the_client_begins_with(gateway, hearing, said, name, alert):
    is_refused(gateway, hearing.port, said, name, alert)
    heard_nothing(hearing)


def test_byte_by_byte(gateway, hearing):
    source = new_source()
    with granted(gateway.port, hearing.port, source=source) as client:
        for byte in OTHER:
            client.sendall(bytes([byte]))
        assert hear_alert(client) == UNRECOGNIZED_NAME
    told_refused(gateway, "SNI_OTHER", source)
    heard_nothing(hearing)


def test_with_the_request(gateway, hearing):
    """What comes with the CONNECT is looked at like what comes later."""
    source = new_source()
    with connect(gateway.port, source) as client:
        client.sendall(connect_head(hearing.port) + OTHER)
        read_grant(client)
        assert hear_alert(client) == UNRECOGNIZED_NAME
    told_refused(gateway, "SNI_OTHER", source)
    heard_nothing(hearing)


def test_letters_of_either_size_are_the_same_name(gateway, origin):
    event = passes(gateway, origin.port, client_hello(server_name(HOST.upper())))
    assert event["sni"].lower() == HOST and event["version"] == "TLS 1.3"


# ---- addresses as targets ----


def test_an_address_has_no_name(tmp_path, hearing, origin):
    """With one it would be a mismatch: no server is asked for by its address."""
    address = "127.0.0.1"
    with inspecting(tmp_path, hearing, origin, hosts=[address]) as gateway:
        source = new_source()
        with granted(gateway.port, origin.port, address, source) as client:
            client.sendall(client_hello(b""))
            assert read_exactly(client, len(SERVER_HELLO)) == SERVER_HELLO
            assert echoes(client, b"hello")
            assert told(gateway, 107, source)["host"] == address
        for name in HOST, address:
            source = new_source()
            with granted(gateway.port, hearing.port, address, source) as client:
                client.sendall(client_hello(server_name(name)))
                assert hear_alert(client) == UNRECOGNIZED_NAME
            told_refused(gateway, "SNI_OTHER", source)
            heard_nothing(hearing)


# ---- the server's answer ----


ANSWERS = {
    "TLS 1.1": (old_hello(HOST, 0x0303), server_hello(0x0302), "TLS_OLD", PROTOCOL_VERSION),
    "SSL 3.0": (old_hello(HOST, 0x0303), server_hello(0x0300), "TLS_OLD", PROTOCOL_VERSION),
    "not offered": (old_hello(HOST, 0x0303), server_hello(0x0304), "TLS_VERSION",
                    PROTOCOL_VERSION),
    "HTTP": (hello_for(HOST), b"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS_RECORD", DECODE_ERROR),
    "a client's hello": (hello_for(HOST), hello_for(HOST), "TLS_ORDER", UNEXPECTED_MESSAGE),
    "data": (hello_for(HOST), records(23, b"data"), "TLS_ORDER", UNEXPECTED_MESSAGE),
}


@pytest.mark.parametrize("said, answer, name, alert", ANSWERS.values(), ids=ANSWERS)
def test_what_the_server_answers(gateway, odd, said, answer, name, alert):
    odd.serve = Answer(answer)
    is_refused(gateway, odd.port, said, name, alert)
    assert isinstance(odd.result(), OSError)


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2p1\r\n", SERVER_HELLO], ids=["SSH", "TLS"])
def test_a_server_that_speaks_first(gateway, odd, banner):
    def serve(connection):
        connection.sendall(banner)
        return read_all(connection)

    odd.serve = serve
    is_refused(gateway, odd.port, b"", "TLS_SERVER_FIRST", UNEXPECTED_MESSAGE)
    heard_nothing(odd)


@pytest.mark.parametrize("behind", [b"from the server", b"\x15\x03\x03\0\2\2\x28"])
def test_a_server_that_speaks_right_behind_the_relay_s_head(tmp_path, behind):
    def serve(connection):
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + behind)
        return read_all(connection)

    with Server(serve) as relay:
        configure(str(tmp_path / "data"), "relay", "set", f"http://127.0.0.1:{relay.port}")
        with allowing(tmp_path, [443]) as gateway:
            is_refused(gateway, 443, b"", "TLS_SERVER_FIRST", UNEXPECTED_MESSAGE)
            heard_nothing(relay)


def test_a_client_that_reads_nothing_is_refused_all_the_same(tmp_path):
    """At once, though no alert can be told as long as the server's answer is on its way to it."""
    stuck = threading.Event()

    def serve(connection):
        certificate = b"\x0b\x10\0\0" + bytes(1 << 20)  # there is no longer one
        rest = memoryview(b"".join(records(22, bytes([byte])) for byte in certificate))
        answer_hello(connection, server_hello(0x0303))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while rest:  # a machine whose kernel takes all of it has nobody stuck, and goes on
                rest = rest[connection.send(rest):]
        connection.settimeout(LIMIT_S)
        stuck.set()
        return read_all(connection)

    with Server(serve) as server, inspecting(tmp_path, server, Loops=1, HandshakeTimeout="300s",
                                             SendTimeout="300s") as gateway:
        source = new_source()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.bind((source, 0))
            client.connect(("127.0.0.1", gateway.port))
            client.sendall(connect_head(server.port))
            read_grant(client)
            client.sendall(old_hello(HOST, 0x0303))
            assert stuck.wait(LIMIT_S)
            for _ in range(20):  # in turns of the same loop, which does meanwhile what it can
                refused(gateway.port, connect_head(443, "other.example"))
            client.sendall(records(23, b"data"))
            assert told_refused(gateway, "TLS_ORDER", source)["host"] == HOST


def test_an_alert_of_the_server_s_goes_on_and_ends_it(gateway, odd):
    alert = records(21, b"\2" + bytes([HANDSHAKE_FAILURE]))
    odd.serve = Answer(alert)
    with granted(gateway.port, odd.port) as client:
        client.sendall(hello_for(HOST))
        assert read_all(client) == alert
    odd.result()


# ---- settings ----


def test_a_hello_without_a_name(tmp_path, origin):
    with inspecting(tmp_path, origin, MissingSni="allow") as gateway:
        assert passes(gateway, origin.port, client_hello(b""))["sni"] == "none"


@pytest.mark.parametrize("version", [0x0301, 0x0302, 0x0303, 0x0304])
def test_minimum_tls(tmp_path, origin, hearing, version):
    """The hello that offers no more than the one before it is refused, this one passes."""
    with inspecting(tmp_path, origin, hearing, MinimumTls=f"1.{version - 0x0301}") as gateway:
        passes(gateway, origin.port, client_hello(server_name(HOST), versions=(0x0304, version)))
        for least in range(0x0300, version):
            is_refused(gateway, hearing.port, client_hello(server_name(HOST), versions=(least,)),
                       "TLS_OLD", PROTOCOL_VERSION)
            heard_nothing(hearing)


def test_tls_1_3_that_is_refused(tmp_path, hearing):
    """At the hello where nothing else is offered, or where data of TLS 1.3 would follow it at once;
    else at the server's choice."""
    only = client_hello(server_name(HOST), versions=(0x0304,))
    both = client_hello(server_name(HOST), versions=(0x0304, 0x0303))
    early = client_hello(server_name(HOST), extension(EARLY_DATA, b""), versions=(0x0304, 0x0303))
    with Server(Answer(SERVER_HELLO)) as server:
        with inspecting(tmp_path, server, hearing, Tls13="refuse") as gateway:
            for hello in (only, early, early + records(23, bytes(100))):
                is_refused(gateway, hearing.port, hello, "TLS13_REFUSED", PROTOCOL_VERSION)
                heard_nothing(hearing)
            is_refused(gateway, server.port, both, "TLS13_REFUSED", PROTOCOL_VERSION)
            assert isinstance(server.result(), OSError)


@pytest.mark.parametrize("setting", ["allow", "refuse"])
def test_a_hello_that_is_encrypted_in_part(tmp_path, origin, hearing, setting):
    hello = client_hello(server_name(HOST), extension(ECH, b"\0\0\1\0\1" + bytes(60)))
    with inspecting(tmp_path, origin, hearing, Ech=setting) as gateway:
        if setting == "allow":
            passes(gateway, origin.port, hello)
        else:
            is_refused(gateway, hearing.port, hello, "ECH_REFUSED", ACCESS_DENIED)
            heard_nothing(hearing)


@pytest.mark.parametrize("said", [b"", hello_for(HOST)[:100], hello_for(HOST)],
                         ids=["nothing", "half of a hello", "a hello without answer"])
def test_silence(tmp_path, hearing, said):
    with inspecting(tmp_path, hearing, HandshakeTimeout="1s") as gateway:
        is_refused(gateway, hearing.port, said, "TLS_SILENT", HANDSHAKE_FAILURE)
        heard = hearing.result()
        assert isinstance(heard, OSError) or heard == b""


def test_behind_the_handshake_silence_is_no_matter(tmp_path, origin):
    """The time is for the handshake alone: another one is over before the first client speaks."""
    with inspecting(tmp_path, origin, HandshakeTimeout="5s") as gateway:
        with tunnel(gateway.port, origin.port) as client:
            is_refused(gateway, origin.port, b"", "TLS_SILENT", HANDSHAKE_FAILURE)
            assert echoes(client, b"still here")
