"""Writes the tables that omsgen prints into README.md, between their markers.

Usage: readme.py OMSGEN README. Owns the markers `<!-- omsgen NAME -->` ... `<!-- end NAME -->`;
knows nothing of what a table says.
"""

import re
import subprocess
import sys


def table(omsgen: str, name: str) -> str:
    return subprocess.run([omsgen, "markdown", name], check=True, capture_output=True,
                          text=True).stdout


def main() -> None:
    omsgen, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        old = file.read()
    new = re.sub(r"(<!-- omsgen (\w+) -->\n).*?(<!-- end \2 -->)",
                 lambda block: block[1] + table(omsgen, block[2]) + block[3], old, flags=re.S)
    if new != old:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
        print(f"readme: the tables in {path} were written anew")


if __name__ == "__main__":
    main()
