"""The gateway beside HAProxy (TCP mode), tinyproxy and squid: what a connection, a GiB and an idle
tunnel cost, and how long 2,000 agents take to come back after a restart.

All of them in one run, by turns, so that a busy machine disturbs all; medians and their ratio to
HAProxy count. CPU is user and system time of the peer's processes. Prints a table and writes JSON.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading

import peers
import proxies

LOAD = peers.ROOT / "build/native/tests/bench_load_linux"
SCRIPT = peers.ROOT / "tests/data/handshake/tls13.txt"
GIB = 1 << 30
SETTLE_S = 0.2
FIGURES = {"connect_us": "CPU us/connect", "gib_ms": "CPU ms/GiB", "tunnel_bytes": "bytes/tunnel",
           "rss_kib": "RSS KiB, idle", "herd_ms": "herd, last 200 ms"}
RATIOS = ("connect_us", "gib_ms", "tunnel_bytes")


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


def measure_work(peer, origin: int, connects: bool, options) -> dict:
    with peer(origin, options.threads) as (process, port):
        load, pid = Load(port, origin, connects), process.pid
        herd = load.run("herd", options.herd)
        load.run("open", 500, 32)
        before = settled_cpu_s(pid)
        opened = load.run("open", options.connections, 32)
        middle = settled_cpu_s(pid)
        load.run("bulk", int(options.gib * GIB), 2)
        after = settled_cpu_s(pid)
    return {"connect_us": (middle - before) * 1e6 / max(opened["good"], 1),
            "gib_ms": (after - middle) * 1e3 / options.gib,
            "herd_ms": herd["worst_us"] / 1e3, "herd_failed": herd["failed"],
            "open_s": opened["us"] / 1e6, "open_failed": opened["failed"]}


def measure_rest(peer, origin: int, connects: bool, tunnels: int, options) -> dict:
    with peer(origin, options.threads) as (process, port):
        load, pid = Load(port, origin, connects), process.pid
        load.run("open", 100, 8)  # what is touched once at all is not a tunnel's
        settled_cpu_s(pid)
        before = rss_kib(pid)
        with load.start("rest", tunnels) as resting:
            result = json.loads(resting.stdout.readline())
            threading.Event().wait(options.rest_seconds)
            after = rss_kib(pid)
            resting.communicate()
    return {"tunnel_bytes": (after - before) * 1024 / max(result["good"], 1), "rss_kib": after,
            "tunnels": result["good"], "rest_failed": result["failed"]}


def medians(repeats: list[dict]) -> dict:
    return {key: statistics.median(repeat[key] for repeat in repeats) for key in repeats[0]}


def tell(results: dict) -> None:
    middle = {name: medians(repeats) for name, repeats in results.items()}
    print(f"\n{'':12}" + "".join(f"{words:>22}" for words in FIGURES.values()))
    for name, figures in middle.items():
        cells = []
        for key in FIGURES:
            ratio = (f" ({figures[key] / middle['haproxy'][key]:.2f}x)"
                     if key in RATIOS and "haproxy" in middle and middle["haproxy"][key] else "")
            cells.append(f"{figures[key]:.0f}" + ratio if key in figures else "-")
        print(f"{name:12}" + "".join(f"{cell:>22}" for cell in cells))
    print("\nleast and greatest of the repeats; tunnels that were idle")
    for name, repeats in results.items():
        spans = [f"{words} {min(r[key] for r in repeats):.0f}-{max(r[key] for r in repeats):.0f}"
                 for key, words in FIGURES.items() if key in repeats[0]]
        print(f"{name:12} {', '.join(spans)}; {middle[name].get('tunnels', 0):.0f}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--gib", type=float, default=4)
    parser.add_argument("--herd", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=os.cpu_count(),
                        help="of HAProxy and loops of the gateway (the processors)")
    parser.add_argument("--rest-seconds", type=float, default=3)
    parser.add_argument("--no-rest", action="store_true")
    parser.add_argument("--only", nargs="+", help="names of peers")
    parser.add_argument("--gateway", default=str(peers.ROOT / "build/native/omsgateway"))
    parser.add_argument("--json", default=str(peers.ROOT / "build/bench.json"))
    return parser.parse_args()


def main() -> None:
    options = parse()
    peers.raise_descriptor_limit()
    chosen = {name: peer for name, peer in proxies.all_of_them(options.gateway).items()
              if not options.only or name in options.only}
    results: dict = {name: [] for name in chosen}
    with peers.started([str(LOAD), str(SCRIPT), "origin"]) as (_, origin):
        for repeat in range(options.repeats):
            for name, (peer, connects, tunnels) in chosen.items():
                figures = measure_work(peer, origin, connects, options)
                if not options.no_rest:
                    figures |= measure_rest(peer, origin, connects, tunnels, options)
                results[name].append(figures)
                print(f"{repeat + 1}: {name}: " +
                      ", ".join(f"{key} {value:.0f}" for key, value in figures.items()), flush=True)
    tell(results)
    pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
