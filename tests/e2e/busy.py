"""Tunnels that carry bytes all the time, so that whatever happens meanwhile happens to them."""

import contextlib
import threading

from world import echoes, new_source, tunnel


class Busy:
    """Tunnels through which bytes go round without a pause, each its own; counts the rounds."""

    def __init__(self, port: int, target_port: int, count: int):
        self.clients = [tunnel(port, target_port, source=new_source()) for _ in range(count)]
        self.rounds = [0] * count
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, which: int) -> None:
        client = self.clients[which]
        try:
            while not self._stop.is_set():
                data = f"{which} {self.rounds[which]} ".encode() * 100
                if not echoes(client, data):
                    self.wrong.append(f"tunnel {which}: other bytes came back")
                self.rounds[which] += 1
        except (OSError, EOFError) as error:
            self.wrong.append(f"tunnel {which}: {error}")

    def all_went_round(self) -> None:
        """Each carries bytes after this moment, too."""
        before = list(self.rounds)
        while not self.wrong and any(now == then for now, then in zip(self.rounds, before)):
            self._stop.wait(0.01)
        assert self.wrong == []

    def all_end(self) -> None:
        """Each ends by itself, because its tunnel does."""
        for thread in self._threads:
            thread.join()
        assert len(self.wrong) == len(self.clients)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for client in self.clients:
            client.close()


@contextlib.contextmanager
def busy(gateway, origin, count):
    tunnels = Busy(gateway.port, origin.port, count)
    try:
        tunnels.all_went_round()
        yield tunnels
        tunnels.all_went_round()
    finally:
        tunnels.stop()
