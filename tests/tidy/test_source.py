"""Proves the views that the rules read: stripped C and Python, directives, functions, file lists.

Owns the nasty inputs. Must not know any rule.
"""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from example import write_tree
from source import (UNTRACKED, SourceFile, Tree, find_name, list_paths, median, percentile, room_of,
                    strip_c, strip_python)


def c_file(text):
    return SourceFile("service/base/a.c", text.encode())


def functions(text):
    return [(f.name, f.start, f.end) for f in c_file(text).functions]


STRIPPED = (
    ("a /* b */ c", "a         c"),
    ("a // b\nc", "a     \nc"),
    ("a // b \\\n still\nc", "a       \n      \nc"),
    ("a /* b\nc */ d", "a     \n     d"),
    ("a /* never closed\nb", "a                \n "),
    ("a /* // */ b", "a          b"),
    ("a // /* \nb", "a       \nb"),
    ('a "/* b */" c', 'a "       " c'),
    ('a "\\"{" b', 'a "   " b'),
    ('a "\\\\" "{" b', 'a "  " " " b'),
    ("a '{' '\\'' '\"' b", "a ' ' '  ' ' ' b"),
    ('"a\\\n{" b', '"  \n " b'),
    ('a /* " */ "b" /* " */', 'a         " "        '),
    ("a / b / c", "a / b / c"),
    ('x = "it\'s"; /* it\'s */ y = \'"\'; // "', "x = \"    \";            y = ' ';     "),
)


@pytest.mark.parametrize("text, wanted", STRIPPED)
def test_strip_c(text, wanted):
    assert strip_c(text) == wanted


def test_strip_c_can_keep_strings():
    assert strip_c('a /* "b" */ "// c" // d', keep_strings=True) == 'a           "// c"     '


@pytest.mark.parametrize("text, wanted", (
    ('a = "b"  # c\n', "a =         \n"),
    ('"""a\n  b"""\nc\n', "    \n      \nc\n"),
    ('"""a\nb"""\n', "    \n    \n"),
    ("a = '#' + b\n", "a =     + b\n"),
    ("a = (\n", "a = (\n"),
))
def test_strip_python(text, wanted):
    assert strip_python(text) == wanted


def test_functions_are_found_with_name_and_lines():
    assert functions("int f(void)\n{\n    return 1;\n}\n\nstatic enum err\ng(int a,\n  int b)\n"
                     "{\n}\n") == [("f", 2, 4), ("g", 9, 10)]


NASTY = (
    ('void f(void)\n{\n    puts("}");\n    puts("\\\n}");\n}\n', [("f", 2, 6)]),
    ("void f(void)\n{\n    c = '}';\n/*\n}\n*/\n// }\n}\n", [("f", 2, 8)]),
    ("/*\nint f(void)\n{\n}\n*/\n", []),
    ("#define A \\\n{ \\\n} \\\n\nvoid f(void)\n{\n}\n", [("f", 6, 7)]),
    ("#define A(x) \\\n{\\\n\\\n} /* a\n*/\nvoid f(void)\n{\n}\n", [("f", 7, 8)]),
    ("struct a {\n    int b;\n};\nvoid f(void)\n{\n}\n", [("f", 5, 6)]),
    ("int a[] = {\n    g(1),\n};\nvoid f(void)\n{\n}\n", [("f", 5, 6)]),
    ("#if A\nvoid f(int a)\n#else\nvoid f(void)\n#endif\n{\n}\n", [("f", 6, 7)]),
    ("#if A\nvoid f(int a)\n{\n#else\nvoid f(void)\n{\n#endif\n}\n", [("f", 3, 8)]),
    ("void f(void)\n{\n    switch (a) {\n    case 1: {\n    }\n    }\nout:\n}\n", [("f", 2, 8)]),
    ("MUST_CHECK PRINTS(1, 2) int f(int (*g)(int))\n{\n}\n", [("f", 2, 3)]),
    ("__attribute__((noinline)) int f(void)\n{\n}\n", [("f", 2, 3)]),
    ("static void (*f(int a))(int)\n{\n}\n", [("f", 2, 3)]),
    ("int g(void);\nint x = h(1);\nvoid f(void) /* g( */\n{\n}\n", [("f", 4, 5)]),
    ("void f(void)\n{\n", [("f", 2, 3)]),
    ("", []),
)


@pytest.mark.parametrize("text, wanted", NASTY)
def test_functions_in_nasty_text(text, wanted):
    assert functions(text) == wanted


def test_a_function_that_does_not_end_is_marked():
    assert [f.closed for f in c_file("int f(void)\n{\n}\nint g(void)\n{\n }\n").functions] == [
        True, False]


@pytest.mark.parametrize("text, wanted", (
    ("int f(void)", "f"), ("ERR(a) static_assert(1) _Alignas(8) int f(int)", "f"),
    ("extern int a[sizeof(int)]", None), ("int (*f)(int)", None), ("enum { A = (1) }", None),
))
def test_find_name(text, wanted):
    found = find_name(text)
    assert (found and found[0]) == wanted


def test_directives_are_found_among_comments_and_strings():
    found = c_file('/*\n#if A */\n#  if B /* c */ && D\nint a; # not\n  #endif // d\n'
                   'char *s = "\\\n#if E";\n')
    assert found.directives == [(3, 3, "if", "B         && D"), (5, 5, "endif", "")]


def test_directives_with_continuations():
    found = c_file("#define A \\\n  b \\\n  c\n#include \"a/b.h\" // why\n")
    assert [(d.line, d.last, d.word) for d in found.directives] == [
        (1, 3, "define"), (4, 4, "include")]
    assert found.directives[0].rest.split() == ["A", "b", "c"]
    assert found.includes == [(4, '"a/b.h"')]


def test_lines_do_not_count_the_last_newline():
    assert [len(c_file(text).lines) for text in ("", "\n", "a", "a\n", "a\n\n",
                                                   "a\x0cb\u2028c\n")] == [0, 1, 1, 1, 2, 1]


def test_binary_files_have_no_text():
    assert SourceFile("a", b"a\0b").text is None
    assert SourceFile("a", b"\xff\xfe").text is None


@pytest.mark.parametrize("path, room", (
    ("service/base/a.c", "base"), ("service/host/cli/a.c", "host"), ("eventlog/a.c", "eventlog"),
    ("service/a.c", None), ("a.c", None), ("tests/unit/a.c", "tests"),
))
def test_room_of(path, room):
    assert room_of(path) == room


def test_without_a_repository_all_files_but_the_build_count(tmp_path):
    write_tree(tmp_path, {"a.c": "", "build/b.c": "", "x/build/c.c": "", "d/e.h": ""})
    assert [f.path for f in Tree(tmp_path).files] == ["a.c", "d/e.h", "x/build/c.c"]


def test_where_git_cannot_say_what_is_never_tracked_is_left_out(tmp_path):
    write_tree(tmp_path, {"a.c": "", ".git/a.c": "", "build/b.c": "", "x/__pycache__/c.py": "",
                          "x/.pytest_cache/d.py": "", ".vs/e.c": "", "x/rebuild/f.c": "",
                          "bin/g.c": "", "x/obj/h.c": "", "x/.a.c.swp": "", "x/object/i.c": ""})
    assert [f.path for f in Tree(tmp_path).files] == ["a.c", "x/object/i.c", "x/rebuild/f.c"]


def test_what_is_never_tracked_is_what_git_is_told_to_ignore():
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8").split()
    paths = [line.replace("*", "a") + "a" * line.endswith("/") for line in ignored]
    assert [path for path in paths if not re.search(UNTRACKED, path.lstrip("/"))] == []


def test_with_a_repository_git_says_what_counts(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not on the PATH")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write_tree(tmp_path, {"a.c": "", "gone.c": "", "ä b.c": "", "x.o": "", ".gitignore": "*.o\n"})
    subprocess.run(["git", "-C", str(tmp_path), "add", "a.c", "gone.c"], check=True)
    (tmp_path / "gone.c").unlink()
    assert list_paths(tmp_path) == {"a.c", "gone.c", "ä b.c", ".gitignore"}
    assert [f.path for f in Tree(tmp_path).files] == [".gitignore", "a.c", "ä b.c"]


def test_test_data_is_no_source(tmp_path):
    write_tree(tmp_path, {"tests/data/a.c": "", "tests/unit/a.c": ""})
    assert [f.path for f in Tree(tmp_path).c_files] == ["tests/unit/a.c"]
    assert len(Tree(tmp_path).files) == 2


def test_statistics():
    assert [percentile(values, 90) for values in ([], [5], list(range(1, 11)))] == [0, 5, 9]
    assert [median(values) for values in ([], [3, 1, 2])] == [0, 2]
