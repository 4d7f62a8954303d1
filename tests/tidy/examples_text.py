"""Examples for the rules about every text file: white space, headers, leftovers.

Owns no rule: each row is a small tree and what a rule must say about it. The words that must not
appear are put together here from pieces, since this file stands under the same law.
"""
from example import Bad, Good

SENTENCE = "Says what it is."


def bad_text(path, content, line, says, rule="white_space"):
    return Bad(rule, {path: content}, (f"{path}:{line}",), says)


BAD = (
    bad_text("a.c", "int a;\r\nint b;\r\n", 1, "carriage return"),
    bad_text("a.py", "a = 1\nb = 2\r\n", 2, "carriage return"),
    bad_text("a.c", "int a;\n\tint b;\n", 2, "tab"),
    bad_text("README.md", "one\ntwo  \n", 2, "trailing"),
    bad_text(".ci/run", "one \n", 1, "trailing"),
    bad_text("a.def", "one\n\ntwo", 3, "exactly one newline"),
    bad_text("a.h", "one\ntwo\n\n", 3, "exactly one newline"),
    bad_text("a.c", b"caf\xe9\n", 1, "not UTF-8"),
    bad_text("a.py", b"a\0\n", 1, "not UTF-8"),
    bad_text("a.sh", b"\xff\n", 1, "not UTF-8"),
    bad_text("a.c", "#include <stdio.h>\n/* Says what it is. */\n", 1, "must begin", "file_header"),
    bad_text("a.def", "ROW(1)\n/* Says what it is. */\n", 1, "must begin", "file_header"),
    bad_text("a.h", "/* short. */\n", 1, "must begin", "file_header"),
    bad_text("a.h", "/* It is no sentence at all */\n", 1, "must begin", "file_header"),
    bad_text("a.py", "a = 1\n\"\"\"Says what it is.\"\"\"\n", 1, "must begin", "file_header"),
    bad_text("a.py", "# Says what it is.\n", 1, "must begin", "file_header"),
    bad_text("a.py", "", 1, "must begin", "file_header"),
    bad_text("a.py", f'"""{SENTENCE}"""\nif:\n', 1, "must begin", "file_header"),
    bad_text("a.sh", "#!/bin/sh\nset -eu\n# Says what it is.\n", 1, "must begin", "file_header"),
    bad_text("a.sh", "#!/bin/sh this is no comment.\n", 1, "must begin", "file_header"),
    bad_text(".ci/run", "#!/bin/sh\nset -eu\n", 1, "must begin", "file_header"),
    bad_text("x/CMakeLists.txt", "project(x)\n", 1, "must begin", "file_header"),
    bad_text("x/a.cmake", "project(x)\n", 1, "must begin", "file_header"),
    bad_text("a.c", "\n/* TO" "DO: later */\n", 2, "TO" "DO", "no_todo"),
    bad_text("a.py", "# FIX" "ME\n", 1, "FIX" "ME", "no_todo"),
    bad_text("a.md", "\n\nX" "XX\n", 3, "open an issue", "no_todo"),
    bad_text("a.cmake", "# HA" "CK\n", 1, "HA" "CK", "no_todo"),
    bad_text("a.sh", "#!/bin/sh\nset -e\n", 1, "must say set -eu", "shell"),
    bad_text("a.sh", "# set -eu\n", 1, "must say set -eu", "shell"),
    bad_text("a.sh", "\n" * 30 + "set -eu\n", 1, "first 30 lines", "shell"),
    bad_text(".ci/run", "echo\n", 1, "must say set -eu", "shell"),
)

GOOD = (
    Good("white_space", {
        "a.c": "int a;\n\nint b;\n", "empty.txt": "", "Makefile": "all:\n\ttrue\n",
        "a.sln": "a\n\tb\n", "installer/linux/debian/rules": "%:\n\tdh\n", "a.patch": "a \n",
        "a.rtf": "a\r\n",
        "a.ico": b"\0\r\n ", "a.txt": b"\xff\xfe\r", "tests/data/hello.txt": "GET \r\n\r\n",
    }),
    Good("file_header", {
        "a.c": f"/*\n * {SENTENCE}\n */\nint a;\n", "a.h": f"\n// {SENTENCE}\n",
        "b.h": "/* Keeps things: one of each kind */\n",
        "a.py": f'#!/usr/bin/python3\n"""{SENTENCE}"""\n', "b.py": f"# hm\n'''{SENTENCE}'''\n",
        "a.sh": f"#!/bin/sh\n# {SENTENCE}\nset -eu\n", ".ci/run": f"#!/bin/sh\n\n# {SENTENCE}\n",
        "b.sh": f"# {SENTENCE}\n# b\n", "c.h": f"// {SENTENCE}\n// c\n",
        "a.cmake": f"# {SENTENCE}\n", "CMakeLists.txt": f"# {SENTENCE}\nproject(x)\n",
        "a.def": f"/* {SENTENCE} */\nROW(1)\n", "a.md": "Hello\n",
    }),
    Good("no_todo", {"a.c": 'f("/tmp/aXX' 'XXXX"); /* todos, hacks */\n',
                     "tests/data/a": "TO" "DO"}),
    Good("shell", {"a.sh": "#!/bin/bash\n# Says.\nset -euo pipefail\n", "b.sh": "set -eu\n",
                   ".ci/run": "set -eu # both\n", "a.py": "", ".ci/other": ""}),
)
