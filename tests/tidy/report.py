"""The figures that `tidy.py --figures` prints: rooms, functions, long files, CHECK density.

Owns the layout of that print. Judges nothing: a figure that must hold is a rule.
"""
import re

from rules_sizes import BUDGETS, FILE_AIM, WHOLE, count_rooms, is_sized
from source import median, percentile, room_of

CHECKS_AIM = 2


def rooms(tree):
    """Lines of C per room against its budget."""
    totals = count_rooms(tree)
    tests = totals.pop("tests", 0)
    yield "lines of C      lines  budget"
    for room in BUDGETS | totals:
        if room in totals:
            yield f"  {room:<12} {totals[room]:>6}  {BUDGETS.get(room, 0):>6}"
    yield f"  {'together':<12} {sum(totals.values()):>6}  {WHOLE:>6}"
    yield f"  {'tests':<12} {tests:>6}    none"


def functions(tree):
    """How long functions are, in the product and in the tests."""
    for title, is_test in (("product", False), ("tests", True)):
        found = [(f.size, f.name, file.path) for file in tree.c_files
                 if file.is_test == is_test for f in file.functions]
        sizes = [size for size, _, _ in found]
        longest = "{} {} ({})".format(*max(found)) if found else "none"
        yield (f"functions of {title}: {len(sizes)}, median {median(sizes):g}, "
               f"p90 {percentile(sizes, 90)}, longest {longest}")


def long_files(tree):
    """Files above the aim; above the limit they are findings as well."""
    for file in tree.sources:
        if is_sized(file) and len(file.lines) > FILE_AIM:
            yield f"above {FILE_AIM} lines: {file.path} has {len(file.lines)}"


def check_density(tree):
    """CHECKs per function where the design wants at least so many."""
    for room in ("io", "gateway"):
        files = [f for f in tree.c_files if room_of(f.path) == room]
        count = sum(len(f.functions) for f in files)
        checks = sum(len(re.findall(r"\bCHECK(_NEVER)?\(", f.plain)) for f in files)
        if count:
            yield (f"CHECKs in {room}: {checks} in {count} functions, {checks / count:.1f} each, "
                   f"{CHECKS_AIM} wanted")


def report(tree):
    """All figures, line by line."""
    for part in (rooms, functions, long_files, check_density):
        yield from part(tree)
