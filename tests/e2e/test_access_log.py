"""The access log: a line for each request, a new file when told to, and life without one."""

import json
import os
import pathlib
import socket

import pytest

from hello import SERVER_HELLO, answer_hello, hello_for
from program import EMULATOR, LIMIT_S, Gateway, call

FIELDS = ["time", "client", "host", "port", "server", "verdict", "rule", "bytes_to_server",
          "bytes_to_client", "resolve_ms", "connect_ms", "first_byte_ms", "total_ms", "tls", "sni",
          "subject"]


def set_up(folder, name, value):
    """A setting, or one more host."""
    verb = ["host", "add"] if name == "host" else ["config", "set", name]
    assert call(*verb, value, "--data", str(folder)).returncode == 0


def path_for_the_program(path):
    """The same file as the program knows it: Wine shows / as drive Z."""
    return "Z:" + str(path).replace("/", "\\") if EMULATOR else str(path)


def ask(port, host):
    """One request for a host that is not listed; the connection's address on our side."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as client:
        name = client.getsockname()
        client.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        assert client.makefile("rb").readline().startswith(b"HTTP/1.1 403 ")
    return f"{name[0]}:{name[1]}"


def wait_lines(path, count):
    """The lines of a file, once there are so many."""
    lines = []
    while len(lines) < count:
        os.sched_yield()
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text.split("\n")[:-1]  # of the last one, half may have been written
    return [json.loads(line) for line in lines]


def test_a_line_for_each_request(tmp_path):
    log = pathlib.Path(tmp_path, "access.log")
    set_up(tmp_path / "data", "AccessLog", path_for_the_program(log))
    with Gateway(data=str(tmp_path / "data")) as gateway:
        port = gateway.wait_event(101)["port"]
        clients = [ask(port, f"h{i}.example.com") for i in range(3)]
        lines = wait_lines(log, 3)
        assert {line["client"]: line["host"] for line in lines} == {
            client: f"h{i}.example.com" for i, client in enumerate(clients)}
        for line in lines:
            assert list(line) == FIELDS
            assert (line["port"], line["verdict"], line["server"]) == (443, "HOST_UNLISTED", None)
            assert line["rule"] and line["total_ms"] >= 0
        assert gateway.stop() == 0


def test_a_tunnel_has_its_bytes_its_times_and_its_rule(tmp_path):
    log, data = pathlib.Path(tmp_path, "access.log"), tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for name, value in [("AccessLog", path_for_the_program(log)), ("AllowedPorts", str(port)),
                            ("AllowedNetworks", "127.0.0.0/8"), ("host", "*.example.com")]:
            set_up(data, name, value)
        words = ["--resolve", "a.example.com=127.0.0.1"]
        with Gateway(*words, data=str(data)) as gateway:
            talk(gateway.wait_event(101)["port"], server, f"a.example.com:{port}")
            line = wait_lines(log, 1)[0]
            assert gateway.stop() == 0
    assert (line["host"], line["port"], line["verdict"]) == ("a.example.com", port, "OK")
    assert line["server"] == f"127.0.0.1:{port}"
    assert line["rule"] == "host, row 1"
    assert line["bytes_to_server"] == len(hello_for("a.example.com")) + 4
    assert line["bytes_to_client"] == len(SERVER_HELLO) + 6
    for name in "resolve_ms", "connect_ms", "first_byte_ms":
        assert 0 <= line[name] <= line["total_ms"]


def talk(port, server, target):
    """Behind the handshake four bytes there, six back, through a tunnel."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as client:
        client.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        reply = client.makefile("rb")
        assert reply.readline().startswith(b"HTTP/1.1 200 ") and reply.readline() == b"\r\n"
        with server.accept()[0] as origin:
            client.sendall(hello_for(target.partition(":")[0]))
            answer_hello(origin)
            assert reply.read(len(SERVER_HELLO)) == SERVER_HELLO
            client.sendall(b"ping")
            assert origin.makefile("rb").read(4) == b"ping"
            origin.sendall(b"pong!!")
            assert reply.read(6) == b"pong!!"


def test_one_that_cannot_be_written_is_an_event_and_no_more(tmp_path):
    path = path_for_the_program(tmp_path / "none" / "access.log")
    set_up(tmp_path / "data", "AccessLog", path)
    with Gateway(data=str(tmp_path / "data")) as gateway:
        ask(gateway.wait_event(101)["port"], "h.example.com")
        early = [event for event in gateway.events if event["id"] == 401]
        event = early[0] if early else gateway.wait_event(401)
        assert (event["name"], event["path"]) == ("AccessLogFailed", path)
        assert event["reason"] == "there is no such file or folder"
        assert gateway.stop() == 0


@pytest.mark.parametrize("name", ["gateway.db", "Secret.KEY", "other/../counters.map",
                                  "activity.db-journal"])
def test_it_is_none_of_the_gateways_own_files(tmp_path, name):
    (tmp_path / "data" / "other").mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    words = ["config", "set", f"--data={tmp_path / 'data'}", "AccessLog"]
    result = call(*words, path_for_the_program(tmp_path / "data" / name))
    assert result.returncode == 1 and "keeps its own data" in result.stderr, result.stderr
    assert call(*words, path_for_the_program(tmp_path / "data" / "access.log")).returncode == 0
