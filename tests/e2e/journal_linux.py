"""systemd's journal as it receives an event: one datagram, a field a line. The socket stands in a
namespace of its own, where nobody else's journal is.

Owns the path of the journal's socket. Must not know which events there are.
"""

import os
import shutil
import subprocess
import sys

import pytest

UNSHARE = ["unshare", "--map-root-user", "--mount"]
# Inside the namespace: plays the journal, and gives the driver a standard output that is it.
JOURNAL = """
import os, socket, subprocess, sys
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
journal.setblocking(False)
output = os.open("/run/output", os.O_CREAT | os.O_WRONLY)
at = os.fstat(output)
stream = f"{at.st_dev}:{at.st_ino}" if sys.argv[2] != "other" else "1:1"
if sys.argv[2] == "full":
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as others:
        others.setblocking(False)
        others.connect("/run/systemd/journal/socket")
        try:
            while True:
                others.send(b"x")
        except BlockingIOError:
            pass
status = subprocess.call([sys.argv[1]], stdout=output,
                         env=os.environ | {"JOURNAL_STREAM": stream})
try:
    while True:
        sys.stdout.buffer.write(journal.recv(65536) + b"--\\n")
except BlockingIOError:
    sys.exit(status)
"""


def journal(stream: str) -> subprocess.CompletedProcess:
    script = 'mount -t tmpfs none /run && exec "$@"'
    words = [*UNSHARE, "sh", "-c", script, "sh", sys.executable, "-c", JOURNAL,
             os.environ["EVENT_DRIVER"], stream]
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=60)


@pytest.fixture(autouse=True)
def _namespace():
    probe = [*UNSHARE, "mount", "-t", "tmpfs", "none", "/run"]
    if not shutil.which("unshare") or subprocess.run(probe, check=False).returncode != 0:
        pytest.skip("no namespace of its own can be made here")


def test_a_field_for_each_argument():
    result = journal("journal")
    assert result.returncode == 0, result.stderr
    records = [record.splitlines() for record in result.stdout.split("--\n")[:-1]]
    assert len(records) == 5
    assert records[0] == [
        "SYSLOG_IDENTIFIER=omsgateway", "PRIORITY=6",
        "MESSAGE=OMS Gateway 1.2.3 has started; address: ::, port: 8080.",
        "OMS_EVENT_ID=101", "OMS_EVENT=ServiceStarted", "OMS_VERSION=1.2.3", "OMS_ADDRESS=::",
        "OMS_PORT=8080"]
    assert records[1][1] == "PRIORITY=3" and records[4][1] == "PRIORITY=4"
    peer = r"a%1\x0d\x0a\x1b[2J\u{202e}"
    assert records[1][2].startswith(f"MESSAGE=Target host ({peer}) is forbidden: why.")
    assert f"OMS_HOST={peer}" in records[1]
    assert records[2][-1] == "OMS_SUPPRESSED=41" and records[2][2].endswith("were not written.")
    assert records[3][2:] == ["MESSAGE=7 more of this id were not written.", "OMS_EVENT_ID=105",
                              "OMS_EVENT=TargetForbidden", "OMS_SUPPRESSED=7"]


def test_a_journal_that_takes_nothing_keeps_nobody_waiting():
    """Its queue is full, and it reads nothing: the driver ends all the same."""
    result = journal("full")
    assert result.returncode == 0, result.stderr
    assert "SYSLOG_IDENTIFIER" not in result.stdout


def test_another_output_is_not_the_journal():
    result = journal("other")
    assert (result.returncode, result.stdout) == (3, "")
