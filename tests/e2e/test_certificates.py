"""Client certificates in real sessions of TLS 1.0 to 1.3: listed or not, proven or not, resumed."""

import contextlib
import ssl

import pytest

import session
from session import VERSIONS, Client, Echo
from world import (HOST, Server, allowing, configure, granted, new_source, told, told_refused,
                   wait_applied)

WORKSPACE, OTHER_WORKSPACE = ("11111111-2222-3333-4444-555555555555",
                              "99999999-2222-3333-4444-555555555555")
GUID = "66666666-7777-8888-9999-aaaaaaaaaaaa"


def agent(common_name: str) -> str:
    return f"/CN={common_name}/CN={GUID}/OU=Linux Monitoring Agent/O=Microsoft"


# The same agent in the order of RFC 4514, as events name it.
def agent_told(common_name: str) -> str:
    return f"O=Microsoft,OU=Linux Monitoring Agent,CN={GUID},CN={common_name}"


# What stands for a subject where there is none to tell.
NONE, UNSEEN, ELSEWHERE = ("none", "not seen, TLS 1.3 encrypts it",
                           "not known, it was shown elsewhere")
# name: kind of key, subject. Listed: all "CN=... listed", and the workspace by its bare id.
KEYS = {"server": ("rsa", "/CN=origin"), "agent": ("rsa", agent(WORKSPACE)),
        "other_agent": ("rsa", agent(OTHER_WORKSPACE)),
        "longer_agent": ("rsa", agent(WORKSPACE + "0")),
        **{kind: (kind, f"/CN={kind} listed") for kind in session.KINDS},
        **{f"{kind}_unlisted": (kind, f"/CN={kind}/O=unlisted") for kind in session.KINDS}}
# Ed25519 signs nothing before TLS 1.2.
CLEAR = [(kind, version) for kind in session.KINDS for version in VERSIONS
         if version != "TLS 1.3" and (kind != "ed25519" or version == "TLS 1.2")]
clear = pytest.mark.parametrize("kind, version", CLEAR, ids=[f"{k}-{v[4:]}" for k, v in CLEAR])
kinds = pytest.mark.parametrize("kind", session.KINDS)


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: session.make_key(folder, name, *words) for name, words in KEYS.items()}


@pytest.fixture(scope="module", name="origin")
def _origin(keys):
    with Server(Echo(keys["server"], *keys.values())) as server:
        yield server


def allow_listed(folder) -> None:
    configure(str(folder / "data"), "certificate", "add", WORKSPACE,
              *(f"CN={kind} listed" for kind in session.KINDS))


@contextlib.contextmanager
def judging(folder, ports, **settings):
    """A gateway that has those subjects on its list, and says what it has verified."""
    allow_listed(folder)
    with allowing(folder, ports, MinimumTls="1.0", LogLevel="debug", **settings) as gateway:
        yield gateway


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory, origin):
    with judging(tmp_path_factory.mktemp("certificates"), [origin.port]) as gateway:
        yield gateway


def talk(gateway, port: int, context: ssl.SSLContext, **words):
    """A session that carries bytes; its parts, the event that it is verified with."""
    source = new_source()
    client = Client(granted(gateway.port, port, source=source), context, HOST, **words)
    assert client.echoes()
    return client, told(gateway, 107, source)


def passes(gateway, origin, context: ssl.SSLContext, subject: str, version: str) -> None:
    client, event = talk(gateway, origin.port, context)
    client.close()
    assert origin.result() is False
    assert event["name"] == "TlsVerified" and event["host"] == event["sni"] == HOST
    assert (event["version"], event["subject"], event["resumed"]) == (version, subject, "no")


def is_refused(gateway, port: int, context: ssl.SSLContext, name: str, alert: str,
               **words) -> dict:
    """The event; the client is told by that alert, and has not heard a word of the server's."""
    source = new_source()
    connection = granted(gateway.port, port, source=source)
    with connection, pytest.raises(ssl.SSLError) as caught:
        Client(connection, context, HOST, **words).echoes()
    assert caught.value.reason.endswith(alert)
    return told_refused(gateway, name, source)


def context_for(file, version: str) -> ssl.SSLContext:
    return session.client_context(file, version, version)


@clear
def test_a_listed_certificate(gateway, origin, keys, kind, version):
    passes(gateway, origin, context_for(keys[kind], version), f"CN={kind} listed", version)


@clear
def test_one_that_is_not_listed(gateway, origin, keys, kind, version):
    event = is_refused(gateway, origin.port, context_for(keys[f"{kind}_unlisted"], version),
                       "CERTIFICATE_UNLISTED", "ALERT_ACCESS_DENIED")
    assert event["subject"] == f"O=unlisted,CN={kind}"
    assert event["text"].startswith(f"Invalid Client certificate: O=unlisted,CN={kind}")
    assert isinstance(origin.result(), OSError)


@clear
def test_a_copy_without_its_key(gateway, origin, keys, kind, version):
    context = context_for(keys[f"{kind}_unlisted"], version)
    is_refused(gateway, origin.port, context, "PROOF_WRONG", "ALERT_DECRYPT_ERROR",
               edit=session.show_another(session.read_leaf(keys[kind])))
    assert isinstance(origin.result(), OSError)


@clear
def test_one_without_any_proof(gateway, origin, keys, kind, version):
    is_refused(gateway, origin.port, context_for(keys[kind], version), "PROOF_MISSING",
               "ALERT_BAD_CERTIFICATE", edit=session.prove_nothing)
    assert isinstance(origin.result(), OSError)


@kinds
def test_in_tls_1_3_nobody_sees_it(gateway, origin, keys, kind):
    for name in kind, f"{kind}_unlisted":
        passes(gateway, origin, context_for(keys[name], "TLS 1.3"), UNSEEN, "TLS 1.3")


@pytest.mark.parametrize("version", VERSIONS)
def test_none_though_the_server_asks(gateway, origin, version):
    passes(gateway, origin, context_for(None, version),
           UNSEEN if version == "TLS 1.3" else NONE, version)


def test_the_newest_that_both_speak(gateway, origin, keys):
    context = session.client_context(keys["rsa"], "TLS 1.0", "TLS 1.3")
    passes(gateway, origin, context, UNSEEN, "TLS 1.3")
    context = session.client_context(keys["rsa"], "TLS 1.0", "TLS 1.2")
    passes(gateway, origin, context, "CN=rsa listed", "TLS 1.2")


# ---- the shape of agents' subjects ----


def test_an_agent_of_a_listed_workspace(gateway, origin, keys):
    context = context_for(keys["agent"], "TLS 1.2")
    passes(gateway, origin, context, agent_told(WORKSPACE), "TLS 1.2")


@pytest.mark.parametrize("name, common_name", [("other_agent", OTHER_WORKSPACE),
                                               ("longer_agent", WORKSPACE + "0")])
def test_an_agent_of_no_listed_workspace(gateway, origin, keys, name, common_name):
    event = is_refused(gateway, origin.port, context_for(keys[name], "TLS 1.2"),
                       "CERTIFICATE_UNLISTED", "ALERT_ACCESS_DENIED")
    assert event["id"] == 105 and event["subject"] == agent_told(common_name)
    assert isinstance(origin.result(), OSError)


# ---- settings ----


@pytest.fixture(scope="module", name="silent_origin")
def _silent_origin(keys):
    """It asks for no certificate."""
    with Server(Echo(keys["server"], asks=False)) as server:
        yield server


def test_required(tmp_path, origin, silent_origin, keys):
    """Where the server asks one must come; in TLS 1.3 nobody sees whether it does."""
    with judging(tmp_path, [origin.port, silent_origin.port],
                 ClientCertificates="required") as gateway:
        passes(gateway, origin, context_for(keys["rsa"], "TLS 1.2"), "CN=rsa listed", "TLS 1.2")
        passes(gateway, silent_origin, context_for(keys["rsa"], "TLS 1.2"), NONE, "TLS 1.2")
        passes(gateway, origin, context_for(None, "TLS 1.3"), UNSEEN, "TLS 1.3")
        is_refused(gateway, origin.port, context_for(None, "TLS 1.2"), "CERTIFICATE_MISSING",
                   "ALERT_ACCESS_DENIED")
        assert isinstance(origin.result(), OSError)


def test_any(tmp_path, origin, keys):
    """Who does not look at subjects looks at proofs all the same."""
    with judging(tmp_path, [origin.port], ClientCertificates="any") as gateway:
        context = context_for(keys["rsa_unlisted"], "TLS 1.2")
        passes(gateway, origin, context, "O=unlisted,CN=rsa", "TLS 1.2")
        is_refused(gateway, origin.port, context, "PROOF_WRONG", "ALERT_DECRYPT_ERROR",
                   edit=session.show_another(session.read_leaf(keys["rsa"])))
        assert isinstance(origin.result(), OSError)


# ---- removed ----


def is_cut(client: Client) -> None:
    with pytest.raises(ConnectionResetError):
        client.echoes()


def remove(gateway, subject: str) -> None:
    configure(gateway.data, "certificate", "remove", subject)
    wait_applied(gateway)


def test_on_remove_close_ends_the_tunnels_of_that_subject_only(tmp_path, origin, keys):
    with judging(tmp_path, [origin.port], OnRemove="close") as gateway:
        clients = {kind: talk(gateway, origin.port, context_for(keys[kind], "TLS 1.2"))[0]
                   for kind in ("rsa", "p256")}
        remove(gateway, "CN=rsa listed")
        is_cut(clients["rsa"])
        assert isinstance(origin.result(), OSError)
        assert clients["p256"].echoes()
        configure(gateway.data, "config", "set", "ClientCertificates", "any")
        remove(gateway, "CN=p256 listed")
        assert clients["p256"].echoes()
        clients["p256"].close()
        assert origin.result() is False


def test_one_that_is_removed_while_its_handshake_is_under_way(tmp_path, origin, keys):
    """The rules with which it had begun let it in; those of now end it."""
    flights = []

    def removed_before_the_second(flight: bytes) -> bytes:
        flights.append(flight)
        if len(flights) == 2:
            remove(gateway, "CN=rsa listed")
        return flight

    with judging(tmp_path, [origin.port], OnRemove="close") as gateway:
        connection = granted(gateway.port, origin.port)
        with pytest.raises(ConnectionResetError):
            Client(connection, context_for(keys["rsa"], "TLS 1.2"), HOST,
                   edit=removed_before_the_second).echoes()
        assert isinstance(origin.result(), OSError)


# ---- resumed ----


@pytest.fixture(params=["id", "ticket"], name="remembering")
def _remembering(request, keys):
    """An origin that knows sessions of TLS 1.2 again, by one of two ways."""
    echo = Echo(keys["server"], *keys.values(), newest="TLS 1.2")
    if request.param == "id":
        echo.context.options |= ssl.OP_NO_TICKET
    with Server(echo) as server:
        yield server


def begin(gateway, origin, context) -> ssl.SSLSession:
    """A full handshake; what the client keeps of it."""
    client, event = talk(gateway, origin.port, context)
    kept = client.tls.session
    client.close()
    assert origin.result() is False
    assert event["resumed"] == "no"
    return kept


def goes_on(gateway, origin, context, kept, subject: str) -> None:
    client, event = talk(gateway, origin.port, context, session=kept)
    assert client.tls.session_reused
    client.close()
    assert origin.result() is True
    assert (event["subject"], event["resumed"]) == (subject, "yes")


def test_a_resumed_session_is_still_the_subject_s(remembering, keys, tmp_path):
    context = context_for(keys["p256"], "TLS 1.2")
    with judging(tmp_path, [remembering.port], UnknownResumption="refuse") as gateway:
        kept = begin(gateway, remembering, context)
        for _ in range(2):
            goes_on(gateway, remembering, context, kept, "CN=p256 listed")
        configure(gateway.data, "certificate", "remove", "CN=p256 listed")
        wait_applied(gateway)
        event = is_refused(gateway, remembering.port, context, "CERTIFICATE_UNLISTED",
                           "ALERT_ACCESS_DENIED", session=kept)
        assert event["subject"] == "CN=p256 listed"
        assert isinstance(remembering.result(), OSError)


def test_a_session_without_certificate_is_resumed(tmp_path, remembering):
    context = context_for(None, "TLS 1.2")
    with judging(tmp_path, [remembering.port], UnknownResumption="refuse") as gateway:
        goes_on(gateway, remembering, context, begin(gateway, remembering, context), NONE)


@pytest.mark.parametrize("setting", ["allow", "refuse"])
def test_a_session_from_before_the_gateway_s_time(tmp_path, remembering, keys, setting):
    context = context_for(keys["rsa"], "TLS 1.2")
    with judging(tmp_path / "one", [remembering.port]) as gateway:
        kept = begin(gateway, remembering, context)
    with judging(tmp_path / "two", [remembering.port], UnknownResumption=setting) as gateway:
        if setting == "allow":
            goes_on(gateway, remembering, context, kept, ELSEWHERE)
        else:
            is_refused(gateway, remembering.port, context, "RESUMPTION_UNKNOWN",
                       "ALERT_ACCESS_DENIED", session=kept)
            assert isinstance(remembering.result(), OSError)


def test_a_session_of_tls_1_3_is_resumed_unseen(tmp_path, origin, keys):
    context = context_for(keys["rsa"], "TLS 1.3")
    with judging(tmp_path, [origin.port], UnknownResumption="refuse") as gateway:
        kept = begin(gateway, origin, context)
        client, event = talk(gateway, origin.port, context, session=kept)
        assert client.tls.session_reused
        assert (event["subject"], event["resumed"]) == (UNSEEN, "offered")
        client.close()
        assert origin.result() is True
