"""Proves the rules: each fires on its bad examples, at the right line, and is silent on good ones.

Owns the runner of the example tables and the tests of the program itself. What breaks a rule
stands in examples_*.py, one row each.
"""
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import examples_c
import examples_floors
import examples_project
import examples_text
import tidy
from example import function, write_tree
from rules_floors import BESIDE, BY_FILE_NAME, UNITS
from rules_sizes import BUDGETS
from source import Skip, Tree

TABLES = (examples_floors, examples_c, examples_text, examples_project)
BAD = [row for table in TABLES for row in table.BAD]
GOOD = [row for table in TABLES for row in table.GOOD]
BY_NAME = {rule.name: rule for rule in tidy.RULES}

FAKE_CLANG_FORMAT = """#!/bin/sh
if [ "$1" = --version ]; then echo "Debian clang-format version 14.0.6"; exit; fi
if grep -q BROKEN .clang-format; then echo "invalid configuration" >&2; exit 1; fi
[ "$#" -gt 3 ] || { echo "no file, would read stdin" >&2; exit 1; }
status=0
for file in "$@"; do
    case $file in -*) continue ;; esac
    for line in $(grep -n UGLY "$file" | cut -d: -f1); do
        echo "$file:$line:1: error: code should be clang-formatted" >&2
        status=1
    done
done
exit $status
"""


def name_of(row):
    return f"{row.rule}-{next(iter(row.files), 'empty')}"


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def write_omsgen(folder, tables):
    """A program that answers like omsgen; without tables it fails."""
    if not tables:
        return write_program(folder / "omsgen", "#!/bin/sh\nexit 1\n")
    cases = f"    list) printf '%s\\n' {' '.join(tables)} ;;\n" + "".join(
        f"    'markdown {name}') cat <<'END'\n{text}END\n    ;;\n"
        for name, text in tables.items())
    return write_program(folder / "omsgen", f"#!/bin/sh\ncase \"$*\" in\n{cases}esac\n")


@pytest.fixture(autouse=True, name="fake_clang_format")
def make_clang_format(tmp_path_factory, monkeypatch):
    """Ahead of the real one, so that the examples need no clang-format."""
    program = tmp_path_factory.mktemp("bin") / "clang-format-14"
    write_program(program, FAKE_CLANG_FORMAT)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return program


@pytest.fixture(name="judge")
def make_judge(tmp_path):
    """A function that writes a row's tree and runs its rule over it."""

    def judge(row):
        root = tmp_path / "tree"
        root.mkdir()
        write_tree(root, row.files)
        omsgen = None if row.omsgen is None else write_omsgen(tmp_path, row.omsgen)
        return tidy.run(BY_NAME[row.rule], Tree(root, omsgen, row.targets))

    return judge


@pytest.mark.parametrize("row", BAD, ids=name_of)
def test_bad_example_is_found(row, judge):
    found = judge(row)
    assert tuple(f"{path}:{line}" for path, line, _ in found) == row.at
    assert all(row.says in sentence for _, _, sentence in found), found


@pytest.mark.parametrize("row", GOOD, ids=name_of)
def test_good_example_is_silent(row, judge):
    assert not judge(row)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_rule_has_examples_and_a_sentence(name):
    assert any(row.rule == name for row in BAD), "a rule without a proof"
    assert any(row.rule == name for row in GOOD), "a rule that may always fire"
    assert BY_NAME[name].sentence.endswith(".")


def test_examples_name_rules_that_exist():
    assert {row.rule for row in BAD + GOOD} == set(BY_NAME)


def test_every_rule_function_is_registered():
    """What takes a tree and makes findings is a rule; one that no table names would be silent."""
    modules = {Path(path).stem for path in Path(tidy.__file__).parent.glob("rules_*.py")}
    functions = [f for name in modules for _, f in inspect.getmembers(sys.modules[name],
                                                                      inspect.isfunction)]
    rules = {f for f in functions if list(inspect.signature(f).parameters) == ["tree"]
             and "Finding(" in inspect.getsource(f)}
    assert rules == {rule.judge for rule in tidy.RULES}


def test_the_suite_of_rules_is_complete():
    assert len(BY_NAME) == len(tidy.RULES) == 20


def test_every_room_has_a_floor_and_a_budget():
    halves = {unit for names in BY_FILE_NAME.values() for unit in names.values()}
    assert set(BUDGETS) == (set(UNITS) - halves) | set(BESIDE) | set(BY_FILE_NAME)


def test_readme_tables_without_omsgen_is_a_skip(tmp_path):
    with pytest.raises(Skip, match="no built omsgen"):
        tidy.run(BY_NAME["readme_tables"], Tree(tmp_path))


def test_sln_equals_cmake_without_targets_is_a_skip(tmp_path):
    with pytest.raises(Skip, match="no list of CMake's targets"):
        tidy.run(BY_NAME["sln_equals_cmake"], Tree(tmp_path))


def test_format_of_another_version_is_a_skip(tmp_path, fake_clang_format):
    write_program(fake_clang_format, "#!/bin/sh\necho version 19.1.0\n")
    with pytest.raises(Skip, match="14 is wanted, found: version 19"):
        tidy.run(BY_NAME["format"], Tree(tmp_path))


def test_format_without_the_program_is_a_skip(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skip, match="not on the PATH"):
        tidy.run(BY_NAME["format"], Tree(tmp_path))


def test_program_prints_figures(tmp_path, capsys):
    checks = "    CHECK(a);\n"
    write_tree(tmp_path, {
        "service/io/io.c": "/* x. */\n" + function("io_one", 4, checks) + function("io_two", 1),
        "service/tls/long.c": "/* x */\n" * 501,
        "service/gateway/relay.c": function("relay", 3, checks),
        "long.md": "x\n" * 600,
        "tests/unit/a.c": function("test_one", 9),
    })
    assert tidy.main(["--root", str(tmp_path), "--figures"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"  io               12    {BUDGETS['io']}" in lines
    assert "  together        519   20000" in lines
    assert "  tests            12    none" in lines
    assert ("functions of product: 3, median 5, p90 6, "
            "longest 6 io_one (service/io/io.c)") in lines
    assert [line for line in lines if line.startswith("above")] == [
        "above 500 lines: service/tls/long.c has 501"]
    assert "CHECKs in gateway: 3 in 1 functions, 3.0 each, 2 wanted" in lines
    assert "CHECKs in io: 4 in 2 functions, 2.0 each, 2 wanted" in lines


def test_program_says_what_it_skipped(tmp_path, capsys):
    write_tree(tmp_path, {"a.txt": "x\n"})
    assert tidy.main(["--root", str(tmp_path), "line_length", "readme_tables"]) == 77
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["SKIPPED readme_tables: no built omsgen was given (--omsgen PATH)",
                     "tidy: 1 rules, 1 files, 0 findings"]


def test_program_fails_on_findings_beside_a_skip(tmp_path):
    write_tree(tmp_path, {"a.txt": "x \n"})
    assert tidy.main(["--root", str(tmp_path), "white_space", "readme_tables"]) == 1


def test_program_fails_on_findings(tmp_path, capsys):
    write_tree(tmp_path, {"service/base/a.c": "/* Says what it is. */\nint x = atoi(a);\n"})
    assert tidy.main(["--root", str(tmp_path), "banned_calls", "floors"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("service/base/a.c:2: banned_calls: atoi() is banned, ")
    assert out.endswith("tidy: 2 rules, 1 files, 1 findings\n")


def test_program_runs_all_rules_when_none_is_named(tmp_path, capsys):
    targets, root = tmp_path / "targets.txt", tmp_path / "tree"
    targets.write_text("all\n", encoding="utf-8")
    root.mkdir()
    assert tidy.main(["--root", str(root), "--targets", str(targets)]) == 1
    out = capsys.readouterr().out
    assert "OMSGateway.sln:1: sln_equals_cmake: is missing" in out
    assert out.endswith(f"tidy: {len(tidy.RULES) - 1} rules, 0 files, 2 findings\n")


def test_program_leaves_out_what_it_is_told(tmp_path, capsys):
    write_tree(tmp_path, {"a.txt": "x \n"})
    assert tidy.main(["--root", str(tmp_path), "--but", "white_space", "white_space", "shell"]) == 0
    assert capsys.readouterr().out == "tidy: 1 rules, 1 files, 0 findings\n"


def test_program_refuses_unknown_rules(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        tidy.main(["--root", str(tmp_path), "nonsense"])
    assert end.value.code == 2
    assert "no rule nonsense" in capsys.readouterr().err


def test_program_lists_rules(capsys):
    assert tidy.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(BY_NAME)


def test_program_runs_from_any_folder(tmp_path):
    done = subprocess.run([sys.executable, tidy.__file__, "--root", str(tmp_path), "floors"],
                          cwd=tmp_path, stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode().splitlines()[-1] == "tidy: 1 rules, 0 files, 0 findings"
