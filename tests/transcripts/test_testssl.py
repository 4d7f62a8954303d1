"""The inspector on the ClientHellos of testssl, where Debian has them installed."""
import os
import pathlib
import re

import pytest

from talks import ask_driver, check

TESTSSL = pathlib.Path(os.environ.get("TESTSSL_HELLOS", "/etc/testssl/client-simulation.txt"))


def read_testssl(path):
    """All ClientHellos of testssl, each a talk of one chunk."""
    found = re.findall(r'handshakebytes\+=\("([0-9a-fA-F]+)"\)', path.read_text())
    return [[(">", bytes.fromhex(text))] for text in found]


@pytest.mark.skipif(not TESTSSL.is_file(), reason="testssl.sh is not installed")
def test_the_hellos_of_testssl(tmp_path):
    """What browsers and libraries of twenty years say first; some begin as SSL 2.0 did."""
    talks = read_testssl(TESTSSL)
    assert len(talks) >= 100
    old = [talk for talk in talks if talk[0][1][0] & 0x80]
    assert check([talk for talk in talks if talk not in old], tmp_path) == 0
    assert all(answer == ["end TLS_SSL2"] for answer in ask_driver(old))
