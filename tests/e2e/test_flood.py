"""One client that floods: the log has an end, the sums are exact, others are still heard.

Owns the arithmetic of summaries over a real run. Must not know how the limit finds its keys.
"""

import datetime
import json
import os
import pathlib
import socket
import threading

from program import EMULATOR, LIMIT_S, Gateway, call
from world import FULL, connect_head, read_all, refused

ASKED = 100000 if FULL else 2000
THREADS = 8
LINES_OF_A_CLIENT = 300  # a minute


def ask_many(port: int, first: int) -> None:
    """Each time for another host: the worst that a client can do to the log."""
    for i in range(first, ASKED, THREADS):
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as client:
            client.sendall(connect_head(443, f"h{i}.example.com"))
            read_all(client)


def flood(gateway: Gateway) -> None:
    threads = [threading.Thread(target=ask_many, args=(gateway.port, i)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sink_seconds(gateway: Gateway) -> str:
    """The CPU of the sink's thread; Linux alone tells."""
    if EMULATOR:
        return "?"
    threads = pathlib.Path(f"/proc/{gateway.process.pid}/task")
    sink = next(task for task in threads.iterdir()
                if (task / "comm").read_text(encoding="ascii") == "sink\n")
    fields = (sink / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return f"{(int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK'):.2f}"


def rest_of(gateway: Gateway) -> list[dict]:
    gateway.wait_event(102)
    return [event for event in gateway.events if event["id"] == 105]


def minutes_of(lines: list[dict]) -> int:
    """How many minutes of the limit these may lie in."""
    first, last = (datetime.datetime.fromisoformat(lines[i]["time"][:-1]) for i in (0, -1))
    return int((last - first).total_seconds()) // 60 + 2


def test_a_flood_is_counted_and_others_are_heard(tmp_path):
    with Gateway(data=str(tmp_path)) as gateway:
        gateway.port = gateway.wait_event(101)["port"]
        flood(gateway)
        refused(gateway.port, connect_head(443, "quiet.example.com"), "127.0.0.2")
        seconds = sink_seconds(gateway)
        assert gateway.stop() == 0
        events = rest_of(gateway)
        lines = [event for event in events if "suppressed" not in event]
        summaries = [event for event in events if "suppressed" in event]
        quiet = [event["host"] for event in lines if event["client"] == "127.0.0.2"]
        lost = sum(event["number"] for event in gateway.events
                   if event["name"] == "RecordsDropped")
        status = json.loads(call("status", "--json", "--data", str(tmp_path)).stdout)
    assert quiet == ["quiet.example.com"]
    assert len(lines) - 1 <= minutes_of(lines) * LINES_OF_A_CLIENT
    told = len(lines) + sum(event["suppressed"] for event in summaries) + lost
    print(f"{ASKED + 1} refusals: {len(lines)} lines, {len(summaries)} summaries, {lost} lost, "
          f"{seconds} s of CPU in the sink")
    assert told == ASKED + 1
    assert status["counters"]["refused_host"] == ASKED + 1
    assert status["counters"]["records_dropped"] == lost
