"""Real clients through the gateway to an HTTPS origin: on the wire they are as they are.

OMS_CLIENT names the one to run, so that each is a CTest of its own and a missing one is a skip by
its name. Must not know more of a client than its documented options.
"""

import os
import socket
import subprocess
import sys

from program import LIMIT_S
from secure import PAYLOAD, Origin
from needs import need, need_module
from world import (HOST, REPLIES, Server, allowing, echoes, new_source, sentence, serve_echo,
                   tunnel)

CLIENT = os.environ["OMS_CLIENT"]

PYTHON_URLLIB = """
import ssl, sys, urllib.request as r
context = ssl.create_default_context(cafile=sys.argv[3])
opener = r.build_opener(r.ProxyHandler({"https": sys.argv[2]}), r.HTTPSHandler(context=context))
sys.stdout.write(opener.open(sys.argv[1]).read().decode())
"""
PYTHON_REQUESTS = """
import sys, requests
reply = requests.get(sys.argv[1], proxies={"https": sys.argv[2]}, verify=sys.argv[3])
sys.stdout.write(reply.text)
"""
WAAGENT = """
import sys
from azurelinuxagent.common.utils import restutil
reply = restutil.http_get(sys.argv[1], use_proxy=True, return_raw_response=True)
sys.stdout.write(reply.read().decode())
"""
NODE = """
const [url, proxy, ca] = process.argv.slice(2).map(String);
const http = require('http'), https = require('https'), fs = require('fs');
const to = new URL(url), by = new URL(proxy);
http.request({host: by.hostname, port: by.port, method: 'CONNECT', path: to.host,
              headers: {Host: to.host}})
  .on('connect', (reply, socket) => {
    if (reply.statusCode !== 200) process.exit(1);
    https.get(url, {socket, agent: false, servername: to.hostname, ca: fs.readFileSync(ca)},
              (answer) => answer.pipe(process.stdout));
  }).end();
"""
RUBY = """
require 'net/http'
url, by = URI(ARGV[0]), URI(ARGV[1])
http = Net::HTTP.new(url.host, url.port, by.host, by.port)
http.use_ssl = true
http.ca_file = ARGV[2]
print http.get(url.path).body
"""
PERL = """
use LWP::UserAgent;
my $agent = LWP::UserAgent->new(ssl_opts => {SSL_ca_file => $ARGV[2]});
$agent->proxy('https', $ARGV[1]);
print $agent->get($ARGV[0])->content;
"""
PHP = """<?php
$by = str_replace('http:', 'tcp:', $argv[2]);
$context = stream_context_create(['http' => ['proxy' => $by],
                                  'ssl' => ['cafile' => $argv[3]]]);
echo file_get_contents($argv[1], false, $context);
"""
GO = """package main

import (
    "io"
    "net/http"
    "os"
)

func main() {
    reply, err := http.Get(os.Args[1])
    if err != nil {
        panic(err)
    }
    io.Copy(os.Stdout, reply.Body)
}
"""
JAVA = """
import java.net.*;
import java.net.http.*;

class Get {
    public static void main(String[] words) throws Exception {
        URI by = URI.create(words[1]);
        HttpClient client = HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress(by.getHost(), by.getPort()))).build();
        System.out.print(client.send(HttpRequest.newBuilder(URI.create(words[0])).build(),
                                     HttpResponse.BodyHandlers.ofString()).body());
    }
}
"""


class World:
    """What a client has to know."""

    def __init__(self, gateway, origin, folder):
        self.gateway, self.origin, self.folder = gateway, origin, folder
        self.by = f"127.0.0.1:{gateway.port}"
        self.target = f"{HOST}:{origin.port}"
        self.words = [f"https://{self.target}/payload", f"http://{self.by}", str(origin.authority)]

    def run(self, *command: str, **options) -> str:
        """What the command prints; proxies and authorities of this machine are not its business."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
                       **options.pop("more", {})}
        result = subprocess.run(command, capture_output=True, text=True, timeout=5 * LIMIT_S,
                                check=False, cwd=self.folder, env=environment, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def run_script(self, name: str, text: str, *command: str, **options) -> str:
        """A script with the URL, the proxy and the authority as its words."""
        (self.folder / name).write_text(text, encoding="ascii")
        return self.run(*command, name, *self.words, **options)

    def run_pipe(self, *command: str) -> str:
        """A client whose two streams are the tunnel; TLS is spoken by us."""
        ours, theirs = socket.socketpair()
        with theirs, subprocess.Popen(command, stdin=theirs, stdout=theirs) as process:
            theirs.close()
            ours.settimeout(LIMIT_S)
            body = self.origin.fetch_over(ours, HOST)
            process.terminate()
        return body


def curl(world: World) -> str:
    url, by, authority = world.words
    old = world.run("curl", "-sS", "--proxy1.0", world.by, "--cacert", authority, url)
    assert old == PAYLOAD
    return world.run("curl", "-sS", "--proxy", by, "--cacert", authority, url)


def openssl(world: World) -> str:
    output = world.run("openssl", "s_client", "-proxy", world.by, "-connect", world.target,
                       "-servername", HOST, "-CAfile", world.words[2], "-verify_return_error",
                       "-quiet", "-ignore_unexpected_eof",
                       input=f"GET /payload HTTP/1.0\r\nHost: {HOST}\r\n\r\n")
    return output[output.index("\n0\n1\n") + 1:]


def wget(world: World) -> str:
    url, by, authority = world.words
    return world.run("wget", "-q", "-O", "-", f"--ca-certificate={authority}", "-e",
                     "use_proxy=yes", "-e", f"https_proxy={by}", url)


def git(world: World) -> str:
    """A repository of one file, over the protocol for servers that only know files."""
    here = world.folder / "work"
    name = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    world.run("git", "init", "-q", str(here))
    (here / "payload").write_text(PAYLOAD, encoding="ascii")
    world.run("git", "-C", str(here), "add", "payload")
    world.run("git", "-C", str(here), *name, "commit", "-q", "-m", "one")
    bare = str(world.origin.files / "one.git")
    world.run("git", "clone", "-q", "--bare", str(here), bare)
    world.run("git", "-C", bare, "update-server-info")
    world.run("git", "-c", f"http.proxy={world.words[1]}", "-c",
              f"http.sslCAInfo={world.words[2]}", "clone", "-q",
              f"https://{world.target}/one.git", "copy")
    return (world.folder / "copy/payload").read_text(encoding="ascii")


def python_urllib(world: World) -> str:
    return world.run_script("get.py", PYTHON_URLLIB, sys.executable, "-B")


def python_requests(world: World) -> str:
    need_module(sys.executable, "-c", "import requests")
    return world.run_script("get.py", PYTHON_REQUESTS, sys.executable, "-B")


def waagent(world: World) -> str:
    """The Azure VM agent's own library: HTTP/1.0 without a field, then the whole URL in the GET."""
    need_module("/usr/bin/python3", "-c", "import azurelinuxagent")
    more = {"https_proxy": world.words[1], "SSL_CERT_FILE": world.words[2]}
    return world.run_script("agent.py", WAAGENT, "/usr/bin/python3", "-B", more=more)


def node(world: World) -> str:
    return world.run_script("get.js", NODE, "node")


def ruby(world: World) -> str:
    return world.run_script("get.rb", RUBY, "ruby")


def perl(world: World) -> str:
    need_module("perl", "-e", "require LWP::Protocol::https")
    return world.run_script("get.pl", PERL, "perl")


def php(world: World) -> str:
    return world.run_script("get.php", PHP, "php")


def go(world: World) -> str:
    more = {"HTTPS_PROXY": world.words[1], "SSL_CERT_FILE": world.words[2],
            "GO111MODULE": "off"}
    return world.run_script("get.go", GO, "go", "run", more=more)


def java(world: World) -> str:
    need("keytool")
    world.run("keytool", "-importcert", "-noprompt", "-alias", "a", "-file", world.words[2],
              "-keystore", "trust", "-storepass", "changeit", "-storetype", "PKCS12")
    return world.run_script("Get.java", JAVA, "java", "-Djavax.net.ssl.trustStore=trust",
                            "-Djavax.net.ssl.trustStorePassword=changeit")


def socat(world: World) -> str:
    return world.run_pipe("socat", "-", f"PROXY:127.0.0.1:{HOST}:{world.origin.port},"
                          f"proxyport={world.gateway.port}")


def ncat(world: World) -> str:
    return world.run_pipe("ncat", "--proxy", world.by, "--proxy-type", "http", "--proxy-dns",
                          "remote", HOST, str(world.origin.port))


PROGRAMS = {"python_urllib": sys.executable, "python_requests": sys.executable}


def fetch_payload(tmp_path):
    need("openssl", PROGRAMS.get(CLIENT, CLIENT))
    with Origin(tmp_path) as origin, allowing(tmp_path, [origin.port]) as gateway:
        fetched = globals()[CLIENT](World(gateway, origin, tmp_path))
        assert fetched == PAYLOAD
        assert gateway.stop() == 0
        gateway.wait_event(102)
        assert {event["severity"] for event in gateway.events} <= {"INFO", "WARNING"}
        assert {event["id"] for event in gateway.events} <= {100, 101, 102}


def be_refused(tmp_path):
    """proxytunnel names the proxy in the Host field of its CONNECT, and is told so."""
    need(CLIENT)
    with allowing(tmp_path, [443]) as gateway:
        words = ("-q", "-p", f"127.0.0.1:{gateway.port}", "-d", f"{HOST}:443")
        result = subprocess.run([CLIENT, *words], stdin=subprocess.DEVNULL, capture_output=True,
                                timeout=LIMIT_S, check=False)
        assert result.returncode != 0
        assert gateway.wait_event(104)["method"] == sentence(REPLIES["HOST_FIELD_OTHER"])


def be_no_burden(tmp_path):
    """slowhttptest means to occupy a server; it is refused by its first line, others are served."""
    need(CLIENT)
    with Server(serve_echo) as server, allowing(tmp_path, [server.port]) as gateway:
        words = ("-H", "-c", "500", "-r", "500", "-i", "1", "-l", "10", "-u",
                 f"http://127.0.0.1:{gateway.port}/")
        with subprocess.Popen([CLIENT, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True) as process:
            gateway.wait_event(104)
            while process.poll() is None:
                assert echoes(tunnel(gateway.port, server.port, source=new_source()), b"served")
            said = process.stdout.read()
        assert "No open connections left" in said, said


def test_client(tmp_path):
    tests = {"proxytunnel": be_refused, "slowhttptest": be_no_burden}
    tests.get(CLIENT, fetch_payload)(tmp_path)
