"""Examples for the rules about C itself, and about the sizes of things.

Owns no rule: each row is a small tree and what a rule must say about it.
"""
from example import Bad, Good, function
from rules_sizes import BUDGETS

STORE = BUDGETS["store"]  # a room as good as any: raising a budget breaks no example

IN_FUNCTION = "int f(void)\n{\n#if A\n    return 1;\n#endif\n    return 0;\n}\n"


def bad_if(path, line, says):
    """One conditional line that breaks no_ifdef, in line 2."""
    return Bad("no_ifdef", {path: f"\n{line}\n#endif\n"}, (f"{path}:2",), says)


def bad_call(path, call, says, rule="banned_calls"):
    """One banned call, in line 3."""
    return Bad(rule, {path: f"int f(void)\n{{\n    {call};\n}}\n"}, (f"{path}:3",), says)


def good_call(path, *calls, rule="banned_calls"):
    return Good(rule, {path: "".join(f"    {call};\n" for call in calls)})


def bad_guard(text, line, path="service/base/err.h"):
    return Bad("include_guard", {path: text}, (f"{path}:{line}",), "")


def header(guard, text=""):
    return f"/* Says what it is. */\n#ifndef {guard}\n#define {guard}\n{text}#endif\n"


def bad_name(path, text, line, says):
    return Bad("naming", {path: text}, (f"{path}:{line}",), says)


CONDITIONALS = (
    bad_if("service/io/io.c", "#ifdef _WIN32", "_WIN32"),
    bad_if("service/io/io.c", "#  if \\\n  defined(__linux__)", "__linux__"),
    bad_if("service/io/io.h", "#ifndef __MINGW32__", "__MINGW32__"),
    bad_if("service/io/io.h", "#if A /* x */ && defined WIN32", "WIN32"),
    bad_if("eventlog/events.def", "#if defined(_MSC_VER)", "_MSC_VER"),
    bad_if("psmodule/dll_main.c", "#ifdef __unix__", "__unix__"),
    bad_if("service/io/io.c", "#elif __APPLE__", "__APPLE__"),
    Bad("no_ifdef", {"service/io/io.c": IN_FUNCTION}, ("service/io/io.c:3",), "inside f"),
    Bad("no_ifdef", {"tests/unit/io.c": IN_FUNCTION}, ("tests/unit/io.c:3",), "inside f"),
    Bad("no_ifdef", {"service/io/io.c": function() + IN_FUNCTION.replace("#if A", "#ifdef A")},
        ("service/io/io.c:7",), "inside f"),
)

CALLS = (
    bad_call("service/base/err.c", "strcpy(a, b)", "strcpy() is banned"),
    bad_call("service/base/err.c", "(void)sprintf (a, b)", "snprintf"),
    bad_call("service/host/main.c", "x = atoi(a)", "base/span.h"),
    bad_call("service/host/main.c", "x = strtoull(a, NULL, 10)", "base/span.h"),
    bad_call("service/host/main.c", "scanf(a)", "base/rd.h"),
    bad_call("service/host/main.c", "strtok_r(a, b, &c)", "strtok_r()"),
    bad_call("service/host/main.c", "assert(x)", "use CHECK"),
    bad_call("service/host/main.c", "alloca(9)", "pool"),
    bad_call("service/host/main.c", "setlocale(0, a)", "locale"),
    bad_call("service/host/main.c", "x = system(a)", "shell"),
    bad_call("service/host/main.c", "tmpnam(a)", "sys/"),
    bad_call("tests/unit/base.c", "x = rand()", "seeded"),
    bad_call("tests/unit/base.c", "strcat(a, b)", "strcat()"),
    bad_call("service/io/io.c", "x = malloc(9)", "malloc() in io"),
    bad_call("service/gateway/relay.c", "free(x)", "from a pool"),
    bad_call("service/policy/decide.c", "x = calloc(1, 2)", "calloc() in policy"),
    bad_call("service/sys/sys_linux.c", "x = realloc(x, 2)", "realloc() in sys"),
    bad_call("eventlog/event.c", "x = strdup(a)", "strdup() in eventlog"),
    bad_call("perfcounters/counter.c", "x = aligned_alloc(8, 8)", "aligned_alloc()"),
    Bad("banned_calls", {"service/tls/x.h": "#define COPY(a, b) \\\n    strcpy(a, b)\n"},
        ("service/tls/x.h:2",), "strcpy()"),
    bad_call("tests/unit/base.c", "sleep(1)", "wait for what must come", "no_sleep"),
    bad_call("tests/unit/unit.h", "sleep(1)", "wait for what must come", "no_sleep"),
    bad_call("tests/conform/io_windows.c", "Sleep(1)", "Sleep in a test", "no_sleep"),
    bad_call("tests/sim/sim.c", "nanosleep(&a, 0)", "nanosleep", "no_sleep"),
    Bad("no_sleep", {"tests/e2e/test_x.py": '"""Says."""\nimport time\ntime.sleep(1)\n'},
        ("tests/e2e/test_x.py:3",), "sleep"),
    Bad("no_sleep", {"tests/bench/x.py": "from time import sleep\n\nsleep(0.1)\n"},
        ("tests/bench/x.py:3",), "sleep"),
    Bad("no_sleep", {"tests/wine/x.sh": "# sleep 1\nwhile :; do sleep 0.1; done\n"},
        ("tests/wine/x.sh:2",), "sleep"),
)

NAMES = (
    bad_guard("#pragma once\n", 1),
    bad_guard("/* No guard. */\n", 1),
    bad_guard(header("ERR_H"), 2),
    bad_guard(header("SERVICE_BASE_ERR_H"), 2),
    bad_guard(header("BASE_ERR_H").replace("#define BASE_ERR_H", "#define BASE_ER_H"), 2),
    bad_guard(header("BASE_ERR_H") + "#include <stdio.h>\n", 5),
    bad_guard('#include "base/span.h"\n' + header("BASE_ERR_H"), 1),
    bad_guard(header("BASE_CLI_H"), 2, "service/host/cli/cli.h"),
    bad_name("service/base/err.c", "typedef struct x {\n    int a;\n} x;\n", 1, "of a struct"),
    bad_name("service/base/err.h", "\n\ntypedef const enum e e;\n", 3, "typedef of a enum"),
    bad_name("psmodule/dll.c", "\ntypedef\n    union { int a; } u;\n", 2, "typedef of a union"),
    bad_name("service/base/err.h", "int span_x(void);\n", 1, "span_x begins with none of err_"),
    bad_name("service/base/err.h", "struct s {\n    int (*f)(int);\n};\nMUST int\n"
             "g(int (*cb)(int));\n", 5, "g begins with none"),
    bad_name("service/base/err.h", "static inline int twice(int a)\n{\n    return err_f(a);\n}\n"
             "int err_g(void);\n", 1, "twice"),
    bad_name("service/base/err.h", "int service_f(void);\n", 1, "begins with none"),
    bad_name("service/base/err.h", "}\nint g(void);\n", 2, "g begins with none"),
    bad_name("eventlog/event.h", "int post(void);\n", 1, "event_ eventlog_"),
)

SIZES = (
    Bad("file_size", {"service/base/a.c": ";\n" * 701}, ("service/base/a.c:701",), "701 lines"),
    Bad("file_size", {"tests/e2e/a.py": "a = 1\n" * 702}, ("tests/e2e/a.py:701",), "702 lines"),
    Bad("file_size", {"CMakeLists.txt": "\n" * 800}, ("CMakeLists.txt:701",), "800 lines"),
    Bad("line_length", {"a.c": "\n" + "x" * 101 + "\n"}, ("a.c:2",), "101 columns, at most 100"),
    Bad("line_length", {"a.sh": "x" * 101}, ("a.sh:1",), "at most 100"),
    Bad("line_length", {"a.txt": "x" * 101}, ("a.txt:1",), "at most 100"),
    Bad("line_length", {"a.cmake": "x" * 101}, ("a.cmake:1",), "at most 100"),
    Bad("line_length", {".ci/run": "x" * 101}, (".ci/run:1",), "at most 100"),
    Bad("line_length", {"a.def": "x" * 221}, ("a.def:1",), "at most 220"),
    Bad("function_size", {"a.c": function("big", 69)}, ("a.c:2",), "big has 71 lines"),
    Bad("function_size", {"tests/a.c": function() + function("big", 100)}, ("tests/a.c:6",), "102"),
    Bad("function_size", {"a.c": "int f(void)\n{\n    ;\n  }\n"}, ("a.c:2",), "does not end"),
    Bad("function_size", {"a.c": "\nint f(void) {\n}\n"}, ("a.c:2",), "alone on its line"),
    Bad("budgets", {"service/store/a.c": "\n" * 100, "service/store/a.h": "\n" * (STORE - 99)},
        ("service/store:1",), f"{STORE + 1} lines of C, the budget is {STORE}"),
    Bad("budgets", {"service/host/cli/a.c": "\n" * 9999}, ("service/host:1",), "9999 lines"),
    *(Bad("budgets", {f"{room}/a.c": "\n" * 9999}, (f"{room}:1",), "9999 lines of C")
      for room in ("eventlog", "perfcounters", "psmodule", "installer")),
    Bad("budgets", {"service/attic/a.c": "\n"}, ("service/attic:1",), "the budget is 0"),
)

BAD = CONDITIONALS + CALLS + NAMES + SIZES

GOOD = (
    Good("no_ifdef", {"service/base/a.h": header("BASE_A_H", "#if defined(__GNUC__)\n#endif\n")}),
    Good("no_ifdef", {"service/base/a.c": function() + "#ifndef NDEBUG\n#endif\n" + function()}),
    Good("no_ifdef", {"service/base/a.c": "/*\n#ifdef _WIN32 */\nchar *a = \"\\\n#if _WIN32\";\n"}),
    Good("no_ifdef", {"service/base/a.c": "int f(void)\n{\n#define A(x) 1,\n"
                                          "#include \"a.def\"\n}\n"}),
    Good("no_ifdef", {"service/tools/a.cmake": "#if _WIN32\n"}),
    Good("no_ifdef", {"tests/unit/a.c": "#ifdef _WIN32\n#endif\n"}),
    good_call("service/base/err.c", "strlen(a)", "snprintf(a, 1, b)", "static_assert(1, a)",
              "_Static_assert(1, a)", "assert_true(1)", "my_strcpy(a)", "p->free(x)", "p.system(x)",
              "system", "random(x)", "/* strcpy(a, b) */", 'a = "strcpy(a, b)"'),
    *(good_call(f"{folder}x.c", "free(malloc(1))") for folder in (
        "service/store/", "service/document/", "service/fetch/", "service/report/",
        "service/host/cli/", "service/tools/", "psmodule/", "installer/", "tests/unit/")),
    good_call("service/policy/compile.c", "free(malloc(1))"),
    good_call("tests/unit/pool.c", "sleepy(1)", "x.sleep", "// sleep(1)", rule="no_sleep"),
    good_call("service/host/host_windows.c", "Sleep(1)", rule="no_sleep"),
    Good("no_sleep", {"tests/e2e/a.py": '"""time.sleep(1)"""\na = "sleep(1)"  # sleep(1)\n'}),
    Good("no_sleep", {"tests/a.md": "sleep 1\n", "tests/wine/a.sh": "# sleep 1\nsleeper 1\n"}),
    Good("include_guard", {
        "service/base/err.h": header("BASE_ERR_H"),
        "service/host/cli/cli.h": header("HOST_CLI_CLI_H", "#if A\n#endif\n"),
        "eventlog/event.h": header("EVENTLOG_EVENT_H"),
        "tests/unit/fake.h": header("UNIT_FAKE_H"),
        "tests/sim/fake.h": header("TESTS_SIM_FAKE_H"),
        "tests/unit.h": header("TESTS_UNIT_H"),
        "service/base/err.c": "#include <stdio.h>\n",
    }),
    Good("naming", {
        "service/base/err.h": "#define ERR(a) f(a)\nstatic_assert(sizeof(int) == 4, \"\");\n"
                              "enum err {\n    A = (1)\n};\nMUST_CHECK PRINTS(1, 2) enum err\n"
                              "err_f(int (*g)(int), struct x *x);\n"
                              "static inline int err_i(void)\n{\n    if (g()) {\n    }\n    g();\n"
                              "    return h();\n}\ntypedef int done(int);\n"
                              "_Alignas(16) extern int (*const table)(int);\n",
        "service/base/addr.h": "int cidr_parse(void);\nint port_parse(void);\nint addr_x(void);\n"
                               "int endpoint_parse(void);\n",
        "service/policy/decide.h": "int policy_decide(void);\n",
        "service/host/cli/cli_run.h": "int cli_f(void);\nint cli_run_f(void);\n",
        "service/base/err.c": "typedef int (*done)(struct x *);\nint other(void);\n",
        "tests/unit/fake.h": "typedef struct x x;\nint anything(void);\n",
    }),
    Good("file_size", {"service/base/a.c": ";\n" * 700, "a.md": "\n" * 900, "a.def": "\n" * 900,
                       "tests/data/a.txt": "\n" * 900}),
    Good("line_length", {"a.c": "x" * 100 + "\n", "a.md": "x" * 300, "a.def": "ä" * 220,
                         "a.json": "x" * 300, "tests/data/a.txt": "x" * 300}),
    Good("function_size", {"a.c": function("f", 68) + "struct x {\n    int a;\n};\n"
                                  "int b[] = {\n    f(1),\n};\n#define A do {\\\n} while (0)\n"}),
    Good("budgets", {"service/store/a.c": "\n" * STORE, "service/store/a.def": "\n" * 900,
                     "tests/unit/a.c": "\n" * 30000, "a.c": "\n"}),
)
