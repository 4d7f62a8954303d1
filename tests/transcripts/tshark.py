"""Talks as a capture of packets, and what tshark reads in it, in the words of tls_driver.

Not compared is what is encrypted, where tshark must show no type of message either, and what
NOT_ASKED and NO_NAMES have a row for. Must not know where the talks come from, nor take a message
apart itself.
"""
import collections
import os
import re
import struct
import subprocess
import xml.etree.ElementTree

from talks import ask_driver

SEGMENT = 1400
SYN, PUSH, ACK = 2, 8, 16
# What the driver says and tshark is not asked for, and why.
NOT_ASKED = {
    "subject": "talks.py compares it with what openssl finds",
    "key": "talks.py compares it with what openssl finds",
    "transcript": "not a field: talks.py has openssl verify the signature over it",
}
# Names which tshark shows, as they are there, and the inspector refuses, and why.
NO_NAMES = {
    "testssl.sh:443": "a host name has no colon, nor does a port belong here (RFC 6066, 3)",
}


def packet(client, mark, at, flags, data=b""):
    """A TCP segment over IPv4; tshark does not look at checksums, so there are none."""
    ends = [(struct.pack(">I", 0x0A000000 + client), 49152), (bytes([192, 0, 2, 1]), 443)]
    (source, from_port), (target, to_port) = ends if mark == ">" else ends[::-1]
    seen = at["<" if mark == ">" else ">"]
    tcp = struct.pack(">HHIIBBHHH", from_port, to_port, at[mark], seen, 0x50, flags, 65535, 0, 0)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0x4000, 64, 6, 0)
    at[mark] += len(data) + (flags & SYN) // SYN
    return head + source + target + tcp + data


def capture(talks):
    """A pcap file of bare IPv4 packets: the talks one after the other, each a connection."""
    packets = []
    for client, talk in enumerate(talks):
        at = {">": 1000, "<": 0}
        packets += [packet(client, ">", at, SYN), packet(client, "<", at, SYN | ACK),
                    packet(client, ">", at, ACK)]
        for mark, data in talk:
            packets += [packet(client, mark, at, ACK | PUSH, data[i:i + SEGMENT])
                        for i in range(0, len(data), SEGMENT)]
    return struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) + b"".join(
        struct.pack("<IIII", *divmod(i, 1000000), len(data), len(data)) + data
        for i, data in enumerate(packets))


def fields(node, name):
    """The bytes of each field of that name, wherever below."""
    return [bytes.fromhex(field.get("value") or "") for field in node.iter("field")
            if field.get("name") == f"tls.{name}"]


def number(node, *names):
    """The number in the first field of the first of these names that is there; else None."""
    found = [int.from_bytes(data, "big") for name in names for data in fields(node, name)]
    return found[0] if found else None


def extensions(node):
    """{number: node} of a hello."""
    return {number(child, "handshake.extension.type"): child for child in node
            if child.get("show", "").startswith("Extension: ")}


def client_hello(node):
    """The line for a ClientHello."""
    found = extensions(node)
    versions = range(0x0300, min(number(node, "handshake.version"), 0x0303) + 1)
    if 43 in found:
        offered = fields(found[43], "handshake.extensions.supported_version")
        versions = [n for data in offered if 0x0300 <= (n := int.from_bytes(data, "big")) <= 0x0304]
    name = b"".join(fields(node, "handshake.extensions_server_name")).decode()
    alpn = [bytes([len(text)]) + text for text in fields(node, "handshake.extensions_alpn_str")]
    ticket = fields(found[35], "handshake.extension.data")[0].hex() if 35 in found else ""
    session_id = b"".join(fields(node, "handshake.session_id")).hex()
    return (f"hello {min(versions):04x} {max(versions):04x} name={name} "
            f"alpn={b''.join(alpn).hex()} ech={0xFE0D in found:d} psk={41 in found:d} "
            f"early={42 in found:d} id={session_id} ticket={ticket}")


class Reading:
    """One talk as tshark shows it, until both sides encrypt or an alert ends it."""

    def __init__(self):
        self.lines = []
        self.messages = []
        self.blind = set()
        self.version = 0
        self.over = ""

    def record(self, mark, record):
        """One record: what is in it."""
        if record.get("showname").startswith("SSLv2 "):
            self.over = "TLS_SSL2"
            return
        for part in record:
            kind = part.get("name")
            if self.over or mark in self.blind:
                assert number(part, "handshake.type") is None
            elif kind == "tls.handshake":
                self.message(mark, part)
            elif kind == "tls.alert_message":
                fatal = number(part, "alert_message.level") == 2
                self.over = "ENDED" if fatal or number(part, "alert_message.desc") == 0 else ""
            elif kind == "tls.change_cipher_spec" and 0 < self.version < 0x0304:
                self.change(mark)

    def change(self, mark):
        """A ChangeCipherSpec that means something."""
        if mark == "<" and not {"< 0b", "< 0e"} & set(self.messages):
            self.lines.append("resumed")
        self.blind.add(mark)
        self.over = "PASSED" if len(self.blind) == 2 else ""

    def message(self, mark, node):
        """One handshake message."""
        what = f"{mark} {number(node, 'handshake.type'):02x}"
        self.messages.append(what)
        if what == "> 01":
            self.lines.append(client_hello(node))
        elif what == "< 02":
            self.server_hello(node)
        elif what == "> 0b" or (what == "> 10" and "> 0b" not in self.messages):
            leaf = b"".join(fields(node, "handshake.certificate")[:1]).hex()
            self.lines.append(f"certificate asked={'< 0d' in self.messages:d} leaf={leaf}")
        elif what == "> 0f":
            scheme = number(node, "handshake.sig_hash_alg") or 0  # none before TLS 1.2
            signature = fields(node, "handshake.client_cert_vrfy.sig")[0].hex()
            self.lines.append(f"proof scheme={scheme:04x} signature={signature}")
        elif what == "< 04":
            ticket = fields(node, "handshake.session_ticket")[0].hex()
            self.lines.append(f"ticket bytes={ticket}")

    def server_hello(self, node):
        """A ServerHello or HelloRetryRequest."""
        self.version = number(node, "handshake.extensions.supported_version", "handshake.version")
        session_id = b"".join(fields(node, "handshake.session_id")).hex()
        self.lines.append(f"chosen {self.version:04x} id={session_id}")
        if self.version == 0x0304 and "Hello Retry Request" not in node.get("showname"):
            self.over = "PASSED"

    def answer(self):
        """What the driver has to say: its facts, and the messages."""
        name = re.search(r"name=(\S*)", "\n".join(self.lines))
        if name and name[1] in NO_NAMES:
            return ["end SNI_INVALID"], self.messages
        return self.lines + [f"end {self.over or 'WATCHING'}"], self.messages


def ask_tshark(talks, folder):
    """What tshark reads of each talk."""
    (folder / "talks.pcap").write_bytes(capture(talks))
    text = subprocess.run(["tshark", "-n", "-r", "talks.pcap", "-T", "pdml", "-J", "tcp tls"],
                          cwd=folder, check=True, capture_output=True,
                          env=os.environ | {"WIRESHARK_CONFIG_DIR": str(folder)}).stdout
    readings = [Reading() for _ in talks]
    for shown in xml.etree.ElementTree.fromstring(text):
        for record in shown.iterfind("proto[@name='tls']/field[@name='tls.record']"):
            tcp = shown.find("proto[@name='tcp']")
            talk = int(tcp.find("field[@name='tcp.stream']").get("show"))
            port = tcp.find("field[@name='tcp.srcport']").get("show")
            readings[talk].record("<" if port == "443" else ">", record)
    return [reading.answer() for reading in readings]


def compare(talks, folder):
    """All talks: the driver's facts and messages are those of tshark. Counts what agreed."""
    left_out = re.compile(rf" ({'|'.join(NOT_ASKED)})=\S*")
    agreed = collections.Counter()
    answers = ask_driver(talks, "1")
    for got, (said, seen) in zip(answers, ask_tshark(talks, folder), strict=True):
        assert [left_out.sub("", line) for line in got if not line.startswith("message ")] == said
        assert [line[8:] for line in got if line.startswith("message ")] == seen
        agreed.update(line.partition(" ")[0] for line in said)
        agreed["message"] += len(seen)
    return agreed
