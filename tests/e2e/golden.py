"""The golden file of the command line: command lines and what each of them says.

tests/data/golden/cli.txt is a script and its own expected result, to be read by a person:

    == title            what follows runs in a fresh data folder
    $ omsgateway WORDS  as a shell would read it; <<< 'TEXT' behind it is its standard input
    | line              of standard output, tabs as <TAB>
    ! line              of standard error
    = 1                 the exit status

`golden.py` as a program runs the script and writes the file anew. What differs from run to run is
replaced: the data folder by DATA, moments by TIME, the user by USER.
"""

import pathlib
import re
import shlex
import tempfile

import program

FILE = pathlib.Path(__file__).resolve().parents[1] / "data" / "golden" / "cli.txt"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(\t|\",\"who\":\")[^\t\"]*")


def settle(text: str, folder: str) -> str:
    """Output without what differs from run to run."""
    text = MOMENT.sub(r"TIME\1USER", text.replace(folder, "DATA"))
    return text.replace("\t", "<TAB>")


def run_line(line: str, folder: str) -> list[str]:
    """What one command line of the script says."""
    command, _, text = line.removeprefix("$ omsgateway").partition(" <<< ")
    given = "".join(shlex.split(text)).replace("\\n", "\n").replace("\\r", "\r")
    result = program.call(f"--data={folder}", *shlex.split(command), input=given)
    said = [f"| {out}" for out in settle(result.stdout, folder).splitlines()]
    said += [f"! {err}" for err in settle(result.stderr, folder).splitlines()]
    return [*said, f"= {result.returncode}"]


def run_script(script: str) -> str:
    """The whole file anew, from its own titles and command lines."""
    lines: list[str] = []
    kept = [line for line in script.splitlines() if not line.startswith(("| ", "! ", "= "))]
    with tempfile.TemporaryDirectory() as place:
        folder = place
        for number, line in enumerate(kept):
            lines.append(line)
            if line.startswith("== "):
                folder = f"{place}/{number}"
            elif line.startswith("$ omsgateway"):
                lines += run_line(line, folder)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(run_script(FILE.read_text(encoding="utf-8")), encoding="utf-8")
