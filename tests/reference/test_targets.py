"""Addresses against a slow second implementation, with Python's own ipaddress.

Owns the reference of special ranges and of the addresses inside addresses.
"""
import ipaddress
import random

from ask import compare, hexed

SPECIAL = [ipaddress.ip_network(n) for n in """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8
    169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
    198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128
    64:ff9b:1::/48 100::/64 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8""".split()]
GLOBAL = ipaddress.ip_network("2000::/3")
CARRY = [ipaddress.ip_network(n)
         for n in "::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96".split()]
LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
PLATFORM = ipaddress.ip_address("168.63.129.16")


def inner(ip) -> list:
    """The IPv4 addresses that an IPv6 address carries."""
    if ip.version == 4:
        return []
    found = []
    if ip.sixtofour:
        found.append(ip.sixtofour)
    if ip.teredo:
        found += ip.teredo
    raw = ip.packed
    if any(ip in net for net in CARRY):
        found.append(ipaddress.ip_address(raw[12:]))
    if ip in LOCAL_NAT64:  # RFC 6052, section 2.2: /48, /56, /64, /96
        found += [ipaddress.ip_address(raw[6:8] + raw[9:11]),
                  ipaddress.ip_address(raw[7:8] + raw[9:12]),
                  ipaddress.ip_address(raw[9:13]), ipaddress.ip_address(raw[12:])]
    if raw[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
        found.append(ipaddress.ip_address(raw[12:]))
    return found


def special(ip) -> bool:
    if any(ip in net for net in SPECIAL):
        return True
    return ip.version == 6 and ip not in GLOBAL and not any(ip in net for net in CARRY)


def here(ip) -> bool:
    return ip.is_loopback or (ip in SPECIAL[0] if ip.version == 4 else ip.is_unspecified)


def plain(net):
    """A network of mapped addresses is one of the addresses in them."""
    mapped = ipaddress.ip_network("::ffff:0:0/96")
    if net.version == 4 or not net.subnet_of(mapped):
        return net
    return ipaddress.ip_network((net.network_address.packed[12:], net.prefixlen - 96))


def target(ip, port: int, relay: bool, networks: list, own: list) -> str:
    faces = [ip, *inner(ip)]
    for mine, mine_port in own:
        mine = getattr(mine, "ipv4_mapped", None) or mine
        for face in faces:
            if port == mine_port and (face == mine or (here(face) and here(mine))):
                return "ADDRESS_OWN"
    if PLATFORM in faces:
        return "ADDRESS_PLATFORM"
    if relay:
        return "OK"
    whole = any(ip in net for net in networks)
    for face in faces:
        if special(face) and not whole and not any(face in net for net in networks):
            return "ADDRESS_SPECIAL"
    return "OK"


def addresses(rng: random.Random, count: int):
    edges = [ip for net in [*SPECIAL, *CARRY, LOCAL_NAT64, GLOBAL] for ip in (net[0], net[-1])]
    v4 = [ip for ip in edges if ip.version == 4] + [PLATFORM, ipaddress.ip_address("8.8.8.8")]
    for _ in range(count):
        kind = rng.randrange(6)
        near = (int(rng.choice(v4)) + rng.choice([-1, 0, 0, 0, 1])) % 2**32
        four = near.to_bytes(4, "big")
        if kind == 0:
            ip = rng.choice(edges)
            step = rng.choice([-1, 0, 1])
            ip = ip + step if 0 <= int(ip) + step < 2**ip.max_prefixlen else ip
        elif kind == 1:
            ip = ipaddress.ip_address(four)
        elif kind == 2:
            ip = ipaddress.ip_address(rng.choice(CARRY).network_address.packed[:12] + four)
        elif kind == 3:
            start = rng.choice(["2002", "20010000", "200100000102"])
            raw = bytes.fromhex(start) + four + bytes(12)
            ip = ipaddress.ip_address(raw[:16] if rng.random() < 0.5 else
                                      raw[:12] + bytes(b ^ 0xFF for b in four))
        elif kind == 4:
            base = bytearray(LOCAL_NAT64.network_address.packed)
            for at, byte in zip(rng.choice([(6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12),
                                            (12, 13, 14, 15)]), four, strict=True):
                base[at] = byte
            ip = ipaddress.ip_address(bytes(base))
        else:
            ip = ipaddress.ip_address(rng.randbytes(8) + bytes.fromhex(
                rng.choice(["00005efe", "02005efe", "00005eff"])) + four)
        yield ip


def test_targets():
    rng = random.Random(9)
    questions, wanted = [], []
    pool = [n for n in SPECIAL + CARRY] + [ipaddress.ip_network(n) for n in (
        "8.8.8.8/32", "168.63.129.16/32", "2002::/16", "2001::/32", "10.1.0.0/16", "::/0",
         "0.0.0.0/0")]
    for _ in range(60):
        networks = rng.sample(pool, rng.choice([0, 0, 1, 2, 4]))
        own = [(ipaddress.ip_address(rng.choice(["127.0.0.1", "0.0.0.0", "::", "::1", "8.8.8.8",
                                                 "::ffff:10.0.0.1", "2002:808:808::"])), 8080)
               for _ in range(rng.randrange(3))]
        value_text = ",".join(map(str, networks)) or "none"
        questions += ["clear", f"set AllowedNetworks {hexed(value_text.encode())}"]
        questions += [f"own {ip}:8080" if ip.version == 4 else f"own [{ip}]:8080" for ip, _ in own]
        questions.append("compile 1")
        wanted += ["OK"] * (3 + len(own))
        for ip in addresses(rng, 400):
            port, relay = rng.choice([443, 8080]), rng.random() < 0.1
            questions.append(f"target {ip} {port} {int(relay)}")
            wanted.append(target(ip, port, relay, [plain(n) for n in networks], own))
    assert len(set(wanted)) == 4
    compare(questions, wanted, lambda answer: answer[0])
