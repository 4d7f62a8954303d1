"""The command line as a user meets it: help, version, and what a typing mistake gets."""

import subprocess

import pytest

from program import LIMIT_S, call, command

COMMANDS = ["run", "config get", "config set", "config reset", "config history", "relay get",
            "relay set", "relay clear", "host list", "host add", "host remove", "certificate list",
            "certificate add", "certificate remove", "check", "status",
            "service install", "service uninstall", "service start", "service stop", "version",
            "help"]


def test_version_is_alone_on_its_line():
    result = call("version")
    assert result.returncode == 0
    assert result.stdout.count("\n") == 1
    assert all(part.isdigit() for part in result.stdout.strip().split("."))


def test_help_names_every_command():
    result = call("help")
    assert result.returncode == 0
    for name in COMMANDS:
        assert f"omsgateway {name}" in result.stdout
    assert call().stdout == result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_one_command_in_both_spellings(name):
    result = call("help", *name.split())
    assert result.returncode == 0
    assert result.stdout.startswith(f"omsgateway {name}")
    assert call(*name.split(), "--help").stdout == result.stdout
    assert call("-h", *name.split(), "more", "words").stdout == result.stdout


# Those that a golden file cannot hold, or that only differ in how they are written.
MISTAKES = [
    (["\x1b[31mred"], "no such command: \\x1b[31mred"),
    (["größe"], "no such command: größe"),
    (["config", "\x1b[31mred"], "no such command: config \\x1b[31mred; there is: get, set"),
    (["--\x1b"], "there is no such option: --\\x1b"),
    (["run", "--log"], "an option without its value: --log"),
    (["run", "--log="], "--log takes text or json, not"),
    (["run", "--", "--log"], "one word too many: --log"),
    (["x" * 5000], "no such command: xxx"),
    (["host", "list", *["--json"] * 129], "too many options"),
]


@pytest.mark.parametrize("words, sentence", MISTAKES, ids=[repr(m[0]) for m in MISTAKES])
def test_a_mistake_gets_a_sentence_the_usage_and_status_2(words, sentence):
    result = call(*words)
    assert result.returncode == 2
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith("omsgateway: ") and sentence in first
    assert second.startswith("usage: omsgateway ")


PRINTING = [["version"], ["help"], ["help", "run"], ["run", "--help"]]


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_output_that_cannot_be_written_is_a_failure(words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run(command(*words), stdout=full, stderr=subprocess.PIPE, text=True,
                                timeout=LIMIT_S, check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("omsgateway: standard output could not be written")
