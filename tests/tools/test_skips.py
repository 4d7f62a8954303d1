"""tests/conftest.py: a skip inside a pytest run is seen by CTest; a failure beside it stays one."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
PASSES = "def test_passes():\n    pass\n"
FAILS = "def test_fails():\n    assert False\n"
SKIPS = "import pytest\n\n\ndef test_skips():\n    pytest.skip('no such machine')\n"
SKIPS_WHOLE = "import pytest\n\npytest.skip('no such machine', allow_module_level=True)\n"


@pytest.mark.parametrize("status, files", [
    (0, [PASSES]), (1, [FAILS]), (5, [""]), (77, [SKIPS]), (77, [SKIPS_WHOLE]),
    (77, [PASSES, SKIPS]), (77, [PASSES, SKIPS_WHOLE]), (1, [SKIPS, FAILS]),
])
def test_status(tmp_path, status, files):
    for name in ("conftest.py", "pytest.ini"):
        shutil.copy(TESTS / name, tmp_path)
    (tmp_path / "deep").mkdir()
    for number, text in enumerate(files):
        (tmp_path / f"deep/test_{number}.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = subprocess.run([sys.executable, "-B", "-m", "pytest", str(tmp_path / "deep")],
                            cwd=tmp_path, env=environment, capture_output=True, text=True,
                            check=False)
    assert result.returncode == status, result.stdout + result.stderr
    assert ("no such machine" in result.stdout) == any("skip(" in text for text in files)
