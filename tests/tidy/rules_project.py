"""What must agree with what: solution and CMake, README and tables, files and the build.

Owns the solution's six projects. Must not know how the programs it runs work inside.
"""
import posixpath
import re
import shutil
import subprocess
from xml.etree import ElementTree

from source import Finding, Skip, line_of

SOLUTION = "OMSGateway.sln"
PROJECTS = ("service", "psmodule", "installer", "perfcounters", "eventlog", "tests")
IMPORT = "..\\service\\tools\\build\\makefile.targets"  # as a .vcxproj writes it
TOP = {*PROJECTS, SOLUTION, "README.md", "LICENSE", "CMakeLists.txt", "CMakePresets.json", "run.sh",
       "test.sh"}
CLANG_FORMAT_MAJOR = "14"  # Debian 12's; other versions lay out the same code differently


def sln_equals_cmake(tree):
    """The solution lists the six projects, and each builds the CMake target of its own name."""
    if tree.targets is None:
        raise Skip("no list of CMake's targets was given (--targets FILE)")
    solution = tree.by_path.get(SOLUTION)
    if solution is None:
        yield Finding(SOLUTION, 1, "is missing, the solution lists the six projects")
        return
    pattern = r'^Project\("[^"]*"\) = "([^"]*)", "([^"]*)", "([^"]*)"'
    listed = set()
    for match in re.finditer(pattern, solution.text, re.MULTILINE):
        name, path, guid = match.groups()
        line = line_of(solution.text, match.start())
        if name not in PROJECTS or name in listed:
            yield Finding(SOLUTION, line, f"project {name} is not wanted, each of "
                          f"{' '.join(PROJECTS)} stands here once")
            continue
        listed.add(name)
        path = path.replace("\\", "/")
        project = tree.by_path.get(path)
        if project is None:
            yield Finding(SOLUTION, line, f"{path} does not exist, write it or correct the path")
        else:
            yield from judge_project(tree, project, name, guid)
    for name in PROJECTS:
        if name not in listed:
            yield Finding(SOLUTION, 1, f"project {name} is missing, list it")


def judge_project(tree, project, name, guid):
    """Findings for one .vcxproj: the solution's GUID, the target of its name, the way to build."""
    try:
        root = ElementTree.fromstring(project.text.removeprefix("\ufeff"))
    except ElementTree.ParseError as error:
        yield Finding(project.path, error.position[0], f"is not well-formed XML: {error}")
        return

    def at(word):
        return line_of(project.text, max(0, project.text.find(word)))

    own = "".join(texts_of(root, "ProjectGuid"))
    if own.upper() != guid.upper():
        yield Finding(project.path, at("ProjectGuid"), f"GUID {own or '(none)'} differs from the "
                      f"solution's {guid}, make them one")
    if texts_of(root, "OmsTarget") != [f"--target {name}"]:
        yield Finding(project.path, at("OmsTarget"), "builds another target than its own, say "
                      f"<OmsTarget>--target {name}</OmsTarget>, once")
    if [element.get("Project") for element in elements(root, "Import")] != [IMPORT]:
        yield Finding(project.path, at("<Import"), f"must import {IMPORT} and nothing else: that "
                      "is how a project is built")
    if name not in tree.targets:
        yield Finding(project.path, at("OmsTarget"), f"CMake has no target {name}, is its folder "
                      "still added?")


def elements(root, name):
    """The elements of this name, whatever their namespace."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def texts_of(root, name):
    return [(element.text or "").strip() for element in elements(root, name)]


def readme_tables(tree):
    """The tables in README.md are what omsgen prints from the .def tables."""
    if tree.omsgen is None:
        raise Skip("no built omsgen was given (--omsgen PATH)")
    readme = tree.by_path.get("README.md")
    text = readme.text if readme else ""
    listed = run_omsgen(tree, "list").split()
    shown = set()
    for match in re.finditer(r"^<!-- omsgen (\S+) -->$", text, re.MULTILINE):
        name, line = match[1], line_of(text, match.start())
        shown.add(name)
        end = text.find(f"\n<!-- end {name} -->\n", match.end())
        if name not in listed:
            yield Finding("README.md", line, f"omsgen lists no table {name}, remove the block")
        elif end < 0 or "<!-- omsgen " in text[match.end():end]:
            yield Finding("README.md", line, f"the block does not end with <!-- end {name} -->")
        else:
            yield from judge_block(tree, name, line, text[match.end():end])
    for name in listed:
        if name not in shown:
            yield Finding("README.md", 1, f"table {name} has no block, add <!-- omsgen {name} --> "
                          f"and <!-- end {name} -->")


def judge_block(tree, name, line, block):
    """A finding at the first line of a block that differs from what omsgen prints."""
    wanted = run_omsgen(tree, "markdown", name).strip("\n").split("\n")
    blank_before = len(block) - len(block.lstrip("\n"))
    found = block.strip("\n").split("\n")
    if found == wanted:
        return
    same = 0
    while same < min(len(found), len(wanted)) and found[same] == wanted[same]:
        same += 1
    here = min(same, len(found) - 1)
    yield Finding("README.md", line + blank_before + here, f"table {name} is not what "
                  f"'omsgen markdown {name}' prints, build the target readme: it writes the table")


def run_omsgen(tree, *arguments):
    """What omsgen prints; when it cannot run, the program makes that a finding."""
    command = [str(tree.omsgen), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60)
    return done.stdout.decode("utf-8").replace("\r\n", "\n")


def layout(tree):
    """clang-format 14 would change nothing."""
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        raise Skip("clang-format is not on the PATH")
    version = subprocess.run([program, "--version"], stdout=subprocess.PIPE).stdout.decode()
    if f"version {CLANG_FORMAT_MAJOR}." not in version:
        raise Skip(f"clang-format {CLANG_FORMAT_MAJOR} is wanted, found: {version.strip()}")
    if ".clang-format" not in tree.by_path:
        yield Finding(".clang-format", 1, "is missing, clang-format needs it")
        return
    paths = [f.path for f in tree.c_files]
    if paths:
        yield from run_clang_format(tree, program, paths)


def run_clang_format(tree, program, paths):
    """One finding per file that clang-format would change, at the first such line."""
    done = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *paths],
                          cwd=tree.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.stdout.decode("utf-8", "replace")
    seen = set()
    for match in re.finditer(r"^([^\s:][^:\n]*):(\d+):\d+: error: ", output, re.MULTILINE):
        if match[1] not in seen:
            seen.add(match[1])
            yield Finding(match[1], int(match[2]), "is not laid out as .clang-format says, run "
                          "clang-format -i on the file")
    if done.returncode != 0 and not seen:
        yield Finding(".clang-format", 1, f"clang-format failed: {output.strip()[:200]}")


def top_level(tree):
    """At the top are the six projects and what a build needs at a root, nothing else."""
    for name in sorted({path.partition("/")[0] for path in tree.by_path}):
        if name not in TOP and not name.startswith("."):
            yield Finding(name, 1, "does not belong at the top: into a project with it, or away")


def dead_files(tree):
    """Every .c is built by some CMake file, and every .h is included by something."""
    built = list(build_patterns(tree))
    included = {name.strip('"<>') for f in tree.sources if f.suffix in (".c", ".h", ".def", ".rc")
                for _, name in f.includes}
    for file in tree.c_files:
        if file.suffix == ".c" and not any(is_built(file.path, p, words) for p, words in built):
            yield Finding(file.path, 1, "no CMakeLists.txt builds it, name it there or remove it")
        parts = file.path.split("/")
        endings = {"/".join(parts[first:]) for first in range(len(parts))}
        if file.suffix == ".h" and not endings & included:
            yield Finding(file.path, 1, "nothing includes it, include it or remove it")


def build_patterns(tree):
    """(pattern, words of all CMake files) for every word of a CMake file that names a .c file.

    The law's own CMake file does not count: it reads sources, it builds none.
    """
    words_of = {f.path: re.findall(r"[^\s()\"';<>:,]+", text) for f, text in tree.cmake_texts}
    words = {word for some in words_of.values() for word in some}
    for cmake, text in tree.cmake_texts:
        for word in set(words_of[cmake.path]):
            if word.endswith(".c") and not cmake.path.startswith("tests/tidy/"):
                yield source_pattern(cmake, word, "GLOB_RECURSE" in text), words


def source_pattern(cmake, word, crossing):
    """The paths that one word of a CMake file means; a glob stays in its folder, unless it may
    cross. A bare name means any folder below: functions and loops put folders before it. What a
    .cmake file says is read in the folder that includes it: any."""
    anywhere = "(?:.*/)?"
    folder = cmake.path.removesuffix("CMakeLists.txt")
    here = anywhere if cmake.suffix == ".cmake" else re.escape(folder)
    variable = re.match(r"\$\{(\w+)\}/", word)
    if variable:
        word = word[variable.end():]
        known = {"CMAKE_SOURCE_DIR": "", "PROJECT_SOURCE_DIR": "", "CMAKE_CURRENT_SOURCE_DIR": here}
        here = known.get(variable[1], anywhere)
    elif word.startswith("../") and here == re.escape(folder):
        word, here = posixpath.normpath(folder + word), ""
    elif "*" not in word:
        here += anywhere
    pieces = re.split(r"(\$\{\w+\}|\*)", word)
    star = ".*" if crossing else "[^/]*"
    return here + "".join(star if piece == "*" else "([^/]+)" if piece.startswith("${")
                          else re.escape(piece) for piece in pieces)


def is_built(path, pattern, words):
    """Whether a path fits; what stands for a ${VARIABLE} must itself be a word of CMake's."""
    found = re.fullmatch(pattern, path)
    return found is not None and all(part in words for part in found.groups())
