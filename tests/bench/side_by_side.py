"""The gateway beside HAProxy (TCP mode), tinyproxy and squid: what a connection, a GiB and an idle
tunnel cost, and how long 2,000 agents take to come back after a restart.

All of them run at the same time and work by turns, so that a busy machine disturbs all; a ratio is
the median of those of the turns, to the first peer's turn beside it, which is HAProxy's. CPU is
user and system time of the peer's processes. Prints a table and writes JSON.
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
from load import ORIGIN, Load, rss_kib, settled_cpu_s

GIB = 1 << 30
FIGURES = {"connect_us": "CPU us/connect", "gib_ms": "CPU ms/GiB", "tunnel_bytes": "bytes/tunnel",
           "rss_kib": "RSS KiB, idle", "herd_ms": "herd, last 200 ms"}


class Peer:
    """One that runs, and what its work has cost so far: a figure for each turn."""

    def __init__(self, process: subprocess.Popen, load: Load):
        self._pid, self._load = process.pid, load
        self.turns: dict[str, list[float]] = {"connect_us": [], "gib_ms": []}

    def begin(self, options) -> dict:
        """Everybody comes at once to one that has just been started; then it is warm."""
        herd = self._load.run("herd", options.herd)
        self._load.run("open", 500, 32)
        return {"herd_ms": herd["worst_us"] / 1e3}

    def turn(self, options) -> None:
        before = settled_cpu_s(self._pid)
        count = options.connections // options.turns
        self._load.run("open", count, 32)
        middle = settled_cpu_s(self._pid)
        self._load.run("bulk", int(options.gib * GIB / options.turns), 2)
        after = settled_cpu_s(self._pid)
        self.turns["connect_us"].append((middle - before) * 1e6 / count)
        self.turns["gib_ms"].append((after - middle) * 1e3 * options.turns / options.gib)


def measure_work(chosen: dict, origin: int, options) -> dict:
    """All of them run, and work by turns: what disturbs one disturbs the next one, too."""
    with contextlib.ExitStack() as stack:
        running, figures = {}, {}
        for name, (start, connects, _) in chosen.items():
            process, port = stack.enter_context(start(origin, options.threads))
            running[name] = Peer(process, Load(port, origin, connects))
            figures[name] = running[name].begin(options)
        for _ in range(options.turns):
            for peer in running.values():
                peer.turn(options)
    first = next(iter(running.values())).turns
    for name, peer in running.items():
        for key, values in peer.turns.items():
            figures[name][key] = statistics.median(values)
            pairs = zip(values, first[key])
            figures[name][key + "_ratio"] = statistics.median(own / of for own, of in pairs)
    return figures


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


def compare_rest(figures: dict) -> None:
    """The tunnels' memory has no turns: it hardly differs from one time to the next."""
    first = next(iter(figures.values()))
    for own in figures.values():
        own["tunnel_bytes_ratio"] = own["tunnel_bytes"] / max(first["tunnel_bytes"], 1)


def tell(results: dict) -> None:
    middle = {name: medians(repeats) for name, repeats in results.items()}
    print(f"\n{'':12}" + "".join(f"{words:>22}" for words in FIGURES.values()))
    for name, figures in middle.items():
        cells = []
        for key in FIGURES:
            ratio = figures.get(key + "_ratio")
            words = f"{figures[key]:.0f}" if key in figures else "-"
            cells.append(words + (f" ({ratio:.2f}x)" if ratio else ""))
        print(f"{name:12}" + "".join(f"{cell:>22}" for cell in cells))
    print("\nleast and greatest of the repeats; tunnels that were idle")
    for name, repeats in results.items():
        spans = [f"{words} {min(r[key] for r in repeats):.0f}-{max(r[key] for r in repeats):.0f}"
                 for key, words in FIGURES.items() if key in repeats[0]]
        print(f"{name:12} {', '.join(spans)}; {middle[name].get('tunnels', 0):.0f}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--turns", type=int, default=8, help="of each repeat")
    parser.add_argument("--connections", type=int, default=16000, help="in all turns together")
    parser.add_argument("--gib", type=float, default=8)
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
    with peers.started(ORIGIN) as (_, origin):
        for repeat in range(options.repeats):
            figures = measure_work(chosen, origin, options)
            if not options.no_rest:
                for name, (start, connects, tunnels) in chosen.items():
                    figures[name] |= measure_rest(start, origin, connects, tunnels, options)
                compare_rest(figures)
            for name, of_peer in figures.items():
                results[name].append(of_peer)
                print(f"{repeat + 1}: {name}: " +
                      ", ".join(f"{key} {value:.4g}" for key, value in of_peer.items()), flush=True)
    tell(results)
    pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
