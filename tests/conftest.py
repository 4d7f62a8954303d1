"""A run in which a test was skipped tells CTest so, which would otherwise count it as passed.

Owns the exit status of every pytest run in this tree: 77 is CTest's "skipped" (oms_test sets it).
Must not know any test. What may be skipped therefore is a CTest of its own, see tests/tools.
"""

import pathlib
import tempfile

import pytest

SKIPPED = 77


@pytest.fixture
def open_folder():
    """For other users to enter, and gone afterwards. Each pytest that starts shuts what is above
    every tmp_path to them, whatever another one has opened there."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield folder


def pytest_sessionfinish(session, exitstatus):
    """A file that is skipped whole leaves pytest nothing to run, which is its status 5."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus in (0, 5) and reporter.stats.get("skipped"):
        session.exitstatus = SKIPPED
