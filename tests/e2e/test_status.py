"""status: a gateway that runs, one that stopped, one that is gone, and none at all.

map_driver plays the service: it leaves the counters.map that a service would have left.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

from program import EMULATOR, LIMIT_S, Gateway, call

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def leave(folder, age_ms, stopped):
    words = [EMULATOR] if EMULATOR else []
    words += [os.environ["MAP_DRIVER"], str(folder), str(age_ms), "1" if stopped else "0"]
    subprocess.run(words, check=True, timeout=LIMIT_S)


def status(folder, *words):
    return call("status", "--data", str(folder), *words)


def test_a_running_gateway(tmp_path):
    leave(tmp_path, 0, False)
    result = status(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0] == ["state", "running"]
    assert rows[1] == ["version", "1.2.3"]
    assert rows[2] == ["process", "4711"]
    assert rows[3][0] == "started" and re.fullmatch(MOMENT, rows[3][1])
    assert rows[4][0] == "uptime" and re.fullmatch(r"1 d 01:01:\d\d", rows[4][1])
    assert rows[5] == ["revision", "12"]
    assert rows[6:8] == [["listener", "0.0.0.0:8080"], ["listener", "[2001:db8::1]:8080"]]
    assert rows[8] == ["client_connections", "7"]
    assert rows[9] == ["connected_clients", "1007"]


def test_json_has_the_same_in_one_object(tmp_path):
    leave(tmp_path, 0, False)
    result = status(tmp_path, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert found["state"] == "running"
    assert (found["version"], found["pid"], found["revision"]) == ("1.2.3", 4711, 12)
    assert re.fullmatch(MOMENT, found["started"]) and re.fullmatch(MOMENT, found["heartbeat"])
    assert 90061 <= found["uptime_s"] <= 90061 + LIMIT_S
    assert found["listeners"] == ["0.0.0.0:8080", "[2001:db8::1]:8080"]
    text = dict(line.split("\t") for line in status(tmp_path).stdout.splitlines()[8:])
    assert {name: str(value) for name, value in found["counters"].items()} == text
    assert found["counters"]["rejections"] == 3007


def test_the_real_one_runs_from_101_on_and_has_stopped_with_102():
    with Gateway() as gateway:
        started = gateway.wait_event(101)
        result = status(gateway.data, "--json")
        assert (result.returncode, result.stderr) == (0, "")
        found = json.loads(result.stdout)
        assert found["state"] == "running"
        assert found["version"] == started["version"]
        assert found["listeners"] == [f"127.0.0.1:{started['port']}"]
        assert gateway.stop() == 0
        gateway.wait_event(102)
        result = status(gateway.data, "--json")
        assert result.returncode == 1
        assert json.loads(result.stdout)["state"] == "stopped"


NOT_RUNNING = [(10 ** 7, True, "stopped", "it was stopped at"),
               (10 ** 7, False, "gone", "ended without a word, its last sign at"),
               (0, True, "stopped", "it was stopped at")]


@pytest.mark.parametrize("age_ms, stopped, state, words", NOT_RUNNING)
def test_one_that_does_not_run(tmp_path, age_ms, stopped, state, words):
    leave(tmp_path, age_ms, stopped)
    for option in [], ["--json"]:
        result = status(tmp_path, *option)
        assert result.returncode == 1
        assert re.fullmatch(f"omsgateway: the gateway does not run; .*{words}: {MOMENT}\n",
                            result.stderr)
    found = json.loads(result.stdout)
    assert found["state"] == state
    assert found["uptime_s"] == 90061


def test_none_at_all(tmp_path):
    for folder in tmp_path, tmp_path / "none":
        result = status(folder)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("omsgateway: no gateway has run on this data folder: ")


def test_a_file_that_is_none(tmp_path):
    pathlib.Path(tmp_path, "counters.map").write_bytes(b"x" * 4096)
    result = status(tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "counters.map is no file of this version" in result.stderr
