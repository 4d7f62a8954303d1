"""The inspector on the handshakes that Go's crypto/tls recorded, where they are installed."""
import os
import pathlib
import re

import pytest

from talks import check

GO = pathlib.Path(os.environ.get("GO_TESTDATA", "/usr/share/go-1.19/src/crypto/tls/testdata"))


def read_go(path):
    """A file of Go's recordings: flows, each a hex dump."""
    flows = []
    for line in path.read_text().splitlines():
        if head := re.match(r">>> Flow \d+ \((client|server) to", line):
            flows.append([">" if head[1] == "client" else "<", b""])
        elif dump := re.match(r"[0-9a-f]{8}  ((?:[0-9a-f]{2} +)+)", line[:60]):
            flows[-1][1] += bytes.fromhex(dump[1])
    return [(mark, data) for mark, data in flows if data]


def all_of_go():
    """Its talks; two files are empty."""
    return [talk for path in sorted(GO.glob("*-TLSv1*")) if (talk := read_go(path))]


@pytest.mark.skipif(not GO.is_dir(), reason="golang-1.19-src is not installed")
def test_the_recordings_of_go(tmp_path):
    """117 talks of Go with openssl, of TLS 1.0 to 1.3."""
    talks = all_of_go()
    assert len(talks) == 117
    assert check(talks, tmp_path) >= 9
