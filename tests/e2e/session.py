"""Real TLS sessions with client certificates: keys of every kind, a server that echoes, a client
whose flights a test may change before they go.

Owns the keys of one folder and both ends. Must not know the gateway; handshakes made by hand are
hello.py's.
"""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import warnings

from hello import records

KINDS = {"rsa": ["rsa:2048"], "p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "p384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "ed25519": ["ed25519"]}
VERSIONS = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1,
            "TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}
BODY = "what a client reads that was let through"
WORD = b"a word there and back"


def make_key(folder: pathlib.Path, name: str, kind: str, subject: str) -> pathlib.Path:
    """A file with a new key and its certificate."""
    file = folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", *KINDS[kind], "-nodes", "-days", "2",
                    "-subj", subject, "-keyout", f"{name}.key", "-out", file], cwd=folder,
                   check=True, capture_output=True)
    file.write_text(file.read_text(encoding="ascii") +
                    (folder / f"{name}.key").read_text(encoding="ascii"), encoding="ascii")
    return file


def read_leaf(file: pathlib.Path) -> bytes:
    """The certificate in DER."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    text = file.read_text(encoding="ascii")
    return ssl.PEM_cert_to_DER_cert(text[text.index(begin):text.index(end) + len(end) + 1])


def _context(side: int, oldest: str, newest: str, file: pathlib.Path | None) -> ssl.SSLContext:
    """Versions that the system would rather not speak, too."""
    context = ssl.SSLContext(side)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = VERSIONS[oldest], VERSIONS[newest]
    if file:
        context.load_cert_chain(file)
    return context


def client_context(file: pathlib.Path | None = None, oldest="TLS 1.2",
                   newest="TLS 1.3") -> ssl.SSLContext:
    """Whom it talks to is not its affair here."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, oldest, newest, file)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def server_context(file: pathlib.Path, *known: pathlib.Path, oldest="TLS 1.0",
                   newest="TLS 1.3") -> ssl.SSLContext:
    """It asks for a certificate, and takes those, or none."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, oldest, newest, file)
    context.verify_mode = ssl.CERT_OPTIONAL
    for name in known:
        context.load_verify_locations(name)
    return context


class Echo:
    """For world.Server: a session, what comes goes back; whether it was resumed.

    It asks for a certificate unless it is told not to.
    """

    def __init__(self, file: pathlib.Path, *known: pathlib.Path, asks=True, oldest="TLS 1.0",
                 newest="TLS 1.3"):
        self.context = server_context(file, *known, oldest=oldest, newest=newest)
        if not asks:
            self.context.verify_mode = ssl.CERT_NONE

    def __call__(self, connection: socket.socket) -> bool:
        with self.context.wrap_socket(connection, server_side=True,
                                      suppress_ragged_eofs=False) as session:
            while part := session.recv(65536):
                session.sendall(part)
            resumed = session.session_reused
            session.unwrap()  # or what was agreed would be forgotten
            return resumed


class Page:
    """For world.Server: the same page for whoever asks, with a known certificate or none."""

    def __init__(self, file: pathlib.Path, known, newest="TLS 1.3"):
        self._context = server_context(file, *known, newest=newest)

    def __call__(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as session:
            with session.makefile("rb") as request:
                while request.readline() not in (b"\r\n", b""):
                    pass
            session.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n"
                            f"{BODY}".encode())
            with contextlib.suppress(OSError):
                session.unwrap()


class Client:
    """One end of a session over a connection that somebody has opened; `edit` is given each flight
    before it goes."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, host: str, session=None,
                 edit=None):
        self._connection, self._edit = connection, edit or (lambda flight: flight)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host,
                                    session=session)
        self._work(self.tls.do_handshake)

    def _flush(self) -> None:
        if flight := self._outgoing.read():
            self._connection.sendall(self._edit(flight))

    def _work(self, do, *words):
        """Until it is done, or the other side has refused: ssl.SSLError knows the alert."""
        while True:
            try:
                return do(*words)
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()
            if part := self._connection.recv(65536):
                self._incoming.write(part)
            else:
                self._incoming.write_eof()

    def echoes(self, data: bytes = WORD) -> bool:
        """Also tells that the server was content with the certificate; in TLS 1.3 not earlier."""
        self._work(self.tls.write, data)
        return self._work(self.tls.read, len(data)) == data

    def close(self) -> None:
        """Says goodbye and hears the other one's."""
        self._work(self.tls.unwrap)
        self._connection.close()


# ---- flights of a client, changed: records as long as they are in the clear ----


def _change_messages(flight: bytes, change) -> bytes:
    """Each handshake message is in a record of its own, as OpenSSL has it."""
    changed = b""
    while flight and flight[0] == 22:
        end = 5 + int.from_bytes(flight[3:5], "big")
        changed += change(flight[:end])
        flight = flight[end:]
    return changed + flight


def show_another(leaf: bytes):
    """An edit: this certificate in place of the client's own."""
    shown = b"".join(len(leaf + b"\0\0\0" * more).to_bytes(3, "big") for more in (2, 1, 0)) + leaf
    other = records(22, b"\x0b" + shown)
    return lambda flight: _change_messages(
        flight, lambda m: m[:3] + other[3:] if m[5] == 11 else m)


def prove_nothing(flight: bytes) -> bytes:
    """An edit: no CertificateVerify."""
    return _change_messages(flight, lambda m: b"" if m[5] == 15 else m)
