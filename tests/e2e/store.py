"""gateway.db as somebody leaves it who has other rules: another version, or a person with SQLite.

Owns the sum with which the file proves itself, the same as service/store/schema.c has it.
"""

import contextlib
import pathlib
import sqlite3

_SUMMED = ("SELECT 'meta', version, revision FROM meta",
           "SELECT 'setting', name, value FROM setting",
           "SELECT 'rule', id, kind, value, origin, comment, time FROM rule",
           "SELECT 'relay', url, username, password FROM relay")


def _mix(number: int, data: bytes) -> int:
    for byte in data:
        number = (number ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return number


def _hash(row: tuple) -> int:
    number = 0xCBF29CE484222325
    for value in row:
        data = (value.to_bytes(8, "little", signed=True) if isinstance(value, int) else
                value if isinstance(value, bytes) else value.encode())
        number = _mix(_mix(number, len(data).to_bytes(8, "little")), data)
    return number


@contextlib.contextmanager
def written(data: str):
    """A connection; behind it the file is of the next revision, and proves itself."""
    with contextlib.closing(sqlite3.connect(pathlib.Path(data) / "gateway.db")) as db:
        yield db
        db.execute("UPDATE meta SET revision = revision + 1")
        total = sum(_hash(row) for sql in _SUMMED for row in db.execute(sql)) & (1 << 64) - 1
        db.execute("UPDATE meta SET sum = ?", (total - (total >> 63 << 64),))
        db.commit()


def put_setting(data: str, name: str, value: str) -> None:
    with written(data) as db:
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def put_rule(data: str, kind: str, value: str) -> None:
    with written(data) as db:
        db.execute("INSERT INTO rule (kind, value, origin, comment, time)"
                   " VALUES (?, ?, 'local', '', 0)", (kind, value))
