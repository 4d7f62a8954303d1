"""Who may include whom: the floors of the house, and who may see the system and the libraries.

Owns the floors table (design: The house). Must not know sizes, names or calls.
"""
import re
from typing import NamedTuple

from source import Finding, room_of


class Unit(NamedTuple):
    """One room, or the part of a room that shares a floor; `friends` are siblings it may see."""

    floor: int
    friends: tuple = ()


UNITS = {
    "base": Unit(0),
    "crypto": Unit(1),
    "http": Unit(2),
    "tls": Unit(2),
    "settings": Unit(2),
    "policy": Unit(2, ("settings",)),
    "hostsets": Unit(2, ("policy",)),
    "agents": Unit(2),
    "event": Unit(2),
    "counter": Unit(2),
    "io": Unit(3, ("sys",)),
    "sys": Unit(3),
    "shared": Unit(3, ("sys",)),
    "gateway": Unit(4),
    "store": Unit(5),
    "document": Unit(5),
    "fetch": Unit(5),
    "status": Unit(5),
    "sink": Unit(5),
    "publish": Unit(5),
    "admin": Unit(5, ("store", "publish")),
    "report": Unit(6),
    "host": Unit(6, ("report",)),
}

# Programs beside the service: the highest floor they see whole, and the rooms above it they see.
BESIDE = {
    "psmodule": Unit(2, ("sys", "admin")),
    "installer": Unit(2, ("sys", "store")),
    "tools": Unit(0),
}

# Rooms that stand on two floors: the file's name says on which.
BY_FILE_NAME = {
    "eventlog": {
        "event": "event", "access": "event", "feed": "event", "limit": "event", "lang/": "event",
        "frozen": "event", "languages": "event", "summaries": "event", "terms": "event",
        "sink": "sink", "dll_": "sink",
    },
    "perfcounters": {"counter": "counter", "lang/": "counter", "publish": "publish"},
}

ISO_HEADERS = frozenset(
    f"{name}.h"
    for name in """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp
    signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath
    threads time uchar wchar wctype""".split()
)
LIBRARIES = {
    "sqlite3.h": ("store",),
    "libxml/": ("document",),
    "openssl/": ("crypto", "fetch"),
}
# How the files begin that are made of the operating system, and the one room that has such files.
OS_FILES = {
    "io_": "io",
    "resolve_": "io",
    "sys_": "sys",
    "host_": "host",
    "sink_": "eventlog",
    "publish_": "perfcounters",
    "dll_": "psmodule",
    "action_": "installer",
}
OS_PLACES = ", ".join(f"{start}* in {room}" for start, room in OS_FILES.items())
NOWHERE = {
    "threads.h": "threads come from sys/",
    "assert.h": "use CHECK of base/check.h",
    "setjmp.h": "errors travel as enum err",
    "locale.h": "the program knows no locale",
}


def unit_of(path):
    """The unit of a path, from the root or as an #include writes it; None where it has none."""
    room, _, rest = path.removeprefix("service/").partition("/")
    if not rest:
        return None
    if room in BY_FILE_NAME:
        names = BY_FILE_NAME[room]
        return next((unit for start, unit in names.items() if rest.startswith(start)), None)
    return room if room in UNITS or room in BESIDE else None


def may_see(viewer, seen, is_table):
    """Whether a file of one unit may include a file of another."""
    if viewer == seen:
        return True
    if seen not in UNITS:
        return False
    if viewer in BESIDE:
        reach = BESIDE[viewer]
        tables = viewer == "tools" and is_table
        return tables or UNITS[seen].floor <= reach.floor or seen in reach.friends
    return UNITS[seen].floor < UNITS[viewer].floor or seen in UNITS[viewer].friends


def place(unit):
    """A unit in words: with its floor, where it has one."""
    return f"{unit} (floor {UNITS[unit].floor})" if unit in UNITS else unit


def judge_include(viewer, name):
    """What is wrong with one #include of a unit, or None."""
    if name.startswith("<"):
        return None  # the system's and the libraries' headers: os_headers
    if not re.fullmatch(r'"[^"]+"', name):
        return f"#include {name} hides its file, write the name itself"
    seen = unit_of(name.strip('"'))
    if ".." in name or seen is None:
        return f'#include {name} names no room and file that have a floor, write "room/file.h"'
    if may_see(viewer, seen, name.endswith('.def"')):
        return None
    return f"{place(viewer)} includes {name} of {place(seen)}, a floor sees only lower floors"


def floors(tree):
    """A file includes its own room and lower floors only."""
    for file in tree.sources:
        if file.suffix not in (".c", ".h", ".def") or file.is_test:
            continue
        viewer = unit_of(file.path)
        if viewer is None:
            yield Finding(file.path, 1, "stands on no floor, move it to a room of the house or "
                          "give its room or name a floor in tests/tidy/rules_floors.py")
            continue
        for line, name in file.includes:
            wrong = judge_include(viewer, name)
            if wrong:
                yield Finding(file.path, line, wrong)


def may_see_os(file):
    """Whether the file's name and room say that it is made of the operating system."""
    if file.is_test:
        stem = file.name.rsplit(".", 1)[0]
        return file.name.startswith(tuple(OS_FILES)) or stem.endswith(("_linux", "_windows"))
    return any(file.name.startswith(start) and room_of(file.path) == room
               for start, room in OS_FILES.items())


def judge_iso(file, header):
    """What is wrong with one header of the C standard, or None."""
    if header in NOWHERE and not (file.is_test and header == "setjmp.h"):
        return f"<{header}> is used nowhere, {NOWHERE[header]}"
    if header == "stdatomic.h" and file.path != "service/base/atom.h":
        return "<stdatomic.h> is included by base/atom.h alone, include that"
    may_signal = file.is_test or file.name.startswith(("host_", "sys_"))
    if header == "signal.h" and not (may_signal and may_see_os(file)):
        return "<signal.h> is the system's, only host_* and sys_* files may include it"
    return None


def judge_header(file, header):
    """What is wrong with one <header> in a file, or None."""
    if header in ISO_HEADERS:
        return judge_iso(file, header)
    for start, owners in LIBRARIES.items():
        if header.startswith(start):
            mine = file.is_test or unit_of(file.path) in owners
            return None if mine else f"<{header}> belongs to {' and '.join(owners)}, call them"
    if may_see_os(file) or (file.is_test and header == "cmocka.h"):
        return None
    return f"<{header}> is no ISO C17 header, the system's are seen by {OS_PLACES} alone"


def os_headers(tree):
    """Only files named for the system see the system; each library has its one room."""
    for file in tree.sources:
        if file.suffix not in (".c", ".h", ".def"):
            continue
        for line, name in file.includes:
            wrong = judge_header(file, name.strip("<>")) if name.startswith("<") else None
            if wrong:
                yield Finding(file.path, line, wrong)
