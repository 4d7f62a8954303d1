"""The event log as Windows is asked for it: each call's type, id and strings in Wine's trace, and
the rows of the registry. Wine stores nothing, so nothing can be read back.

Owns how Wine prints ReportEventW. Must not know the texts: tests/unit/test_messages_windows.c does.
"""

import os
import re
import subprocess

DRIVER = [os.environ["OMSGATEWAY_EMULATOR"], os.environ["EVENT_DRIVER"]]
LOG = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\OMS Gateway Log"


def run(*words: str, debug: str = "-all") -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=120,
                          env=os.environ | {"WINEDEBUG": debug})


def reports() -> list[tuple[str, str, int, list[str]]]:
    """Each ReportEventW: type, category, id, strings."""
    result = run(*DRIVER, "write", debug="-all,+eventlog,fixme+advapi")
    assert result.returncode == 0, result.stderr
    calls: list[tuple[str, str, int, list[str]]] = []
    for line in result.stderr.splitlines():
        call = re.search(r"ReportEventW \(\w+,(0x\w+),(0x\w+),0x(\w+),", line)
        string = re.search(r':eventlog:ReportEventW (L".*")$', line)
        if call:
            calls.append((call[1], call[2], int(call[3], 16), []))
        elif string:
            calls[-1][3].append(string[1])
    return calls


def registry(key: str) -> dict[str, tuple[str, str]]:
    text = run(DRIVER[0], "reg", "query", key).stdout
    return {name: (kind, value) for name, kind, value in
            re.findall(r"^ {4}(\S.*?) {4}(REG_\w+) {4}(.*?)\r?$", text, flags=re.M)}


def test_types_ids_and_strings():
    information, error, warning = "0x0004", "0x0001", "0x0002"
    peer = r'L"a\\x251\\x0d\\x0a\\x1b[2J\\u{202e}"'
    forbidden = ['L"192.0.2.1"', peer, 'L"443"', 'L"why"', r'L"b\00fccher"']
    assert reports() == [
        (information, "0x0000", 0x40000065, ['L"1.2.3"', 'L"::"', 'L"8080"']),
        (error, "0x0000", 0xC0000069, forbidden),
        (error, "0x0000", 0xC1000069, [*forbidden, 'L"41"']),
        (error, "0x0000", 0xC2000069, ['L"7"']),
        (warning, "0x0000", 0x80020064, ['L"192.0.2.1"', 'L"full"']),
    ]


def test_rows_of_the_registry():
    library = r"C:\Program Files\OMS Gateway\OMSGatewayMessages.dll"
    assert run(*DRIVER, "install", library).returncode == 0
    assert registry(LOG) == {"MaxSize": ("REG_DWORD", "0x1400000"),
                             "Retention": ("REG_DWORD", "0x0")}
    assert registry(LOG + r"\OMS Gateway") == {"EventMessageFile": ("REG_EXPAND_SZ", library),
                                               "TypesSupported": ("REG_DWORD", "0x7")}
    # What an administrator set stays; the library may have moved.
    run(DRIVER[0], "reg", "add", LOG, "/v", "MaxSize", "/t", "REG_DWORD", "/d", "65536", "/f")
    assert run(*DRIVER, "install", r"D:\x.dll").returncode == 0
    assert registry(LOG)["MaxSize"] == ("REG_DWORD", "0x10000")
    assert registry(LOG + r"\OMS Gateway")["EventMessageFile"] == ("REG_EXPAND_SZ", r"D:\x.dll")
    assert run(*DRIVER, "remove").returncode == 0
    assert registry(LOG) == {}
    assert run(*DRIVER, "remove").returncode == 0
