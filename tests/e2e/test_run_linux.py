"""run on Linux: what stops a program there and not on Windows, whose SCM stops a service."""

import signal
import subprocess

import pytest

from program import LIMIT_S, Gateway, run_command

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
