"""Whole decisions against a slow second implementation: requests, handshakes, snapshots.

Owns the reference of what is decided in which order; every row is looked at, one after the other.
"""
import ipaddress
import random
import re

import pytest
from ask import ask, compare, hexed, unhexed
from test_hosts import host, pattern
from test_subjects import attributes, folded_pairs, row_text
from test_targets import PLATFORM, inner

def find_host(rows, found) -> int:
    """The row of a listed host: exact before wildcards, long before short, first before later."""
    best = (0, 0)
    for number, (kind, text) in rows:
        exact = kind != "suffix" and (kind, text) == found
        below = kind == "suffix" and found[0] == "name" and found[1].endswith("." + text)
        rank = 1000 if exact else len(text) if below else 0
        if rank > best[0]:
            best = rank, number
    return best[1]


def allowed(found, row: int):
    """What is listed is allowed, unless it is an address that nothing allows."""
    if found[0] == "address":
        ip = ipaddress.ip_address(found[1])
        if PLATFORM in (ip, *inner(ip)):
            return "ADDRESS_PLATFORM", 0
    return "OK", row


def test_requests():
    rng = random.Random(10)
    labels = ["a", "b", "c", "www", "x1"]
    domains = ["example.com", "a.example.com", "b.c.example.org", "example.co.uk",
               "xn--bcher-kva.de"]
    literals = ["192.0.2.1", "2001:db8::1", "::ffff:1.2.3.4", "8.8.8.8", "168.63.129.16",
                "2002:a83f:8110::"]
    questions, wanted = [], []
    for turn in range(40):
        rows = []
        questions += ["clear", f"set AllowedClients {hexed(b'10.0.0.0/8,2001:db8::/32')}",
                      f"set AllowedPorts {hexed(b'443,8443')}"]
        for number in range(1, rng.choice([1, 5, 60])):
            text = rng.choice([rng.choice(domains), f"{rng.choice(labels)}.{rng.choice(domains)}",
                               f"*.{rng.choice(domains)}", rng.choice(literals)])
            text = rng.choice([text, text.upper(), text + "." if text[0].isalpha() else text])
            rows.append((number, pattern(text.encode())))
            questions.append(f"row 0 {rng.randrange(4)} {number} {hexed(text.encode())}")
        questions.append(f"compile {turn}")
        wanted += [("OK", None)] * (4 + len(rows))
        for _ in range(300):
            name = ".".join([*(rng.choice(labels) for _ in range(rng.randrange(4))),
                             rng.choice(domains)])
            name = rng.choice([name, name, name.title(), name + ".", rng.choice(literals),
                               "x" + name,
                               f"[{rng.choice(literals)}]", name + "..", "127.1", "",
                               "*.example.com"])
            client = rng.choice(["10.9.9.9", "::ffff:10.1.1.1", "192.0.2.9", "2001:db8::9", "::1"])
            port = rng.choice([443, 8443, 80, 65535])
            questions.append(f"request {client} {hexed(name.encode())} {port}")
            found = host(name.encode())
            row = find_host(rows, found) if found else 0
            if client in ("192.0.2.9", "::1"):
                wanted.append(("CLIENT_UNLISTED", 0))
            elif not row:
                literal = (found or ("",))[0] == "address" or name == "127.1"
                wanted.append(("LITERAL_UNLISTED" if literal else "HOST_UNLISTED", 0))
            else:
                wanted.append(allowed(found, row) if port in (443, 8443) else ("PORT_UNLISTED", 0))
    assert {w[0] for w in wanted} == {"OK", "CLIENT_UNLISTED", "HOST_UNLISTED", "LITERAL_UNLISTED",
                                      "PORT_UNLISTED", "ADDRESS_PLATFORM"}

    def read(answer):
        return answer[0], int(answer[1]) if len(answer) == 3 else None

    compare(questions, wanted, read)


def handshake(settings: dict, rows, facts) -> str:
    (asked_host, sni, least, most, chosen, early, ech, asked, shown, resumed, pairs) = facts
    minimum = {"1.0": 0x301, "1.1": 0x302, "1.2": 0x303, "1.3": 0x304}[settings["MinimumTls"]]
    wants, gives = host(asked_host), host(sni)
    if not sni and (wants or ("",))[0] != "address" and settings["MissingSni"] == "refuse":
        return "SNI_MISSING"
    if sni and not (wants and wants == gives and wants[0] == "name"):
        return "SNI_OTHER"
    if most < minimum or (chosen and chosen < minimum):
        return "TLS_OLD"
    if settings["Tls13"] == "refuse" and (early or least >= 0x304 or chosen >= 0x304):
        return "TLS13_REFUSED"
    if ech and settings["Ech"] == "refuse":
        return "ECH_REFUSED"
    if resumed == 2 and settings["UnknownResumption"] == "refuse":
        return "RESUMPTION_UNKNOWN"
    listed = any(folded_pairs(row) <= folded_pairs(pairs) for row in rows)
    if shown == 2 and not asked:
        return "CERTIFICATE_UNASKED"
    if shown == 1 and asked and settings["ClientCertificates"] == "required":
        return "CERTIFICATE_MISSING"
    if shown == 2 and not listed and settings["ClientCertificates"] != "any":
        return "CERTIFICATE_UNLISTED"
    return "OK"


def test_handshakes():
    rng = random.Random(11)
    choices = {"MinimumTls": ["1.2", "1.0", "1.1", "1.3"], "Tls13": ["allow", "refuse"],
               "Ech": ["allow", "refuse"], "ClientCertificates": ["listed", "required", "any"],
               "MissingSni": ["refuse", "allow"], "UnknownResumption": ["allow", "refuse"]}
    names = [b"a.example.com", b"A.Example.com.", b"b.example.com", b"192.0.2.1", b"", b"a..b"]
    versions = [0x300, 0x301, 0x302, 0x303, 0x304, 0x305]
    values = [("CN", "agent 7"), ("CN", "guid"), ("O", "Microsoft"), ("OU", "Linux"),
              ("1.2.3", "x")]
    questions, wanted = [], []
    for turn in range(80):
        settings = {name: rng.choice(words) for name, words in choices.items()}
        rows = [rng.choices(values, k=rng.randrange(1, 4))
                for _ in range(rng.choice([0, 1, 2, 30]))]
        questions.append("clear")
        questions += [f"set {name} {hexed(word.encode())}" for name, word in settings.items()]
        questions += [f"row 1 0 {i + 1} {hexed(row_text(row).encode())}"
                      for i, row in enumerate(rows)]
        questions.append(f"compile {turn}")
        wanted += ["OK"] * (len(questions) - len(wanted))
        for _ in range(200):
            least, most = sorted(rng.choices(versions, k=2))
            good = rng.random() < 0.6
            asked_host, sni = (names[0], names[1]) if good else rng.choices(names, k=2)
            facts = (asked_host, sni, 0x301 if good else least, 0x304 if good else most,
                     rng.choice([0, 0x303, 0x304] if good else [0, *versions]), rng.random() < 0.1,
                     rng.random() < 0.2, rng.random() < 0.8, rng.randrange(3),
                     rng.choice([0, 0, 1, 2]),
                     rng.choices(values, k=rng.randrange(4)))
            questions.append("tls " + " ".join(
                [hexed(asked_host), hexed(sni), *(str(int(x)) for x in facts[2:10]),
                 attributes(facts[10])]))
            wanted.append(handshake(settings, rows, facts))
    assert len(set(wanted)) == 10
    compare(questions, wanted, lambda answer: answer[0])


@pytest.mark.parametrize("bad", [1, 3, 4, 40])
def test_wrong_rows_fail_the_whole_and_are_named(bad):
    questions = ["clear", *(f"row 0 3 {900 + i} {hexed(b'*.com')}" for i in range(bad)),
                 f"row 0 0 1 {hexed(b'a.example.com')}", "compile 1"]
    answer = ask(questions)[-1]
    assert answer[0] == "RULES"
    sentence = unhexed(answer[1]).decode()
    named = [int(n) for n in re.findall(r"row (\d+): \"\*\.com\": ", sentence)]
    assert named == [900 + i for i in range(min(bad, 3))]
    assert (f"besides: {bad - 3}" in sentence) == (bad > 3)


def test_the_seed_changes_nothing():
    rows = [f"row 0 0 {i} {hexed(f'h{i % 37}.example{i % 5}.com'.encode())}" for i in range(1, 200)]
    asks = [f"request 10.0.0.1 {hexed(f'h{i}.example{i % 7}.com'.encode())} 443" for i in range(60)]
    answers = [ask(["clear", *rows, f"compile {seed}", *asks])[-60:] for seed in (0, 1, 2**32 - 1)]
    assert answers[0] == answers[1] == answers[2]
    assert {a[0] for a in answers[0]} == {"OK", "HOST_UNLISTED"}
