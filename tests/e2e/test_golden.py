"""Every sentence of the command line is the one of the golden file; see golden.py."""

import golden


def test_the_command_line_says_what_the_golden_file_says():
    wanted = golden.FILE.read_text(encoding="utf-8")
    assert golden.run_script(wanted).splitlines() == wanted.splitlines()
