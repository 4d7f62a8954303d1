"""The relay proxy's password is in no file of the data folder and in no output."""

import base64

import pytest

from program import call
from secret import PASSWORD, SET, URL, judge, judge_all


def test_the_spellings_are_found_where_they_are():
    for text in [PASSWORD.encode(), base64.b64encode(b"alice:" + PASSWORD.encode()),
                 PASSWORD.encode("utf-16-le"), base64.b64encode(b"ab" + PASSWORD.encode())]:
        with pytest.raises(AssertionError):
            judge(text, "itself")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_in_no_file_and_no_output(tmp_path, end):
    secret = tmp_path / "secret"
    secret.write_bytes((PASSWORD + end).encode())
    folder = f"--data={tmp_path / 'data'}"
    results = [
        call(*SET, "--password-file", "-", folder, input=PASSWORD + end),
        call(*SET, "--password-file", str(secret), folder),
        call("relay", "get", "--json", folder),
        call("config", "history", "--json", folder),
        call("check", "a.example.com", folder),
        call("relay", "clear", folder),
        call(*SET, f"--password={PASSWORD}", folder),
        call("--password", PASSWORD, *SET, folder),
        call(*SET, PASSWORD, folder),
        call(*SET, "-p" + PASSWORD, folder),
        call("relay", "set", f"http://alice:{PASSWORD}@proxy.example.com:8080", folder),
        call("relay", "set", URL, "--username", f"alice:{PASSWORD}", folder),
        call(*SET, "--password-file", "-", folder, input=PASSWORD + "\nmore"),
    ]
    assert [r.returncode for r in results] == [0, 0, 0, 0, 1, 0, 2, 2, 2, 2, 1, 1, 1]
    judge_all(tmp_path / "data", *results)
