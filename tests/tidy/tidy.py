#!/usr/bin/python3
"""The style law as a program: runs the rules over the tree, prints what breaks them, and figures.

Owns the table of rules and the print. What a rule means stands in its own module.

    tidy.py [--root DIR] [--omsgen PATH] [--targets FILE] [--but RULE]... [RULE...]
    tidy.py [--root DIR] --figures
    tidy.py --list

Exit: 0 nothing found, 1 findings, 2 a command line that cannot be parsed, 77 nothing found but a
rule could not run here (CTest counts that as skipped).
"""
import argparse
import subprocess
import sys
from pathlib import Path
from typing import Callable, NamedTuple

import rules_c
import rules_floors
import rules_project
import rules_sizes
import rules_text
from report import report
from source import Finding, Skip, Tree


SKIPPED = 77


class Rule(NamedTuple):
    """One rule: its name, and the function that yields findings; its docstring describes it."""

    name: str
    judge: Callable

    @property
    def sentence(self):
        return " ".join(self.judge.__doc__.split())


RULES = (
    Rule("floors", rules_floors.floors),
    Rule("os_headers", rules_floors.os_headers),
    Rule("no_ifdef", rules_c.no_ifdef),
    Rule("banned_calls", rules_c.banned_calls),
    Rule("no_sleep", rules_c.no_sleep),
    Rule("include_guard", rules_c.include_guard),
    Rule("naming", rules_c.naming),
    Rule("file_size", rules_sizes.file_size),
    Rule("line_length", rules_sizes.line_length),
    Rule("function_size", rules_sizes.function_size),
    Rule("budgets", rules_sizes.budgets),
    Rule("white_space", rules_text.white_space),
    Rule("file_header", rules_text.file_header),
    Rule("no_todo", rules_text.no_todo),
    Rule("shell", rules_text.shell),
    Rule("top_level", rules_project.top_level),
    Rule("dead_files", rules_project.dead_files),
    Rule("sln_equals_cmake", rules_project.sln_equals_cmake),
    Rule("readme_tables", rules_project.readme_tables),
    Rule("format", rules_project.layout),
)


def run(rule, tree):
    """A rule's findings in order; a program that it could not run is a finding too."""
    try:
        return sorted(set(rule.judge(tree)))
    except (OSError, subprocess.SubprocessError) as error:
        return [Finding(".", 1, f"could not be judged: {error}")]


def judge(rules, tree):
    """Prints findings and skips; returns how many findings and how many skips."""
    found, skips = 0, []
    for rule in rules:
        try:
            findings = run(rule, tree)
        except Skip as skip:
            skips.append(f"SKIPPED {rule.name}: {skip}")
            continue
        for path, line, sentence in findings:
            print(f"{path}:{line}: {rule.name}: {sentence}")
        found += len(findings)
    for line in skips:
        print(line)
    return found, len(skips)


def parse(arguments):
    """The command line; rules that are not named mean all of them."""
    parser = argparse.ArgumentParser(prog="tidy.py", description="The style law as tests.")
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2], metavar="DIR")
    parser.add_argument("--omsgen", metavar="PATH", help="the built omsgen, for readme_tables")
    parser.add_argument("--targets", type=Path, metavar="FILE",
                        help="the list that CMake wrote (targets.txt), for sln_equals_cmake")
    parser.add_argument("--list", action="store_true", help="print the rules and end")
    parser.add_argument("--figures", action="store_true", help="print sizes and budgets and end")
    parser.add_argument("--but", action="append", default=[], metavar="RULE", help="not this one")
    parser.add_argument("rules", nargs="*", metavar="RULE")
    options = parser.parse_args(arguments)
    unknown = {*options.rules, *options.but} - {rule.name for rule in RULES}
    if unknown:
        parser.error(f"no rule {' '.join(sorted(unknown))}, --list names them")
    return options


def main(arguments=None):
    """The program; returns its exit status."""
    options = parse(arguments)
    if options.list:
        for rule in RULES:
            print(f"{rule.name:<18}{rule.sentence}")
        return 0
    targets = options.targets and options.targets.read_text(encoding="utf-8").split()
    tree = Tree(options.root, options.omsgen, targets)
    if options.figures:
        print("\n".join(report(tree)))
        return 0
    rules = [rule for rule in RULES
             if (not options.rules or rule.name in options.rules) and rule.name not in options.but]
    found, skipped = judge(rules, tree)
    print(f"tidy: {len(rules) - skipped} rules, {len(tree.files)} files, {found} findings")
    return 1 if found else SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
