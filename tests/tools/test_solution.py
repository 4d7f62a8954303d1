"""OMSGateway.sln with the .NET SDK's msbuild: each of its projects builds its target through CMake.

Owns a cmake that writes down how it was called, and is the real one where that is asked for. That
the solution and CMake name the same six things is a rule of tests/tidy.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECTS = ["service", "psmodule", "installer", "perfcounters", "eventlog", "tests"]
BUILD = "--build --preset native"

if not shutil.which("dotnet"):
    pytest.skip("there is no .NET SDK here", allow_module_level=True)


@pytest.fixture(name="msbuild")
def make_msbuild(tmp_path):
    """Runs msbuild over a file of the tree; returns the calls of CMake, but for configuring."""
    program, calls = tmp_path / "bin/cmake", tmp_path / "calls"

    def msbuild(file, *words, really=False):
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "$*" >>"{calls}"\n'
                           + (f'exec {shutil.which("cmake")} "$@"\n' if really else ""))
        program.chmod(0o755)
        calls.write_text("")
        result = subprocess.run(
            ["dotnet", "msbuild", str(ROOT / file), "-nologo", "-m", *words], check=False,
            env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert result.returncode == 0, result.stdout
        return [call for call in calls.read_text().splitlines() if not call.startswith("--preset")]

    return msbuild


def test_the_solution_builds_each_project(msbuild):
    """The native preset is built by the run that calls this test: there is little left to do."""
    assert msbuild("OMSGateway.sln", really=True) == [f"{BUILD} --target {p}" for p in PROJECTS]


def test_the_solution_rebuilds_from_one_empty_folder(msbuild):
    first, *others = msbuild("OMSGateway.sln", "-t:Rebuild")
    assert first == f"{BUILD} --target service --clean-first"
    assert others == [f"{BUILD} --target {project}" for project in PROJECTS[1:]]


def test_a_project_alone_rebuilds_from_an_empty_folder(msbuild):
    assert msbuild("psmodule/psmodule.vcxproj", "-t:Rebuild") == [
        f"{BUILD} --target psmodule --clean-first"]


def test_clean_needs_a_folder_to_clean(msbuild, tmp_path):
    words = ("service/service.vcxproj", "-t:Clean", f"-p:OmsRoot={tmp_path}")
    assert msbuild(*words) == []
    (tmp_path / "build/native").mkdir(parents=True)
    (tmp_path / "build/native/build.ninja").touch()
    assert msbuild(*words) == [f"{BUILD} --target clean"]
