"""The rule "format" with the real clang-format; everywhere else a pretended one stands for it.

Must not know other rules. Skipped where there is no clang-format, or not the one of the law.
"""
import pytest

import tidy
from example import write_tree
from rules_project import layout
from source import Skip, Tree


def test_format_with_the_real_program(tmp_path):
    write_tree(tmp_path, {".clang-format": "BasedOnStyle: LLVM\n", "good.c": "int a;\n",
                          "bad.c": "int a;\nint   b;\n"})
    try:
        found = tidy.run(tidy.Rule("format", layout), Tree(tmp_path))
    except Skip as skip:
        pytest.skip(str(skip))
    assert [(path, line) for path, line, _ in found] == [("bad.c", 2)]
