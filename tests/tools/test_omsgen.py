"""omsgen: its tables have as many rows as the .def files, and it refuses what it does not know."""

import os
import pathlib
import re
import subprocess
from xml.etree import ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OMSGEN = os.environ["OMSGEN"]
TABLES = {
    "commands": ("service/host/cli/commands.def", "COMMAND"),
    "counters": ("perfcounters/counters.def", "COUNTER"),
    "errors": ("service/base/err.def", "ERR"),
    "events": ("eventlog/events.def", "EVENT"),
    "options": ("service/host/cli/options.def", "OPTION"),
    "settings": ("service/settings/settings.def", "SETTING"),
    "tunnel": ("service/gateway/tunnel.def", "ROW"),
    "tunnel_words": ("service/gateway/tunnel.def", "(?:STATE|EVENT)"),
}


COUNTERS = "{http://schemas.microsoft.com/win/2005/12/counters}"


def omsgen(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([OMSGEN, *words], capture_output=True, text=True, check=False)


def test_list_names_the_tables():
    assert omsgen("list").stdout.split() == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_for_each_row(name):
    path, macro = TABLES[name]
    rows = re.findall(rf"^{macro}\((\w+)", (ROOT / path).read_text(encoding="utf-8"), flags=re.M)
    lines = omsgen("markdown", name).stdout.splitlines()
    head, ruler, *body = lines
    assert len(body) == len(rows) > 0
    columns = head.count("|")
    for row, line in zip(rows, body, strict=True):
        spellings = (row, row.replace("_", " "), row.lower().replace("_", "-"))
        assert any(spelling in line for spelling in spellings)
        assert line.replace("\\|", "").count("|") == columns == ruler.count("|")


@pytest.mark.parametrize("words", [(), ("lst",), ("markdown",), ("list", "more"), ("man", "x")])
def test_a_mistake_gets_the_usage(words):
    result = omsgen(*words)
    assert result.returncode == 2 and result.stderr.startswith("usage: omsgen")


def test_an_unknown_table_is_named():
    result = omsgen("markdown", "nonsense")
    assert result.returncode == 1 and "nonsense" in result.stderr


def test_the_manifest_names_what_the_string_table_has():
    """Each shown counter by its row's number, with the numbers of its English texts."""
    manifest = ElementTree.fromstring(omsgen("manifest").stdout)
    english = omsgen("strings").stdout.partition("}")[0]
    strings = dict(re.findall(r'^ +(\d+) "(.*)"$', english, flags=re.M))
    rows = re.findall(r'^COUNTER\((\w+), \w+, "(.*)", "(.*)"\)$',
                      (ROOT / "perfcounters/counters.def").read_text(encoding="utf-8"), flags=re.M)
    found = manifest.findall(f".//{COUNTERS}counter")
    assert [(int(counter.get("id")), counter.get("name"), counter.get("description"))
            for counter in found] == [(number, name, text) for number, (_, text, name)
                                      in enumerate(rows, 1) if name]
    named = [*manifest.findall(f".//{COUNTERS}counterSet"), *found]
    assert [(strings[part.get("nameID")], strings[part.get("descriptionID")]) for part in named] \
        == [(part.get("name"), part.get("description")) for part in named]
    assert len(strings) == 2 * len(named)
    assert {counter.get("type") for counter in found} == {"perf_counter_large_rawcount"}
    guids = [part.get(word) for part, word in (
        (manifest.find(f".//{COUNTERS}provider"), "providerGuid"), (named[0], "guid"))]
    assert all(re.fullmatch(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", guid)
               for guid in guids) and guids[0] != guids[1]
