"""The completion for bash and the manual page that omsgen makes: both are well formed, name every
command, option and setting, and the completion offers what the tables say."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OMSGEN = os.environ["OMSGEN"]
CLI = ROOT / "service/host/cli"


def omsgen(what: str) -> str:
    return subprocess.run([OMSGEN, what], capture_output=True, text=True, check=True).stdout


def column(path: pathlib.Path, pattern: str) -> list[str]:
    return re.findall(pattern, path.read_text(encoding="utf-8"), flags=re.M)


COMMANDS = column(CLI / "commands.def", r'^COMMAND\(\w+, "([^"]+)"')
OPTIONS = column(CLI / "options.def", r'^OPTION\(\w+, "([^"]+)"')
SETTINGS = column(ROOT / "service/settings/settings.def", r"^SETTING\((\w+),")


def complete(tmp_path, *words: str) -> list[str]:
    """What bash would offer for the last word; `omsgateway` is one that lists two subjects."""
    program = tmp_path / "omsgateway"
    program.write_text("#!/bin/sh\necho 'CN=agent 7,O=Contoso\\, Inc.'; echo \"$2 $1\"\n",
                       encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "script").write_text(omsgen("completion"), encoding="utf-8")
    line = " ".join(f"'{word}'" for word in [str(program), *words])
    bash = f"""set -u; source {tmp_path}/script; COMP_WORDS=({line}); COMP_CWORD={len(words)}
_omsgateway; for word in "${{COMPREPLY[@]}}"; do printf '%s\\n' "$word"; done"""
    done = subprocess.run(["bash", "-c", bash], capture_output=True, text=True, check=False,
                          cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    return done.stdout.split("\n")[:-1]


OFFERS = [
    ([""], sorted({name.split()[0] for name in COMMANDS})),
    (["c"], ["certificate", "check", "config"]),
    (["config", ""], ["get", "history", "reset", "set"]),
    (["config", "r"], ["reset"]),
    (["config", "get", ""], sorted(SETTINGS)),
    (["config", "get", "listen"], ["ListenAddress", "ListenPort"]),
    (["config", "--json", "get", "listenp"], ["ListenPort"]),
    (["config", "reset", "Tls13", "mini"], ["MinimumTls"]),
    (["config", "set", "tls"], ["Tls13"]),
    (["config", "set", "tls13", ""], ["allow", "refuse"]),
    (["config", "set", "Tls13", "allow", "ec"], ["Ech"]),
    (["config", "set", "Tls13", "allow", "Ech", "r"], ["refuse"]),
    (["config", "set", "ListenPort", ""], []),
    (["config", "get", "--"], ["--data", "--help", "--json"]),
    (["relay", "set", "http://p:1", "--p"], ["--password-file"]),
    (["run", "--log", ""], ["json", "text"]),
    (["host", "add", "--comment", "x"], []),
    (["host", "add", "--comment", "x", "--com"], ["--comment"]),
    (["host", "add", ""], []),
    (["host", "remove", "list h"], ["list\\ host"]),
    (["certificate", "remove", "cn="], ["CN=agent\\ 7\\,O=Contoso\\\\\\,\\ Inc."]),
    (["--d"], ["--data"]),
    (["help", "config", "g"], ["get"]),
    (["help", "vers"], ["version"]),
    (["nonsense", ""], []),
]


@pytest.mark.parametrize("words, offered", OFFERS, ids=[" ".join(o[0]) for o in OFFERS])
def test_offers(tmp_path, words, offered):
    assert sorted(complete(tmp_path, *words)) == offered


def test_offers_files_and_folders(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    assert complete(tmp_path, "relay", "set", "u", "--password-file", "secr") == ["secret",
                                                                                 "secrets"]
    assert complete(tmp_path, "--data", "secr") == ["secrets"]


def test_the_completion_is_a_script(tmp_path):
    script = tmp_path / "script"
    script.write_text(omsgen("completion"), encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_manual_names_everything():
    page = omsgen("man").replace("\\-", "-").replace("\\fR", "")
    for name in [*COMMANDS, *OPTIONS, *SETTINGS]:
        assert re.search(rf"^\.B {re.escape(name)}\b", page, flags=re.M), name
