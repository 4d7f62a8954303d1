"""What an example of a rule is: a small tree, and what the rule must say about it.

Owns the two shapes and the writing of a tree. Must not know any rule.
"""
from typing import NamedTuple


class Bad(NamedTuple):
    """A tree that breaks a rule: `at` lists every path:line that must be found, in order."""

    rule: str
    files: dict
    at: tuple
    says: str
    omsgen: dict | None = None
    targets: tuple | None = None


class Good(NamedTuple):
    """A tree that the rule has nothing to say about, though it comes near."""

    rule: str
    files: dict
    omsgen: dict | None = None
    targets: tuple | None = None


def write_tree(root, files):
    """Writes {path: text or bytes} below a folder."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def function(name="f", body_lines=1, inside="    ;\n"):
    """A C function whose body, braces included, has body_lines + 2 lines."""
    return f"void {name}(void)\n{{\n{inside * body_lines}}}\n"
