"""The event log as Windows is asked for it: each call's type, id and strings in Wine's trace. Wine
stores nothing, so nothing can be read back. The rows of the registry: service_wine.py.

Owns how Wine prints ReportEventW. Must not know the texts: tests/unit/test_messages_windows.c does.
"""

import os
import re
import subprocess

DRIVER = [os.environ["OMSGATEWAY_EMULATOR"], os.environ["EVENT_DRIVER"]]


def run(*words: str, debug: str = "-all") -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=120,
                          env=os.environ | {"WINEDEBUG": debug})


def reports() -> list[tuple[str, str, int, list[str]]]:
    """Each ReportEventW: type, category, id, strings."""
    result = run(*DRIVER, debug="-all,+eventlog,fixme+advapi")
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
