"""The relay proxy's password is in no memory of the program as it ends: a core of it is searched.
Named on the command line of pytest, because it takes gdb and so may be skipped."""

import shutil
import subprocess

import pytest

from program import LIMIT_S, call, command
from secret import PASSWORD, SET, URL, judge, judge_all

# Or root alone may read its memory: PR_SET_DUMPABLE, to 1.
DUMPABLE = "call ((int (*)(int, long, long, long, long))prctl)(4, 1, 0, 0, 0)"


@pytest.mark.skipif(not shutil.which("gdb"), reason="no gdb: no core of a program at its end")
@pytest.mark.parametrize("source", ["-", "secret"])
def test_in_no_core(tmp_path, source):
    """A core of the program as it ends, after it has used the password."""
    core = tmp_path / "core"
    (tmp_path / "secret").write_text(PASSWORD, encoding="utf-8")
    words = command(*SET, "--password-file", source, f"--data={tmp_path / 'data'}")
    done = subprocess.run(
        ["gdb", "-q", "-nx", "-batch", "-ex", "catch syscall exit_group", "-ex", "run",
         "-ex", DUMPABLE, "-ex", f"gcore {core}", "--args", *words],
        capture_output=True, text=True, input=PASSWORD, cwd=tmp_path, timeout=LIMIT_S, check=False)
    if not core.exists():
        pytest.skip(f"gdb may not trace here: {done.stderr.strip()[-200:]}")
    data = core.read_bytes()
    assert b"--username\0alice\0" in data  # what a core would show is in it
    judge(data, "the core")
    judge_all(tmp_path / "data", done)
    assert call("relay", "get", f"--data={tmp_path / 'data'}").stdout == f"{URL}\n"
