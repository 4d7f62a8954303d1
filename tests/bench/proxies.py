"""The gateway and the proxies it is measured against, each configured to allow one origin only.

Owns their configuration, which is the least with which each does the job. Starting and ending them
is peers.py; what is measured is side_by_side.py. A proxy that is not installed is named as such.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import peers

HOST = "localhost"
ROWS_A_COMMAND = 20000

HAPROXY = """
global
    nbthread {threads}
    maxconn 9800
defaults
    mode tcp
    timeout connect 10s
    timeout client 600s
    timeout server 600s
frontend f
    bind 127.0.0.1:{port}
    default_backend o
backend o
    server s 127.0.0.1:{origin}
"""

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 600
MaxClients 6000
Allow 127.0.0.0/8
ConnectPort {origin}
LogLevel Critical
Filter "{folder}/filter"
FilterDefaultDeny Yes
FilterExtended On
"""

SQUID = """
http_port 127.0.0.1:{port}
acl p port {origin}
acl d dstdomain localhost 127.0.0.1
http_access deny CONNECT !p
http_access allow CONNECT d
http_access deny all
cache deny all
access_log none
cache_log {folder}/cache.log
pid_filename none
coredump_dir {folder}
visible_hostname bench
shutdown_lifetime 0 seconds
max_filedescriptors 20000
"""


@contextlib.contextmanager
def _configured(text: str, command: list[str], origin: int, threads: int):
    """Runs the command with `FILE` in it standing for a file with the text."""
    port = peers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # a proxy started by root may become another user
        pathlib.Path(folder, "filter").write_text("^localhost$\n", encoding="ascii")
        config = pathlib.Path(folder, "config")
        config.write_text(text.format(port=port, origin=origin, folder=folder, threads=threads),
                          encoding="ascii")
        words = [str(config) if word == "FILE" else word for word in command]
        with peers.started(words, port) as running:
            yield running


def haproxy(origin: int, threads: int):
    """In TCP mode: it speaks no CONNECT and knows no policy."""
    return _configured(HAPROXY, ["haproxy", "-db", "-f", "FILE"], origin, threads)


def tinyproxy(origin: int, threads: int):
    """A thread for each connection."""
    return _configured(TINYPROXY, ["tinyproxy", "-d", "-c", "FILE"], origin, threads)


def squid(origin: int, threads: int):
    """One process; no cache."""
    return _configured(SQUID, ["squid", "-N", "-f", "FILE"], origin, threads)


def _configure(program: str, data: str, words: list[str]) -> None:
    subprocess.run([program, *words, "--data", data], check=True, capture_output=True)


def _read_port(process: subprocess.Popen) -> int:
    for line in process.stdout:
        event = json.loads(line)
        if event["id"] == 101:
            return event["port"]
    raise RuntimeError("the gateway has not started")


class Gateway:
    """The program under test; beside the origin's name it may have other hosts on its list."""

    def __init__(self, program: str, rows: int = 0):
        self._program, self._rows = program, rows

    def change(self, data: str, *words: str) -> None:
        """By a command, as an administrator does."""
        _configure(self._program, data, list(words))

    @contextlib.contextmanager
    def __call__(self, origin: int, threads: int):
        with tempfile.TemporaryDirectory() as folder, self.run(folder + "/data", origin,
                                                               threads) as running:
            yield running

    @contextlib.contextmanager
    def run(self, data: str, origin: int, threads: int):
        """With a data folder that the caller knows."""
        self.change(data, "host", "add", HOST)
        for first in range(0, self._rows, ROWS_A_COMMAND):
            last = min(first + ROWS_A_COMMAND, self._rows)
            self.change(data, "host", "add", *(f"h{i}.example.com" for i in range(first, last)))
        self.change(data, "config", "set", "AllowedPorts", str(origin), "AllowedNetworks",
                    "127.0.0.0/8", "Loops", str(threads),
                    "CrashDumps", "on")  # else its descriptors are for root alone to count
        command = [self._program, "run", "--data", data, "--listen", "127.0.0.1:0",
                   "--resolve", HOST + "=127.0.0.1", "--log", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process, _read_port(process)
            finally:
                process.terminate()
                process.communicate()


def all_of_them(program: str) -> dict:
    """Name: (starter, speaks CONNECT, idle tunnels it can hold); the measure comes first."""
    every = {"haproxy": (haproxy, False, 9500), "omsgateway": (Gateway(program), True, 9500),
             "tinyproxy": (tinyproxy, True, 2000), "squid": (squid, True, 2000)}
    found = {}
    for name, peer in every.items():
        if name == "omsgateway" or shutil.which(name) or shutil.which(name, path="/usr/sbin"):
            found[name] = peer
        else:
            print(f"skipped: {name} is not installed", flush=True)
    return found
