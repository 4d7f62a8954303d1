"""status: a gateway that runs, one that stopped, one that is gone, and none at all.

map_driver plays the service, one that beats and one that left its counters.map.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from program import EMULATOR, LIMIT_S, Gateway, call

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def driver(folder, *words):
    return [*([EMULATOR] if EMULATOR else []), os.environ["MAP_DRIVER"], str(folder), *words]


def leave(folder, age_ms, state):
    """What a service left that ended."""
    subprocess.run(driver(folder, str(age_ms), state), check=True, timeout=LIMIT_S)


@contextlib.contextmanager
def beating(folder):
    """A service that lives, as far as a reader can tell."""
    with subprocess.Popen(driver(folder, "0", "beats"), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline()
            yield
        finally:
            process.kill()


def status(folder, *words):
    return call("status", "--data", str(folder), *words)


def test_a_running_gateway(tmp_path):
    with beating(tmp_path):
        result = status(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0] == ["state", "running"]
    assert rows[1] == ["version", "1.2.3"]
    assert rows[2] == ["process", "4711"]
    assert rows[3][0] == "started" and re.fullmatch(MOMENT, rows[3][1])
    assert rows[4][0] == "uptime" and re.fullmatch(r"1 d 01:0\d:\d\d", rows[4][1])
    assert rows[5] == ["revision", "12"]
    assert rows[6:8] == [["listener", "0.0.0.0:8080"], ["listener", "[2001:db8::1]:8080"]]
    assert rows[8] == ["client_connections", "7"]
    assert rows[9] == ["connected_clients", "1007"]


def test_json_has_the_same_in_one_object(tmp_path):
    with beating(tmp_path):
        result = status(tmp_path, "--json")
        text = status(tmp_path).stdout
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert found["state"] == "running"
    assert (found["version"], found["pid"], found["revision"]) == ("1.2.3", 4711, 12)
    assert re.fullmatch(MOMENT, found["started"]) and re.fullmatch(MOMENT, found["heartbeat"])
    assert found["uptime_s"] >= 90061
    assert found["listeners"] == ["0.0.0.0:8080", "[2001:db8::1]:8080"]
    counters = dict(line.split("\t") for line in text.splitlines()[8:])
    assert {name: str(value) for name, value in found["counters"].items()} == counters
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


NOT_RUNNING = [(10 ** 7, "stopped", "it was stopped at"),
               (10 ** 7, "gone", "ended without a word, its last sign at"),
               (0, "stopped", "it was stopped at")]


@pytest.mark.parametrize("age_ms, state, words", NOT_RUNNING)
def test_one_that_does_not_run(tmp_path, age_ms, state, words):
    leave(tmp_path, age_ms, state)
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
