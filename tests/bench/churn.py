"""Whether anything grows while clients come and go: connections without end, crowds that come at
once, and a change of the list beside them. Memory and descriptors are read after each round, when
all have left; the first third is not counted, what is touched once is touched by then.
"""

import argparse
import os
import sys
import tempfile
import time

import peers
import proxies
from load import ORIGIN, Load, descriptors, rss_kib, settled_cpu_s

ROUND, CROWD, AT_ONCE = 2000, 500, 32


def churn(gateway: proxies.Gateway, data: str, load: Load, number: int) -> int:
    """One round; how many connections that were."""
    load.run("open", ROUND, AT_ONCE)
    load.run("herd", CROWD)
    word = "remove" if number % 2 else "add"
    gateway.change(data, "host", word, "churn.example")
    return ROUND + CROWD


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--gateway", default=str(peers.ROOT / "build/native/omsgateway"))
    return parser.parse_args()


def main() -> None:
    options = parse()
    peers.raise_descriptor_limit()
    gateway = proxies.Gateway(options.gateway)
    with peers.started(ORIGIN) as (_, origin), tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        with gateway.run(data, origin, options.threads) as (process, port):
            load, pid, readings, count = Load(port, origin, True), process.pid, [], 0
            end = time.monotonic() + options.minutes * 60
            while time.monotonic() < end or len(readings) < 6:
                count += churn(gateway, data, load, len(readings))
                settled_cpu_s(pid)
                readings.append((rss_kib(pid), descriptors(pid)))
    later = readings[len(readings) // 3:]
    half = len(later) // 2
    print(f"{count} connections, {len(readings)} changes: RSS {readings[0][0]} KiB after the first "
          f"round, {later[0][0]} after a third, {later[-1][0]} in the end; at most "
          f"{max(rss for rss, _ in later[:half])} in the first half of the rest and "
          f"{max(rss for rss, _ in later[half:])} in the second; "
          f"descriptors {readings[0][1]}, {later[0][1]}, {later[-1][1]}")


if __name__ == "__main__":
    sys.exit(main())
