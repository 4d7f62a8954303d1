"""Real relay proxies in front of the gateway, with a login: tinyproxy, squid, and tinyproxy behind
HAProxy, which speaks no CONNECT but may stand in front of what does.

OMS_RELAY names the one to run, so that each is a CTest of its own and a missing one is a skip by
its name. Owns their configuration.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess

import pytest

from secure import PAYLOAD, Origin
from world import (REPLIES, allowing, configure, connect_head, free_ports, granted, refused,
                   sentence, wait_listening)

RELAY = os.environ["OMS_RELAY"]
HOST = "localhost"  # the one name that a relay proxy can resolve on every machine
USER = "agent"

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
ConnectPort {origin}
LogLevel Critical
BasicAuth agent thepassword
"""
SQUID = """
http_port 127.0.0.1:{port}
auth_param basic program {helper} {folder}/users
acl known proxy_auth REQUIRED
acl Safe port {origin}
http_access allow CONNECT Safe known
http_access deny all
cache deny all
access_log none
cache_log {folder}/cache.log
pid_filename none
coredump_dir {folder}
visible_hostname relay
shutdown_lifetime 0 seconds
max_filedescriptors 1024
"""
HAPROXY = """
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
listen relay
    bind 127.0.0.1:{port}
    server tinyproxy 127.0.0.1:{behind}
"""
HELPER = "/usr/lib/squid/basic_ncsa_auth"


@contextlib.contextmanager
def running(text: str, folder: pathlib.Path, *command: str, **places):
    """The program with that configuration; yields its port."""
    port, = free_ports(1)
    config = folder / f"{command[0]}.conf"
    config.write_text(text.format(port=port, folder=folder, **places), encoding="ascii")
    with subprocess.Popen([*command, str(config)]) as process:
        try:
            wait_listening(process, port)
            yield port
        finally:
            process.terminate()


def tinyproxy(folder, origin: int):
    return running(TINYPROXY, folder, "tinyproxy", "-d", "-c", origin=origin)


def squid(folder, origin: int):
    word = subprocess.run(["openssl", "passwd", "-apr1", "thepassword"], capture_output=True,
                          text=True, check=True).stdout
    (folder / "users").write_text(f"agent:{word}", encoding="ascii")
    return running(SQUID, folder, "squid", "-N", "-f", origin=origin, helper=HELPER)


@contextlib.contextmanager
def haproxy(folder, origin: int):
    with tinyproxy(folder, origin) as behind:
        with running(HAPROXY, folder, "haproxy", "-db", "-f", behind=behind) as port:
            yield port


NEEDS = {"tinyproxy": ["tinyproxy"], "squid": ["squid", HELPER], "haproxy": ["haproxy",
                                                                            "tinyproxy"]}


@pytest.fixture(name="world")
def _world(open_folder):
    """Squid becomes another user, who writes there."""
    for program in NEEDS[RELAY]:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            pytest.skip(f"{program} is not installed")
    try:
        socket.getaddrinfo(HOST, None)
    except OSError as error:
        pytest.skip(f"{HOST}, which the relay proxy has to resolve, has no address here: {error}")
    open_folder.chmod(0o777)
    with Origin(open_folder) as origin, globals()[RELAY](open_folder, origin.port) as relay:
        yield open_folder, origin, relay


@contextlib.contextmanager
def through(world, password: str):
    folder, origin, relay = world
    configure(str(folder / "data"), "relay", "set", f"http://127.0.0.1:{relay}", "--username",
              USER, "--password-file", "-", input=password + "\n")
    with allowing(folder, [origin.port], hosts=[HOST], AllowedNetworks="none") as gateway:
        yield gateway


def test_with_the_right_password(world):
    _, origin, _ = world
    with through(world, "thepassword") as gateway:
        for _ in range(3):
            assert origin.fetch_over(granted(gateway.port, origin.port, HOST), HOST) == PAYLOAD


def test_with_a_wrong_password(world):
    _, origin, _ = world
    with through(world, "another") as gateway:
        reply = refused(gateway.port, connect_head(origin.port, HOST))
        reason = gateway.wait_event(403)["reason"]
    name = "RELAY_LOGIN"
    if RELAY != "squid":
        # tinyproxy 1.11 answers a wrong login with 407 where none came, with 401 where one did.
        name = "RELAY_LOGIN" if b"received-status=407" in reply else "RELAY_REFUSED"
    assert reply.partition(b"\r\n\r\n")[2] == REPLIES[name].partition(b"\r\n\r\n")[2]
    assert reason.startswith(sentence(REPLIES[name]) + ", saying 40")
