"""The relay proxy's password as the tests know it, and where it must not be: in no file, output or
memory of the program, neither plain nor in base64 nor in UTF-16."""

import base64
import pathlib
import subprocess

PASSWORD = "Grüße-7hq1Zk9w"
URL = "http://proxy.example.com:8080"
SET = ["relay", "set", URL, "--username", "alice"]


def spellings() -> list[bytes]:
    """What must be nowhere; of base64 the middle that does not depend on what stands before it."""
    plain = PASSWORD.encode()
    found = [plain, plain[:8], PASSWORD.encode("utf-16-le"), PASSWORD.encode("utf-16-be")]
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + plain)
        found.append(coded[4 if shift else 0:-4])
    login = base64.b64encode(b"alice:" + plain)
    return [*found, login, *(s[::-1] for s in found[:1])]


def judge(data: bytes, where: str) -> None:
    for spelling in spellings():
        assert spelling not in data, f"{spelling!r} is in {where}"


def judge_all(folder: pathlib.Path, *results: subprocess.CompletedProcess) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "gateway.db" for path in files)
    for path in files:
        judge(path.read_bytes(), path.name)
    for result in results:
        judge((result.stdout + result.stderr).encode(), "an output")
