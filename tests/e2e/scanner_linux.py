"""testssl.sh finds the same through the gateway as without it: what passes is not altered. Named on
the command line of pytest, because it takes minutes and not every machine has it."""

import contextlib
import json
import subprocess

import pytest

from secure import Origin
from needs import need
from program import Gateway
from world import FULL, HOST, allowing, free_ports, wait_listening


def start(folder, name: str, port: int) -> subprocess.Popen:
    return subprocess.Popen(["testssl", "--quiet", "--color", "0", "--warnings", "batch",
                             "--nodns", "none", "--ip", "127.0.0.1",
                             "--jsonfile", str(folder / name), f"{HOST}:{port}"],
                            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def by_proxy(gateway: Gateway, target: int):
    """A port that leads through the gateway to the host's name: of a proxy testssl asks the name in
    one half of its questions, and the address in the other."""
    port, = free_ports(1)
    process = subprocess.Popen(["socat", "-t", "30",
                                f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,backlog=64",
                                f"PROXY:127.0.0.1:{HOST}:{target},proxyport={gateway.port}"],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_listening(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def read(folder, name: str) -> dict:
    """What is found, by what was looked for; without what differs from one moment to the next."""
    rows = json.loads((folder / name).read_text(encoding="utf-8"))
    return {row["id"]: (row["severity"], row["finding"]) for row in rows
            if row["id"] not in ("scanTime", "HTTP_clock_skew")}


def test_the_same(tmp_path):
    if not FULL:
        pytest.skip("it takes minutes: ./test.sh full")
    need("openssl", "testssl", "socat")
    with Origin(tmp_path) as origin:
        with allowing(tmp_path, [origin.port], MinimumTls="1.0", MissingSni="allow") as gateway:
            with by_proxy(gateway, origin.port) as port:
                for scan in (start(tmp_path, "through", port),
                             start(tmp_path, "without", origin.port)):
                    scan.wait()
    through, without = read(tmp_path, "through"), read(tmp_path, "without")
    assert len(without) > 100
    assert through == without
