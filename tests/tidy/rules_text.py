"""What every text file owes: clean white space, a header, no leftovers.

Owns the list of words that must not appear. Must not know C beyond where a comment begins.
"""
import ast
import re

from source import CODE_SUFFIXES, Finding, line_of

# Files whose form a tool or a format decides.
TABS_ALLOWED = re.compile(r"(^|/)([Mm]akefile|rules)$|\.(mk|sln)$")
FREE_FORM = (".rtf", ".diff", ".patch")

# Written with classes so that this file does not break its own law.
LEFTOVERS = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")


def white_space(tree):
    """Text is UTF-8 with LF, without tabs and trailing blanks, and ends with one newline."""
    for file in tree.files:
        if file.text is None and file.suffix in CODE_SUFFIXES:
            yield Finding(file.path, 1, "is not UTF-8 text, save it as UTF-8")
    for file in tree.sources:
        if file.suffix in FREE_FORM:
            continue
        if "\r" in file.text:
            line = line_of(file.text, file.text.index("\r"))
            yield Finding(file.path, line, "carriage return, all lines end with LF alone")
            continue
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip():
                yield Finding(file.path, number, "trailing white space, remove it")
            elif "\t" in line and not TABS_ALLOWED.search(file.path):
                yield Finding(file.path, number, "tab, indent with 4 spaces")
        if file.text and (not file.text.endswith("\n") or file.text.endswith("\n\n")):
            yield Finding(file.path, len(file.lines), "must end with exactly one newline")


def leading_comment(file):
    """The text of the comment or docstring a file begins with; empty where there is none."""
    text = re.sub(r"\A#![^\n]*\n", "", file.text)
    if file.suffix in (".c", ".h", ".def"):
        # A linker's list of exports (.def as well) knows only lines that begin with a semicolon.
        match = re.match(r"\s*(/\*.*?\*/|(//[^\n]*\n)+|(;[^\n]*\n)+)", text, re.DOTALL)
        return match[1] if match else ""
    if file.suffix == ".py":
        try:
            return ast.get_docstring(ast.parse(text)) or ""
        except SyntaxError:
            return ""
    match = re.match(r"\s*((#[^\n]*\n)+)", text)
    return match[1] if match else ""


def file_header(tree):
    """A file begins by saying in a sentence what it is."""
    for file in tree.sources:
        if file.suffix not in (".c", ".h", ".def", ".py") and not (file.is_shell or file.is_cmake):
            continue
        comment = leading_comment(file)
        if len(re.findall(r"\w+", comment)) < 4 or not re.search(r"[.!?:](\s|\*/|$)", comment):
            yield Finding(file.path, 1, "must begin with a comment of at least one sentence: "
                          "what it is, what it owns, what it must not know")


def no_todo(tree):
    """What is left to do stands in an issue, not in a source."""
    for file in tree.sources:
        for match in LEFTOVERS.finditer(file.text):
            yield Finding(file.path, line_of(file.text, match.start()),
                          f"{match[0]} reaches no main, do it or open an issue")


def shell(tree):
    """A shell script stops at the first failure: set -eu within its first 30 lines."""
    for file in tree.sources:
        head = "\n".join(file.lines[:30])
        if file.is_shell and not re.search(r"^set -eu(o pipefail)?(\s|$)", head, re.MULTILINE):
            yield Finding(file.path, 1, "must say set -eu (or set -euo pipefail) in its first "
                          "30 lines")
