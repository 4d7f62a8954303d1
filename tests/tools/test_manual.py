"""The manual page that omsgen makes: groff reads it without a word of complaint."""

import os
import re
import shutil
import subprocess

import pytest


def test_the_manual_has_no_fault(tmp_path):
    if not shutil.which("groff"):
        pytest.skip("no groff to read it")
    page = tmp_path / "omsgateway.8"
    page.write_text(subprocess.run([os.environ["OMSGEN"], "man"], capture_output=True, text=True,
                                   check=True).stdout, encoding="utf-8")
    done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", str(page)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
    text = re.sub(".\x08", "", done.stdout)  # bold is struck twice
    assert "omsgateway" in text and "MinimumTls" in text
