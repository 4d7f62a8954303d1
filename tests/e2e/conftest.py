"""Lets the tests of this folder import program.py, however pytest was started.

Lets them say what they had, too, where an assertion in one of its helpers fails.
Owns the choice of files: test_*_linux.py is for a program of this system, not for one under Wine.
"""

import os
import pathlib
import sys

import pytest

pytest.register_assert_rewrite("hello", "program", "secret", "world")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

collect_ignore_glob = (["*_linux.py"] if os.environ.get("OMSGATEWAY_EMULATOR") or os.name == "nt"
                       else [])
