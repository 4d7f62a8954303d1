"""OMSGateway.sln builds with the .NET SDK's msbuild, each of its projects through CMake.

That the solution and CMake name the same six things is a rule of tests/tidy.
"""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECTS = ["service", "psmodule", "installer", "perfcounters", "eventlog", "tests"]


@pytest.mark.skipif(not shutil.which("dotnet"), reason="there is no .NET SDK here")
def test_the_solution_builds():
    result = subprocess.run(["dotnet", "msbuild", str(ROOT / "OMSGateway.sln"), "-nologo"],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    # The native preset is built by the run that calls this test: there is nothing left to do.
    assert result.stdout.count("ninja: no work to do.") >= 1, result.stdout
    for project in PROJECTS:
        later = f"{project}: " in result.stdout
        assert later or (ROOT / project / f"{project}.vcxproj").exists()
