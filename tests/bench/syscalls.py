"""System calls for accept + connect + one exchange + close: the seam beside HAProxy in TCP mode.

Usage: syscalls.py. Counts with strace over CONNECTIONS connections, one after the other, and prints
calls per connection. Needs strace and haproxy.
"""

import collections
import re
import socket
import tempfile

import peers

CONNECTIONS = 500


def exchange(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"x" * 100)
        assert len(client.recv(1000)) == 100


def count(peer, origin: int) -> collections.Counter:
    """Calls by name during the connections alone: with them minus without them."""
    totals = []
    for connections in (0, CONNECTIONS):
        with tempfile.NamedTemporaryFile("r") as log:
            with peer(origin, ("strace", "-f", "-c", "-o", log.name)) as (_, port):
                for _ in range(connections):
                    exchange(port)
            rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", log.read(),
                              flags=re.M)
            totals.append(collections.Counter({n: int(c) for c, n in rows if n != "total"}))
    return totals[1] - totals[0]


def main() -> None:
    with peers.echo_origin() as origin:
        columns = {peer.__name__: count(peer, origin) for peer in (peers.seam, peers.haproxy)}
    names = sorted(set().union(*columns.values()))
    print(f"{'calls per connection':24}" + "".join(f"{c:>10}" for c in columns))
    for name in names:
        values = [column[name] / CONNECTIONS for column in columns.values()]
        if max(values) >= 0.05:
            print(f"{name:24}" + "".join(f"{v:10.2f}" for v in values))
    sums = [sum(column.values()) / CONNECTIONS for column in columns.values()]
    print(f"{'all':24}" + "".join(f"{v:10.2f}" for v in sums))


if __name__ == "__main__":
    main()
