"""Programs of other people that a test may need: a missing one is a skip by its name."""

import shutil
import subprocess

import pytest


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


def need_module(*command: str) -> None:
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"{command[0]} {command[-1]}: not installed")
