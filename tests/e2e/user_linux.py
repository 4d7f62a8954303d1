"""An ordinary user's own data folder: it is used, and said. Named on the command line of pytest,
because only root can become such a user, and so it may be skipped."""

import os
import shutil
import subprocess

import pytest

from program import LIMIT_S, PROGRAM


def test_an_ordinary_user_has_a_folder_of_his_own(open_folder):
    if os.geteuid() != 0:
        pytest.skip("root alone can become another user")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    program = shutil.copy(PROGRAM, open_folder)  # the checkout may be where nobody else may look
    result = subprocess.run([program, "host", "add", "a.example.com"], user=65534, group=65534,
                            extra_groups=[], env={"HOME": str(home)}, cwd="/", check=False,
                            capture_output=True, text=True, timeout=LIMIT_S)
    assert result.returncode == 0, result.stderr
    assert str(home / ".local/state/omsgateway") in result.stderr
    assert (home / ".local/state/omsgateway/gateway.db").exists()
