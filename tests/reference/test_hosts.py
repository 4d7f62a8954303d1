"""Hosts and patterns against a slow second implementation, written from the design, not from the C.

Owns the reference of hosts. Cases come from seeded generators and are the same on every run. Must
not know how service/policy does it.
"""
import ipaddress
import random
import re

from ask import ask, compare, hexed, unhexed

SHARED = {name: int(parts) for parts, names in {
    "0": """azureedge.net cloudapp.net cloudfront.net core.chinacloudapi.cn
        core.usgovcloudapi.net core.windows.net ddns.net duckdns.org dyndns.org eu.org
        firebaseapp.com fly.dev github.io githubusercontent.com gitlab.io herokuapp.com in-addr.arpa
        ip6.arpa netlify.app ngrok-free.app nip.io no-ip.org onrender.com pages.dev sslip.io
        trafficmanager.net trycloudflare.com vercel.app web.app workers.dev xip.io""",
    "1": """azurecontainer.io azurefd.net azurewebsites.net cloudapp.azure.com
        cloudapp.chinacloudapi.cn cloudapp.usgovcloudapi.net googleusercontent.com ngrok.io run.app
        web.core.windows.net""",
    "2": "amazonaws.com appspot.com azurecontainerapps.io azurestaticapps.net",
}.items() for name in names.split()}
COUNTRY = set("ac co com edu gob gouv gov gub ltd mil ne net nom or org plc sch".split())


def as_address(text: str) -> str | None:
    """The one printed form of an address, or None."""
    if "%" in text:
        return None
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    if ip.version == 6 and ip.ipv4_mapped:
        return f"::ffff:{ip.ipv4_mapped}"
    return str(ip)


def as_name(text: str) -> str | None:
    """A host name in small letters, without its dot at the end, or None."""
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?<!-)", x) for x in labels):
        return None
    number = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1])
    return None if number else name


def host(raw: bytes) -> tuple[str, str] | None:
    """Kind and canonical text of what a client names."""
    if not raw.isascii():
        return None
    text = raw.decode()
    inner = text[1:-1] if text[:1] == "[" and text[-1:] == "]" and ":" in text else text
    address = as_address(inner)
    if address and (inner == text or ":" in inner):
        return "address", address
    name = as_name(text)
    return ("name", name) if name else None


def is_shared(name: str) -> bool:
    """Above a shared suffix, itself, or not more than its parts below."""
    def near(suffix: str, parts: int) -> bool:
        below = name.removesuffix("." + suffix)
        return (name == suffix or suffix.endswith("." + name)
                or (below != name and below.count(".") < parts))
    return any(near(*row) for row in SHARED.items())


def pattern(raw: bytes) -> tuple[str, str] | None:
    """Kind and canonical text of what an administrator writes."""
    try:
        text = raw.decode().strip(" \t")
    except UnicodeDecodeError:
        return None
    star = text.startswith("*.")
    labels = []
    for label in text.removeprefix("*.").split("."):
        if not label.isascii():
            if len(label) > 63 or not all(c.isascii() or c in LETTERS for c in label):
                return None
            label = "xn--" + label.lower().encode("punycode").decode()
        labels.append(label)
    found = host(".".join(labels).encode())
    if not star or not found:
        return found
    kind, name = found
    parts = name.split(".")
    wide = len(parts) < 2 or is_shared(name) or (
        len(parts) == 2 and parts[0] in COUNTRY and len(parts[1]) == 2)
    return None if kind == "address" or wide or len(name) > 251 else ("suffix", name)


LETTERS = ("üÜöÖäÄßéÉñçøØłŁőșȚžŽŸ"
           "αΩάΆςϋжЯЁїҐאתعشกขにホ中한ạẠა")
REFUSED = "\u0301\uff41\ufb01\u200d\u3002\u0130\u00b2\u0663\u2019\u00a0\U0001f427\u212a\u1e9e\u0149"
PIECES = ["a", "b", "Z", "0", "9", "-", ".", ".", "example", "com", "co", "uk", "x1", "*", "*.",
          "_",
          "xn--bcher-kva", ":", "443", "/", "https://", "@", "?", " ", "\t", ",", "[", "]", "::1",
          "2001:db8::1", "::ffff:1.2.3.4", "192.0.2.1", "127.1", "0x7f", "010", "256", "azure",
          "blob.core.windows.net", "github.io", "cloudapp.azure.com", "azure.com",
          "fe80::1%eth0", "%41", "a" * 62, "b" * 63, "c" * 64,
          "\0", "\n", "\x7f", "#", "\\"]


def host_texts(rng: random.Random, count: int):
    for _ in range(count):
        kind = rng.randrange(5)
        if kind == 0:  # anything
            text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(7)))
        elif kind == 1:  # nearly a name
            text = ".".join("".join(rng.choice("abcXYZ019-") for _ in range(rng.randrange(0, 5)))
                            for _ in range(rng.randrange(1, 5)))
            text = rng.choice(["", "", "*.", "*.", "*"]) + text + rng.choice(["", "", "."])
        elif kind == 2:  # a good one, bent once
            labels = [rng.choice(["a", "Exa-mple", "x9", "co", "com", "uk", "net", "org", "github",
                                  "io", "d" * 63]) for _ in range(rng.randrange(1, 6))]
            text = rng.choice(["", "*."]) + ".".join(labels)
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(["", "", "", *PIECES]) + text[at:]
        elif kind == 3:  # other letters
            text = rng.choice(["", "*."]) + ".".join(
                "".join(rng.choice("aB9-" + 3 * LETTERS) for _ in range(rng.choice([1, 3, 8, 40])))
                for _ in range(rng.randrange(1, 4)))
            text += rng.choice(["", "", "", ".", *REFUSED])
        else:  # long
            text = rng.choice(["", "*."]) + ".".join(
                "e" * rng.choice([1, 30, 61, 62, 63, 63]) for _ in range(rng.randrange(3, 6)))
        raw = text.encode()
        if rng.random() < 0.02:
            raw += bytes([rng.randrange(128, 256)])
        yield raw


KINDS = ["name", "suffix", "address"]


def read_host(answer: list[str]):
    if answer[0] != "OK":
        return None
    return KINDS[int(answer[2])], unhexed(answer[1]).decode().removeprefix("*.")


def test_patterns():
    texts = list(host_texts(random.Random(1), 30000))
    wanted = [pattern(t) for t in texts]
    assert sum(w is not None for w in wanted) > 5000
    compare([f"pattern {hexed(t)}" for t in texts], wanted, read_host)


def test_hosts_that_clients_name():
    texts = list(host_texts(random.Random(2), 30000))
    compare([f"host {hexed(t)}" for t in texts], [host(t) for t in texts], read_host)


def test_every_short_text_is_judged():
    alphabet = "aZ0-.*:[]x_"
    texts, more = [""], [""]
    for _ in range(4):
        more = [t + c for t in more for c in alphabet]
        texts += more
    raw = [t.encode() for t in texts]
    compare([f"pattern {hexed(t)}" for t in raw], [pattern(t) for t in raw], read_host)
    compare([f"host {hexed(t)}" for t in raw], [host(t) for t in raw], read_host)


def test_a_canonical_pattern_is_its_own():
    good = {p for t in host_texts(random.Random(3), 20000) if (p := pattern(t))}
    texts = sorted(("*." if kind == "suffix" else "") + text for kind, text in good)
    assert len(texts) > 2000
    wanted = [pattern(t.encode()) for t in texts]
    assert all(w[1] == t.removeprefix("*.") for w, t in zip(wanted, texts, strict=True))
    compare([f"pattern {hexed(t.encode())}" for t in texts], wanted, read_host)


def test_the_right_form_in_a_sentence_is_right():
    """A command after "right would be" is accepted, and stands for a host in what was given."""
    texts = list(host_texts(random.Random(4), 20000))
    texts += [b"https://" + t for t in texts[:4000]] + [t + b":8443/x" for t in texts[:4000]]
    shown = 0
    for text, answer in zip(texts, ask([f"pattern {hexed(t)}" for t in texts]), strict=True):
        sentence = "" if answer[0] == "OK" else unhexed(answer[1]).decode()
        assert "\n" not in sentence
        if "; right would be: omsgateway host add " in sentence:
            right = sentence.rsplit(" host add ", 1)[1].split(" and: ")[0]
            assert all(pattern(word.encode()) for word in right.split(" ")), sentence
            shown += 1
        else:
            assert answer[0] == "OK" or "; for example: omsgateway " in sentence or \
                "; for example, which allows more: omsgateway host add *." in sentence
    assert shown > 1000
