"""run on Linux: what stops a program there and not on Windows, whose SCM stops a service."""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import resource
import select
import signal
import socket
import sqlite3
import subprocess

import pytest

from program import LIMIT_S, Gateway, call, run_command
from world import wait_named

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
IN_OPEN = 0x20  # of inotify
WALL = 0x40000000  # __WALL: of all threads
UNWRITTEN = "standard output could not be written"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_stops_it_too(name):
    with Gateway() as gateway:
        gateway.wait_event(101)
        gateway.process.send_signal(signal.Signals[name])
        assert gateway.wait_event(102)["reason"] == name
        assert gateway.process.wait(timeout=LIMIT_S) == 0


def test_nohup_is_respected():
    """Of two signals that wait it is SIGHUP, the lesser number, that would be taken first."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        gateway = Gateway()
    finally:
        signal.signal(signal.SIGHUP, before)
    with gateway:
        gateway.wait_event(101)
        gateway.process.send_signal(signal.SIGHUP)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.wait_event(102)["reason"] == "SIGTERM"
        assert gateway.process.wait(timeout=LIMIT_S) == 0


def threads_of(gateway: Gateway, name: str) -> list[int]:
    tasks = pathlib.Path(f"/proc/{gateway.process.pid}/task").iterdir()
    return [int(task.name) for task in tasks
            if (task / "comm").read_text(encoding="ascii").strip() == name]


@contextlib.contextmanager
def held(thread: int):
    """One thread stands still while the others go on, as under a debugger."""
    system = ctypes.CDLL(None, use_errno=True)
    system.ptrace.argtypes = [ctypes.c_long] * 4
    if system.ptrace(PTRACE_ATTACH, thread, 0, 0) != 0:
        pytest.skip(f"no thread can be held here: {os.strerror(ctypes.get_errno())}")
    os.waitpid(thread, WALL)
    yield
    assert system.ptrace(PTRACE_DETACH, thread, 0, 0) == 0


def test_a_loop_that_stands_still_is_told_and_goes_on(tmp_path):
    """Of two changes the first waits for it, read and compiled; the second comes meanwhile."""
    data = str(tmp_path / "data")
    call("config", "set", "CrashDumps", "on", "--data", data)  # or nobody but root may look
    with Gateway(data=data) as gateway:
        gateway.wait_event(101)
        for name in ("loop", "control", "store", "sink"):
            while not threads_of(gateway, name):  # it may have begun just now
                assert gateway.process.poll() is None
        with held(threads_of(gateway, "loop")[0]):
            assert call("host", "add", "a.example.com", "--data", data).returncode == 0
            event = gateway.wait_event(400)
            assert event["name"] == "LoopStill"
            assert 1 <= event["loop"] <= event["loops"] == len(threads_of(gateway, "loop"))
            assert call("host", "add", "b.example.com", "--data", data).returncode == 0
        assert wait_named(gateway, "ConfigurationApplied")["revision"] == 2
        assert wait_named(gateway, "ConfigurationApplied")["revision"] == 3
        gateway.process.send_signal(signal.SIGTERM)  # all loops have to end for that
        gateway.wait_event(102)
        assert gateway.process.wait(timeout=LIMIT_S) == 0


@contextlib.contextmanager
def being_changed(data: str):
    """Somebody has begun a change of the configuration; it is over when this is."""
    with open(f"{data}/gateway.lock", "w", encoding="utf-8") as lock, \
            contextlib.closing(sqlite3.connect(f"{data}/gateway.db", isolation_level=None)) as db:
        fcntl.flock(lock, fcntl.LOCK_EX)
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


@contextlib.contextmanager
def openings(path: str):
    """A descriptor that can be read once somebody has opened the file from now on. What a program
    has open is for root alone to see."""
    system = ctypes.CDLL(None, use_errno=True)
    watch = system.inotify_init1(0)
    assert watch >= 0 and system.inotify_add_watch(watch, path.encode(), IN_OPEN) >= 0
    yield watch
    os.close(watch)


def test_a_start_waits_for_who_changes_the_configuration(tmp_path):
    data = str(tmp_path / "data")
    call("config", "set", "MaxTunnels", "100", "--data", data)
    with contextlib.ExitStack() as stack:
        with being_changed(data), openings(f"{data}/gateway.lock") as opened:
            gateway = stack.enter_context(Gateway(data=data))
            assert select.select([opened], [], [], LIMIT_S)[0]
        gateway.wait_event(101)
        assert not any(event["name"] == "RestartNeeded" for event in gateway.events)


def test_a_start_that_cannot_read_says_why(tmp_path):
    """Who keeps the file busy without our lock is no command of ours, and is not waited for."""
    data = str(tmp_path / "data")
    call("config", "set", "MaxTunnels", "100", "--data", data)
    with contextlib.closing(sqlite3.connect(f"{data}/gateway.db", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        result = call("run", "--data", data, "--log", "json")
    event = json.loads(result.stdout)
    assert (event["id"], event["name"]) == (400, "StartFailed")
    assert event["reason"].startswith("another program keeps the configuration busy (" + data)
    assert result.stderr == f"omsgateway: {event['reason']}\n"


def test_a_log_on_a_full_disk_is_a_failure_in_the_end(tmp_path):
    """No line tells when it runs, so Ctrl-C waits for it, blocked until the program looks."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process = subprocess.Popen(run_command(str(tmp_path / "data")), stdout=full,
                                       stderr=subprocess.PIPE, text=True)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert UNWRITTEN in errors


def test_sigusr1_does_not_end_it():
    with Gateway() as gateway:
        gateway.wait_event(101)
        gateway.process.send_signal(signal.SIGUSR1)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.wait_event(102)["reason"] == "SIGTERM"


def read_words(systemd: socket.socket, last: str) -> list[str]:
    """What systemd is told, a name a word, up to the one that begins so."""
    words: list[str] = []
    while last not in words:
        text = systemd.recv(4096).decode("ascii")
        words += [line.partition("=")[0] for line in text.splitlines()]
    return words


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_how_far_it_is(tmp_path, monkeypatch, abstract):
    name = f"@omsgateway-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.settimeout(LIMIT_S)
        systemd.bind(name.replace("@", "\0", 1) if abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        with Gateway("--service") as gateway:
            before = read_words(systemd, "READY")
            assert set(before) == {"EXTEND_TIMEOUT_USEC", "READY"}
            gateway.wait_event(101)
            gateway.process.send_signal(signal.SIGTERM)
            assert read_words(systemd, "STOPPING")[0] == "STOPPING"
            gateway.wait_event(102)
            assert gateway.process.wait(timeout=LIMIT_S) == 0


@pytest.mark.parametrize("value", ["off", "on"])
def test_a_dump_is_written_only_where_that_was_asked_for(tmp_path, value):
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    before = resource.prlimit(0, resource.RLIMIT_CORE, (hard, hard))
    try:
        assert call("config", "set", "CrashDumps", value, "--data", str(tmp_path)).returncode == 0
        with Gateway(data=str(tmp_path)) as gateway:
            gateway.wait_event(101)
            limit = resource.prlimit(gateway.process.pid, resource.RLIMIT_CORE)
            assert limit == (hard if value == "on" else 0, hard)
            gateway.stop()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.parametrize("word", ["install", "uninstall", "start", "stop"])
def test_the_service_is_systemds(word):
    result = call("service", word)
    assert (result.returncode, result.stdout) == (1, "")
    assert "systemd's; what does this is: systemctl " in result.stderr
