"""The inspector against tshark on all recorded handshakes, where the packages are installed."""
import shutil

import pytest

from test_go import GO, all_of_go
from test_own import all_our_own
from test_testssl import TESTSSL, read_testssl
from tshark import compare

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


def test_our_own_recordings(tmp_path):
    """A retry, early data, tickets and resumptions are among them."""
    agreed = compare(all_our_own(), tmp_path)
    assert agreed["end"] >= 26 and agreed["resumed"] >= 3 and agreed["message"] >= 146


@pytest.mark.skipif(not GO.is_dir(), reason="golang-1.19-src is not installed")
def test_the_recordings_of_go(tmp_path):
    """TLS 1.0 to 1.3, some with certificates of clients."""
    agreed = compare(all_of_go(), tmp_path)
    assert agreed["end"] == 117 and agreed["proof"] >= 17 and agreed["message"] >= 573


@pytest.mark.skipif(not TESTSSL.is_file(), reason="testssl.sh is not installed")
def test_the_hellos_of_testssl(tmp_path):
    """SSL 2.0's are among them, and names that are none."""
    agreed = compare(read_testssl(TESTSSL), tmp_path)
    assert agreed["hello"] >= 100 and agreed["end"] > agreed["hello"]
