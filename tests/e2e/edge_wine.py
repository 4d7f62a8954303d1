"""Where UTF-8 meets Windows: consoles, words with stars, long paths, folders of any script."""

import os
import pty
import re
import subprocess

from program import LIMIT_S, Gateway, call, command

LONG = "/".join([f"Ordner-网关-{'x' * 60}"] * 6)  # beyond what Windows takes as it is


def on_a_console(*words: str) -> str:
    """What a console shows of a command, without the marks of its cursor."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command(*words), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:  # nobody has it open any more
        pass
    os.close(master)
    process.wait(timeout=LIMIT_S)
    return re.sub(r"\x1b\[[?0-9]*[A-Za-z]", "", shown.decode("utf-8"))


def test_a_console_shows_every_script():
    assert "there is no such command: größe-网关-Ж" in on_a_console("größe-网关-Ж")


def test_a_word_with_a_star_stays_one(tmp_path):
    for name in "a.example.com", "b.example.com":
        (tmp_path / name).touch()
    data = str(tmp_path / "data")
    assert call("host", "add", "*.example.com", "--data", data, cwd=tmp_path).returncode == 0
    assert call("host", "list", "--data", data).stdout == "*.example.com\n"


def test_a_data_folder_far_down(tmp_path):
    data = tmp_path / LONG
    assert len(str(data)) > 400
    with Gateway(data=str(data)) as gateway:
        gateway.wait_event(101)
        status = call("status", "--data", str(data))
        assert (status.returncode, status.stdout.split()[:2]) == (0, ["state", "running"])
        assert gateway.stop() == 0
    names = {path.name for path in data.iterdir()}
    assert names >= {"activity.db", "counters.map", "gateway.run"}


def test_a_word_behind_an_option_is_given_back_once(tmp_path, monkeypatch):
    """Words are moved about when options are taken out. Windows ends a process whose heap is
    damaged; Wine only tells, where it is asked to look."""
    monkeypatch.setenv("WINEDEBUG", "warn+heap")
    result = call("config", "get", f"--data={tmp_path}", "ListenPort")
    assert (result.returncode, result.stdout) == (0, "8080\n")
    assert "freed block" not in result.stderr
