"""Sessions of TLS 1.2 that other people's stacks resume: by a ticket, and by one that the server
has renewed meanwhile. They are whose the full handshake was, under the rules of now.

OMS_CLIENT names the one to run, so that a missing one is a skip by its name.
"""

import os
import pathlib
import subprocess

import pytest

import tls_clients_linux as clients
from forward import Forward
from program import LIMIT_S
from session import BODY, Page, make_key
from needs import need
from world import HOST, Server, allowing, configure, told

CLIENT = os.environ["OMS_CLIENT"]

# A server and its client in one program: it says its port, is told the gateway's, and says a line
# for each of three sessions. Before the second and the third one the server has a new key for its
# tickets; the one before is good for one more turn, in which the ticket is renewed.
GO = """package main

import (
    "crypto/tls"
    "fmt"
    "io"
    "net"
    "os"
)

func check(err error) {
    if err != nil {
        fmt.Println(err)
        os.Exit(1)
    }
}

func serve(listener net.Listener) {
    for {
        session, err := listener.Accept()
        check(err)
        go func() {
            io.Copy(session, session)
            session.Close()
        }()
    }
}

func main() {
    pair, err := tls.LoadX509KeyPair(os.Args[2], os.Args[2])
    check(err)
    own, err := tls.LoadX509KeyPair(os.Args[3], os.Args[3])
    check(err)
    config := &tls.Config{Certificates: []tls.Certificate{own}, MaxVersion: tls.VersionTLS12,
        ClientAuth: tls.RequestClientCert}
    config.SetSessionTicketKeys([][32]byte{{1}})
    listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
    check(err)
    go serve(listener)
    fmt.Println(listener.Addr().(*net.TCPAddr).Port)
    var port string
    fmt.Scanln(&port)
    client := &tls.Config{ServerName: os.Args[1], InsecureSkipVerify: true,
        Certificates: []tls.Certificate{pair}, ClientSessionCache: tls.NewLRUClientSessionCache(9)}
    for turn := byte(1); turn <= 3; turn++ {
        session, err := tls.Dial("tcp", "127.0.0.1:"+port, client)
        check(err)
        fmt.Fprintf(session, "hello")
        io.ReadFull(session, make([]byte, 5))
        fmt.Println(session.ConnectionState().DidResume)
        session.Close()
        config.SetSessionTicketKeys([][32]byte{{turn + 1}, {turn}})
    }
}
"""


@pytest.fixture(name="keys")
def _keys(tmp_path):
    """The client's, listed, and the server's."""
    need("openssl", *clients.PROGRAMS.get(CLIENT, [CLIENT]))
    configure(str(tmp_path / "data"), "certificate", "add", "O=listed")
    return (make_key(tmp_path, "agent", "p256", "/CN=agent/O=listed"),
            make_key(tmp_path, "server", "rsa", f"/CN={HOST}"))


def judging(folder, port: int):
    return allowing(folder, [port], LogLevel="debug", UnknownResumption="refuse")


def are_told(gateway, forward: Forward, *resumed: str) -> None:
    for source, said in zip(forward.sources, resumed, strict=True):
        event = told(gateway, 107, source)
        assert (event["version"], event["subject"]) == ("TLS 1.2", "O=listed,CN=agent")
        assert event["resumed"] == said


def gnutls(folder: pathlib.Path, keys) -> None:
    """It connects twice, and says of the second session that it is the first one."""
    with Server(Page(keys[1], keys[:1], newest="TLS 1.2")) as origin:
        with judging(folder, origin.port) as gateway, Forward(gateway.port, origin.port) as forward:
            call = clients.Call(folder, forward.port, keys[0], "TLS 1.2")
            result = clients.gnutls(call, "--resume")
            assert "This is a resumed session" in result.stdout, result.stdout + result.stderr
            are_told(gateway, forward, "no", "yes")


def openssl(folder: pathlib.Path, keys) -> None:
    with Server(Page(keys[1], keys[:1], newest="TLS 1.2")) as origin:
        with judging(folder, origin.port) as gateway, Forward(gateway.port, origin.port) as forward:
            call = clients.Call(folder, forward.port, keys[0], "TLS 1.2")
            for option in "-sess_out", "-sess_in", "-sess_in":
                assert BODY in clients.openssl(call, option, "kept").stdout
            are_told(gateway, forward, "no", "yes", "yes")


def go(folder: pathlib.Path, keys) -> None:
    """The ticket of the second session is another one than that of the first."""
    call = clients.Call(folder, 0, keys[0], "TLS 1.2")
    call.prepare("env", "GO111MODULE=off", "go", "build", "-o", "renew",
                 call.script("renew.go", GO))
    command = [folder / "renew", HOST, keys[0], keys[1]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        port = int(process.stdout.readline())
        with judging(folder, port) as gateway, Forward(gateway.port, port) as forward:
            said, _ = process.communicate(f"{forward.port}\n", timeout=LIMIT_S)
            assert said.split() == ["false", "true", "true"]
            are_told(gateway, forward, "no", "yes", "yes")


def test_resumed(tmp_path, keys):
    globals()[CLIENT](tmp_path, keys)
