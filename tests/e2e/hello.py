"""A TLS 1.3 handshake as short as one can be: a ClientHello, a ServerHello. Whoever inspects it is
blind from there on, so that any bytes may follow, in any direction.

Owns the bytes of both. Must not know the gateway; real sessions are secure.py's.
"""

import ipaddress
import socket
import struct

RECORD_MAX = 16384
EARLY_DATA = 42
ECH = 0xFE0D
_RANDOM = bytes(range(32))
_SUITES = b"\x13\x01\x13\x02\x13\x03"
_PADDING = 21


def _vector(size: int, data: bytes) -> bytes:
    """The data behind its length, which takes so many bytes."""
    return len(data).to_bytes(size, "big") + data


def extension(number: int, data: bytes = b"") -> bytes:
    return number.to_bytes(2, "big") + _vector(2, data)


def records(kind: int, data: bytes) -> bytes:
    """The data in as few records as it needs."""
    return b"".join(bytes([kind, 3, 3]) + _vector(2, data[at:at + RECORD_MAX])
                    for at in range(0, len(data), RECORD_MAX))


def server_name(*names: str) -> bytes:
    """The extension; it ought to hold one name, of which a second one is a mistake."""
    return extension(0, _vector(2, b"".join(b"\0" + _vector(2, name.encode()) for name in names)))


def _message(number: int, suite: bytes, extensions: bytes, version: int = 0x0303) -> bytes:
    body = (version.to_bytes(2, "big") + _RANDOM + _vector(1, b"") + suite +
            _vector(2, extensions))
    return records(22, bytes([number]) + _vector(3, body))


def client_hello(names: bytes, *more: bytes, versions=(0x0304, 0x0303)) -> bytes:
    """With the extensions that TLS 1.3 asks for; names: what server_name made, or nothing."""
    offered = struct.pack(f">{len(versions)}H", *versions)
    extensions = [names, extension(10, _vector(2, b"\0\x1d")),
                  extension(13, _vector(2, b"\x04\x03\x08\x04")),
                  extension(43, _vector(1, offered)),
                  extension(51, _vector(2, b"\0\x1d" + _vector(2, _RANDOM))), *more]
    return _message(1, _vector(2, _SUITES) + b"\1\0", b"".join(extensions))


def old_hello(host: str, version: int) -> bytes:
    """As before TLS 1.3: it offers everything up to a version."""
    return _message(1, _vector(2, b"\xc0\x2f\0\x2f") + b"\1\0", server_name(host), version)


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def hello_for(host: str) -> bytes:
    """With the host's name; an address is none."""
    return client_hello(b"" if _is_address(host) else server_name(host))


def early_hello(host: str, data: bytes) -> bytes:
    """With 0-RTT data behind it; the key that it claims to share is none."""
    psk = _vector(2, _vector(2, b"ticket") + bytes(4)) + _vector(2, _vector(1, bytes(32)))
    return (client_hello(server_name(host), extension(45, b"\1\1"), extension(42),
                         extension(41, psk)) + records(23, data))


def long_hello(host: str, size: int) -> bytes:
    """So many bytes with the headers of its records."""
    short = len(client_hello(server_name(host), extension(_PADDING)))
    padding = bytes(size - short - 5 * ((size - 1) // (RECORD_MAX + 5)))
    return client_hello(server_name(host), extension(_PADDING, padding))


def server_hello(version: int) -> bytes:
    """The version that is chosen, of TLS 1.3 in an extension."""
    if version < 0x0304:
        return _message(2, b"\xc0\x2f\0", b"", version)
    return _message(2, b"\x13\x01\0", extension(43, version.to_bytes(2, "big")) +
                    extension(51, b"\0\x1d" + _vector(2, _RANDOM)))


SERVER_HELLO = server_hello(0x0304)


def read_exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError(f"the stream ended after {len(data)} of {count} bytes")
        data += part
    return data


def answer_hello(connection: socket.socket, answer: bytes = SERVER_HELLO) -> bytes:
    """The server's part; what the client has said."""
    said = message = b""
    while len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        header = read_exactly(connection, 5)
        body = read_exactly(connection, int.from_bytes(header[3:], "big"))
        said, message = said + header + body, message + body
    connection.sendall(answer)
    return said


def say_hello(connection: socket.socket, host: str) -> None:
    """The client's part."""
    connection.sendall(hello_for(host))
    assert read_exactly(connection, len(SERVER_HELLO)) == SERVER_HELLO
