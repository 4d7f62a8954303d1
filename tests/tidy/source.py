"""What the rules read: the files of the tree, and C or Python seen without comments and strings.

Owns loading, stripping (line numbers stay), preprocessor lines and the finding of C functions.
Must not know any rule.
"""
import io
import re
import shutil
import statistics
import subprocess
import tokenize
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

CODE_SUFFIXES = (".c", ".h", ".def", ".py", ".sh", ".cmake")
# As .gitignore has it.
UNTRACKED = r"^build/|^\.git/|(^|/)(__pycache__|\.pytest_cache|bin|obj|\.vs)/|\.swp$"
DATA = "tests/data/"  # bytes on purpose as they are: no law about form holds there


class Finding(NamedTuple):
    """One broken rule at one place; the sentence says what is wrong and what would be right."""

    path: str
    line: int
    sentence: str


class Skip(Exception):
    """Raised by a rule that cannot run here; it carries the reason, and the rule did not pass."""


class Directive(NamedTuple):
    """One preprocessor line, continuations joined; `rest` is without comments."""

    line: int
    last: int
    word: str
    rest: str


class Function(NamedTuple):
    """A C function body, from the line of its `{` to the line of its `}`."""

    name: str
    start: int
    end: int
    closed: bool

    @property
    def size(self):
        return self.end - self.start + 1


_C_TOKENS = re.compile(
    r"""(?P<comment>//(?:\\.|[^\\\n])*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<literal>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)


def blank(text):
    """The same number of lines and columns, with nothing on them."""
    return re.sub(r"[^\n]", " ", text)


def strip_c(text, keep_strings=False):
    """C without comments and, unless kept, with empty strings and characters."""

    def replace(match):
        found = match.group()
        if match["comment"]:
            return blank(found)
        return found if keep_strings else found[0] + blank(found[1:-1]) + found[-1]

    return _C_TOKENS.sub(replace, text)


def strip_python(text):
    """Python without comments and strings; text that cannot be read comes back as it is."""
    lines = text.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                _blank_span(lines, token.start, token.end)
    except (tokenize.TokenError, SyntaxError):
        return text
    return "\n".join(lines)


def _blank_span(lines, start, end):
    for row in range(start[0], end[0] + 1):
        line = lines[row - 1]
        begin = start[1] if row == start[0] else 0
        stop = end[1] if row == end[0] else len(line)
        lines[row - 1] = line[:begin] + " " * (stop - begin) + line[stop:]


def line_of(text, position):
    """The line number of a position in a text."""
    return text.count("\n", 0, position) + 1


def find_directives(code, bare):
    """Every preprocessor line: looked for where strings are empty, read where they are not."""
    pattern = re.compile(r"^[ \t]*#[ \t]*(\w+)((?:\\\n|[^\n])*)", re.MULTILINE)
    for match in pattern.finditer(code):
        first = line_of(code, match.start())
        rest = bare[match.start(2):match.end(2)].replace("\\\n", " ").strip()
        yield Directive(first, first + match[2].count("\n"), match[1], rest)


def find_name(declaration):
    """The name of the function that a declaration declares: (name, position), or None.

    Upper case words before a parenthesis are macros (attributes), never functions.
    """
    for match in re.finditer(r"\b([A-Za-z_]\w*)\(", declaration):
        word = match[1]
        keyword = re.match(r"__|_?alignas|_?static_assert|sizeof", word, re.IGNORECASE)
        if word.upper() != word and not keyword:
            return word, match.start()
    return None


def find_functions(plain):
    """Functions in C text without comments, strings and preprocessor lines.

    Relies on the page's law: a body opens with `{` and closes with `}`, each at column 0.
    """
    lines, start = plain.split("\n"), None
    for number, line in enumerate(lines, 1):
        if start is None and line.rstrip() == "{":
            start = number
        elif start is not None and line.startswith("}"):
            yield Function(_name_above(lines, start), start, number, True)
            start = None
    if start is not None:
        yield Function(_name_above(lines, start), start, len(lines), False)


def _name_above(lines, start):
    above = "\n".join(lines[: start - 1])
    found = find_name(re.split(r"[;}]", above)[-1])
    return found[0] if found else "(no name)"


class SourceFile:
    """One file: its path from the root, its text, and the views the rules need."""

    def __init__(self, path, data):
        self.path = path
        self.name = path.rsplit("/", 1)[-1]
        self.suffix = Path(self.name).suffix
        self.is_test = path.startswith("tests/")
        try:
            self.text = None if b"\0" in data else data.decode("utf-8")
        except UnicodeDecodeError:
            self.text = None

    @cached_property
    def lines(self):
        """The lines without their ends; a missing last newline changes nothing here."""
        return self.text.removesuffix("\n").split("\n") if self.text else []

    @property
    def is_shell(self):
        return self.suffix == ".sh" or self.path == ".ci/run"

    @property
    def is_cmake(self):
        return self.suffix == ".cmake" or self.name == "CMakeLists.txt"

    @cached_property
    def bare(self):
        """C without comments."""
        return strip_c(self.text, keep_strings=True)

    @cached_property
    def code(self):
        """C or Python without comments, and with empty strings."""
        return strip_python(self.text) if self.suffix == ".py" else strip_c(self.text)

    @cached_property
    def directives(self):
        return list(find_directives(self.code, self.bare))

    @cached_property
    def plain(self):
        """`code` without preprocessor lines: what is left is C alone."""
        lines = self.code.split("\n")
        for directive in self.directives:
            for number in range(directive.line, directive.last + 1):
                lines[number - 1] = ""
        return "\n".join(lines)

    @cached_property
    def functions(self):
        return list(find_functions(self.plain))

    @cached_property
    def includes(self):
        """(line, name with its quotes or angle brackets) of every #include."""
        return [(d.line, d.rest) for d in self.directives if d.word == "include"]


class Tree:
    """All files under one root; the built omsgen and CMake's targets where they were given."""

    def __init__(self, root, omsgen=None, targets=None):
        self.root = Path(root).resolve()
        self.omsgen = omsgen
        self.targets = targets
        paths = sorted(p for p in list_paths(self.root) if (self.root / p).is_file())
        self.files = [SourceFile(p, (self.root / p).read_bytes()) for p in paths]
        self.by_path = {f.path: f for f in self.files}

    @cached_property
    def sources(self):
        """Every text file that is not test data."""
        return [f for f in self.files if f.text is not None and not f.path.startswith(DATA)]

    @cached_property
    def c_files(self):
        return [f for f in self.sources if f.suffix in (".c", ".h")]

    @cached_property
    def cmake_texts(self):
        """(file, text without comments) of every CMake file."""
        return [(f, re.sub(r"#[^\n]*", "", f.text)) for f in self.sources if f.is_cmake]


def list_paths(root):
    """What git tracks or would track; where git cannot say, all files but what is never tracked."""
    if (root / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
        answer = subprocess.run(command, check=False, capture_output=True)
        if answer.returncode == 0:
            return {path for path in answer.stdout.decode("utf-8").split("\0") if path}
    paths = (p.relative_to(root).as_posix() for p in root.rglob("*"))
    return {path for path in paths if not re.search(UNTRACKED, path)}


def room_of(path):
    """The room a path belongs to: `base` for service/base/x.c, `eventlog` for eventlog/x.c."""
    parts = path.split("/")
    if parts[0] == "service":
        return parts[1] if len(parts) > 2 else None
    return parts[0] if len(parts) > 1 else None


def percentile(values, share):
    """The nearest-rank percentile; 0 where there are no values."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0


def median(values):
    return statistics.median(values) if values else 0
