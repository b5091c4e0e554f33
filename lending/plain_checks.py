"""CHECKs without lists. For `state IN ('a', 'b', 'c')` SQLite builds a table of the three at every row it writes;
`state = 'a' OR …` says the same and builds none: a tenth of what an order takes in the store (docs/measured.md)."""

from __future__ import annotations

import re
import sqlite3

from sqlite_utils import Database as AnyDatabase

_LITERAL = r"(?:'[^']*'|\d+)"
_LIST = re.compile(rf"(\w+) (NOT )?IN \(\s*({_LITERAL}(?:,\s*{_LITERAL}){{2,}})\s*\)")  # of two SQLite builds none


def plain(sql: str) -> str:
    """The same condition, compared one by one."""
    return _LIST.sub(_compared, sql)


def _compared(found: re.Match[str]) -> str:
    name, negated, listed = found.groups()
    values = re.findall(_LITERAL, listed)
    comparison, joint = ("<>", " AND ") if negated else ("=", " OR ")
    return f"({joint.join(f'{name} {comparison} {value}' for value in values)})"


def unlist(db: AnyDatabase, tables: tuple[str, ...] = ()) -> None:
    """Write the CHECKs of these tables (of all, where none is named) so; their rows stay as they are.

    Done as SQLite's page on ALTER TABLE tells (7: a change that does not touch what is on the disk). An SQLite that
    lets nobody write there keeps its lists, and is only slower.
    """
    found = db.conn.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '% IN (%'"
    ).fetchall()
    version = db.conn.execute("PRAGMA schema_version").fetchone()[0]
    db.conn.execute("PRAGMA writable_schema = ON")
    try:
        for name, sql in found:
            if (not tables or name in tables) and (values := {"name": name, "sql": plain(sql)})["sql"] != sql:
                db.conn.execute("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name", values)
        db.conn.execute(f"PRAGMA schema_version = {version + 1}")  # every connection reads the tables anew
    except sqlite3.OperationalError as error:
        if "may not be modified" not in str(error):
            raise
    finally:
        db.conn.execute("PRAGMA writable_schema = OFF")
