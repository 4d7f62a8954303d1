"""While it runs, on Linux: what one signal does there."""

import signal
import subprocess

import pytest

from busy import busy
from program import LIMIT_S
from world import Server, allowing, read_all, serve_echo, tunnel


def test_draining_after_it_stood_still(tmp_path):
    """As when the machine slept: nobody is silent only because we heard nobody."""
    with Server(serve_echo) as origin, \
            allowing(tmp_path, [origin.port], DrainTimeout="600s") as gateway:
        silent = tunnel(gateway.port, origin.port)
        with busy(gateway, origin, 5):
            gateway.process.send_signal(signal.SIGTERM)
            gateway.process.send_signal(signal.SIGSTOP)
            with pytest.raises(subprocess.TimeoutExpired):
                gateway.process.wait(timeout=2.5)  # a silent tunnel is left alone for 2 s
            gateway.process.send_signal(signal.SIGCONT)
            assert read_all(silent) == b""
        assert gateway.process.wait(timeout=LIMIT_S) == 0
