#!/usr/bin/env python3
"""Records TLS handshakes between openssl s_client and s_server: one NAME.txt per row of CASES.

Run by hand when a case is added; what it writes is committed, for the unit tests and, in the form
of that target, as seeds of fuzz_tls and fuzz_certs. Keys and signatures are new each time, so the
sizes in tests/unit/tls_talks.def change with a recording. Each file: comments that say how it was made, then the bytes as they passed, one
line per read, `>` from the client and `<` from the server, in hexadecimal. Loopback only.
"""
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

HOST = "workspace.ods.example.com"
SUBJECT = "/O=Microsoft/OU=Linux Monitoring Agent/CN=agent-guid/CN=workspace-id"
OLD = ["-cipher", "DEFAULT:@SECLEVEL=0"]
LEAF = ["-cert", "client.pem", "-key", "client.key"]
SAVE, LOAD = ["-sess_out", "session.pem"], ["-sess_in", "session.pem"]

# name: (options of both, of the server, of the client, options of a client that goes first)
CASES = {
    "tls10": (["-tls1", *OLD], [], [], None),
    "tls10_certificate": (["-tls1", *OLD], ["-verify", "1"], LEAF, None),
    "tls11_certificate": (["-tls1_1", *OLD], ["-verify", "1"], LEAF, None),
    "tls12": (["-tls1_2"], [], [], None),
    "tls12_offers_13": ([], ["-tls1_2"], [], None),
    "tls12_no_ticket": (["-tls1_2", "-no_ticket"], [], [], None),
    "tls12_rsa": (["-tls1_2"], ["-key", "rsa.key", "-cert", "rsa.pem", "-cipher", "AES128-SHA"],
                  [], None),
    "tls12_certificate": (["-tls1_2"], ["-verify", "1"], LEAF, None),
    "tls12_certificate_rsa": (["-tls1_2"], ["-verify", "1"],
                              ["-cert", "rsa.pem", "-key", "rsa.key"], None),
    "tls12_certificate_ed25519": (["-tls1_2"], ["-verify", "1"],
                                  ["-cert", "ed.pem", "-key", "ed.key"], None),
    "tls12_certificate_chain": (["-tls1_2"], ["-verify", "1"],
                                [*LEAF, "-cert_chain", "chain.pem"], None),
    "tls12_certificate_none": (["-tls1_2"], ["-verify", "1"], [], None),
    "tls12_certificate_required": (["-tls1_2"], ["-Verify", "1", "-verify_return_error"], [], None),
    "tls12_status": (["-tls1_2"], [], ["-status"], None),
    "tls12_resumed_id": (["-tls1_2", "-no_ticket"], [], LOAD, SAVE),
    "tls12_resumed_ticket": (["-tls1_2"], [], LOAD, SAVE),
    "tls12_resumed_certificate": (["-tls1_2"], ["-verify", "1"], [*LEAF, *LOAD], [*LEAF, *SAVE]),
    "tls13": (["-tls1_3"], [], [], None),
    "tls13_certificate": ([], ["-verify", "1"], LEAF, None),
    "tls13_resumed": (["-tls1_3"], [], LOAD, SAVE),
    "tls13_retry": (["-tls1_3"], ["-groups", "P-384"], ["-groups", "X25519:P-384"], None),
    "tls13_early_data": (["-tls1_3"], ["-early_data"], [*LOAD, "-early_data", "early.txt"], SAVE),
    "tls13_early_data_retry": (["-tls1_3"], ["-early_data", "-groups", "P-384"],
                               [*LOAD, "-groups", "X25519:P-384", "-early_data", "early.txt"],
                               [*SAVE, "-groups", "P-384"]),
    "tls13_no_middlebox": (["-tls1_3", "-no_middlebox"], ["-groups", "P-384"],
                           ["-groups", "X25519:P-384"], None),
    "no_common_version": ([], ["-tls1_3"], ["-tls1_2"], None),
    "no_sni": ([], [], ["-noservername"], None),
}


def openssl(folder, *words):
    """Runs openssl to its end."""
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_keys(folder):
    """Certificates of the server and of clients with several kinds of keys."""
    kinds = {"server": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"],
             "client": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "ed": ["ed25519"]}
    for name, kind in kinds.items():
        subject = f"/CN={HOST}" if name == "server" else SUBJECT
        openssl(folder, "req", "-x509", "-nodes", "-newkey", *kind, "-days", "36500", "-subj",
                subject, "-keyout", f"{name}.key", "-out", f"{name}.pem")
    chain = "".join((folder / f"{name}.pem").read_text() for name in ("rsa", "server", "ed"))
    (folder / "chain.pem").write_text(chain)
    (folder / "early.txt").write_text("GET / HTTP/1.0\r\n\r\n")


class Relay:
    """One connection to the server, watched: `passed` is what went by, in order."""

    def __init__(self, port):
        self.port = port
        self.passed = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.listener.getsockname()[1]
        self.threads = []

    def begin(self):
        """Accepts one client and copies both ways until both ends are closed."""
        def accept():
            client = self.listener.accept()[0]
            server = socket.create_connection(("127.0.0.1", self.port))
            pumps = [threading.Thread(target=self.pump, args=pair)
                     for pair in ((client, server, ">"), (server, client, "<"))]
            for pump in pumps:
                pump.start()
            for pump in pumps:
                pump.join()
        self.threads.append(threading.Thread(target=accept))
        self.threads[-1].start()

    def pump(self, source, target, mark):
        """Copies one way, noting each read before it goes on."""
        try:
            while data := source.recv(1 << 16):
                with self.lock:
                    self.passed.append((mark, data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def end(self):
        """Waits until the connection is over."""
        for thread in self.threads:
            thread.join()
        self.listener.close()


def free_port():
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def run_client(folder, port, options, server):
    """One s_client through a relay; gives what passed. A word from the server, behind its tickets,
    says that the handshake is over: it turns round what it is sent, or (0-RTT) is told the word.
    """
    relay = Relay(port)
    relay.begin()
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{relay.own_port}"]
    if "-noservername" not in options:
        words += ["-servername", HOST]
    client = subprocess.Popen([*words, *options], cwd=folder, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    asked = done = False
    while line := client.stdout.readline():
        if b"Verify return code" in line and not asked:
            asked = True
            source, word = (client, b"olleh\n") if "-rev" in server.args else (server, b"hello\n")
            source.stdin.write(word)
            source.stdin.flush()
        if b"hello" in line and not done:
            done = True
            client.stdin.write(b"Q\n")
            client.stdin.flush()
    client.stdin.close()
    client.wait()
    relay.end()
    return relay.passed


def record(folder, name):
    """Runs one case and gives the text of its file."""
    both, server_options, client_options, first = CASES[name]
    port = free_port()
    words = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-rev"]
    if "-cert" not in server_options:
        words += ["-cert", "server.pem", "-key", "server.key"]
    if "-early_data" in server_options:
        words.remove("-rev")
    server = subprocess.Popen([*words, *both, *server_options], cwd=folder,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit(f"{name}: s_server does not start")
        if first is not None:
            run_client(folder, port, [*both, *first], server)
        passed = run_client(folder, port, [*both, *client_options], server)
    finally:
        server.terminate()
        server.wait()
    lines = [f"# {name}: openssl s_server {' '.join(both + server_options)}",
             f"# openssl s_client {' '.join(both + client_options)}"]
    return "\n".join(lines + [f"{mark} {data.hex()}" for mark, data in passed]) + "\n"


def write_seed(folder, name, text):
    """The case as fuzz_tls reads it; encrypted bytes at the end are of no use there."""
    seed = bytes([0, 1, 0])
    for line in text.splitlines():
        if line[0] in "<>":
            data = bytes.fromhex(line[2:])
            seed += (len(data) | (0x8000 if line[0] == "<" else 0)).to_bytes(2, "big") + data
    (folder / "tls" / name).write_bytes(seed[:4000])


def write_leaves(folder, keys):
    """The clients' certificates as seeds of fuzz_certs."""
    for name in ("client", "rsa", "ed"):
        openssl(keys, "x509", "-in", f"{name}.pem", "-outform", "DER", "-out", f"{name}.der")
        (folder / "certs" / name).write_bytes((keys / f"{name}.der").read_bytes())


def main():
    """Records the cases named, or all of them."""
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        make_keys(folder)
        corpus = here.parent / "corpus"
        for kind in ("tls", "certs"):
            (corpus / kind).mkdir(exist_ok=True)
        write_leaves(corpus, folder)
        for name in sys.argv[1:] or CASES:
            text = record(folder, name)
            (here / f"{name}.txt").write_text(text)
            write_seed(corpus, name, text)
            print(name, text.count("\n>"), text.count("\n<"), len(text))


if __name__ == "__main__":
    main()
