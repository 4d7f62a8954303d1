"""Every certificate of python3-cryptography-vectors, where installed, as a client's."""
import base64
import os
import pathlib
import re
import subprocess

import pytest

from talks import ask_driver, cut

VECTORS = pathlib.Path(os.environ.get("CRYPTOGRAPHY_VECTORS", "/usr/lib/python3/dist-packages/"
                                      "cryptography_vectors")) / "x509"


def read_certificates(path):
    """All certificates of a file, PEM or DER."""
    data = path.read_bytes()
    if b"-----BEGIN" not in data:
        return [data]
    found = re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", data,
                       re.DOTALL)
    return [base64.b64decode(text) for text in found]


def offer(leaf):
    """A talk of TLS 1.2 in which a client is asked for a certificate and shows this one."""
    def message(kind, body):
        body = bytes([kind]) + len(body).to_bytes(3, "big") + body
        cuts = [body[i:i + 16384] for i in range(0, len(body), 16384)]
        return b"".join(b"\x16\x03\x03" + len(cut).to_bytes(2, "big") + cut for cut in cuts)
    hello = b"\x03\x03" + bytes(33)
    chain = len(leaf).to_bytes(3, "big") + leaf
    return [(">", message(1, hello + b"\x00\x02\xc0\x2f\x01\x00")),
            ("<", message(2, hello + b"\xc0\x2f\x00") + message(13, b"") + message(14, b"")),
            (">", message(11, len(chain).to_bytes(3, "big") + chain))]


@pytest.mark.skipif(not VECTORS.is_dir(), reason="python3-cryptography-vectors is not installed")
def test_odd_certificates():
    """Subject and key where openssl finds them, or refused in a word where the frame is not DER."""
    paths = sorted(path for path in VECTORS.rglob("*") if path.suffix in (".pem", ".der", ".crt"))
    leaves = [leaf for path in paths for leaf in read_certificates(path) if leaf]
    assert len(leaves) > 400
    answers = ask_driver([offer(leaf) for leaf in leaves])
    shown = refused = 0
    for leaf, answer in zip(leaves, answers):
        if answer[-1] == "end WATCHING":
            subject, key = cut(leaf)
            assert answer[-2] == (f"certificate asked=1 leaf={leaf.hex()} subject={subject.hex()} "
                                  f"key={key.hex()}")
            shown += 1
        else:
            assert answer[-1] in ("end CERTIFICATE_UNREADABLE", "end TLS_LONG")
            result = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout"], input=leaf,
                                    capture_output=True, check=False)
            refused += 1
            assert result.returncode != 0 or len(leaf) > 16384
    assert shown > 400 and refused > 0
