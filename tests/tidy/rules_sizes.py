"""How big things may be: files, lines, functions, rooms.

Owns the limits and the budgets of the rooms. Must not know what the lines say.
"""
import re

from source import Finding, room_of

FILE_AIM = 500
FILE_MAX = 700
FUNCTION_MAX = 70
LINE_MAX = 100
TABLE_LINE_MAX = 220

# Lines of C (.c and .h, not .def) that each room may have; raised on purpose or not at all.
BUDGETS = {
    "base": 2065,
    "crypto": 550,
    "http": 800,
    "tls": 1850,
    "settings": 800,
    "policy": 2215,
    "hostsets": 400,
    "agents": 500,
    "io": 3200,
    "sys": 2275,
    "shared": 900,
    "gateway": 2950,
    "store": 2370,
    "document": 700,
    "fetch": 400,
    "status": 400,
    "report": 400,
    "admin": 2090,
    "host": 4355,
    "tools": 1210,
    "eventlog": 1605,
    "perfcounters": 780,
    "psmodule": 500,
    "installer": 400,
}
TOP_ROOMS = ("eventlog", "perfcounters", "psmodule", "installer")  # beside service/
WHOLE = 20000  # what the rooms should come to together (design: Targets)


def is_sized(file):
    """Whether length matters in this file: code and build files, not prose, not tables."""
    return file.suffix in (".c", ".h", ".py", ".txt") or file.is_shell or file.is_cmake


def file_size(tree):
    """A file has at most 700 lines; 50 to 500 is the aim."""
    for file in tree.sources:
        if is_sized(file) and len(file.lines) > FILE_MAX:
            yield Finding(file.path, FILE_MAX + 1, f"{len(file.lines)} lines, {FILE_MAX} are the "
                          f"end and {FILE_AIM} the aim: split it by noun")


def line_length(tree):
    """A line has at most 100 columns; a row of a .def table 220."""
    for file in tree.sources:
        limit = TABLE_LINE_MAX if file.suffix == ".def" else LINE_MAX
        if not is_sized(file) and file.suffix != ".def":
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > limit:
                yield Finding(file.path, number, f"{len(line)} columns, at most {limit}")


def function_size(tree):
    """A function body has at most 70 lines, with its braces alone at column 0."""
    for file in tree.c_files:
        for function in file.functions:
            if not function.closed:
                yield Finding(file.path, function.start, f"{function.name} does not end, "
                              "close it with } at column 0")
            elif function.size > FUNCTION_MAX:
                yield Finding(file.path, function.start, f"{function.name} has {function.size} "
                              f"lines, at most {FUNCTION_MAX}: give a part of it a name")
        yield from hidden_functions(file)


def hidden_functions(file):
    """Bodies that open at the end of their first line: no rule about functions would see them."""
    for number, line in enumerate(file.plain.split("\n"), 1):
        if re.match(r"[A-Za-z_][^=]*\)\s*\{", line):
            yield Finding(file.path, number, "a function's { stands alone on its line, at column 0")


def count_rooms(tree):
    """Lines of C per room; everything below tests/ counts as one."""
    totals = {}
    for file in tree.c_files:
        room = room_of(file.path)
        if room:
            totals[room] = totals.get(room, 0) + len(file.lines)
    return totals


def budgets(tree):
    """A room keeps to its budget of lines of C."""
    for room, lines in sorted(count_rooms(tree).items()):
        budget = BUDGETS.get(room, 0)
        if room != "tests" and lines > budget:
            home = room if room in TOP_ROOMS else f"service/{room}"
            yield Finding(home, 1, f"{lines} lines of C, the budget is {budget}: raise it on "
                          "purpose in tests/tidy/rules_sizes.py or make the room smaller")
