"""No descriptor is left: who is there goes on, who comes waits, and is served as soon as there are
some again. The limit is taken from the running program.
"""

import json
import resource

from hello import read_exactly
from program import call
from world import (GRANTED, Server, allowing, connect, connect_head, echoes, new_source, serve_echo,
                   tunnel)

NONE_LEFT = 3  # those below are in use, and above it none is given


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
                assert read_exactly(client, len(GRANTED)) == GRANTED
