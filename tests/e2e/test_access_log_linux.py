"""The access log on Linux: logrotate renames it and tells the program by a signal."""

import os
import pathlib
import signal

from program import Gateway
from test_access_log import ask, set_up, wait_lines


def wait_for_file(path):
    while not path.exists():
        os.sched_yield()


def test_a_signal_opens_it_anew(tmp_path):
    log, moved = pathlib.Path(tmp_path, "access.log"), pathlib.Path(tmp_path, "access.log.1")
    set_up(tmp_path / "data", "AccessLog", str(log))
    with Gateway(data=str(tmp_path / "data")) as gateway:
        port = gateway.wait_event(101)["port"]
        ask(port, "before.example.com")
        wait_lines(log, 1)
        log.rename(moved)
        gateway.process.send_signal(signal.SIGUSR1)
        wait_for_file(log)
        ask(port, "after.example.com")
        assert wait_lines(log, 1)[0]["host"] == "after.example.com"
        assert [line["host"] for line in wait_lines(moved, 1)] == ["before.example.com"]
        assert gateway.stop() == 0
        assert gateway.wait_event(102)["reason"] == "Ctrl-C"
