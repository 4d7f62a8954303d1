"""What stands around the program under test: origins, relay proxies, and clients with raw sockets.

Owns servers that do as they are told, each connection on a thread of its own, and what a client
says and hears byte by byte. Must not know how the program is started; that is program.py.
"""

import contextlib
import itertools
import os
import pathlib
import queue
import random
import re
import socket
import subprocess
import threading

from hello import answer_hello, read_exactly, say_hello
from program import LIMIT_S, Gateway, call

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/data/golden/replies.txt"
ERRORS_FILE = ROOT / "service/base/err.def"
GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
HOST = "origin.example"  # --resolve sends it to 127.0.0.1
FULL = os.environ.get("OMS_TIER") == "full"


def read_replies() -> dict[str, bytes]:
    """Every reply by the name of its error, as tests/unit has written them down."""
    replies = {}
    for block in GOLDEN.read_text(encoding="ascii").split("\n== ")[1:]:
        name, _, text = block.partition("\n")
        replies[name] = text.replace("\n", "").encode().decode("unicode_escape").encode("latin-1")
    return replies


REPLIES = read_replies()


def read_errors() -> dict[str, tuple[int, str]]:
    """The event of every error by its name, and its sentence."""
    rows = re.findall(r'^ERR\((\w+), \d+, "[^"]*", (\d+), "([^"]*)"\)',
                      ERRORS_FILE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: (int(event), words) for name, event, words in rows}


ERRORS = read_errors()


def sentence(reply: bytes) -> str:
    """The reply's body as events have it: without capital and full stop."""
    body = reply.partition(b"\r\n\r\n")[2].decode("ascii")
    return body[0].lower() + body[1:].removesuffix(".\n")


# ---- servers ----


class Server:
    """Listens on 127.0.0.1; each connection is given to `serve`, and what that returns is kept."""

    def __init__(self, serve):
        self.serve = serve
        self.results: queue.Queue = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(LIMIT_S)
            try:
                self.results.put(self.serve(connection))
            except (OSError, EOFError) as error:
                self.results.put(error)

    def result(self):
        """What became of the next connection that has ended."""
        return self.results.get(timeout=LIMIT_S)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def read_all(connection: socket.socket) -> bytes:
    """To the end of the stream."""
    parts = []
    while part := connection.recv(1 << 18):
        parts.append(part)
    return b"".join(parts)


def read_head(connection: socket.socket) -> bytes:
    """To the empty line, and not a byte further."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        if not part:
            raise EOFError(f"the stream ended in the head: {data!r}")
        data += part
    return data


def serve_echo(connection: socket.socket) -> int:
    """Behind the handshake everything goes back."""
    answer_hello(connection)
    count = 0
    while part := connection.recv(1 << 16):
        connection.sendall(part)
        count += len(part)
    return count


# ---- ports ----


# Below the ports that a system gives to outgoing connections: nobody gets one by chance.
_PORTS = random.sample(range(20000, 30000), 10000)
_CLAIMS: list[socket.socket] = []


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_ours(port: int) -> bool:
    """Whether no other test has it that runs beside this one; it is ours to the end then."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0oms-test-port-{port}")
    except OSError:
        return False
    _CLAIMS.append(claim)
    return True


def free_ports(count: int) -> list[int]:
    """Ports that stay free until somebody listens there; no two calls name the same one."""
    free = []
    while len(free) < count:
        if is_ours(port := _PORTS.pop()) and is_free(port):
            free.append(port)
    return free


def wait_listening(process: subprocess.Popen, port: int) -> None:
    """Until a program that was just started answers there."""
    while True:
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S).close()
            return


# ---- clients ----


_SOURCES = (f"127.1.{number >> 8}.{number & 255}" for number in itertools.count(1))


def new_source() -> str:
    """An address of this machine that no client had yet: one line of an event is for each."""
    return next(_SOURCES)


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S,
                                      source_address=(source, 0))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def connect_head(port: int, host: str = HOST, fields: bytes = b"") -> bytes:
    """An ordinary CONNECT."""
    target = f"{host}:{port}".encode()
    return b"CONNECT " + target + b" HTTP/1.1\r\nHost: " + target + b"\r\n" + fields + b"\r\n"


def refused(port: int, request: bytes, source: str = "127.0.0.1") -> bytes:
    """All that comes back, to the end of the connection."""
    with connect(port, source) as client:
        client.sendall(request)
        return read_all(client)


def read_grant(client: socket.socket) -> None:
    """Our 200; what was said instead is told whole."""
    reply = read_exactly(client, len(GRANTED))
    assert reply == GRANTED, reply + read_all(client)


def granted(port: int, target_port: int, host: str = HOST,
            source: str = "127.0.0.1") -> socket.socket:
    """A client that has its 200."""
    client = connect(port, source)
    client.sendall(connect_head(target_port, host))
    read_grant(client)
    return client


def tunnel(port: int, target_port: int, host: str = HOST,
           source: str = "127.0.0.1") -> socket.socket:
    """A client that has shaken hands with the server, too."""
    client = granted(port, target_port, host, source)
    say_hello(client, host)
    return client


def echoes(client: socket.socket, data: bytes) -> bool:
    """Whether a tunnel to serve_echo carries these bytes there and back."""
    client.sendall(data)
    return read_exactly(client, len(data)) == data


# ---- the program with rules ----


def configure(data: str, *words: str, **options) -> None:
    """One command that changes the rules."""
    result = call(*words, "--data", data, **options)
    assert result.returncode == 0, result.stderr


def told(gateway: Gateway, event_id: int, source: str) -> dict:
    """The next event with this id that is about this client. Those about others wait for whoever
    asks for them: what several loops tell comes in any order."""
    def is_it(event: dict) -> bool:
        return event["id"] == event_id and event.get("client") == source

    for event in filter(is_it, gateway.others):
        gateway.others.remove(event)
        return event
    while not is_it(event := gateway.wait_event(event_id)):
        gateway.others.append(event)
    return event


def wait_named(gateway: Gateway, name: str) -> dict:
    """The next of the events with id 100 that has this name."""
    while (event := gateway.wait_event(100))["name"] != name:
        pass
    return event


def told_refused(gateway: Gateway, name: str, source: str) -> dict:
    """The event with which this client's TLS was refused for this error."""
    number, words = ERRORS[name]
    event = told(gateway, number, source)
    kinds = {105: "CertificateForbidden", 106: "TlsRefused", 402: "TlsUnreadable"}
    assert event["name"] == ("TlsSilent" if name == "TLS_SILENT" else kinds[number])
    assert number == 105 or event["reason"].startswith(words)
    return event


def wait_applied(gateway: Gateway) -> None:
    """Until the rules that were changed last are in force."""
    wait_named(gateway, "ConfigurationApplied")


@contextlib.contextmanager
def allowing(folder, ports, *words: str, hosts=(HOST,), resolve=(), **settings):
    """A gateway that lets through to these hosts and ports of 127.0.0.1, with its own port."""
    data = str(folder / "data")
    configure(data, "host", "add", *hosts)
    pairs = {"AllowedPorts": ",".join(map(str, ports)), "AllowedNetworks": "127.0.0.0/8",
             **{name: str(value) for name, value in settings.items()}}
    configure(data, "config", "set", *(word for pair in pairs.items() for word in pair))
    names = (f"{HOST}=127.0.0.1", *resolve)
    fixed = [word for name in names for word in ("--resolve", name)]
    with Gateway(*fixed, *words, data=data) as gateway:
        gateway.port = gateway.wait_event(101)["port"]
        yield gateway
