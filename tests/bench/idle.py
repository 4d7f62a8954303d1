"""What idle connections cost: memory and CPU of a relay that holds them for a while.

Usage: idle.py [--sockets N] [--seconds S] [--windows]. Each tunnel is two of the relay's sockets
and has carried 1 KB each way before it rests. --windows measures the Windows build under Wine (with
a WINEPREFIX that tests/wine/session.sh made) instead of the native one and HAProxy.
"""

import argparse
import os
import pathlib
import socket
import sys
import threading

import peers


def rss_kib(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def cpu_ms(pid: int) -> int:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")


def open_tunnels(port: int, count: int) -> list[socket.socket]:
    """So many clients, from several loopback addresses; each has exchanged a kilobyte."""
    clients = []
    for i in range(count):
        client = socket.create_connection(("127.0.0.1", port),
                                          source_address=(f"127.0.1.{i % 8 + 1}", 0))
        client.sendall(b"x" * 1024)
        got = 0
        while got < 1024:
            got += len(client.recv(4096))
        clients.append(client)
    return clients


def measure(peer, origin: int, tunnels: int, seconds: int) -> None:
    with peer(origin) as (process, port):
        pid = process.pid
        before = rss_kib(pid)
        clients = open_tunnels(port, tunnels)
        after, cpu = rss_kib(pid), cpu_ms(pid)
        threading.Event().wait(seconds)
        used = cpu_ms(pid) - cpu
        print(f"{peer.__name__:10} {2 * tunnels} sockets: RSS {before} KiB -> {after} KiB"
              f" ({(after - before) * 1024 / tunnels:.0f} bytes a tunnel),"
              f" CPU {used} ms in {seconds} s", flush=True)
        for client in clients:
            client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=9000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--windows", action="store_true")
    options = parser.parse_args()
    peers.raise_descriptor_limit()
    origin_script = pathlib.Path(__file__).with_name("origin.py")
    with peers.started([sys.executable, "-B", str(origin_script)]) as (_, origin):
        for peer in [peers.seam_windows] if options.windows else [peers.seam, peers.haproxy]:
            measure(peer, origin, options.sockets // 2, options.seconds)


if __name__ == "__main__":
    main()
