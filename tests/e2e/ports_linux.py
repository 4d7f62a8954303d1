"""All local ports in use: that is a limit that is reached, whether the address they belong to was
chosen or not. In a network of its own that has few. Named on the command line of pytest, because
not every machine lets one be made.
"""

import contextlib
import fcntl
import pathlib
import shutil
import socket
import struct
import subprocess
import sys

import pytest

from program import LIMIT_S
from world import (REPLIES, Server, allowing, connect_head, read_all, read_grant, sentence,
                   serve_echo, told)

UNSHARE = ["unshare", "--map-root-user", "--net"]
RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
FEW = range(40000, 40004)
OURS = 30000  # the clients' own ports lie outside
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


@pytest.mark.parametrize("outbound", ["automatic", "127.0.0.1"])
def test_the_client_is_told_of_a_limit(tmp_path, outbound):
    probe = [*UNSHARE, "sh", "-c", f"echo 1024 65535 > {RANGE}"]
    if not shutil.which("unshare") or subprocess.run(probe, check=False).returncode != 0:
        pytest.skip("no network of its own can be made here")
    result = subprocess.run([*UNSHARE, sys.executable, "-B", __file__, tmp_path, outbound],
                            capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def connect_from(number: int, gateway, origin) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", gateway.port), timeout=LIMIT_S,
                                      source_address=("127.0.0.1", OURS + number))
    client.sendall(connect_head(origin.port))
    return client


def in_the_network(folder: pathlib.Path, outbound: str) -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(Server(serve_echo))
        gateway = stack.enter_context(allowing(folder, [origin.port], OutboundAddress=outbound))
        RANGE.write_text(f"{FEW[0]} {FEW[-1]}", encoding="ascii")
        for number in range(len(FEW)):
            client = stack.enter_context(connect_from(number, gateway, origin))
            read_grant(client)
        with connect_from(len(FEW), gateway, origin) as client:
            assert read_all(client) == REPLIES["EXHAUSTED"]
        event = told(gateway, 100, "127.0.0.1")
        assert event["name"] == "LimitReached"
        assert event["reason"] == sentence(REPLIES["EXHAUSTED"])


if __name__ == "__main__":
    in_the_network(pathlib.Path(sys.argv[1]), sys.argv[2])
