"""Other people's TLS stacks through the gateway, with client certificates: what each of them can of
keys and versions, listed and not.

OMS_CLIENT names the one to run, so that each is a CTest of its own and a missing one is a skip by
its name. Must not know more of a client than its documented options.
"""

import itertools
import os
import pathlib
import re
import subprocess

import pytest

from forward import Forward
from program import LIMIT_S
from session import BODY, KINDS, VERSIONS, Page, make_key
from needs import need
from world import HOST, Server, allowing, configure, told, told_refused

CLIENT = os.environ["OMS_CLIENT"]
REQUEST = f"GET / HTTP/1.0\r\nHost: {HOST}\r\n\r\n"
# Ed25519 signs nothing before TLS 1.2.
ABLE = [(kind, version) for kind, version in itertools.product(KINDS, VERSIONS)
        if kind != "ed25519" or version in ("TLS 1.2", "TLS 1.3")]
PROGRAMS = {"gnutls": ["gnutls-cli"], "nss": ["tstclnt", "certutil", "pk12util"]}

# The words of a script: port, host, key and certificate, the version's last digit.
NODE = """
const [port, servername, pem, digit] = process.argv.slice(2);
const key = require('fs').readFileSync(pem);
const version = digit === '0' ? 'TLSv1' : 'TLSv1.' + digit;
const session = require('tls').connect({host: '127.0.0.1', port, servername, key, cert: key,
    rejectUnauthorized: false, ciphers: 'DEFAULT@SECLEVEL=0', minVersion: version,
    maxVersion: version});
session.on('error', (error) => { console.error(error); process.exit(1); });
session.write(`GET / HTTP/1.0\\r\\nHost: ${servername}\\r\\n\\r\\n`);
session.pipe(process.stdout);
"""
GO = """package main

import (
    "crypto/tls"
    "fmt"
    "io"
    "os"
)

func check(err error) {
    if err != nil {
        fmt.Fprintln(os.Stderr, err)
        os.Exit(1)
    }
}

func main() {
    pair, err := tls.LoadX509KeyPair(os.Args[3], os.Args[3])
    check(err)
    version := uint16(tls.VersionTLS10) + uint16(os.Args[4][0]-'0')
    session, err := tls.Dial("tcp", "127.0.0.1:"+os.Args[1], &tls.Config{
        ServerName: os.Args[2], Certificates: []tls.Certificate{pair}, MinVersion: version,
        MaxVersion: version, InsecureSkipVerify: true})
    check(err)
    fmt.Fprintf(session, "GET / HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n", os.Args[2])
    _, err = io.Copy(os.Stdout, session)
    check(err)
}
"""
JAVA = """
import java.io.*;
import java.net.*;
import java.security.*;
import java.security.cert.X509Certificate;
import javax.net.ssl.*;

class Get {
    public static void main(String[] words) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(words[2]), "changeit".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, "changeit".toCharArray());
        X509TrustManager anybody = new X509TrustManager() {
            public void checkClientTrusted(X509Certificate[] chain, String type) { }
            public void checkServerTrusted(X509Certificate[] chain, String type) { }
            public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] { anybody }, null);
        int port = Integer.parseInt(words[0]);
        SSLSocket session = (SSLSocket) context.getSocketFactory().createSocket(
            new Socket("127.0.0.1", port), words[1], port, true);
        session.setEnabledProtocols(new String[] {
            words[3].equals("0") ? "TLSv1" : "TLSv1." + words[3] });
        session.getOutputStream().write(
            ("GET / HTTP/1.0\\r\\nHost: " + words[1] + "\\r\\n\\r\\n").getBytes());
        System.out.print(new String(session.getInputStream().readAllBytes()));
    }
}
"""


# ---- the clients: each the words of its command, and what it reads ----


class Call:
    """One session to be had: where, with which key, in which version."""

    def __init__(self, folder: pathlib.Path, port: int, pem: pathlib.Path, version: str):
        self.folder, self.port, self.pem = folder, str(port), str(pem)
        self.version, self.digit = version, version[-1]

    def run(self, *command: str, **options) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        return subprocess.run(command, capture_output=True, text=True, errors="replace",
                              timeout=LIMIT_S, check=False, cwd=self.folder, env=environment,
                              **options)

    def prepare(self, *command: str) -> None:
        result = self.run(*command)
        assert result.returncode == 0, result.stderr

    def script(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="ascii")
        return name

    def store(self) -> str:
        """The key in PKCS #12, with a password that everybody knows."""
        name = f"{self.pem}.p12"
        if not pathlib.Path(name).exists():
            self.prepare("openssl", "pkcs12", "-export", "-in", self.pem, "-name", "agent", "-out",
                         name, "-passout", "pass:changeit")
        return name


def openssl(session: Call, *more: str):
    named = "-tls1" + ("" if session.digit == "0" else f"_{session.digit}")
    return session.run("openssl", "s_client", "-connect", f"127.0.0.1:{session.port}",
                       "-servername", HOST, "-cert", session.pem, named, "-cipher",
                       "DEFAULT:@SECLEVEL=0", "-quiet", "-ign_eof", *more, input=REQUEST)


def curl(session: Call):
    named = f"1.{session.digit}"
    return session.run("curl", "-sSk", "--noproxy", "*", "--resolve",
                       f"{HOST}:{session.port}:127.0.0.1", "--cert", session.pem,
                       f"--tlsv{named}", "--tls-max", named, "--ciphers", "DEFAULT:@SECLEVEL=0",
                       f"https://{HOST}:{session.port}/")


def gnutls(session: Call, *more: str):
    named = session.version.replace(" ", "")
    return session.run("gnutls-cli", "--insecure", "--sni-hostname", HOST, "--port", session.port,
                       "--x509certfile", session.pem, "--x509keyfile", session.pem, "--priority",
                       f"LEGACY:-VERS-ALL:+VERS-{named}", *more, "127.0.0.1", input=REQUEST)


def nss(session: Call):
    place = session.folder / (pathlib.Path(session.pem).stem + ".nss")
    if not place.exists():
        place.mkdir()
        session.prepare("certutil", "-N", "--empty-password", "-d", str(place))
        session.prepare("pk12util", "-i", session.store(), "-W", "changeit", "-d", str(place))
    named = f"tls1.{session.digit}"
    return session.run("tstclnt", "-h", "127.0.0.1", "-p", session.port, "-a", HOST, "-o", "-d",
                       str(place), "-n", "agent", "-V", f"{named}:{named}", "-A",
                       session.script("request", REQUEST))


def node(session: Call):
    return session.run("node", session.script("get.js", NODE), session.port, HOST, session.pem,
                       session.digit)


def go(session: Call):
    program = session.folder / "get"
    if not program.exists():
        session.prepare("env", "GO111MODULE=off", "go", "build", "-o", str(program),
                        session.script("get.go", GO))
    return session.run(str(program), session.port, HOST, session.pem, session.digit)


def java(session: Call):
    name = session.script("Get.java", JAVA)
    if not (session.folder / "Get.class").exists():
        session.prepare("javac", name)
    old = session.script("old.security", "jdk.tls.disabledAlgorithms=\n")
    return session.run("java", f"-Djava.security.properties={old}", "Get", session.port, HOST,
                       session.store(), session.digit)


# What one of them has never learned.
UNABLE = {"nss": {("ed25519", version) for version in VERSIONS}}


# ---- what becomes of them ----


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory):
    need("openssl", *PROGRAMS.get(CLIENT, [CLIENT]))
    folder = tmp_path_factory.mktemp("clients")
    keys = {(kind, listed): make_key(folder, f"{kind}_{listed}", kind, f"/CN={kind}/O={listed}")
            for kind in KINDS for listed in ("listed", "unlisted")}
    server = make_key(folder, "server", "rsa", f"/CN={HOST}")
    configure(str(folder / "data"), "certificate", "add", "O=listed")
    with Server(Page(server, keys.values())) as origin:
        with allowing(folder, [origin.port], MinimumTls="1.0", LogLevel="debug") as gateway:
            yield folder, keys, origin, gateway


def run(world, key, version):
    """The client's words, and where it came from."""
    folder, keys, origin, gateway = world
    with Forward(gateway.port, origin.port) as forward:
        result = globals()[CLIENT](Call(folder, forward.port, keys[key], version))
        return result, forward.sources[0]


@pytest.mark.parametrize("kind, version", ABLE, ids=[f"{k}-{v[4:]}" for k, v in ABLE])
def test_listed_and_not(world, kind, version):
    if (kind, version) in UNABLE.get(CLIENT, ()):
        return
    gateway, seen = world[-1], version != "TLS 1.3"
    result, source = run(world, (kind, "listed"), version)
    assert BODY in result.stdout, result.stderr
    event = told(gateway, 107, source)
    assert event["version"] == version
    assert event["subject"] == (f"O=listed,CN={kind}" if seen else
                                "not seen, TLS 1.3 encrypts it")
    result, source = run(world, (kind, "unlisted"), version)
    assert (BODY in result.stdout) == (not seen)
    if seen:
        said = result.stdout + result.stderr
        assert re.search("access( was)?.?denied", said, re.IGNORECASE), said
        event = told_refused(gateway, "CERTIFICATE_UNLISTED", source)
        assert event["subject"] == f"O=unlisted,CN={kind}"
    else:
        told(gateway, 107, source)
