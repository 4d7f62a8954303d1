"""No descriptor is left: who is there goes on, who comes waits, and is served as soon as there are
some again. The limit is taken from the running program. And how many are promised, and taken.
"""

import json
import os
import resource

import program
from hello import read_exactly
from program import call
from world import (Server, allowing, connect, connect_head, echoes, new_source, read_grant,
                   serve_echo, tunnel)

NONE_LEFT = 3  # those below are in use, and above it none is given
FEW = 1024
LOOPS = 2
OVER = 64 + 32  # of each loop: clients who have time to read their 503, and those of one turn


def limit(process, number: int) -> None:
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (number or hard, hard))


def accepted(gateway) -> int:
    return json.loads(call("status", "--json", "--data",
                           gateway.data).stdout)["counters"]["accepted"]


def test_who_comes_waits_until_there_are_some(tmp_path):
    with Server(serve_echo) as origin, allowing(tmp_path, [origin.port]) as gateway:
        there = tunnel(gateway.port, origin.port)
        while accepted(gateway) == 0:  # counted once a second
            pass
        limit(gateway.process, NONE_LEFT)
        waiting = [connect(gateway.port, new_source()) for _ in range(40)]
        for client in waiting:
            client.sendall(connect_head(origin.port))
        for _ in range(100):
            assert echoes(there, b"still here")
        assert accepted(gateway) == 1
        limit(gateway.process, 0)
        for client in waiting:
            with client:
                read_grant(client)


def test_as_many_tunnels_are_promised_as_have_descriptors(tmp_path, monkeypatch):
    """Two for each. An attempt beside another is a third for a moment, and may find none."""
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -n {FEW}\nexec "{program.PROGRAM}" "$@"\n',
                       encoding="ascii")
    limited.chmod(0o755)
    monkeypatch.setattr(program, "PROGRAM", str(limited))
    with allowing(tmp_path, [443], Loops=LOOPS) as gateway:
        told = [event for event in gateway.events if event["name"] == "TunnelsLowered"]
        assert [event["possible"] for event in told] == [(FEW - 128 - LOOPS * OVER) // 2]


def test_a_crowd_above_a_limit_takes_few(tmp_path):
    """Without CrashDumps they are for root alone to count."""
    with Server(serve_echo) as origin, allowing(tmp_path, [origin.port], Loops=LOOPS,
                                                MaxTunnelsPerClient=1, CrashDumps="on") as gateway:
        source = new_source()
        with tunnel(gateway.port, origin.port, source=source) as there:
            descriptors = f"/proc/{gateway.process.pid}/fd"
            before = len(os.listdir(descriptors))
            crowd = [connect(gateway.port, source) for _ in range(5 * LOOPS * OVER // 2)]
            for client in crowd:
                assert read_exactly(client, 12) == b"HTTP/1.1 503"
            assert len(os.listdir(descriptors)) <= before + LOOPS * OVER
            for client in crowd:
                client.close()
            assert echoes(there, b"still here")
