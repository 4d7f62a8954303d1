"""run in the foreground: it says that it has started, and ends cleanly when told to."""

import json
import re
import signal
import socket
import subprocess

import pytest

from program import LIMIT_S, Gateway, call, run_command

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_started_then_stopped_by_ctrl_c():
    with Gateway() as gateway:
        started = gateway.wait_event(101)
        assert started["name"] == "ServiceStarted"
        assert started["severity"] == "INFO"
        assert started["address"] == "127.0.0.1" and started["port"] > 0
        assert re.fullmatch(r"\d+\.\d+\.\d+", started["version"])
        assert re.fullmatch(MOMENT, started["time"])
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


def test_one_that_was_killed_is_told_at_the_next_start(tmp_path):
    data = str(tmp_path / "data")
    with Gateway(data=data) as killed:
        killed.wait_event(101)
        process = json.loads(call("status", "--json", "--data", data).stdout)["pid"]
        killed.process.kill()
        killed.process.wait(timeout=LIMIT_S)
    for told in [True, False]:  # once: this one ends as it should
        with Gateway(data=data) as gateway:
            gateway.wait_event(101)
            ended = [event for event in gateway.events if event["name"] == "EndedUnexpectedly"]
            assert len(ended) == told
            if told:
                assert (ended[0]["id"], ended[0]["severity"]) == (100, "WARNING")
                assert ended[0]["process"] == process
                assert re.fullmatch(MOMENT, ended[0]["started"])
                assert ended[0]["started"] <= ended[0]["seen"] <= ended[0]["time"]
            gateway.stop()


@pytest.mark.parametrize("pinned", [True, False])
def test_a_busy_port_is_an_event_and_a_failure(tmp_path, pinned):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        pin = ["--listen", f"127.0.0.1:{port}"] if pinned else []
        call("config", "set", "ListenPort", str(port), "--data", str(tmp_path))
        result = call("run", "--data", str(tmp_path), *pin, "--log", "json")
    assert result.returncode == 1
    assert result.stderr.startswith("omsgateway: the gateway listens nowhere")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert {event["id"] for event in events[:-1]} <= {100}
    assert (events[-1]["id"], events[-1]["name"]) == (401, "ListenFailed")
    assert (events[-1]["address"], events[-1]["port"]) == ("127.0.0.1" if pinned else "*", port)
    assert events[-1]["reason"] == "the port is in use by another program"


def test_another_failure_is_an_event_too(tmp_path):
    folder = tmp_path / "file"
    folder.write_text("", encoding="utf-8")
    result = call("run", "--data", str(folder), "--log", "json")
    assert result.returncode == 1
    event = json.loads(result.stdout)
    assert (event["id"], event["name"]) == (400, "StartFailed")
    assert event["reason"] == f"it is a file, where a folder should be ({folder})"
    assert result.stderr == f"omsgateway: {event['reason']}\n"


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
