"""While it runs: changed rules, a listener that moves, a second instance, the way it stops."""

import contextlib
import signal
import socket
import threading

import pytest

from hello import answer_hello
from program import EMULATOR, LIMIT_S, Gateway, call
from world import (FULL, HOST, REPLIES, Server, allowing, configure, connect, connect_head, echoes,
                   free_ports, new_source, read_all, refused, serve_echo, told, tunnel,
                   wait_applied, wait_named)

BUSY = 500 if FULL else 50
MUCH = 32 << 20  # more than the kernel takes from a sender whose receiver takes nothing


@pytest.fixture(name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


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
def busy(gateway, origin, count=BUSY):
    tunnels = Busy(gateway.port, origin.port, count)
    try:
        tunnels.all_went_round()
        yield tunnels
        tunnels.all_went_round()
    finally:
        tunnels.stop()


def is_refused(gateway, origin, host) -> bool:
    return refused(gateway.port, connect_head(origin.port, host)) == REPLIES["HOST_UNLISTED"]


def test_a_change_reaches_new_clients_and_drops_no_tunnel(tmp_path, origin):
    other = "other.example"
    with allowing(tmp_path, [origin.port], resolve=[f"{other}=127.0.0.1"]) as gateway:
        with busy(gateway, origin):
            assert is_refused(gateway, origin, other)
            configure(gateway.data, "host", "add", other)
            wait_applied(gateway)
            tunnel(gateway.port, origin.port, other).close()
            configure(gateway.data, "host", "remove", HOST)
            wait_applied(gateway)
            assert is_refused(gateway, origin, HOST)


def test_on_remove_close_ends_the_tunnels_of_that_host_only(tmp_path, origin):
    other = "other.example"
    with allowing(tmp_path, [origin.port], resolve=[f"{other}=127.0.0.1"], hosts=[HOST, other],
                  OnRemove="close") as gateway:
        removed = tunnel(gateway.port, origin.port)
        kept = tunnel(gateway.port, origin.port, other)
        configure(gateway.data, "host", "remove", HOST)
        with pytest.raises(ConnectionResetError):
            read_all(removed)
        assert echoes(kept, b"still here")


def test_on_remove_close_ends_the_tunnels_to_a_network_that_is_no_longer_listed(tmp_path, origin):
    with allowing(tmp_path, [origin.port], OnRemove="close") as gateway:
        client = tunnel(gateway.port, origin.port)
        configure(gateway.data, "config", "reset", "AllowedNetworks")
        with pytest.raises(ConnectionResetError):
            read_all(client)


def test_a_wrong_change_leaves_all_as_it_was(tmp_path, origin):
    with allowing(tmp_path, [origin.port]) as gateway:
        result = call("config", "set", "AllowedPorts", "0", "--data", gateway.data)
        assert result.returncode == 1
        tunnel(gateway.port, origin.port).close()


# ---- where it listens ----


def wait_listening(gateway, port: int) -> None:
    event = wait_named(gateway, "Listening")
    assert (event["address"], event["port"]) == ("127.0.0.1", port)


def wait_closed(port: int) -> None:
    """Until nobody is accepted at the port any more."""
    while True:
        try:
            connect(port).close()
        except OSError:
            return


def at_home(tmp_path, origin, home: int) -> contextlib.AbstractContextManager:
    """A gateway that listens where the settings say: at this port of 127.0.0.1."""
    data = str(tmp_path / "data")
    configure(data, "config", "set", "ListenAddress", "127.0.0.1", "ListenPort", str(home),
              "AllowedPorts", str(origin.port), "AllowedNetworks", "127.0.0.0/8")
    configure(data, "host", "add", HOST)
    return Gateway("--resolve", f"{HOST}=127.0.0.1", data=data, pinned=False)


def test_the_port_there_and_back(tmp_path, origin):
    """Tunnels that came by the old port go on."""
    home, away, taken = free_ports(3)
    with at_home(tmp_path, origin, home) as gateway:
        gateway.port = gateway.wait_event(101)["port"]
        assert gateway.port == home
        with busy(gateway, origin) as tunnels:
            for old, new in ((home, away), (away, home)):
                configure(gateway.data, "config", "set", "ListenPort", str(new))
                wait_listening(gateway, new)
                tunnel(new, origin.port).close()
                wait_closed(old)
                tunnels.all_went_round()
            with socket.create_server(("127.0.0.1", taken)):
                configure(gateway.data, "config", "set", "ListenPort", str(taken))
                event = gateway.wait_event(401)
                assert (event["name"], event["port"]) == ("MoveFailed", taken)
                assert "in use" in event["reason"]
                tunnel(home, origin.port).close()
            wait_listening(gateway, taken)
            wait_closed(home)


def test_an_address_that_another_has_closes_nothing(tmp_path, origin):
    """It waits there meanwhile, is told once, and moves when the other has gone."""
    (home,) = free_ports(1)
    with at_home(tmp_path, origin, home) as gateway:
        gateway.wait_event(101)
        with socket.create_server(("127.0.0.2", home)):
            configure(gateway.data, "config", "set", "ListenAddress", "127.0.0.2")
            event = gateway.wait_event(401)
            assert (event["name"], event["address"]) == ("MoveFailed", "127.0.0.2")
            assert "in use" in event["reason"] and event["kept"] == f"127.0.0.1:{home}"
            tunnel(home, origin.port).close()
        event = wait_named(gateway, "Listening")
        assert (event["address"], event["port"]) == ("127.0.0.2", home)
        assert [event["id"] for event in gateway.events].count(401) == 1


def test_an_address_that_cannot_be_had_leads_back(tmp_path, origin):
    """All addresses and the old one are in each other's way: the old one is closed first."""
    (home,) = free_ports(1)
    with at_home(tmp_path, origin, home) as gateway:
        gateway.wait_event(101)
        with socket.create_server(("127.0.0.2", home)):
            configure(gateway.data, "config", "set", "ListenAddress", "*")
            wait_listening(gateway, home)
            event = gateway.wait_event(401)
            assert (event["name"], event["kept"]) == ("MoveFailed", f"127.0.0.1:{home}")
            tunnel(home, origin.port).close()


def test_a_pinned_port_stays(tmp_path, origin):
    with allowing(tmp_path, [origin.port]) as gateway:
        configure(gateway.data, "config", "set", "ListenPort", str(free_ports(1)[0]))
        wait_applied(gateway)
        assert wait_named(gateway, "AddressPinned")["port"] == gateway.port
        tunnel(gateway.port, origin.port).close()


def test_a_second_one_on_the_folder_is_refused(tmp_path, origin):
    with allowing(tmp_path, [origin.port]) as gateway:
        second = Gateway(data=gateway.data)
        with second:
            assert second.process.wait(timeout=LIMIT_S) == 1
            assert "another gateway runs on the data folder" in second.process.stderr.read()
        tunnel(gateway.port, origin.port).close()


# ---- the end ----


def begin_stop(gateway) -> None:
    gateway.process.send_signal(signal.SIGINT if EMULATOR else signal.SIGTERM)


def test_draining(tmp_path, origin):
    """Who is silent ends soon, who carries bytes may go on; nobody new comes."""
    with allowing(tmp_path, [origin.port], DrainTimeout="600s") as gateway:
        silent = tunnel(gateway.port, origin.port)
        with busy(gateway, origin, 5):
            begin_stop(gateway)
            assert read_all(silent) == b""
            wait_closed(gateway.port)
        assert gateway.process.wait(timeout=LIMIT_S) == 0
        gateway.wait_event(102)


def test_draining_who_reads_slowly(tmp_path, origin):
    """All that is on its way arrives, though for a while nothing of it was taken."""
    def serve(connection):
        answer_hello(connection)
        connection.sendall(bytes(MUCH))

    with Server(serve) as source, allowing(tmp_path, [origin.port, source.port],
                                           DrainTimeout="600s") as gateway:
        slow = tunnel(gateway.port, source.port)
        silent = tunnel(gateway.port, origin.port)
        begin_stop(gateway)
        assert read_all(silent) == b""
        assert len(read_all(slow)) == MUCH
        assert gateway.process.wait(timeout=LIMIT_S) == 0


def test_draining_ends_in_time(tmp_path, origin):
    with allowing(tmp_path, [origin.port], DrainTimeout="1s") as gateway:
        tunnels = Busy(gateway.port, origin.port, 5)
        begin_stop(gateway)
        assert gateway.process.wait(timeout=LIMIT_S) == 0
        tunnels.all_end()
        tunnels.stop()
        gateway.wait_event(102)


def test_a_request_that_is_under_way_hears_503(tmp_path, origin):
    with allowing(tmp_path, [origin.port], HeaderTimeout="300s") as gateway:
        with connect(gateway.port) as client:
            client.sendall(b"CONNECT a.ex")
            tunnel(gateway.port, origin.port, source=new_source()).close()
            begin_stop(gateway)
            assert read_all(client) == REPLIES["STOPPING"]
            assert told(gateway, 100, "127.0.0.1")["name"] == "RefusedWhileStopping"


def test_the_folder_is_free_after_the_end(tmp_path, origin):
    data = str(tmp_path / "data")
    with allowing(tmp_path, [origin.port]) as gateway:
        assert gateway.stop() == 0
    with Gateway("--resolve", f"{HOST}=127.0.0.1", data=data) as again:
        tunnel(again.wait_event(101)["port"], origin.port).close()
