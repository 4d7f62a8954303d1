"""A reader of TLS handshakes of its own kind, to compare the inspector with; and openssl, asked.

A talk is a list of (mark, bytes): `>` from the client, `<` from the server. What the inspector
tells its judge must be what this file reads from the same bytes; subject and key of a certificate
are where `openssl asn1parse` finds them; and the signature of each CertificateVerify must be good,
for openssl, over the transcript that the inspector kept. Must not know where the talks come from.
"""
import hashlib
import os
import re
import subprocess

DRIVER = os.environ["TLS_DRIVER"].split()  # Wine may stand in front of it
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
DIGESTS = {0: "sha1", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}


class Reader:
    """Bytes read from the front."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        """The next bytes."""
        assert count <= len(self.data)
        part, self.data = self.data[:count], self.data[count:]
        return part

    def number(self, width):
        """The next big-endian number."""
        return int.from_bytes(self.take(width), "big")

    def vector(self, width):
        """What a length of so many bytes stands before."""
        return self.take(self.number(width))


def extensions(reader):
    """{number: data} of what is left of a hello."""
    found = {}
    if reader.data:
        inner = Reader(reader.vector(2))
        while inner.data:
            number = inner.number(2)
            assert number not in found
            found[number] = inner.vector(2)
    return found


def numbers(data):
    """A list of 16-bit numbers."""
    return [int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2)]


def client_hello(body):
    """The line for a ClientHello."""
    reader = Reader(body)
    version = min(reader.number(2), 0x0303)
    reader.take(32)
    session_id = reader.vector(1)
    reader.vector(2)
    reader.vector(1)
    found = extensions(reader)
    versions = range(0x0300, version + 1)
    if 43 in found:
        versions = [n for n in numbers(found[43][1:]) if 0x0300 <= n <= 0x0304]
    name = found[0][5:].decode() if 0 in found else ""
    alpn = found.get(16, b"")[2:].hex()
    return (f"hello {min(versions):04x} {max(versions):04x} name={name} alpn={alpn} "
            f"ech={0xFE0D in found:d} psk={41 in found:d} early={42 in found:d} "
            f"id={session_id.hex()} ticket={found.get(35, b'').hex()}")


class Talk:
    """One talk read the simple way: all records, then all messages, in the order they came."""

    def __init__(self):
        self.lines = []
        self.raw = {">": b"", "<": b""}
        self.messages = {">": b"", "<": b""}
        self.blind = set()
        self.version = self.over = self.asked = self.certificate = self.full = None

    def feed(self, mark, data):
        """One chunk."""
        self.raw[mark] += data
        while len(self.raw[mark]) >= 5 and not self.over and mark not in self.blind:
            size = 5 + int.from_bytes(self.raw[mark][3:5], "big")
            if len(self.raw[mark]) < size:
                return
            record, self.raw[mark] = self.raw[mark][:size], self.raw[mark][size:]
            self.record(mark, record[0], record[5:])

    def record(self, mark, kind, body):
        """One record."""
        if kind == 22:
            self.messages[mark] += body
            while len(self.messages[mark]) >= 4 and not self.over:
                size = 4 + int.from_bytes(self.messages[mark][1:4], "big")
                if len(self.messages[mark]) < size:
                    return
                message = self.messages[mark][:size]
                self.messages[mark] = self.messages[mark][size:]
                self.message(mark, message[0], message[4:])
        elif kind == 21 and (body[0] == 2 or body[1] == 0):
            self.over = "ENDED"
        elif kind == 20 and self.version and self.version < 0x0304:
            self.blind.add(mark)
            if mark == "<" and not self.full:
                self.lines.append("resumed")
            if len(self.blind) == 2:
                self.over = "PASSED"

    def message(self, mark, kind, body):
        """One handshake message."""
        reader = Reader(body)
        if (mark, kind) == (">", 1):
            self.lines.append(client_hello(body))
        elif (mark, kind) == ("<", 2):
            self.server_hello(reader)
        elif (mark, kind) == ("<", 13):
            self.asked = True
        elif (mark, kind) == (">", 11):
            chain = Reader(reader.vector(3))
            self.show(chain.vector(3) if chain.data else b"")
        elif (mark, kind) == (">", 16) and self.certificate is None:
            self.show(b"")
        elif (mark, kind) == (">", 15):
            scheme = reader.number(2) if self.version == 0x0303 else 0
            self.lines.append(f"proof scheme={scheme:04x} signature={reader.vector(2).hex()}")
        elif (mark, kind) == ("<", 4):
            reader.take(4)
            self.lines.append(f"ticket bytes={reader.vector(2).hex()}")
        if mark == "<" and kind in (11, 14):
            self.full = True

    def server_hello(self, reader):
        """A ServerHello or HelloRetryRequest."""
        self.version = reader.number(2)
        retry = reader.take(32) == RETRY
        session_id = reader.vector(1)
        reader.take(3)
        self.version = numbers(extensions(reader).get(43, self.version.to_bytes(2, "big")))[0]
        self.lines.append(f"chosen {self.version:04x} id={session_id.hex()}")
        if self.version == 0x0304 and not retry:
            self.over = "PASSED"

    def show(self, leaf):
        """The client's certificate, empty: none."""
        self.certificate = leaf
        subject, key = cut(leaf) if leaf else (b"", b"")
        self.lines.append(f"certificate asked={bool(self.asked):d} leaf={leaf.hex()} "
                          f"subject={subject.hex()} key={key.hex()}")


def cut(leaf):
    """(subject, key) of a certificate, where openssl's parser finds them."""
    text = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=leaf, check=True,
                          capture_output=True).stdout.decode("latin-1")
    places = re.findall(r"^ *(\d+):d=2 +hl=(\d+) +l= *(\d+) cons: SEQUENCE", text, re.MULTILINE)
    spans = [(int(at), int(at) + int(head) + int(size)) for at, head, size in places]
    return [leaf[begin:end] for begin, end in spans[3:5]]


def verify(folder, key, scheme, signature, transcript):
    """Whether openssl finds the signature good."""
    (folder / "key.der").write_bytes(key)
    (folder / "signature").write_bytes(signature)
    (folder / "data").write_bytes(transcript)
    rsa = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" in key
    words = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der",
             "-sigfile", "signature", "-in", "data"]
    if scheme == 0 and rsa:
        digest = hashlib.md5(transcript).digest() + hashlib.sha1(transcript).digest()
        (folder / "data").write_bytes(digest)
        words += ["-pkeyopt", "digest:md5-sha1"]
    elif scheme >> 8 == 8 or b"\x2b\x65\x70" in key:
        words += ["-rawin"]
        if rsa:
            size = {4: 256, 5: 384, 6: 512}[scheme & 0xFF]
            words += ["-digest", f"sha{size}", "-pkeyopt", "rsa_padding_mode:pss"]
    else:
        words += ["-rawin", "-digest", DIGESTS[scheme >> 8]]
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True,
                          check=False).returncode == 0


def ask_driver(talks, *options):
    """What the inspector says to each talk: lists of lines."""
    text = "".join("".join(f"{mark} {data.hex()}\n" for mark, data in talk) + ".\n"
                   for talk in talks)
    said = subprocess.run([*DRIVER, *options], input=text.encode(), check=True,
                          capture_output=True).stdout.decode().splitlines()
    answers = [[]]
    for line in said:
        answers[-1].append(line)
        if line.startswith("end "):
            answers.append([])
    assert answers.pop() == [] and len(answers) == len(talks)
    return answers


def expect(talk):
    """What it has to say, without the transcript of a proof."""
    reader = Talk()
    for mark, data in talk:
        reader.feed(mark, data)
    name = re.search(r"name=(\S*)", reader.lines[0])[1]
    if not re.fullmatch(r"[\w.-]*", name):
        return ["end SNI_INVALID"]
    return reader.lines + [f"end {reader.over or 'WATCHING'}"]


def check(talks, folder):
    """All talks: the same facts whole and byte by byte, and each proof good. Gives the proofs."""
    proofs = 0
    whole = ask_driver(talks)
    assert [[line for line in answer if not line.startswith("message ")]
            for answer in ask_driver(talks, "1")] == whole
    for talk, got in zip(talks, whole):
        assert [line.partition(" transcript=")[0] for line in got] == expect(talk)
        text = "\n".join(got)
        shown = re.search(r" key=([0-9a-f]+)\nproof scheme=(\w+) signature=(\w+) transcript=(\w+)",
                          text)
        if shown:
            key, scheme, signature, transcript = (bytes.fromhex(part) for part in shown.groups())
            number = int.from_bytes(scheme, "big")
            good = verify(folder, key, number, signature, transcript)
            # Ed25519 before TLS 1.2 is no signature scheme: Go records that the server refuses it.
            assert good or got[-1] == "end ENDED"
            assert not verify(folder, key, number, signature, transcript + b"x")
            proofs += 1
    return proofs
