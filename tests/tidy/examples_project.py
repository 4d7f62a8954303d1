"""Examples for the rules about what must agree: solution and CMake, README and tables, build.

Owns no rule: each row is a small tree and what a rule must say about it. The `omsgen` of a row
is {table: what it prints}; clang-format is played by a program of test_tidy.py that dislikes the
word UGLY.
"""
from example import Bad, Good

NAMES = ("service", "psmodule", "installer", "perfcounters", "eventlog", "tests")
TARGETS = (*NAMES, "all", "omsgateway")
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def guid(name):
    return f"{{ABCDEF00-0000-0000-0000-{sum(map(ord, name)):012d}}}"


def solution(*names):
    """A solution whose projects begin in line 3, two lines for each."""
    rows = "".join(f'Project("{{8BC9}}") = "{n}", "{n}\\{n}.vcxproj", "{guid(n)}"\nEndProject\n'
                   for n in names)
    return f"\ufeff\nMicrosoft Visual Studio Solution File\n{rows}Global\nEndGlobal\n"


def project(name, target=None):
    """A .vcxproj with its GUID in line 4, the target it calls in line 5, its import in line 7."""
    return ('<?xml version="1.0" encoding="utf-8"?>\n'
            '<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003">\n'
            "  <PropertyGroup>\n"
            f"    <ProjectGuid>{guid(name)}</ProjectGuid>\n"
            f"    <OmsTarget>{target or f'--target {name}'}</OmsTarget>\n"
            "  </PropertyGroup>\n"
            '  <Import Project="..\\service\\tools\\build\\makefile.targets" />\n</Project>\n')


def agreeing(**changes):
    """A solution and projects that agree; changes replace files by their key."""
    files = {"sln": ("OMSGateway.sln", solution(*NAMES))}
    files |= {name: (f"{name}/{name}.vcxproj", project(name)) for name in NAMES}
    for key, text in changes.items():
        files[key] = (files[key][0] if key in files else f"{key}/{key}.vcxproj", text)
    return {path: text for path, text in files.values() if text is not None}


def bad_solution(at, says, targets=TARGETS, **changes):
    return Bad("sln_equals_cmake", agreeing(**changes), at, says, targets=targets)


def good_solution(**changes):
    return Good("sln_equals_cmake", agreeing(**changes), targets=TARGETS)


def readme(*blocks):
    """A README: one line, then (name, body) blocks, an empty line before each."""
    return "# Title\n" + "".join(f"\n<!-- omsgen {name} -->\n{body}<!-- end {name} -->\n"
                                 for name, body in blocks)


def bad_readme(line, says, text, omsgen):
    return Bad("readme_tables", {"README.md": text}, (f"README.md:{line}",), says, omsgen)


def bad_source(path, cmake, folder="service/"):
    return Bad("dead_files", {path: "", f"{folder}CMakeLists.txt": cmake}, (f"{path}:1",),
               "no CMakeLists.txt builds it")


def good_source(path, cmake, name="service/CMakeLists.txt", **more):
    return Good("dead_files", {path: "", name: cmake, **more})


BAD = (
    bad_solution(("OMSGateway.sln:1",), "is missing", sln=None),
    bad_solution(("OMSGateway.sln:1",), "project tests is missing", sln=solution(*NAMES[:5])),
    bad_solution(("OMSGateway.sln:15",), "project other is not wanted",
                 sln=solution(*NAMES, "other"), other=project("other", "tests")),
    bad_solution(("OMSGateway.sln:15",), "stands here once", sln=solution(*NAMES, "tests")),
    bad_solution(("OMSGateway.sln:5",), "psmodule/psmodule.vcxproj does not exist", psmodule=None),
    bad_solution(("tests/tests.vcxproj:4",), "differs from the solution's",
                 tests=project("tests").replace("ABCDEF00", "ABCDEF01")),
    bad_solution(("tests/tests.vcxproj:1",), "GUID (none)",
                 tests=project("tests").replace("ProjectGuid>", "ProjectOther>")),
    *(bad_solution(("service/service.vcxproj:5",), "say <OmsTarget>--target service<",
                   service=project("service", words))
      for words in ("service", "--target tests", "--target clean", "--target $(Name)",
                    "--target service tests", "--target service --target tests", " ")),
    bad_solution(("service/service.vcxproj:1",), "say <OmsTarget>--target service<",
                 service=project("service").replace("OmsTarget>", "Other>")),
    bad_solution(("service/service.vcxproj:5",), "once",
                 service=project("service", "--target service</OmsTarget>"
                                            "<OmsTarget>--target service")),
    bad_solution(("service/service.vcxproj:7",), "must import",
                 service=project("service").replace("makefile.t", "other.t")),
    bad_solution(("service/service.vcxproj:1",), "must import",
                 service=project("service").replace("<Import", "<Other")),
    bad_solution(("service/service.vcxproj:7",), "and nothing else",
                 service=project("service").replace("<Import", '<Import Project="x" /><Import')),
    bad_solution(("psmodule/psmodule.vcxproj:5",), "CMake has no target psmodule",
                 targets=tuple(name for name in TARGETS if name != "psmodule")),
    bad_solution(("service/service.vcxproj:3",), "not well-formed", service="<a>\n<b>\n</a>\n"),
    bad_readme(4, "table one is not what", readme(("one", "| a |\n")), {"one": TABLE}),
    bad_readme(5, "build the target readme", readme(("one", TABLE.replace("---", "--"))),
               {"one": TABLE}),
    bad_readme(6, "build the target readme", readme(("one", TABLE[:-4] + "3 |\n")), {"one": TABLE}),
    bad_readme(3, "is not what", readme(("one", "")), {"one": TABLE}),
    bad_readme(8, "is not what", readme(("one", "\n" + TABLE + "more\n")), {"one": TABLE}),
    bad_readme(3, "lists no table two", readme(("two", TABLE), ("one", TABLE)), {"one": TABLE}),
    bad_readme(1, "table two has no block", readme(("one", TABLE)), {"one": TABLE, "two": ""}),
    bad_readme(3, "does not end", readme(("one", TABLE)).replace("end one", "end"), {"one": TABLE}),
    bad_readme(3, "does not end", readme(("one", "")).replace("<!-- end one -->\n", "")
               + readme(("two", TABLE), ("one", TABLE)).replace("<!-- omsgen one -->\n", ""),
               {"one": TABLE, "two": TABLE}),
    Bad("readme_tables", {"a.md": ""}, ("README.md:1",), "table one has no block", {"one": TABLE}),
    Bad("readme_tables", {"a.md": ""}, (".:1",), "could not be judged", {}),
    Bad("format", {".clang-format": "", "a.c": "ok\nUGLY\nUGLY\n", "b.h": "UGLY\n", "c.c": "ok\n"},
        ("a.c:2", "b.h:1"), "clang-format -i"),
    Bad("format", {"a.c": "ok\n"}, (".clang-format:1",), "is missing"),
    Bad("format", {".clang-format": "BROKEN", "a.c": "ok\n"}, (".clang-format:1",), "failed"),
    bad_source("service/base/err.c", "add_library(base base/error.c)\n"),
    bad_source("service/base/err.c", "# base/err.c\n"),
    Bad("dead_files", {"service/base/err.c": "", "tests/tidy/tidy.cmake": "a(base/err.c)\n"},
        ("service/base/err.c:1",), "no CMakeLists.txt builds it"),
    bad_source("service/base/err.c", "add_library(base xerr.c)\n"),
    bad_source("service/base/deep/err.c", "file(GLOB a base/*.c)\n"),
    bad_source("service/base/err.c", "file(GLOB a *.c)\n"),
    bad_source("service/base/err.c", "add_library(base ${CMAKE_SOURCE_DIR}/base/err.c)\n"),
    bad_source("service/base/err.c", "add_library(base ${PROJECT_SOURCE_DIR}/base/err.c)\n"),
    bad_source("service/base/err.c", "math(EXPR a 2 * 3)\n", "service/base/"),
    bad_source("service/base/err.c", "room(addr span)\nadd_library(a ${name}.c)\n"),
    bad_source("eventlog/event.c", "add_library(base event.c)\n"),
    Bad("dead_files", {"service/base/err.h": '#include "base/span.h"\n',
                       "service/base/span.h": "// #include \"base/err.h\"\n"},
        ("service/base/err.h:1",), "nothing includes it"),
    Bad("top_level", {"README.md": "", "test_store.data/secret.key": "", "notes.txt": ""},
        ("notes.txt:1", "test_store.data:1"), "does not belong at the top"),
)

GOOD = (
    good_solution(),
    good_solution(tests="\ufeff" + project("tests")),
    good_solution(tests=project("tests", "\n--target tests ")),
    good_solution(tests=project("tests").replace("ABCD", "abcd")),
    good_solution(sln=solution(*reversed(NAMES)).replace("ABCD", "abcd")),
    Good("readme_tables", {"README.md": readme(("one", TABLE), ("two", "\nx\n\n"))},
         {"one": TABLE, "two": "x\n"}),
    Good("format", {".clang-format": "", "a.c": "ok\n", "a.py": "UGLY\n"}),
    Good("format", {".clang-format": "", "a.py": "UGLY\n"}),
    good_source("service/base/err.c", "room(base SOURCES base/addr.c\n    base/err.c)\n"),
    good_source("service/base/err.c", "room(base addr.c err.c)\n"),
    good_source("service/base/err.c", "file(GLOB all base/*.c)\n"),
    good_source("service/base/err.c", "file(GLOB_RECURSE all *.c)\n"),
    good_source("service/base/err.c", "a(${CMAKE_SOURCE_DIR}/service/base/err.c)\n",
                "tests/CMakeLists.txt"),
    good_source("service/base/err.c", 'a("${HERE}/base/err.c")\n', "tests/CMakeLists.txt"),
    good_source("service/base/err.c", "a(../service/base/err.c)\n", "tests/CMakeLists.txt"),
    good_source("service/base/err.c", "a($<$<BOOL:${A}>:base/err.c>)\n"),
    good_source("tests/unit/a.c", "a($<IF:x,${CMAKE_CURRENT_SOURCE_DIR}/unit/a.c,b.c>)\n",
                "tests/unit/x.cmake"),
    good_source("service/base/err.c", "f(err)\nfunction(f name)\nlib(${name} ${name}.c)\n"),
    good_source("tests/unit/unit_err.c", "function(unit name)\na(unit/unit_${name}.c)\n",
                "tests/x.cmake", **{"tests/CMakeLists.txt": "unit(err)\n"}),
    Good("dead_files", {"service/base/err.h": "", "service/host/x.def": '#include "base/err.h"\n',
                        "eventlog/ids.h": "", "service/base/a.h": "",
                        "tests/a.c": '#include "base/a.h"\n', "tests/CMakeLists.txt": "a(a.c)\n",
                        "eventlog/dll.rc": '#include "ids.h"\n'}),
    Good("top_level", {"README.md": "", ".ci/run": "", "run.sh": "", "tests/x/secret.key": ""}),
)
