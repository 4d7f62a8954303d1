"""No descriptor is left: who is there goes on, who comes waits or hears 503, and all is well once
there are some again. The limit is taken from the running program, to the very number it has.
"""

import os
import resource

import pytest

from hello import read_exactly
from world import (GRANTED, REPLIES, Server, allowing, connect, connect_head, echoes, new_source,
                   refused, sentence, serve_echo, told, tunnel)


@pytest.fixture(name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


def leave(process, spare: int) -> None:
    """So many descriptors above the highest that is in use, and no gap below it that would do."""
    used = sorted(map(int, os.listdir(f"/proc/{process.pid}/fd")))
    gaps = used[-1] + 1 - len(used)
    assert gaps <= spare
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE,
                     (used[-1] + 1 + spare - gaps, resource.prlimit(process.pid,
                                                                    resource.RLIMIT_NOFILE)[1]))


def restore(process) -> None:
    hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (hard, hard))


def test_who_comes_waits_until_there_are_some(tmp_path, origin):
    with allowing(tmp_path, [origin.port]) as gateway:
        there = tunnel(gateway.port, origin.port)
        leave(gateway.process, 0)
        waiting = [connect(gateway.port, new_source()) for _ in range(40)]
        for client in waiting:
            client.sendall(connect_head(origin.port))
        for _ in range(100):
            assert echoes(there, b"still here")
        restore(gateway.process)
        for client in waiting:
            with client:
                assert read_exactly(client, len(GRANTED)) == GRANTED


def test_none_for_the_server_is_503(tmp_path, origin):
    with allowing(tmp_path, [origin.port]) as gateway:
        with tunnel(gateway.port, origin.port) as there:
            leave(gateway.process, 1)
            source = new_source()
            assert refused(gateway.port, connect_head(origin.port), source) == REPLIES["EXHAUSTED"]
            event = told(gateway, 100, source)
            assert (event["name"], event["severity"]) == ("LimitReached", "WARNING")
            assert event["reason"] == sentence(REPLIES["EXHAUSTED"])
            assert echoes(there, b"still here")
        restore(gateway.process)
        tunnel(gateway.port, origin.port).close()
