"""Asking policy_driver, and telling what differs.

Owns the wire format of the driver: one question a line, text as hexadecimal. Must not know any
rule.
"""
import os
import re
import subprocess

DRIVER = os.environ["POLICY_DRIVER"].split()  # Wine may stand in front of it


def hexed(text: bytes) -> str:
    return text.hex() or "-"


def unhexed(word: str) -> bytes:
    return b"" if word == "-" else bytes.fromhex(word)


def ask(questions: list[str]) -> list[list[str]]:
    """All answers, each cut into words."""
    result = subprocess.run(DRIVER, input="".join(f"{q}\n" for q in questions).encode(),
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode(errors="replace")[-2000:]
    answers = [line.split(" ") for line in result.stdout.decode().splitlines()]
    assert len(answers) == len(questions)
    return answers


def compare(questions: list[str], wanted: list, read) -> None:
    """Every answer, as `read` understands it, is the wanted one; the first five that are not."""
    wrong = [f"{q}\n  {readable(q)}\n  got {read(a)!r}\n  want {w!r}"
             for q, a, w in zip(questions, ask(questions), wanted, strict=True) if read(a) != w]
    assert not wrong, f"{len(wrong)} of {len(questions)}:\n" + "\n".join(wrong[:5])


def readable(question: str) -> str:
    words = question.split(" ")[1:]
    return " ".join(repr(unhexed(w)) if re.fullmatch(r"([0-9a-f]{2})+", w) else w for w in words)
