"""Settings, lists, relay and check beyond what the golden file holds: JSON against text, many at
once, addresses of names, folders that cannot be used, a damaged file, a gateway that runs."""

import contextlib
import json
import sqlite3
import subprocess

import pytest

from program import Gateway, call, command


@pytest.fixture
def data(tmp_path):
    """Runs a command in a data folder of its own."""
    def run(*words: str, **options) -> subprocess.CompletedProcess:
        return call(f"--data={tmp_path / 'data'}", *words, **options)
    return run


def test_json_says_what_the_text_says(data):
    assert data("config", "set", "IdleTimeout", "2h", "LogLevel", "debug").returncode == 0
    rows = json.loads(data("config", "get", "--json").stdout)
    text = [line.split("\t") for line in data("config", "get").stdout.splitlines()]
    assert [[row["name"], row["value"]] for row in rows] == text == sorted(text)
    assert ["IdleTimeout", "7200"] in text and ["LogLevel", "DEBUG"] in text
    for name, value in text:
        assert data("config", "get", name.upper()).stdout == f"{value}\n"


@pytest.mark.parametrize("family, value", [("host", "h{:04}.example.com"),
                                           ("certificate", "CN=agent {:04},O=Contoso")])
def test_a_thousand_in_one_change(data, family, value):
    values = [value.format(i) for i in range(1000)]
    assert data(family, "add", *reversed(values), "--comment", "all of them").returncode == 0
    assert data(family, "list").stdout.splitlines() == values
    rows = json.loads(data(family, "list", "--json").stdout)
    assert rows == [{"value": v, "origin": "local", "comment": "all of them"} for v in values]
    assert len({row["revision"] for row in json.loads(data("config", "history",
                                                           "--json").stdout)}) == 1
    assert data(family, "remove", *values[1:], values[0] + "x").returncode == 1
    assert data(family, "list").stdout.splitlines() == values
    assert data(family, "remove", *values[1:]).returncode == 0
    assert data(family, "list").stdout.splitlines() == values[:1]


def test_a_reader_that_waits_keeps_nobody_waiting(data, tmp_path):
    """More than a pipe holds is printed, and nobody takes it: others change all the same."""
    hosts = [f"h{i:03}.example.com" for i in range(200)]
    assert data("host", "add", *hosts, "--comment", "x" * 500).returncode == 0
    with subprocess.Popen(command("host", "list", "--json", f"--data={tmp_path / 'data'}"),
                          stdout=subprocess.PIPE) as reader:
        assert reader.stdout.read(1) == b"["
        assert data("host", "add", "one-more.example.com").returncode == 0
        rest = reader.stdout.read()
    assert [row["value"] for row in json.loads(b"[" + rest)] == hosts


def test_a_name_without_address_is_said(data):
    data("host", "add", "no-such-name.invalid")
    result = data("check", "no-such-name.invalid", "--resolve-now")
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.startswith("omsgateway: the name ")


def test_a_relay_resolves_the_name_itself(data):
    data("host", "add", "no-such-name.invalid")
    data("relay", "set", "http://127.0.0.1:3128")
    result = data("check", "no-such-name.invalid", "--resolve-now")
    assert result.returncode == 0 and "http://127.0.0.1:3128" in result.stdout


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("x", encoding="utf-8")
    result = call("host", "add", "a.example.com", f"--data={tmp_path / 'data'}")
    sentence = f"omsgateway: it is a file, where a folder should be ({tmp_path / 'data'})\n"
    assert (result.returncode, result.stderr) == (1, sentence)
    result = call("host", "list", f"--data={tmp_path / 'data'}")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", sentence)
    empty = call("host", "list", "--data=")
    assert empty.returncode == 1 and "give --data DIR" in empty.stderr


def damage(folder):
    """The file is damaged; reading commands only say so."""
    (folder / "gateway.db").write_bytes(b"damaged" * 1000)
    result = call("host", "list", f"--data={folder}")
    assert result.returncode == 1 and "damaged" in result.stderr


def test_a_change_whose_copy_cannot_be_made_says_so(data, tmp_path):
    assert data("host", "add", "a.example.com").stderr == ""
    (tmp_path / "data" / "gateway.db.good.new").mkdir()
    result = data("host", "add", "b.example.com")
    assert result.returncode == 0 and data("host", "list").stdout.count("\n") == 2
    assert result.stderr.startswith("omsgateway: the change is in force, but gateway.db.good, ")
    (tmp_path / "data" / "gateway.db.good.new").rmdir()
    assert data("host", "add", "c.example.com").stderr == ""


def test_after_a_damage_nothing_is_lost_and_the_history_says_so(data, tmp_path):
    data("host", "add", "a.example.com")
    damage(tmp_path / "data")
    result = data("host", "add", "b.example.com")
    assert result.returncode == 0
    assert result.stderr.startswith(
        "omsgateway: the configuration was damaged; its good copy, of revision 1, took its place: "
        "changes made after it, if there were any, are lost; the damaged file is kept as ")
    assert data("host", "list").stdout == "a.example.com\nb.example.com\n"
    history = json.loads(data("config", "history", "--json").stdout)
    assert [(row["revision"], row["what"], row["old"], row["new"]) for row in history] == [
        (3, "host", None, "b.example.com"),
        (2, "store", "damaged", "revision 1, gateway.db.good"),
        (1, "host", None, "a.example.com")]


def test_a_damage_without_a_copy_leaves_the_defaults(data, tmp_path):
    data("config", "set", "ListenPort", "8081")
    (tmp_path / "data" / "gateway.db.good").unlink()
    damage(tmp_path / "data")
    result = data("host", "add", "b.example.com")
    assert result.returncode == 0 and "all settings are at their defaults" in result.stderr
    assert data("config", "get", "ListenPort").stdout == "8080\n"
    assert data("host", "list").stdout == "b.example.com\n"


def change_without_proof(folder):
    with contextlib.closing(sqlite3.connect(folder / "gateway.db")) as db:
        db.execute("UPDATE rule SET value = 'b.example.com'")
        db.commit()


def overwrite(folder):
    (folder / "gateway.db").write_bytes(b"damaged" * 1000)


@pytest.mark.parametrize("harm, lost", [(change_without_proof, "0"), (overwrite, "not known")])
def test_a_running_gateway_goes_back_to_the_good_copy(data, tmp_path, harm, lost):
    data("host", "add", "a.example.com")
    with Gateway(data=str(tmp_path / "data")) as gateway:
        gateway.wait_event(101)
        harm(tmp_path / "data")
        event = gateway.wait_event(401)
        assert (event["name"], event["revision"], event["lost"]) == ("StoreRestored", 1, lost)
        assert next((tmp_path / "data").glob("gateway.db.damaged-*")).name in event["aside"]
        while gateway.wait_event(100).get("revision") != 2:
            pass
        assert data("host", "list").stdout == "a.example.com\n"


def test_a_running_gateway_tells_that_no_copy_can_be_made(data, tmp_path):
    with Gateway(data=str(tmp_path / "data")) as gateway:
        gateway.wait_event(101)
        (tmp_path / "data" / "gateway.db.good.new").mkdir()
        data("host", "add", "a.example.com")
        event = gateway.wait_event(400)
        assert event["name"] == "ApplicationError" and "gateway.db.good" in event["work"]
        assert event["reason"]
        data("host", "add", "b.example.com")
        while gateway.wait_event(100).get("revision") != 2:
            pass
        assert [event["id"] for event in gateway.events].count(400) == 1


def test_a_gateway_without_a_copy_refuses_all(data, tmp_path):
    data("host", "add", "a.example.com")
    (tmp_path / "data" / "gateway.db.good").unlink()
    overwrite(tmp_path / "data")
    with Gateway(data=str(tmp_path / "data")) as gateway:
        gateway.wait_event(101)
        assert "StoreLost" in [event["name"] for event in gateway.events]
        assert data("host", "list").stdout == ""


def test_a_running_gateway_follows():
    with Gateway() as gateway:
        gateway.wait_event(101)
        words = [f"--data={gateway.data}", "host", "add"]
        for revision, host in enumerate(["a.example.com", "b.example.com"], 1):
            assert call(*words, host).returncode == 0
            while gateway.wait_event(100).get("revision") != revision:
                pass
        status = json.loads(call("status", "--json", f"--data={gateway.data}").stdout)
        assert status["state"] == "running"
        assert call("host", "list", f"--data={gateway.data}").stdout == (
            "a.example.com\nb.example.com\n")
