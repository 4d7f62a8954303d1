"""Entries that are wrong in the store: at the start they are left out, and what might have been
forbidden is refused; while it runs all stays as it was."""

import contextlib

import pytest

from program import Gateway, call
from store import put_rule, put_setting, written
from world import (HOST, REPLIES, Server, configure, connect_head, refused, serve_echo, tunnel,
                   wait_applied)

WIDE = "*.com"  # was legal once, say


@pytest.fixture(name="origin")
def _origin():
    with Server(serve_echo) as server:
        yield server


@pytest.fixture(name="data")
def _data(tmp_path, origin):
    data = str(tmp_path / "data")
    configure(data, "host", "add", HOST)
    configure(data, "config", "set", "AllowedPorts", str(origin.port), "AllowedNetworks",
              "127.0.0.0/8")
    return data


@contextlib.contextmanager
def started(data):
    with Gateway("--resolve", f"{HOST}=127.0.0.1", data=data) as gateway:
        gateway.port = gateway.wait_event(101)["port"]
        yield gateway


def left_out(gateway) -> dict[str, str]:
    """What was left out so far, and why."""
    return {event["entry"]: event["reason"] for event in gateway.events
            if event["name"] == "EntryLeftOut"}


def test_a_wrong_row_is_left_out_at_the_start_and_the_good_ones_hold(data, origin):
    put_rule(data, "host", WIDE)
    put_rule(data, "certificate", "O=")
    with started(data) as gateway:
        assert set(left_out(gateway)) == {f"host {WIDE}", "certificate O="}
        assert "covers names that anybody can have" in left_out(gateway)[f"host {WIDE}"]
        assert left_out(gateway)[f"host {WIDE}"].endswith(f'omsgateway host remove "{WIDE}"')
        tunnel(gateway.port, origin.port).close()
        assert refused(gateway.port, connect_head(443, "any.com")) == REPLIES["HOST_UNLISTED"]
        # What is changed is in force, though something is still wrong; and that is not said again.
        configure(data, "host", "remove", WIDE)
        wait_applied(gateway)
        configure(data, "host", "add", "other.example")
        wait_applied(gateway)
        assert len(left_out(gateway)) == 2
        assert [event["id"] for event in gateway.events].count(401) == 2


def test_a_wrong_row_changes_nothing_while_it_runs(data, origin):
    with started(data) as gateway:
        put_rule(data, "host", WIDE)
        event = gateway.wait_event(401)
        assert event["name"] == "ConfigurationWrong" and WIDE in event["reason"]
        tunnel(gateway.port, origin.port).close()
        put_setting(data, "AllowedClients", "everybody")
        assert "AllowedClients" in gateway.wait_event(401)["reason"]
        tunnel(gateway.port, origin.port).close()
        configure(data, "config", "reset", "AllowedClients")
        configure(data, "host", "remove", WIDE)
        wait_applied(gateway)
        tunnel(gateway.port, origin.port).close()


@pytest.mark.parametrize("name, error", [("AllowedClients", "CLIENT_UNLISTED"),
                                         ("AllowedPorts", "PORT_UNLISTED")])
def test_a_list_that_is_wrong_lets_nobody_pass(data, origin, name, error):
    put_setting(data, name, "nonsense")
    with started(data) as gateway:
        assert "omsgateway config reset" in left_out(gateway)[name]
        assert refused(gateway.port, connect_head(origin.port)) == REPLIES[error]


def test_settings_that_are_wrong_or_unknown_stop_nothing(data, origin):
    for name, value in (("LogLevel", "LOUD"), ("OfTheNext", "1"), ("IdleTimeout", "-1"),
                        ("ClientCertificates", "some"), ("MaxTunnelsPerClient", "99999"),
                        ("AccessLog", data + "/gateway.db")):
        put_setting(data, name, value)
    with started(data) as gateway:
        assert set(left_out(gateway)) == {"LogLevel", "OfTheNext", "IdleTimeout", "AccessLog",
                                          "ClientCertificates", "MaxTunnelsPerClient"}
        tunnel(gateway.port, origin.port).close()


def test_a_relay_that_is_wrong_is_not_passed_by(data, origin):
    """Nothing is reached without it, neither directly nor otherwise."""
    with written(data) as db:
        db.execute("INSERT INTO relay VALUES (1, 'ftp://relay', '', x'')")
    with started(data) as gateway:
        assert set(left_out(gateway)) == {"relay"}
        assert refused(gateway.port, connect_head(origin.port)) == REPLIES["HOST_UNLISTED"]
        configure(data, "relay", "clear")
        wait_applied(gateway)
        tunnel(gateway.port, origin.port).close()


def test_a_login_that_cannot_be_read_is_not_sent(data, origin):
    heads = []

    def serve_relay(connection):
        heads.append(connection.recv(1 << 16))
        connection.sendall(b"HTTP/1.1 407 No\r\n\r\n")

    with Server(serve_relay) as relay:
        with written(data) as db:
            db.execute("INSERT INTO relay VALUES (1, ?, 'gateway', x'0102')",
                       (f"http://127.0.0.1:{relay.port}",))
        with started(data) as gateway:
            assert "set it again" in left_out(gateway)["the login of the relay"]
            assert refused(gateway.port, connect_head(origin.port)) == REPLIES["RELAY_LOGIN"]
    assert b"Proxy-Authorization" not in heads[0]


def test_a_key_that_cannot_be_read_stops_nothing_else(data, origin, tmp_path):
    """A right to it is missing, say; as root lacks none, a folder stands for it."""
    password = tmp_path / "password"
    password.write_text("secret")
    configure(data, "relay", "set", f"http://127.0.0.1:{origin.port}", "--username", "gateway",
              "--password-file", str(password))
    (tmp_path / "data" / "secret.key").unlink()
    (tmp_path / "data" / "secret.key").mkdir()
    with started(data) as gateway:
        assert left_out(gateway).keys() == {"the login of the relay"}
        assert left_out(gateway)["the login of the relay"].startswith("secret.key: ")
        assert refused(gateway.port, connect_head(443, "any.com")) == REPLIES["HOST_UNLISTED"]
        configure(data, "relay", "clear")
        wait_applied(gateway)
        tunnel(gateway.port, origin.port).close()


def test_what_is_asked_is_answered_by_the_rest(data, origin):
    """As a gateway that starts does; what is wrong is said all the same."""
    put_rule(data, "host", WIDE)
    put_setting(data, "IdleTimeout", "-1")
    configure(data, "certificate", "add", "mycert")
    for host, status in ((f"{HOST}:{origin.port}", 0), (f"any.com:{origin.port}", 1)):
        result = call(f"--data={data}", "check", host)
        assert result.returncode == status, result
        assert ("allowed by host" in result.stdout) == (status == 0), result
        assert f'left out: "{WIDE}"' in result.stderr and "left out: a stored" in result.stderr
    with started(data):
        assert "TLS 1.3 encrypts" in call(f"--data={data}", "status").stderr


def test_many_wrong_entries_are_named_up_to_a_limit(data):
    with written(data) as db:
        db.executemany("INSERT INTO rule (kind, value, origin, comment, time)"
                       " VALUES ('host', ?, 'local', '', 0)", [(f"-{i}",) for i in range(100)])
    with started(data) as gateway:
        assert len(left_out(gateway)) == 20
        assert "more entries are wrong" in left_out(gateway)["gateway.db"]
    assert len(call(f"--data={data}", "check", HOST).stderr.splitlines()) == 20
