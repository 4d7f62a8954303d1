#!/usr/bin/python3
"""Reads everything that the build compiles once more, with clang and the same warnings: it sees
what gcc does not.

    clang.py CLANG COMPILE_COMMANDS.json

Must not know which flags there are. Exit: 0 clang is content, 1 it said something.
"""
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def read(clang, entry):
    """What clang says about one file; the compiler's own name, and a cache before it, are left."""
    words = shlex.split(entry["command"])
    first = next(i for i, word in enumerate(words) if word.startswith("-"))
    # How gcc optimises is nothing to clang, which warns of each such flag.
    done = subprocess.run([clang, "-fsyntax-only", *words[first:],
                           "-Wno-ignored-optimization-argument"], cwd=entry["directory"],
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode("utf-8", "replace") if done.returncode != 0 else ""


def main(clang, commands):
    with open(commands, encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in json.load(file)}.values()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = [text for text in pool.map(lambda entry: read(clang, entry), entries) if text]
    print(*said, sep="\n", end="")
    print(f"{len(entries)} files, {len(said)} with something to say")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
