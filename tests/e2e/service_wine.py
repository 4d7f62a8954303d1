"""The gateway as a Windows service, under Wine: installed, started, used, stopped, removed.

Owns a Wine session of its own, whose service controller writes a trace: the states that the service
tells, and its events, as they are asked for. Services live as long as their session does, and Wine
8 does not notice that a process died: nothing here asks it for that.
"""

import itertools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest

from program import EMULATOR, LIMIT_S, PROGRAM
from world import (REPLIES, Server, connect_head, echoes, free_ports, refused, serve_echo,
                   tunnel)

SESSION = pathlib.Path(__file__).resolve().parents[1] / "wine/session.sh"
START_PENDING, STOP_PENDING, RUNNING, STOPPED = "2", "3", "4", "1"
NAMES = {START_PENDING: "START_PENDING", STOP_PENDING: "STOP_PENDING", RUNNING: "RUNNING",
         STOPPED: "STOPPED"}
LOG = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\OMS Gateway Log"
OWN_PROCESS = "0x10"  # no other service of Wine's says so
STATE = re.compile(r"trace:service:SetServiceStatus \S+ " + OWN_PROCESS +
                   r" 0x(\d) (\S+) (\S+) (\S+) (\S+) (\S+)")
# One call of ReportEventW, and behind it its strings, each in a line of the same thread.
REPORT = re.compile(r"^(\w+):fixme:advapi:ReportEventW \(\w+,0x(\w+),0x0000,0x(\w+),")
STRING = re.compile(r'^(\w+):\w+:eventlog:ReportEventW L"(.*)"$')
INFORMATION, WARNING, ERROR = 4, 2, 1
BYTES = "bytes_to_server", "bytes_to_client"


class Session:
    """A prefix and its wineserver; every program started here belongs to it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.trace = folder / "trace.txt"
        self.trace.touch()
        self.home = folder / "Programm für 网关"
        self.home.mkdir()
        for name in "OMSGateway.exe", "OMSGatewayMessages.dll", "OMSGateway.man":
            shutil.copy(pathlib.Path(PROGRAM).with_name(name), self.home)
        self.environment = os.environ | {"WINEPREFIX": str(folder / "prefix"), "WINEDEBUG": "-all"}
        self._sh(str(SESSION), "begin")
        self.restart()

    def _sh(self, *words: str, **environment: str) -> None:
        with open(self.trace, "a", encoding="utf-8") as trace:
            subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=trace,
                           env=self.environment | environment, timeout=10 * LIMIT_S, check=True)

    def restart(self) -> None:
        """As if the machine lost power and came back: nothing ends in order, services begin."""
        subprocess.run(["wineserver", "-k", "-w"], env=self.environment, timeout=LIMIT_S,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self._sh(str(SESSION), "start", WINEDEBUG="-all,+service,+eventlog,fixme+advapi")

    def end(self) -> None:
        self._sh(str(SESSION), "end")

    def run(self, *words: str) -> subprocess.CompletedProcess:
        """One Windows program; its output is text, of Windows' own tools in a code page."""
        return subprocess.run(words, capture_output=True, text=True, encoding="utf-8",
                              errors="replace", env=self.environment, timeout=2 * LIMIT_S,
                              check=False)

    def gateway(self, *words: str) -> subprocess.CompletedProcess:
        return self.run(EMULATOR, str(self.home / "OMSGateway.exe"), *words)

    def registry(self, key: str) -> dict[str, tuple[str, str]]:
        text = self.run(EMULATOR, "reg", "query", key).stdout
        return {name: (kind, value) for name, kind, value in
                re.findall(r"^ {4}(\S.*?) {4}(REG_\w+) {4}(.*?)\r?$", text, flags=re.M)}

    def control(self, code: int) -> list[str]:
        return self.run(EMULATOR, os.environ["CONTROL_DRIVER"], str(code)).stdout.split()

    def read_trace(self) -> str:
        return self.trace.read_text(encoding="utf-8", errors="replace")

    def states(self) -> list[tuple[str, ...]]:
        """(state, controls, exit, specific, checkpoint, hint) of everything our service told."""
        return STATE.findall(self.read_trace())

    def reports(self) -> list[tuple[int, int, list[str]]]:
        """(type, id, strings) of every event that was asked to be written."""
        found: list[tuple[int, int, list[str]]] = []
        last: dict[str, list[str]] = {}
        for line in self.read_trace().splitlines():
            if match := REPORT.match(line):
                last[match[1]] = []
                found.append((int(match[2], 16), int(match[3], 16) & 0xFFFF, last[match[1]]))
            elif (match := STRING.match(line)) and match[1] in last:
                last[match[1]].append(match[2])
        return found


def wait_for(condition):
    """Until it holds; the limit only turns a hang into a failure."""
    end = time.monotonic() + LIMIT_S
    while not (value := condition()):
        assert time.monotonic() < end, "what was waited for did not come"
    return value


@pytest.fixture(name="session", scope="module")
def begin_session(tmp_path_factory):
    session = Session(tmp_path_factory.mktemp("session"))
    yield session
    session.end()


class Service:
    """An installed service with a data folder and a port of its own."""

    def __init__(self, session: Session, folder: pathlib.Path):
        self.session, self.data = session, folder
        self.port, = free_ports(1)
        self.seen = len(session.states()), len(session.reports())
        self.set("ListenAddress", "127.0.0.1", "ListenPort", str(self.port))

    def set(self, *pairs: str) -> None:
        self.done("config", "set", *pairs)

    def done(self, *words: str) -> str:
        """A command that must succeed; what it said."""
        result = self.session.gateway(*words, "--data", str(self.data))
        assert result.returncode == 0, result.stderr
        return result.stderr

    def status(self) -> dict:
        return json.loads(self.session.gateway("status", "--json", "--data",
                                               str(self.data)).stdout)

    def states(self) -> list[tuple[str, ...]]:
        return self.session.states()[self.seen[0]:]

    def reports(self) -> list[tuple[int, int, list[str]]]:
        return self.session.reports()[self.seen[1]:]


@pytest.fixture(name="service")
def install_service(session, tmp_path):
    service = Service(session, tmp_path / "Datenordner für 网关")
    said = service.done("service", "install")
    assert said.count("this Windows has it not, the service does without: ") == 3
    yield service
    service.done("service", "uninstall")
    assert session.registry(LOG) == session.registry(LOG + r"\OMS Gateway") == {}
    assert session.run(EMULATOR, "sc", "query", "OMSGatewayService").returncode == 1


def hints(states, state: str) -> list[int]:
    """The times until the next word, of a pending state whose checkpoints only rise."""
    words = [word for word in states if word[0] == state]
    assert [int(word[4], 16) for word in words] == list(range(1, len(words) + 1))
    assert {word[1:4] for word in words} == {("0", "0", "0")}
    return [int(word[5], 16) for word in words]


def test_a_whole_life(service, session):
    with Server(serve_echo) as origin:
        service.set("AllowedPorts", str(origin.port), "AllowedNetworks", "127.0.0.0/8")
        service.done("host", "add", "127.0.0.1")  # no name that every machine resolves
        service.done("service", "start")
        assert session.control(0) == [RUNNING, "0", "0"]
        for _ in range(3):
            with tunnel(service.port, origin.port, "127.0.0.1") as client:
                assert echoes(client, b"x" * 100000)
        assert refused(service.port, connect_head(origin.port, "other.example")) \
            == REPLIES["HOST_UNLISTED"]
        assert session.control(6)[0] == RUNNING  # PARAMCHANGE
        wait_for(lambda: service.status()["counters"]["refused_host"] == 1)
        wait_for(lambda: min(service.status()["counters"][name] for name in BYTES) >= 300000)
        counters = service.status()["counters"]
        assert (counters["accepted"], counters["granted"]) == (4, 3)
        service.done("service", "stop")
    states = service.states()
    assert [word[0] for word, _ in itertools.groupby(states, key=lambda word: word[:1])] \
        == [START_PENDING, RUNNING, STOP_PENDING, STOPPED]
    assert set(hints(states, START_PENDING)) == {30000}
    assert [word[1] for word in states if word[0] == RUNNING] == ["0x109"]
    assert max(hints(states, STOP_PENDING)) == 40000  # DrainTimeout, and a step
    assert states[-1][1:4] == ("0", "0", "0")
    version, = session.gateway("version").stdout.split()
    port = str(service.port)
    general, started, forbidden, stopped = (
        [report for report in service.reports() if report[1] == number]
        for number in (100, 101, 105, 102))
    assert (INFORMATION, 100, ["127.0.0.1", port]) in general  # it listens
    assert started == [(INFORMATION, 101, [version, "127.0.0.1", port])]
    assert [report[:2] for report in forbidden] == [(ERROR, 105)]
    assert forbidden[0][2][:3] == ["127.0.0.1", "other.example", str(origin.port)]
    assert stopped == [(INFORMATION, 102, ["the service was stopped"])]
    ids = [report[1] for report in service.reports()]
    print("states:", " ".join(f"{NAMES[word[0]]}({word[4]})" for word in states), "events:", ids)
    assert [number for number in ids if number != 100] == [101, 105, 102]
    assert ids[-1] == 102


def test_a_busy_port_is_a_failed_start_with_the_id_of_its_event(service, session):
    with socket.create_server(("127.0.0.1", service.port)):
        result = session.gateway("service", "start")
    assert result.returncode == 1
    assert "did not start: the newest event with this id in the OMS Gateway Log says why, 401" \
        in result.stderr
    assert session.control(0) == [STOPPED, "1066", "401"]
    assert {word[0] for word in service.states()} == {START_PENDING, STOPPED}
    kind, number, strings = service.reports()[-1]
    assert (kind, number) == (ERROR, 401)
    assert strings == ["127.0.0.1", str(service.port), "the port is in use by another program"]
    service.done("service", "start")  # as soon as the port is free


def test_what_killed_it_is_told_when_it_starts_again_by_itself(service, session):
    service.done("service", "start")
    process = service.status()["pid"]
    session.restart()
    wait_for(lambda: service.status()["state"] == "running" and service.status()["pid"] != process)
    wait_for(lambda: session.control(0)[0] == RUNNING)  # it says so a little later
    service.done("service", "stop")
    ended = [report for report in service.reports()
             if report[:2] == (WARNING, 100) and report[2][0] == str(process)]
    assert len(ended) == 1


def test_the_log_has_its_rows(service, session):
    source = session.registry(LOG + r"\OMS Gateway")
    assert source["EventMessageFile"][0] == "REG_EXPAND_SZ"
    assert source["EventMessageFile"][1].endswith(r"\OMSGatewayMessages.dll")
    assert source["TypesSupported"] == ("REG_DWORD", "0x7")
    assert session.registry(LOG) == {"MaxSize": ("REG_DWORD", "0x1400000"),
                                     "Retention": ("REG_DWORD", "0x0")}
    # What an administrator set stays; the library may have moved.
    for key, name, value in ((LOG, "MaxSize", "65536"),
                             (LOG + r"\OMS Gateway", "TypesSupported", "1")):
        session.run(EMULATOR, "reg", "add", key, "/v", name, "/t", "REG_DWORD", "/d", value, "/f")
    service.done("service", "install")
    assert session.registry(LOG)["MaxSize"] == ("REG_DWORD", "0x10000")
    assert session.registry(LOG + r"\OMS Gateway") == source


def test_a_folder_that_is_open_to_others_is_refused(session, tmp_path):
    """Whoever may read it has secret.key. What judges is proven by unit/test_rights_windows.c."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    for words in ("host", "add", "a.example.com"), ("run",):
        result = session.gateway(*words, "--data", str(folder))
        assert result.returncode == 1
        assert "open to others; chmod o-w, or on Windows omsgateway service install, shuts it" \
            in result.stdout + result.stderr
    assert not list(folder.iterdir())


def test_what_is_so_already_is_said(service, session):
    assert "is installed already" in service.done("service", "install")
    assert "does not run" in service.done("service", "stop")
    service.done("service", "start")
    assert "runs already" in service.done("service", "start")


def test_only_the_service_controller_runs_it_as_a_service(session, tmp_path):
    result = session.gateway("run", "--service", "--data", str(tmp_path))
    assert result.returncode == 2
    assert "--service is what the service manager starts" in result.stderr


def test_a_service_that_is_not_there(session):
    for word in "start", "stop", "uninstall":
        result = session.gateway("service", word)
        assert (result.returncode, result.stderr) == (1, "omsgateway: the service is not "
                                                         "installed\n")
