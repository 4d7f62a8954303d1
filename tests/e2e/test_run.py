"""run in the foreground: it says that it has started, and ends cleanly when told to."""

import re
import signal
import subprocess

from program import LIMIT_S, Gateway, run_command


def test_started_then_stopped_by_ctrl_c():
    with Gateway() as gateway:
        started = gateway.wait_event(101)
        assert started["name"] == "ServiceStarted"
        assert started["severity"] == "INFO"
        assert started["address"] == "127.0.0.1" and started["port"] > 0
        assert re.fullmatch(r"\d+\.\d+\.\d+", started["version"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", started["time"])
        assert gateway.stop() == 0
        assert gateway.wait_event(102)["reason"] == "Ctrl-C"
        assert gateway.events[-1]["id"] == 102
        assert {event["id"] for event in gateway.events} <= {100, 101, 102}


def read_started(process) -> str:
    """The line that says it has started; lines before it tell where it listens, and the like."""
    line = process.stdout.readline()
    while " 101 " not in line:
        assert " 100 " in line
        line = process.stdout.readline()
    return line


def test_text_lines(tmp_path):
    process = subprocess.Popen(run_command(str(tmp_path / "data")), stdout=subprocess.PIPE,
                               text=True)
    first = read_started(process)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert re.match(r"\S+Z INFO 101 ServiceStarted - OMS Gateway ", first)
    last = rest.splitlines()[-1]
    assert re.fullmatch(r"\S+Z INFO 102 ServiceStopped - OMS Gateway has stopped: Ctrl-C\.", last)


UNWRITTEN = "standard output could not be written"


def test_a_reader_that_goes_away_is_a_failure_in_the_end(tmp_path):
    """It leaves after the first line: the second has nowhere to go."""
    process = subprocess.Popen(run_command(str(tmp_path / "data")), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert " 101 ServiceStarted " in read_started(process)
    process.stdout.close()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert UNWRITTEN in errors
