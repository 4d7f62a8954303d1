"""What a connection costs when much is there: beside a gateway with one host on its list and
no tunnel, one with 100,000 hosts, and one that holds 9,500 tunnels at rest. The bar is 1.2 x.

All of them run at the same time and work by turns; a ratio is the median of those of the turns.
"""

import argparse
import contextlib
import os
import statistics
import sys

import peers
import proxies
from load import ORIGIN, Load, settled_cpu_s

LEAST_AT_ONCE = 32


def begin(stack, gateway, origin: int, options) -> tuple[int, Load]:
    process, port = stack.enter_context(gateway(origin, options.threads))
    load = Load(port, origin, True)
    load.run("open", 2000, LEAST_AT_ONCE)  # warm
    return process.pid, load


def rest(stack, load: Load, tunnels: int) -> None:
    """They stay until the end of the measurement; each has carried 1 KB."""
    resting = stack.enter_context(load.start("rest", tunnels))
    stack.callback(resting.stdin.close)
    print("at rest:", resting.stdout.readline().strip(), flush=True)


def turn_us(pid: int, load: Load, count: int) -> float:
    before = settled_cpu_s(pid)
    load.run("open", count, LEAST_AT_ONCE)
    return (settled_cpu_s(pid) - before) * 1e6 / count


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--tunnels", type=int, default=9500)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--connections", type=int, default=4000, help="of each turn")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--gateway", default=str(peers.ROOT / "build/native/omsgateway"))
    return parser.parse_args()


def main() -> None:
    options = parse()
    peers.raise_descriptor_limit()
    empty, rows, open_ = "empty", f"{options.rows} rows", f"{options.tunnels} tunnels"
    with contextlib.ExitStack() as stack:
        _, origin = stack.enter_context(peers.started(ORIGIN))
        gateway = proxies.Gateway(options.gateway)
        listed = proxies.Gateway(options.gateway, options.rows)
        all_of_them = {name: begin(stack, program, origin, options)
                       for name, program in ((empty, gateway), (rows, listed), (open_, gateway))}
        rest(stack, all_of_them[open_][1], options.tunnels)
        costs = {name: [] for name in all_of_them}
        for _ in range(options.turns):
            for name, (pid, load) in all_of_them.items():
                costs[name].append(turn_us(pid, load, options.connections))
    for name, turns in costs.items():
        ratio = statistics.median(own / of for own, of in zip(turns, costs[empty]))
        print(f"{name:16} {statistics.median(turns):6.1f} us/connect, {ratio:.2f} x "
              f"({min(turns):.1f}-{max(turns):.1f})")


if __name__ == "__main__":
    sys.exit(main())
