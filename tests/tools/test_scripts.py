"""test.sh and run.sh: what they run, what they say at the end, and their exit status.

Owns a copy of the scripts beside pretended programs (cmake, ctest, dpkg-query and what else they
call), which write down how they were called. Must not know what a build or a test does.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ("test.sh", "run.sh", "service/tools/build/setup.sh", "tests/wine/session.sh")
STEADY = ROOT / "tests/steady.sh"
CALL = '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n'
CMAKE = """
case "$*" in
*"--build"*figures*) echo figures ;;
*"--build"*) ;;
*) mkdir -p "build/$2/Testing/Temporary"; touch "build/$2/build.ninja" ;;
esac
case "$*
" in *"$FAIL_CMAKE"*) exit 3 ;; esac
"""
SUMMARY = "90% tests passed, {failed} tests failed out of {all}"
PROGRAMS = {
    "cmake": CMAKE,
    "ctest": f"echo '{SUMMARY.format(failed=0, all=10)}'\n",
    "dpkg-query": "printf installed\n",
    "gcovr": "",
    "wine": "",
    "wineserver": "",
}
NEVER = "this is never called"


class Checkout:
    """The scripts in a folder of their own."""

    def __init__(self, folder: pathlib.Path):
        self.root, self.bin, self.calls_file = folder / "tree", folder / "bin", folder / "calls"
        for script in SCRIPTS:
            (self.root / script).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / script, self.root / script)
        self.bin.mkdir()
        for name, body in PROGRAMS.items():
            self.program(name, body)

    def program(self, name: str, body: str) -> None:
        (self.bin / name).write_text(CALL + body, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def run(self, script: str, *words: str, fail_cmake: str = NEVER):
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.bin),
                       "CALLS": str(self.calls_file), "FAIL_CMAKE": fail_cmake}
        return subprocess.run([self.root / script, *words], env=environment, capture_output=True,
                              text=True, check=False, start_new_session=True)

    def calls(self, pattern: str) -> list[str]:
        if not self.calls_file.exists():
            return []
        return re.findall(rf"^{pattern}$", self.calls_file.read_text(encoding="utf-8"), re.M)


@pytest.fixture(name="checkout")
def make_checkout(tmp_path):
    return Checkout(tmp_path)


def rows(result: subprocess.CompletedProcess) -> list[str]:
    """The rows of the table, without the seconds; the last line is the sum."""
    *_, table = result.stdout.split("figures\n\n")
    return [re.sub(r" +", " ", re.sub(r" +\d+ s$", "", line)) for line in table.splitlines()]


@pytest.mark.parametrize("words, presets", [
    (["quick"], ["native"]), ([], ["native", "asan", "tsan", "fuzz", "windows"]),
    (["full"], ["native", "asan", "tsan", "fuzz", "coverage", "windows"]),
])
def test_a_tier_runs_its_presets(checkout, words, presets):
    result = checkout.run("test.sh", *words)
    assert result.returncode == 0, result.stdout + result.stderr
    assert checkout.calls(r"ctest --preset (\w+) --parallel \d+") == presets
    assert rows(result) == [f"{preset} 10 passed 0 failed 0 skipped" for preset in presets] + [
        f"{10 * len(presets)} passed, 0 failed, 0 skipped"]
    assert "failed (status" not in result.stderr
    assert len(checkout.calls("gcovr .*")) == ("coverage" in presets)


def test_the_tier_is_told_to_the_tests(checkout):
    checkout.program("ctest", f'echo "tier $OMS_TIER"; {PROGRAMS["ctest"]}')
    assert "tier quick\n" in checkout.run("test.sh", "quick").stdout


def test_all_presets_run_though_one_fails(checkout):
    checkout.program("ctest", f"""case $2 in
        asan) echo '{SUMMARY.format(failed=2, all=10)}'
            printf '\\t  7 - unit_span (Failed)\\n'; exit 8 ;;
        *) echo '{SUMMARY.format(failed=0, all=10)}' ;;
        esac\n""")
    result = checkout.run("test.sh")
    assert result.returncode == 8
    assert "test.sh failed (status 8) while: testing: asan" in result.stderr
    assert rows(result) == [
        "native 10 passed 0 failed 0 skipped", "asan 8 passed 2 failed 0 skipped",
        "tsan 10 passed 0 failed 0 skipped", "fuzz 10 passed 0 failed 0 skipped",
        "windows 10 passed 0 failed 0 skipped", " asan: unit_span (Failed)",
        "48 passed, 2 failed, 0 skipped"]


@pytest.mark.parametrize("fails", ["--preset tsan\n", "--build --preset tsan"])
def test_all_presets_run_though_one_cannot_be_built(checkout, fails):
    result = checkout.run("test.sh", fail_cmake=fails)
    assert result.returncode == 3
    assert "test.sh failed (status 3) while: building: tsan" in result.stderr
    assert "tsan not built" in rows(result)
    assert "40 passed, 0 failed, 0 skipped" in rows(result)
    assert "tsan" not in checkout.calls(r"ctest --preset (\w+).*")


def test_the_first_failure_is_the_exit_status(checkout):
    checkout.program("ctest", f"echo '{SUMMARY.format(failed=1, all=10)}'; exit 8\n")
    result = checkout.run("test.sh", "full", fail_cmake="--build --preset native")
    assert result.returncode == 3
    assert "while: building: native" in result.stderr


def test_skips_are_counted_and_explained(checkout):
    log = "build/native/Testing/Temporary/LastTest.log"
    checkout.program("ctest", f"""
        echo ' 1/10 Test  #1: tools_solution ....***Skipped   0.5 sec'
        echo '{SUMMARY.format(failed=0, all=10)}'
        echo 'SKIPPED [1] test_solution.py:9: there is no .NET SDK here' >{log}
        printf '\\t  1 - tools_solution (Skipped)\\n'\n""")
    result = checkout.run("test.sh", "quick")
    assert result.returncode == 0
    assert rows(result) == [
        "native 9 passed 0 failed 1 skipped", " native: tools_solution (Skipped)",
        " native: skipped: [1] test_solution.py:9: there is no .NET SDK here",
        "9 passed, 0 failed, 1 skipped"]


def test_a_ctest_that_dies_is_a_failure(checkout):
    checkout.program("ctest", "exit 0\n")
    result = checkout.run("test.sh", "quick")
    assert result.returncode == 1
    assert "native CTest came to no end" in rows(result)


def test_ctrl_c_ends_the_wine_session_and_shows_what_there_is(checkout):
    checkout.program("ctest", f"""case $2 in
        windows) mkdir -p build/windows/wine-prefix; kill -INT 0 ;;
        *) {PROGRAMS["ctest"].strip()} ;;
        esac\n""")
    result = checkout.run("test.sh")
    assert result.returncode == 130
    assert "40 passed, 0 failed, 0 skipped" in result.stdout
    assert "while: testing: windows" in result.stderr
    assert not (checkout.root / "build/windows/wine-prefix").exists()
    assert checkout.calls("wineserver -k")


@pytest.mark.parametrize("words", [["nonsense"], ["--help"]])
def test_a_mistake_gets_the_usage_alone(checkout, words):
    result = checkout.run("test.sh", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "usage: ./test.sh [quick|full]\n"


@pytest.mark.parametrize("home, fresh", [(".", False), ("..", True), ("/nowhere", True)])
def test_a_checkout_that_was_moved_is_configured_afresh(checkout, home, fresh):
    folder = checkout.root / "build/native"
    folder.mkdir(parents=True)
    home = (checkout.root / home).resolve()
    (folder / "CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={home}\n")
    checkout.run("test.sh", "quick")
    assert len(checkout.calls("cmake --preset native --fresh")) == fresh
    assert len(checkout.calls("cmake --preset native.*")) == 1


@pytest.mark.parametrize("body, status", [
    ("touch file; pwd", 0), ("pwd; exit 3", 3), ("pwd; kill $$", 143), ("pwd; kill $PPID", 143),
])
def test_scratch_leaves_nothing_but_the_exit_status(body, status):
    result = subprocess.run([ROOT / "tests/scratch.sh", "sh", "-c", body], capture_output=True,
                            text=True, check=False)
    folder = pathlib.Path(result.stdout.strip())
    assert folder.name.startswith("omsgateway-test.") and not folder.exists()
    assert result.returncode == status


def where_memory_lies(*before: str, **options) -> str:
    return subprocess.run([*before, "grep", "-m1", "stack", "/proc/self/maps"], text=True,
                          capture_output=True, check=True, **options).stdout


def test_steady_draws_no_lots():
    if subprocess.run(["setarch", "-R", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let a program choose where its memory lies")
    assert where_memory_lies(STEADY) == where_memory_lies(STEADY) != where_memory_lies()


def test_steady_runs_a_command_where_that_is_not_allowed(tmp_path):
    (tmp_path / "setarch").write_text("#!/bin/sh\necho no >&2\nexit 1\n", encoding="utf-8")
    (tmp_path / "setarch").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert "[stack]" in where_memory_lies(STEADY, env=environment)
    result = subprocess.run([STEADY, "sh", "-c", "exit 3"], env=environment, capture_output=True,
                            check=False)
    assert (result.returncode, result.stdout, result.stderr) == (3, b"", b"")


@pytest.mark.parametrize("failing, built", [(2, True), (3, False)])
def test_packages_are_asked_for_three_times(checkout, failing, built):
    checkout.program("dpkg-query", "exit 1\n")
    checkout.program("sudo", '"$@"\n')
    checkout.program("sleep", "")
    checkout.program("apt-get", f"""
        [ "$1" = install ] || exit 0
        [ "$(grep -c '^apt-get install' "$CALLS")" -gt {failing} ] || exit 100
        """)
    checkout.run("run.sh")
    assert bool(checkout.calls("cmake .*")) == built
    assert len(checkout.calls("apt-get update .*")) == 3
    assert len(checkout.calls("apt-get install .*")) == 3


def test_run_builds_and_runs(checkout):
    program = checkout.root / "build/native/omsgateway"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "ran $*"\n')
    program.chmod(0o755)
    result = checkout.run("run.sh", "--log", "json")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "ran run --log json")
    assert checkout.calls(r"cmake --build --preset native --parallel \d+ --target omsgateway")


def test_run_stops_where_the_build_fails(checkout):
    result = checkout.run("run.sh", fail_cmake="--build")
    assert result.returncode == 3
    assert "run.sh failed (status 3) while: building: native" in result.stderr
