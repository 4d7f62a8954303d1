"""Subjects of certificates against a slow second implementation, as test_hosts.py does for hosts.

Owns the reference of subjects: every pair looked at, no table, no hash.
"""
import random
import re
from collections import Counter

from ask import ask, compare, hexed, unhexed

NAMES = {"cn": "CN", "o": "O", "ou": "OU", "c": "C", "st": "ST", "s": "ST", "l": "L",
         "street": "STREET", "dc": "DC", "uid": "UID", "serialnumber": "SERIALNUMBER",
         "emailaddress": "emailAddress", "e": "emailAddress", "sn": "SN", "surname": "SN",
         "gn": "GN", "g": "GN", "givenname": "GN", "title": "title", "t": "title",
         "commonname": "CN", "organizationidentifier": "organizationIdentifier"}
OIDS = {"CN": "2.5.4.3", "O": "2.5.4.10", "OU": "2.5.4.11", "C": "2.5.4.6", "ST": "2.5.4.8",
        "L": "2.5.4.7", "STREET": "2.5.4.9", "DC": "0.9.2342.19200300.100.1.25",
        "UID": "0.9.2342.19200300.100.1.1", "SERIALNUMBER": "2.5.4.5",
        "emailAddress": "1.2.840.113549.1.9.1", "SN": "2.5.4.4", "GN": "2.5.4.42",
        "title": "2.5.4.12", "organizationIdentifier": "2.5.4.97"}
OF_OID = {oid: name for name, oid in OIDS.items()}


def lower(text: str) -> str:
    return re.sub("[A-Z]", lambda m: m[0].lower(), text)


def fold(text: str) -> str:
    return re.sub(" +", " ", text).strip(" ")


def unescape(text: bytes, special: bytes) -> bytes | None:
    """What is meant; None where a backslash is wrong or something needs one."""
    out, i = bytearray(), 0
    while i < len(text):
        byte, two = text[i], text[i + 1:i + 3]
        if byte in special:
            return None
        if byte != 0x5C:
            out.append(byte)
            i += 1
        elif two[:1] and two[:1] in b' "#+,;<=>\\':
            out.append(two[0])
            i += 2
        elif re.fullmatch(b"[0-9a-fA-F]{2}", two):
            out.append(int(two, 16))
            i += 3
        else:
            return None
    return bytes(out)


def split(text: bytes, marks: bytes, most: int = -1) -> list[bytes]:
    """At bytes that no backslash stands before."""
    parts, start, i = [], 0, 0
    while i < len(text):
        if text[i] == 0x5C:
            i += 2
            continue
        if text[i] in marks and most != 0:
            parts.append(text[start:i])
            start, most = i + 1, most - 1
        i += 1
    return [*parts, text[start:]]


# What a reader of a line does not see, or sees elsewhere: controls, fillers, marks of direction.
HIDDEN = re.compile("[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
                    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff"
                    "\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
                    "\U000e0000-\U0010ffff]")


def value(text: bytes, special: bytes) -> str | None:
    meant = unescape(text, special)
    try:
        folded = fold(meant.decode()) if meant is not None else ""
    except UnicodeDecodeError:
        return None
    return folded if folded and not HIDDEN.search(meant.decode()) else None


def attribute(word: bytes) -> str | None:
    try:
        text = word.decode().strip(" \t")
    except UnicodeDecodeError:
        return None
    if lower(text) in NAMES:
        return NAMES[lower(text)]
    arcs = text.split(".")
    plain = all(re.fullmatch("0|[1-9][0-9]*", a) and int(a) < 2**64 for a in arcs)
    return OF_OID.get(text, text) if len(arcs) > 1 and plain else None


def subject(raw: bytes) -> tuple[bool, list[tuple[str, str]]] | None:
    """Whether it is bare, and its pairs: attribute and value."""
    if len(raw) > 512:
        return None
    if len(split(raw, b"=")) == 1:
        cn = value(raw, b"")
        return (True, [("CN", cn)]) if cn else None
    pairs = []
    for part in split(raw, b",+"):
        halves = split(part, b"=", 1)
        if len(halves) < 2:
            return None
        name = attribute(halves[0])
        found = value(halves[1], b'";<>')
        if not name or not found or halves[1].strip(b" \t").startswith(b"#"):
            return None
        pairs.append((name, found))
    return False, pairs


def escaped(text: str) -> str:
    out = ""
    for i, c in enumerate(text):
        end = (c == " " and i in (0, len(text) - 1)) or (c == "#" and i == 0)
        if ord(c) < 0x20 or ord(c) == 0x7F:
            out += f"\\{ord(c):02x}"
        else:
            out += ("\\" if end or c in '"+,;<>\\' else "") + c
    return out


def row_text(pairs) -> str:
    """A CN that is alone is bare; else names in the order of OIDS, numbers behind them."""
    if len(pairs) == 1 and pairs[0][0] == "CN":
        return re.sub(r"([\\=])", r"\\\1", pairs[0][1])
    names = list(OIDS)

    def order(pair):
        name, text = pair
        return (names.index(name) if name in OIDS else len(names), name.encode() + b"\0",
                lower(text).encode() + b"\0")

    return ",".join(f"{name}={escaped(text)}" for name, text in sorted(pairs, key=order))


def folded_pairs(pairs) -> Counter:
    return Counter((name, lower(fold(text))) for name, text in pairs)


WORDS = ["a", "B", "  ", " ", "mycert", "Contoso", "Inc.", "\\,", "\\=", "\\ ", "\\#", "\\2C",
         "\\c3\\bc",
         "ü", "\\", "\"", ";", "<", "+", "#", "=", "\\00", "\\0a", "\\ff", "\t", "中", "\\\\",
         ",", "{1}"]
TYPES = ["CN", "cn", "O", "OU", "DC", "ST", "s", "E", "UID", "2.5.4.3", "2.5.4.10", "1.2.3", "0",
         "1.02",
         "Name", "", " CN ", "9.9", "18446744073709551616.1", "18446744073709551615.1", "2.5.4.3 "]


def subject_texts(rng: random.Random, count: int):
    for _ in range(count):
        parts = []
        for _ in range(rng.choice([1, 1, 2, 2, 3, 4])):
            text = "".join(rng.choice(WORDS[:14] if rng.random() < 0.9 else WORDS)
                           for _ in range(rng.choice([0, 1, 2, 3, 5, 150])))
            kind = rng.choice(TYPES[:12] if rng.random() < 0.9 else TYPES)
            parts.append(text if rng.random() < 0.15 else f"{kind}={text}")
        raw = rng.choice([",", ",", ", ", "+"]).join(parts).encode()
        yield raw + (b"\xff" if rng.random() < 0.01 else b"")


def certificate(rng: random.Random, pairs) -> list[tuple[str, str]]:
    """A subject that has the pairs in some order and spelling, or nearly."""
    made = list(pairs)
    rng.shuffle(made)
    if rng.random() < 0.2 and made:
        made.pop()
    made += [rng.choice([("CN", "a"), ("O", "contoso"), *pairs]) for _ in range(rng.randrange(3))]
    if rng.random() < 0.1 and made:
        made[0] = (made[0][0], made[0][1] + "x")
    loud = [(n, re.sub("[a-z]", lambda m: rng.choice([m[0], m[0].upper()]), t)) for n, t in made]
    return [(n, re.sub(" ", lambda m: " " * rng.randrange(1, 3), t)) for n, t in loud]


def attributes(pairs, joined=()) -> str:
    return ",".join(("+" if i in joined else "") + f"{OIDS.get(n, n)}={hexed(t.encode())}"
                    for i, (n, t) in enumerate(pairs)) or "-"


def test_subjects():
    rng = random.Random(5)
    questions, wanted = [], []
    for raw in subject_texts(rng, 25000):
        found = subject(raw)
        text = row_text(found[1]) if found else ""
        if len(text.encode()) > 512:
            found = None
        made = certificate(rng, found[1] if found else [])
        questions.append(f"subject {hexed(raw)} {attributes(made)}")
        fits = bool(found) and folded_pairs(found[1]) <= folded_pairs(made)
        wanted.append((text, fits) if found else None)
    assert sum(w is not None for w in wanted) > 5000 < sum(w is not None and w[1] for w in wanted)

    def read(answer):
        return (unhexed(answer[1]).decode(), answer[3] == "1") if answer[0] == "OK" else None

    compare(questions, wanted, read)


def test_a_canonical_subject_is_its_own():
    rows = {row_text(s[1]) for t in subject_texts(random.Random(6), 10000) if (s := subject(t))}
    rows = sorted(r for r in rows if len(r.encode()) <= 512)
    assert len(rows) > 1000
    compare([f"subject {hexed(r.encode())} -" for r in rows], [r.encode() for r in rows],
            lambda answer: unhexed(answer[1]))


def test_subjects_are_printed_as_rfc_4514_says_and_read_again():
    rng = random.Random(7)
    questions, wanted = [], []
    for _ in range(5000):
        letters = "aB ,+\"\\<>;#=ü\u200b\x9b\x01\x7f\0"
        pairs = [(rng.choice([*OIDS, "1.2.3"]), "".join(rng.choice(letters)
                  for _ in range(rng.randrange(1, 6)))) for _ in range(rng.randrange(1, 5))]
        joined = {i for i in range(1, len(pairs)) if rng.random() < 0.3}
        questions.append(f"print {attributes(pairs, joined)}")
        text = ""
        for i in reversed(range(len(pairs))):
            text += f"{pairs[i][0]}={escaped(pairs[i][1])}"
            text += "" if i == 0 else "+" if i in joined else ","
        wanted.append(text)
        if not HIDDEN.search("".join(t for _, t in pairs)):
            again = subject(text.encode())
            want = folded_pairs((n, t) for n, t in pairs)
            assert again is None or folded_pairs(again[1]) == want  # None: nothing but spaces
    compare(questions, wanted, lambda answer: unhexed(answer[1]).decode())


def test_the_right_subject_in_a_sentence_is_right():
    rng = random.Random(8)
    texts = list(subject_texts(rng, 10000))
    texts += [b'O="Contoso, Inc.",CN=x', b"CN=x,O=Contoso, Inc.,C=US", b"CN=a,b,c,O=d"]
    shown = 0
    for text, answer in zip(texts, ask([f"subject {hexed(t)} -" for t in texts]), strict=True):
        sentence = "" if answer[0] == "OK" else unhexed(answer[1]).decode()
        if "; right would be: " in sentence:
            right = sentence.rsplit(' certificate add "', 1)[1].removesuffix('"')
            assert subject(right.encode()), sentence
            assert not re.search(r'["$`!%]|\\\\|\\$', right)
            shown += 1
    assert shown > 200
