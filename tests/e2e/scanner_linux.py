"""testssl.sh finds the same through the gateway as without it: what passes is not altered. Named on
the command line of pytest, because it takes minutes and not every machine has it."""

import json
import subprocess

import pytest

from secure import Origin
from needs import need
from world import FULL, HOST, allowing


def start(folder, name: str, target: str, *words: str) -> subprocess.Popen:
    return subprocess.Popen(["testssl", "--quiet", "--color", "0", "--warnings", "batch",
                             "--nodns", "none", "--jsonfile", str(folder / name), *words, target],
                            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def read(folder, name: str) -> dict:
    """What is found, by what was looked for; without what differs from one moment to the next."""
    rows = json.loads((folder / name).read_text(encoding="utf-8"))
    return {row["id"]: (row["severity"], row["finding"]) for row in rows
            if row["id"] not in ("scanTime", "HTTP_clock_skew")}


def test_the_same(tmp_path):
    if not FULL:
        pytest.skip("it takes minutes: ./test.sh full")
    need("openssl", "testssl")
    with Origin(tmp_path) as origin:
        with allowing(tmp_path, [origin.port], MinimumTls="1.0", MissingSni="allow") as gateway:
            target = f"{HOST}:{origin.port}"
            by = f"127.0.0.1:{gateway.port}"
            for scan in (start(tmp_path, "through", target, "--ip", "proxy", "--proxy", by),
                         start(tmp_path, "without", target, "--ip", "127.0.0.1")):
                scan.wait()
    through, without = read(tmp_path, "through"), read(tmp_path, "without")
    assert len(without) > 100
    assert through == without
