"""Names that the system resolves: check --resolve-now. Named on the command line of pytest, because
a bare system resolves none, not even localhost."""

import json
import socket

import pytest

from program import call


@pytest.fixture(autouse=True)
def _localhost():
    try:
        socket.getaddrinfo("localhost", None)
    except OSError as error:
        pytest.skip(f"localhost has no address here: {error.strerror}")


def test_each_address_of_a_name_is_judged(tmp_path):
    data = f"--data={tmp_path / 'data'}"
    call(data, "host", "add", "localhost")
    refused = call(data, "check", "localhost", "--resolve-now", "--json")
    answer = json.loads(refused.stdout)
    assert refused.returncode == 1 and not answer["allowed"] and answer["judged"] == "address"
    addresses = [row["address"] for row in answer["addresses"]]
    assert addresses and all(a == "::1" or a.startswith("127.") for a in addresses)
    call(data, "config", "set", "AllowedNetworks", ",".join(addresses))
    allowed = call(data, "check", "localhost", "--resolve-now")
    assert allowed.returncode == 0 and "address: allowed by AllowedNetworks" in allowed.stdout
    assert json.loads(call(data, "check", "localhost", "--json").stdout)["addresses"] == []
