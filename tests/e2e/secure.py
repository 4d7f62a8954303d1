"""An HTTPS origin with a certificate of its own authority, both made when they are needed.

Owns the authority, the certificate for the origin's names and the server of one folder. Must not
know the gateway.
"""

import functools
import http.server
import pathlib
import socket
import ssl
import subprocess
import threading
import urllib.parse

NAMES = ("origin.example", "localhost")
PAYLOAD = "".join(f"{number}\n" for number in range(40000))


def _openssl(folder: pathlib.Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder: pathlib.Path) -> None:
    """ca.pem, and server.pem with its key for every name of the origin."""
    names = ",".join(f"DNS:{name}" for name in NAMES)
    (folder / "names").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n"
                                  "extendedKeyUsage=serverAuth\n", encoding="ascii")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout")
    _openssl(folder, "req", "-x509", *key, "ca.key", "-out", "ca.pem", "-days", "2",
             "-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl(folder, "req", *key, "server.key", "-out", "server.csr", "-subj", f"/CN={NAMES[0]}")
    _openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.crt")
    (folder / "server.pem").write_text((folder / "server.crt").read_text(encoding="ascii") +
                                       (folder / "server.key").read_text(encoding="ascii"),
                                       encoding="ascii")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        """Some clients name the whole URL."""
        return super().translate_path(urllib.parse.urlsplit(path).path)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that breaks off, or is none, is no error of the test's."""


class Origin:
    """Serves the files of `folder`/www over TLS; `payload` is one of them."""

    def __init__(self, folder: pathlib.Path):
        make_certificates(folder)
        self.authority = folder / "ca.pem"
        self.files = folder / "www"
        self.files.mkdir()
        (self.files / "payload").write_text(PAYLOAD, encoding="ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        handler = functools.partial(_Quiet, directory=str(self.files))
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                  do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def fetch_over(self, connection: socket.socket, name: str) -> str:
        """The payload through a connection that somebody has opened to the origin."""
        context = ssl.create_default_context(cafile=self.authority)
        with context.wrap_socket(connection, server_hostname=name) as secure:
            secure.sendall(f"GET /payload HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            reply = body = b""
            while len(body) < len(PAYLOAD) and (part := secure.recv(65536)):
                reply += part
                body = reply.partition(b"\r\n\r\n")[2]
        return body.decode("ascii")

    def __enter__(self) -> "Origin":
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
