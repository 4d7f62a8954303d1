"""How our C is written: preprocessor conditionals, banned calls, include guards, names.

Owns the tables of banned calls and of extra name prefixes. Must not know floors or sizes.
"""
import re

from source import Finding, find_name, line_of, room_of

PLATFORM = re.compile(
    r"\b(_?WIN(32|64)|__WIN(32|64)__|_WINDOWS|__MINGW(32|64)__|__CYGWIN__|_MSC_VER|_MSC_FULL_VER"
    r"|__(gnu_)?linux(__)?|linux|__unix(__)?|unix|__ANDROID__|__APPLE__|__MACH__|__FreeBSD__"
    r"|_POSIX_VERSION|__GLIBC__)\b"
)
# Product files that may ask for the platform outside a function. Empty on purpose.
IFDEF_ALLOWED = frozenset()

BANNED = {
    "strcpy strcat strncpy strncat wcscpy wcscat wcsncpy wcsncat lstrcpy lstrcpyA lstrcpyW "
    "lstrcat lstrcatA lstrcatW": "write through base/out.h, which knows its bound",
    "sprintf vsprintf wsprintf wsprintfA wsprintfW": "use snprintf, which knows the size",
    "gets scanf sscanf fscanf strtok strtok_r wcstok": "read with base/rd.h or base/span.h",
    "atoi atol atoll atof strtol strtoul strtoll strtoull strtoimax strtoumax strtod strtof "
    "strtold wcstol wcstoul wcstoll wcstoull wcstod": "parse with base/span.h, strictly",
    "alloca _alloca": "use a fixed buffer or a pool",
    "assert": "use CHECK of base/check.h, which is always on",
    "setlocale": "the program knows no locale",
    "system popen _popen _wsystem _wpopen": "start no shell",
    "tmpnam mktemp _mktemp _tempnam tempnam": "let sys/ make the file",
    "rand srand": "use the random of crypto/, in tests a seeded generator of our own",
}
SLEEPS = "sleep usleep nanosleep clock_nanosleep thrd_sleep Sleep SleepEx"
ALLOCATORS = "malloc calloc realloc reallocarray free aligned_alloc posix_memalign strdup strndup"
# Rooms and files (path starts) that may allocate: none of them is on the data path.
MAY_ALLOCATE = (
    "service/admin/load", "service/admin/text", "service/store/", "service/document/",
    "service/fetch/", "service/report/", "service/host/", "service/tools/",
    "service/policy/compile", "psmodule/", "installer/", "tests/",
)

# Prefixes that functions of a header may begin with, beside the header's and its folders' names.
EXTRA_PREFIXES = {
    "service/base/addr.h": ("cidr_", "port_", "endpoint_"),
    # A header for the files of one thing: each function is named for the file it is in.
    "service/gateway/tunnel.h": ("request_", "dial_", "parent_", "handshake_", "relay_", "report_",
                                 "half_"),
    "service/host/engine_inside.h": ("engine_", "reload_"),
}


def no_ifdef(tree):
    """A platform difference is a file; a function holds no preprocessor conditional at all."""
    for file in tree.sources:
        if file.suffix not in (".c", ".h", ".def"):
            continue
        for directive in file.directives:
            wrong = judge_conditional(file, directive)
            if wrong:
                yield Finding(file.path, directive.line, wrong)


def judge_conditional(file, directive):
    """What is wrong with one #if, #ifdef, #ifndef or #elif, or None."""
    if not re.fullmatch(r"if|ifn?def|elif|elifn?def", directive.word):
        return None
    inside = [f for f in file.functions if f.start < directive.line < f.end]
    if inside:
        return f"#{directive.word} inside {inside[0].name}, make it a function or file of its own"
    platform = PLATFORM.search(directive.rest)
    if platform and not file.is_test and file.path not in IFDEF_ALLOWED:
        return f"#{directive.word} asks for {platform[0]}, a platform difference is a file"
    return None


def calls(code, names):
    """(line, name) of every call of one of the names; members and longer names do not count."""
    pattern = rf"(?<![\w.])(?<!->)({'|'.join(names.split())})\s*\("
    for match in re.finditer(pattern, code):
        yield line_of(code, match.start()), match[1]


def banned_calls(tree):
    """No call without a bound, a locale, a shell or hidden state; no heap on the data path."""
    for file in tree.c_files:
        for names, remedy in BANNED.items():
            for line, name in calls(file.code, names):
                yield Finding(file.path, line, f"{name}() is banned, {remedy}")
        if not file.path.startswith(MAY_ALLOCATE):
            for line, name in calls(file.code, ALLOCATORS):
                yield Finding(file.path, line, f"{name}() in {room_of(file.path)}, memory here "
                              "is reserved at start: take it from a pool")


def no_sleep(tree):
    """A test never sleeps: it waits for a line, a port, a revision or a state."""
    for file in tree.sources:
        if not file.is_test:
            continue
        for line, name in sleeps(file):
            yield Finding(file.path, line, f"{name} in a test, wait for what must come instead")


def sleeps(file):
    """(line, word) of every sleep in a test's C, Python or shell."""
    if file.suffix in (".c", ".h"):
        yield from calls(file.code, SLEEPS)
    elif file.suffix == ".py":
        for match in re.finditer(r"(?<!\w)(\w+\.)?sleep\s*\(", file.code):
            yield line_of(file.code, match.start()), "sleep"
    elif file.is_shell:
        for match in re.finditer(r"^[^#\n]*?\bsleep +[\d.\"$]", file.text, re.MULTILINE):
            yield line_of(file.text, match.start()), "sleep"


def guards_of(path):
    """The guards a header may carry: its path as an #include writes it, in capitals."""
    names = {re.sub(r"^(service|tests)/", "", path)}
    if path.startswith("tests/"):
        names.add(path)
    return {re.sub(r"\W", "_", name).upper() for name in names}


def include_guard(tree):
    """A header is guarded by ROOM_FILE_H, around all of its other preprocessor lines."""
    for file in tree.c_files:
        if file.suffix != ".h":
            continue
        wanted = guards_of(file.path)
        found = [(d.word, d.rest) for d in file.directives]
        guard = found[0][1] if found else ""
        if guard not in wanted or found[:2] != [("ifndef", guard), ("define", guard)]:
            line = file.directives[0].line if found else 1
            yield Finding(file.path, line, "must begin with #ifndef and #define of "
                          f"{min(wanted, key=len)}")
        elif found[-1][0] != "endif":
            yield Finding(file.path, file.directives[-1].line, "stands after the guard, "
                          "#endif comes last")


def outside_braces(plain):
    """C text in which everything between braces is blank."""
    depth, out = 0, []
    for char in plain:
        depth -= char == "}" and depth > 0
        out.append(char if depth == 0 or char == "\n" else " ")
        depth += char == "{"
    return "".join(out)


def declared_functions(header):
    """(name, line) of every function that a header declares or defines."""
    text = outside_braces(header.plain)
    for match in re.finditer(r"[^;}]+", text):
        found = find_name(match.group())
        if found and not match.group().lstrip().startswith("typedef"):
            yield found[0], line_of(text, match.start() + found[1])


def prefixes_of(path):
    """What the functions of a header may begin with: its own name, its folders', the extras."""
    folders = path.removeprefix("service/").split("/")[:-1]
    own = path.rsplit("/", 1)[-1].removesuffix(".h")
    return (f"{own}_", *(f"{folder}_" for folder in folders), *EXTRA_PREFIXES.get(path, ()))


def naming(tree):
    """Structs have no typedef, and a header's functions begin with its name or its room's."""
    for file in tree.c_files:
        if file.is_test:
            continue
        for match in re.finditer(r"\btypedef\s+((const|volatile)\s+)*(struct|enum|union)\b",
                                 file.plain):
            yield Finding(file.path, line_of(file.plain, match.start()),
                          f"typedef of a {match[3]}, say {match[3]} where it is used")
        if file.suffix == ".h":
            yield from judge_names(file)


def judge_names(header):
    """Findings for functions of a header that do not begin with one of its prefixes."""
    prefixes = prefixes_of(header.path)
    for name, line in declared_functions(header):
        if not name.startswith(prefixes):
            yield Finding(header.path, line, f"{name} begins with none of {' '.join(prefixes)}"
                          " (extra prefixes: tests/tidy/rules_c.py)")
