"""The inspector on our own recordings (tests/data/handshakes) against the reader in talks.py."""
import pathlib

from talks import check

HERE = pathlib.Path(__file__).parent


def read_own(path):
    """A file of tests/data/handshakes."""
    lines = path.read_text().splitlines()
    return [(line[0], bytes.fromhex(line[2:])) for line in lines if line[0] in "<>"]


def all_our_own():
    """Its talks."""
    return [read_own(path) for path in sorted((HERE / "../data/handshakes").glob("*.txt"))]


def test_our_own_recordings(tmp_path):
    """What openssl said, recorded."""
    talks = all_our_own()
    assert len(talks) >= 26
    assert check(talks, tmp_path) >= 6
