"""What the service tells of its configuration: each change, who made it, what it leaves open."""

import json

import pytest

from program import Gateway
from world import HOST, Server, allowing, configure, serve_echo, tunnel, wait_applied, wait_named


def test_every_change_is_an_event(tmp_path):
    """While it runs and while it does not, each once, in order; never a password."""
    secret = tmp_path / "secret"
    secret.write_text("open sesame", encoding="utf-8")
    data = str(tmp_path / "data")
    configure(data, "host", "add", "a.example.com", "b.example.com")

    def changes(gateway: Gateway) -> list[tuple]:
        return [(event["what"], event["old"], event["new"]) for event in gateway.events
                if event["name"] == "ConfigurationChanged"]

    with Gateway(data=data) as gateway:
        gateway.wait_event(101)
        assert changes(gateway) == [("host", "-", "a.example.com"), ("host", "-", "b.example.com")]
        configure(data, "relay", "set", "http://192.0.2.1:80", "--username", "me",
                  "--password-file", str(secret))
        event = wait_named(gateway, "ConfigurationChanged")
        assert (event["what"], event["old"], event["revision"]) == ("relay", "-", 2)
        assert event["program"] == "omsgateway" and event["who"]
        configure(data, "config", "set", "MaxTunnels", "77", "IdleTimeout", "99")
        assert wait_named(gateway, "RestartNeeded")["setting"] == "MaxTunnels"
        assert changes(gateway)[3:] == [("setting MaxTunnels", "-", "77"),
                                        ("setting IdleTimeout", "-", "99")]
        configure(data, "config", "reset", "MaxTunnels")
        wait_applied(gateway)
        assert gateway.stop() == 0
        assert [event["name"] for event in gateway.events].count("RestartNeeded") == 1
        assert not any("sesame" in json.dumps(event) for event in gateway.events)
    configure(data, "host", "remove", "a.example.com")
    with Gateway(data=data) as gateway:
        gateway.wait_event(101)
        assert changes(gateway) == [("host", "a.example.com", "-")]
        assert gateway.stop() == 0


@pytest.mark.parametrize("word, crash", [(1, True), (0, False)])
def test_after_an_upgrade_nothing_is_told_again(tmp_path, word, crash):
    """A counters.map of another version (its second word) tells what was told, and of a crash; one
    that is not ours tells nothing, and then nothing old is."""
    data = tmp_path / "data"
    configure(str(data), "host", "add", "a.example.com")
    with Gateway(data=str(data)) as gateway:
        gateway.wait_event(101)
        gateway.process.kill()
        gateway.process.wait()
    content = bytearray((data / "counters.map").read_bytes())
    content[8 * word] ^= 1
    (data / "counters.map").write_bytes(content)
    with Gateway(data=str(data)) as gateway:
        gateway.wait_event(101)
        names = {event["name"] for event in gateway.events}
        assert "ConfigurationChanged" not in names
        assert ("EndedUnexpectedly" in names) == crash


def test_a_large_change_is_told_in_part(tmp_path):
    with Gateway(data=str(tmp_path / "data")) as gateway:
        gateway.wait_event(101)
        configure(gateway.data, "host", "add", *(f"h{i}.example.com" for i in range(150)))
        event = wait_named(gateway, "ConfigurationChangedMore")
        assert (event["revision"], event["number"]) == (1, 50)
        told = [event["new"] for event in gateway.events if event["name"] == "ConfigurationChanged"]
        assert told == [f"h{i}.example.com" for i in range(100)]


def test_what_tls_13_hides_is_said(tmp_path):
    """At the start, and with each further subject; not where it does not pass."""
    data = str(tmp_path / "data")
    configure(data, "certificate", "add", "one")

    def hidden(gateway: Gateway) -> list[int]:
        return [event["subjects"] for event in gateway.events
                if event["name"] == "CertificatesHidden"]

    with Gateway(data=data) as gateway:
        gateway.wait_event(101)
        assert hidden(gateway) == [1]
        configure(data, "certificate", "add", "two")
        assert wait_named(gateway, "CertificatesHidden")["subjects"] == 2
        configure(data, "certificate", "remove", "two")
        wait_applied(gateway)
        configure(data, "config", "set", "Tls13", "refuse")
        wait_applied(gateway)
        configure(data, "config", "reset", "Tls13")
        assert wait_named(gateway, "CertificatesHidden")["subjects"] == 1
        assert hidden(gateway) == [1, 2, 1]


def test_debug_tells_the_life_of_a_tunnel(tmp_path):
    with Server(serve_echo) as origin:
        with allowing(tmp_path, [origin.port], LogLevel="DEBUG") as gateway:
            tunnel(gateway.port, origin.port).close()
            gateway.wait_event(200)
            ended = gateway.wait_event(200)
            steps = [event for event in gateway.events if event["id"] in (103, 107, 200)]
            assert [event["id"] for event in steps] == [103, 200, 107, 200]
            assert steps[0]["host"] == HOST and steps[0]["port"] == origin.port
            assert steps[1]["step"] == f"connected to 127.0.0.1:{origin.port}, asked for {HOST}"
            assert ended["step"].startswith(f"the tunnel to {HOST} has ended; bytes to the ")
            assert {event["client"] for event in steps} == {"127.0.0.1"}
