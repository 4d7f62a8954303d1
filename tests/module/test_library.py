"""The cmdlet library as other languages call it: Python by ctypes, C# through the interop assembly.

What each call says is the business of unit/test_omsgw.c; here the way across is proven: texts in
every script, nothing lost, nothing shared, what is exported and what is linked in.
"""

import ctypes
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = pathlib.Path(os.environ["OMSGW"])
EXPORTS = re.findall(r"^    (omsgw_\w+)$", (ROOT / "psmodule/omsgw.def").read_text(), re.MULTILINE)


class Library:
    """The calls of omsgw.h on one data folder; an answer is a code and an object."""

    def __init__(self, folder):
        self.loaded = ctypes.CDLL(str(LIBRARY))
        self.loaded.omsgw_free.argtypes = [ctypes.c_void_p]
        self.loaded.omsgw_version.restype = ctypes.c_char_p
        self.folder = str(folder).encode()

    def call(self, name, *arguments):
        answer = ctypes.c_void_p()
        given = [value.encode() if isinstance(value, str) else value for value in arguments]
        code = getattr(self.loaded, f"omsgw_{name}")(self.folder, *given, ctypes.byref(answer))
        text = ctypes.string_at(answer.value).decode() if answer.value else "null"
        self.loaded.omsgw_free(answer)
        return code, json.loads(text)

    def many(self, values):
        return (ctypes.c_char_p * len(values))(*[v.encode() for v in values])

    def add(self, values, comment=None):
        return self.call("add", 0, self.many(values), ctypes.c_size_t(len(values)), comment)

    def hosts(self):
        return [row["value"] for row in self.call("list", 0, 0)[1]["result"]]


def test_a_folder_open_to_others_is_no_lack_of_rights(tmp_path):
    """PowerShell says of code 4 how to get them; of no other one."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    code, answer = Library(tmp_path / "open").add(["a.example.com"])
    assert (code, answer["error"]["id"]) == (6, "FOLDER_OPEN")


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path)


def test_exports_are_those_of_the_def_file():
    listed = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], check=True, text=True,
                            capture_output=True).stdout
    assert sorted(re.findall(r" T (\w+)$", listed, re.MULTILINE)) == sorted(EXPORTS)
    header = (ROOT / "psmodule/omsgw.h").read_text()
    assert sorted(set(re.findall(r"^(?:int|void|const char \*) ?(omsgw_\w+)\(", header,
                                 re.MULTILINE))) == sorted(EXPORTS)


def test_no_network_and_nothing_of_the_engine_is_linked():
    """tests/tidy holds the floors of includes; here is what the linker made of them."""
    symbols = subprocess.run(["nm", LIBRARY], check=True, text=True, capture_output=True).stdout
    names = set(re.findall(r" (?:[a-zA-Z]) (\w+)(?:@\S+)?$", symbols, re.MULTILINE))
    assert {"store_open", "admin_add_rules"} <= names, "symbols are there to be seen"
    for wanted in ("socket", "connect", "bind", "listen", "accept", "getaddrinfo", "epoll_wait",
                   "io_submit", "tunnel_begin", "engine_start", "resolve_ask", "pthread_create"):
        assert wanted not in names, wanted


def test_texts_of_every_script_come_back(library):
    assert library.add(["bücher.example", "例え.テスト"], "Änderung № 4711 – «да»")[0] == 0
    rows = library.call("list", 0, 0)[1]["result"]
    assert [row["value"] for row in rows] == ["xn--bcher-kva.example", "xn--r8jz45g.xn--zckzah"]
    assert {row["comment"] for row in rows} == {"Änderung № 4711 – «да»"}


def test_bytes_that_are_no_utf8_are_refused(library):
    code, said = library.call("add", 0, (ctypes.c_char_p * 1)(b"a\xff.example"), ctypes.c_size_t(1),
                              None)
    assert code == 2 and said["error"]["sentence"]
    code, said = library.call("add", 0, (ctypes.c_char_p * 1)(b"a.example"), ctypes.c_size_t(1),
                              b"\xc3")
    assert code == 2 and said["error"]["sentence"]
    assert library.hosts() == []


def test_a_thousand_in_one_change(library):
    hosts = sorted(f"h{i:04}.example.com" for i in range(1000))
    assert library.add(hosts)[0] == 0
    assert library.hosts() == hosts
    assert {row["revision"] for row in library.call("history")[1]["result"]} == {1}


def test_threads_of_one_process(library):
    wrong = []

    def work(number):
        for i in range(10):
            code, _ = library.add([f"h{i}.t{number}.example.com"])
            wrong.extend([] if code == 0 else [code])

    crew = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for member in crew:
        member.start()
    for member in crew:
        member.join()
    assert not wrong and len(library.hosts()) == 40


def test_a_folder_that_is_not_ours_is_a_sentence(library, tmp_path):
    (tmp_path / "file").write_text("")
    other = Library(tmp_path / "file")
    code, said = other.add(["a.example"])
    assert code not in (0, 1, 10) and said["error"]["sentence"]


def run_driver(folder):
    """The lines of Driver.cs, by their names."""
    done = subprocess.run(["mono", os.environ["DRIVER"], folder], check=True, text=True,
                          capture_output=True)
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


def test_the_interop_assembly_calls_every_export(tmp_path):
    said = run_driver(tmp_path)
    source = (ROOT / "psmodule/module/Interop.cs").read_text()
    assert set(re.findall(r"static extern \w+ (omsgw_\w+)\(", source)) == set(EXPORTS)
    driven = set(re.findall(r"Library\.(\w+)\(", (ROOT / "tests/module/Driver.cs").read_text()))
    assert driven == set(re.findall(r"public static \w+ (\w+)\(", source))

    answer = {name: json.loads(text[2:]) for name, text in said.items() if text[1:3] == " {"}
    code = {name: int(text.split()[0]) for name, text in said.items()
            if re.match(r"\d+( |$)", text)}
    assert said["Version"] == Library(tmp_path).loaded.omsgw_version().decode()
    assert answer["GetConfig"]["result"][0]["value"] == "8443"
    assert len(answer["GetConfigs"]["result"]) > 20
    assert answer["GetRelay"]["result"] == {"url": "http://p.example.com:8080", "login": True}
    assert [row["value"] for row in answer["List"]["result"]] == [
        "a.example", "xn--bcher-kva.example"]
    assert answer["List"]["result"][0]["comment"] == "€"
    assert answer["Check"]["result"]["allowed"] and answer["Check"]["result"]["addresses"]
    assert code["CheckNo"] == 1 and answer["CheckNo"]["error"] is None
    assert code["AddWrong"] == 2 and answer["AddWrong"]["error"]["id"]
    history = json.dumps(answer["History"], ensure_ascii=False)
    assert "with a login" in history and "üser" not in history
    assert code["Status"] == 3
    done = {name for name in code if code[name] == 0}
    assert done == {"SetConfig", "GetConfig", "GetConfigs", "ResetConfig", "SetRelay", "GetRelay",
                    "ClearRelay", "Add", "List", "Check", "Remove", "History"}
    assert said["Nul"] == "ArgumentException"
    assert said["Surrogate"] == "EncoderFallbackException"
    assert code["Misused"] == 10


def test_processes_of_two_languages_at_once(library, tmp_path):
    script = ("import sys; sys.path.insert(0, sys.argv[1]); import test_library as t\n"
              "l = t.Library(sys.argv[2])\n"
              "sys.exit(max(l.add([f'h{i}.p{sys.argv[3]}.example'])[0] for i in range(10)))")
    crew = [subprocess.Popen([sys.executable, "-B", "-c", script, str(ROOT / "tests/module"),
                              str(tmp_path), str(i)]) for i in range(3)]
    run_driver(tmp_path)
    assert [member.wait() for member in crew] == [0, 0, 0]
    assert len([host for host in library.hosts() if host.startswith("h")]) == 30
