"""Performance counters: what Windows reads through the provider's block is what went through.

The program is perf_driver, which is the real one and prints what stands in the block in the end.
"""

import json
import pathlib
import re

from program import call
from world import (HOST, Server, allowing, connect_head, echoes, refused, serve_echo, tunnel)

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = re.findall(r"^COUNTER\((\w+)", (ROOT / "perfcounters/counters.def").read_text(
    encoding="utf-8"), flags=re.M)


def test_windows_reads_the_traffic(tmp_path):
    with Server(serve_echo) as origin, allowing(tmp_path, [origin.port]) as gateway:
        for _ in range(3):
            with tunnel(gateway.port, origin.port) as client:
                assert echoes(client, b"x" * 50000)
        refused(gateway.port, connect_head(origin.port, "other.example"))
        open_one = tunnel(gateway.port, origin.port)
        assert gateway.stop() == 0
        open_one.close()
        told = gateway.process.stderr.read()
        status = call("status", "--json", "--data", gateway.data)
    read = {NAMES[int(number) - 1]: int(value)
            for number, value in re.findall(r"^perf (\d+) (\d+)$", told, flags=re.M)}
    assert (read["accepted"], read["granted"], read["refused_host"]) == (5, 4, 1)
    assert read["bytes_to_server"] >= 150000 and read["bytes_to_client"] >= 150000
    assert (read["client_connections"], read["errors"], read["rejections"]) == (0, 0, 0)
    assert len(read) > 30
    counters = json.loads(status.stdout)["counters"]
    assert read == {name: counters[name] for name in read}
