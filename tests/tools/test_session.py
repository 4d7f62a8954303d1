"""tests/wine/session.sh: it leaves nothing behind, whatever happens to it.

Owns a pretended Wine: three programs that write down how they were called, and can be told to fail.
Must not know what a real prefix holds.
"""

import os
import pathlib
import re
import subprocess

import pytest

SESSION = pathlib.Path(__file__).resolve().parents[1] / "wine/session.sh"
CALL = '#!/bin/sh\necho "${0##*/} $* in ${WINEPREFIX:-}" >>"$CALLS"\n'
PROGRAMS = {
    "wine": 'if [ "$1" = --version ]; then echo wine-1.0; fi\n',
    "wineboot": 'touch "$WINEPREFIX/made"\n',
    "wineserver": "",
}


class Session:
    """session.sh in a folder of its own, over programs of ours."""

    def __init__(self, folder: pathlib.Path):
        self.cache, self.prefix = folder / "cache", folder / "prefix"
        self.calls_file, self.bin = folder / "calls", folder / "bin"
        self.bin.mkdir()
        for name, body in PROGRAMS.items():
            self.program(name, body)

    def program(self, name: str, body: str) -> None:
        (self.bin / name).write_text(CALL + body, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.bin),
                       "OMSGATEWAY_CACHE": str(self.cache), "WINEPREFIX": str(self.prefix),
                       "CALLS": str(self.calls_file)}
        return subprocess.run([SESSION, *words], env=environment, capture_output=True, text=True,
                              check=False)

    def calls(self, pattern: str) -> list[str]:
        return re.findall(rf"^{pattern}$", self.calls_file.read_text(encoding="utf-8"), re.M)

    def left(self) -> list[str]:
        """What lies in the cache, and the prefix where it is there."""
        return sorted(path.name for path in [*self.cache.iterdir(), self.prefix] if path.exists())


@pytest.fixture(name="session")
def make_session(tmp_path):
    return Session(tmp_path)


def test_begin_and_end(session):
    assert session.run("begin").returncode == 0
    assert session.left() == ["prefix", "wine-template-wine-1.0"]
    assert (session.prefix / "made").exists()
    assert session.run("end").returncode == 0
    assert session.left() == ["wine-template-wine-1.0"]
    assert session.calls(f"wineserver -k in {session.prefix}")


def test_the_server_of_a_broken_off_run_leaves_by_itself(session):
    session.run("begin")
    (seconds,) = session.calls(rf"wineserver -p(\d*) in {session.prefix}")
    assert 0 < int(seconds) <= 600


def test_a_service_has_more_time_to_begin_than_wine_gives(session):
    session.run("begin")
    assert '"ServicesPipeTimeout"="' in (session.prefix / "system.reg").read_text(encoding="utf-8")


def test_a_start_leaves_the_prefix_as_it_is(session):
    session.run("begin")
    (session.prefix / "used").touch()
    assert session.run("start").returncode == 0
    assert (session.prefix / "used").exists()
    assert len(session.calls("wine cmd /c exit in .*")) == 2


def test_the_template_is_made_once(session):
    session.run("begin")
    session.run("begin")
    assert len(session.calls("wineboot .*")) == 1


def test_a_used_prefix_is_made_anew(session):
    session.run("begin")
    (session.prefix / "used").touch()
    assert session.run("begin").returncode == 0
    assert not (session.prefix / "used").exists()


@pytest.mark.parametrize("name", ["wineboot", "wineserver"])
def test_a_template_that_fails_shows_why_and_goes(session, name):
    session.program(name, f"echo '{name}: no space left'; exit 3\n")
    result = session.run("begin")
    assert result.returncode == 1
    assert "could not be made" in result.stderr and f"{name}: no space left" in result.stderr
    assert session.left() == []
    assert session.calls(rf"wineserver -k in {session.cache}/wine-template\..*")


def test_a_begin_that_fails_leaves_no_prefix(session):
    assert session.run("begin").returncode == 0
    session.program("wine", PROGRAMS["wine"] + '[ "$1" != cmd ]\n')
    assert session.run("begin").returncode != 0
    assert session.left() == ["wine-template-wine-1.0"]


@pytest.mark.parametrize("name, there", [("wineboot", []), ("wine", ["wine-template-wine-1.0"])])
def test_a_begin_that_is_ended_leaves_nothing(session, name, there):
    if name == "wine":
        session.run("begin")
        session.program(name, PROGRAMS[name] + '[ "$1" != cmd ] || kill "$PPID"\n')
    else:
        session.program(name, 'kill "$PPID"\n')
    assert session.run("begin").returncode != 0
    assert session.left() == there


@pytest.mark.parametrize("words", [(), ("restart",)])
def test_a_mistake_gets_the_usage(session, words):
    result = session.run(*words)
    assert result.returncode == 2 and result.stderr == "usage: session.sh begin|start|end\n"
