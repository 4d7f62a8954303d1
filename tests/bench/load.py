"""The load put on a running program, and what that costs it: CPU, memory, descriptors.

Owns the counting and the load generator's command line; knows no peer and no target.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import threading

import peers
import proxies

LOAD = peers.ROOT / "build/native/tests/bench_load_linux"
SCRIPT = peers.ROOT / "tests/data/handshake/tls13.txt"
ORIGIN = [str(LOAD), str(SCRIPT), "origin"]
SETTLE_S = 0.2


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text(encoding="ascii").split():
                found += family(int(child))
    return found


def cpu_s(pid: int) -> float:
    ticks = 0
    for member in family(pid):
        stat = pathlib.Path(f"/proc/{member}/stat").read_text(encoding="ascii")
        fields = stat.rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def settled_cpu_s(pid: int) -> float:
    """Once it does nothing any more: connections end after their clients have left."""
    before, now = -1.0, cpu_s(pid)
    while now > before:
        threading.Event().wait(SETTLE_S)
        before, now = now, cpu_s(pid)
    return now


def rss_kib(pid: int) -> int:
    total = 0
    for member in family(pid):
        status = pathlib.Path(f"/proc/{member}/status").read_text(encoding="ascii")
        total += int(status.split("VmRSS:")[1].split()[0])
    return total


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


class Load:
    """The load generator's clients, aimed at one peer."""

    def __init__(self, port: int, origin: int, connects: bool):
        self._port = str(port)
        self._target = f"{proxies.HOST}:{origin}" if connects else "-"

    def start(self, mode: str, *words: int) -> subprocess.Popen:
        command = [str(LOAD), str(SCRIPT), mode, self._port, self._target, *map(str, words)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, mode: str, *words: int) -> dict:
        with self.start(mode, *words) as process:
            output, _ = process.communicate()
        result = json.loads(output)
        if result["failed"]:
            print(f"  {mode}: {result['failed']} failed", flush=True)
        return result
