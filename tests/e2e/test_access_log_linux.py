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


def test_a_link_that_became_one_of_its_own_files_is_not_written(tmp_path):
    """What was fine when it was set is judged again by the service."""
    data, log = tmp_path / "data", tmp_path / "access.log"
    set_up(data, "AccessLog", str(log))
    before = (data / "gateway.db").read_bytes()
    log.symlink_to(data / "gateway.db")
    with Gateway(data=str(data)) as gateway:
        event = gateway.wait_event(401)
        assert "AccessLog" in event["reason"] and "its own data" in event["reason"]
    assert (data / "gateway.db").read_bytes() == before
