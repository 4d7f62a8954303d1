"""Lets the tests of this folder import program.py, however pytest was started."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
