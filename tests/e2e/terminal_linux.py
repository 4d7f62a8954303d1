"""The relay proxy's password is asked for at a terminal, and never shown. Named on the command
line of pytest, because a machine may have no terminals to give."""

import os
import pathlib
import subprocess

import pytest

from program import LIMIT_S, call, command
from secret import PASSWORD, SET, judge, judge_all


@pytest.fixture
def terminal():
    """A pseudo terminal: what a person types into and what the screen shows."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo terminal here: {error.strerror}")
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def type_at_prompt(terminal, folder: pathlib.Path, text: bytes) -> tuple[int, bytes]:
    """The exit status and what the screen showed."""
    ours, theirs = terminal
    with subprocess.Popen(command(*SET, f"--data={folder}"), stdin=theirs, stdout=theirs,
                          stderr=theirs, start_new_session=True) as process:
        screen = b""
        while b"password of the relay proxy: " not in screen:
            screen += os.read(ours, 1024)
        os.write(ours, text)
        status = process.wait(timeout=LIMIT_S)
    os.write(theirs, b"[end]")
    while b"[end]" not in screen:
        screen += os.read(ours, 1024)
    return status, screen


def test_typed_and_not_shown(terminal, tmp_path):
    status, screen = type_at_prompt(terminal, tmp_path / "data", PASSWORD.encode() + b"\n")
    assert status == 0
    judge(screen, "the screen")
    judge_all(tmp_path / "data", call("relay", "get", f"--data={tmp_path / 'data'}"))


@pytest.mark.parametrize("text", [b"abc\x03", b"\n", b"\x04"])
def test_nothing_typed_changes_nothing(terminal, tmp_path, text):
    status, screen = type_at_prompt(terminal, tmp_path / "data", text)
    assert status == 1 and b"omsgateway: " in screen
    assert not (tmp_path / "data").exists()
