"""The program under test: starting it, reading its events, stopping it.

Owns the process and its two streams. The program comes from OMSGATEWAY_PROGRAM, and where that is
a Windows one OMSGATEWAY_EMULATOR runs it; nothing here knows which. Waiting is always for a line or
for the end of the process; the limit only turns a hang into a failure.
"""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading

PROGRAM = os.environ["OMSGATEWAY_PROGRAM"]
EMULATOR = os.environ.get("OMSGATEWAY_EMULATOR", "")
LIMIT_S = 120


def command(*words: str) -> list[str]:
    return ([EMULATOR] if EMULATOR else []) + [PROGRAM, *words]


def call(*words: str, **options) -> subprocess.CompletedProcess:
    """Runs one command to its end; its output is text with \\n as line end."""
    return subprocess.run(command(*words), capture_output=True, text=True, encoding="utf-8",
                          timeout=LIMIT_S, check=False, **options)


def run_command(data: str, *words: str, pinned: bool = True) -> list[str]:
    """A run that touches nothing of this machine: its own data folder, a port of the system's.

    Without a pin it listens where the rules in the folder say.
    """
    return command("run", "--data", data, *(("--listen", "127.0.0.1:0") if pinned else ()), *words)


class Gateway:
    """`omsgateway run --log json` with more words; a context manager that leaves nothing behind.

    `data` is a folder that the caller keeps; without one the gateway has one of its own.
    """

    def __init__(self, *words: str, data: str = "", pinned: bool = True):
        self._folder = None if data else tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.data = data or self._folder.name + "/data"
        command_line = run_command(self.data, "--log", "json", *words, pinned=pinned)
        self.port = 0  # of event 101, for who needs it
        self.process = subprocess.Popen(command_line, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, encoding="utf-8")
        self.events: list[dict] = []
        self.others: list[dict] = []  # of these, what world.told passed over
        self._lines: queue.Queue = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_event(self, event_id: int) -> dict:
        """The next event with this id; events before it stay in `events`."""
        while True:
            line = self._lines.get(timeout=LIMIT_S)
            assert line is not None, (f"ended with status {self.process.wait(timeout=LIMIT_S)} "
                                      f"before event {event_id}: {self.process.stderr.read()}")
            self.events.append(json.loads(line))
            if self.events[-1]["id"] == event_id:
                return self.events[-1]

    def stop(self) -> int:
        """Ctrl-C, as a terminal would send it; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=LIMIT_S)

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=LIMIT_S)
        self._reader.join(timeout=LIMIT_S)
        self.process.stdout.close()
        self.process.stderr.close()
        if self._folder:
            self._folder.cleanup()
