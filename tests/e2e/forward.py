"""Puts connections into tunnels: for programs that speak no CONNECT, and to watch those that do.

Owns a listener, and a client's address of its own at the gateway for each connection.
"""

import socket
import threading

from world import Server, connect, granted, new_source


def pump(source: socket.socket, target: socket.socket, seen: bytearray) -> None:
    """One way, to the end, which goes on, too."""
    try:
        while part := source.recv(65536):
            seen += part
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Forward(Server):
    """Every connection goes to the gateway's port, or by a tunnel to a target's port. `sources` has
    their addresses in the order in which they came, `seen` what all of them have said."""

    def __init__(self, port: int, target_port: int = 0):
        self.sources: list[str] = []
        self.seen = bytearray()
        self._port, self._target_port = port, target_port
        super().__init__(self._forward)

    def _forward(self, client: socket.socket) -> None:
        self.sources.append(source := new_source())
        if self._target_port:
            gateway = granted(self._port, self._target_port, source=source)
        else:
            gateway = connect(self._port, source)
        with gateway:
            back = threading.Thread(target=pump, args=(gateway, client, bytearray()))
            back.start()
            pump(client, gateway, self.seen)
            back.join()
