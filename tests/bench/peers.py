"""The programs that are measured side by side: ours and its peers, each as a relay to one origin.

Owns starting and ending them and their configuration; knows nothing of what is measured. Everything
is on loopback and ends with the run.
"""

import contextlib
import os
import pathlib
import resource
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELAY = ROOT / "build/native/tests/bench_relay"
RELAY_WINDOWS = ROOT / "build/windows/tests/bench_relay.exe"

HAPROXY = """
global
    nbthread 1
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


def raise_descriptor_limit() -> int:
    """To the hard limit, for us and for whom we start; says what it is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)


class _EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024


@contextlib.contextmanager
def echo_origin():
    """An origin that sends back what it gets; yields its port."""
    with _EchoServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _wait_listening(process: subprocess.Popen, port: int) -> None:
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return


@contextlib.contextmanager
def started(command: list[str], port: int | None = None):
    """Runs the command; yields (process, port). Without a port its first line names it.

    It gets a process group of its own: strace ignores what would end it, its program does not.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as process:
        try:
            if port is None:
                port = int(process.stdout.readline())
            _wait_listening(process, port)
            yield process, port
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


@contextlib.contextmanager
def seam(origin: int, wrapper: tuple[str, ...] = ()):
    """Our seam with nothing above it."""
    with started([*wrapper, str(RELAY), str(origin)]) as running:
        yield running


@contextlib.contextmanager
def seam_windows(origin: int):
    """The same as a Windows program under Wine."""
    with started([str(ROOT / "tests/wine/wine.sh"), str(RELAY_WINDOWS), str(origin)]) as running:
        yield running


@contextlib.contextmanager
def haproxy(origin: int, wrapper: tuple[str, ...] = ()):
    """HAProxy in TCP mode, one thread."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as config:
        config.write(HAPROXY.format(port=port, origin=origin))
        config.flush()
        with started([*wrapper, "haproxy", "-db", "-f", config.name], port) as running:
            yield running
