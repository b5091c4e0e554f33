"""What a table refuses is compared one by one, and is what it refused as a list; nothing else of the tables changes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.migrations import migrations as bot_migrations
from lending import plain_checks
from lending.database import Database, Store
from lending.migrations import migrations
from tests import stores

STEP = "checks_compare_one_by_one"
LISTED = re.compile(r"\w+ (?:NOT )?IN \([^()]*\)")


class Defensive:
    """A connection of an SQLite that lets nobody write into the schema (SQLITE_DBCONFIG_DEFENSIVE)."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def execute(self, sql: str, values: dict[str, str] | None = None) -> sqlite3.Cursor:
        """What would open it does nothing."""
        return self.conn.execute("SELECT 1" if sql == "PRAGMA writable_schema = ON" else sql, values or {})


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Store]:
    """A library from before that step, with a row."""
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db, stop_before=STEP)
        bot_migrations.apply(db, stop_before=STEP)
        db.run("INSERT INTO points (code, kind, name) VALUES ('B1', 'branch', '中心馆')")
    yield store
    store.close()


def tables(db: Database) -> dict[str, str]:
    """Each table's text."""
    return {row["name"]: row["sql"] for row in db.all("SELECT name, sql FROM sqlite_master WHERE type = 'table'")}


def test_every_condition_says_what_its_list_said(before: Store) -> None:
    lists = {listed for sql in tables(before.db).values() for listed in LISTED.findall(sql) if listed.count(",") > 1}
    assert len(lists) > 40
    for listed in lists:
        name = listed.split()[0]
        now = plain_checks.plain(listed)
        assert " IN " not in now
        values = [*re.findall(r"'([^']*)'", listed), *map(int, re.findall(r"[ (](\d+)", listed)), "else", "", None, 7]
        for value in values:
            said = [before.db.value(f"SELECT {asked} FROM (SELECT :v AS {name})", v=value) for asked in (listed, now)]
            assert said[0] == said[1], (listed, value)


def test_a_library_of_an_earlier_version_keeps_its_rows_and_refuses_what_it_refused(before: Store) -> None:
    earlier = tables(before.db)
    with before.writing() as db:
        migrations.apply(db)
        bot_migrations.apply(db)
    later = tables(before.db)
    assert later == {name: plain_checks.plain(sql) for name, sql in earlier.items()}
    assert "state = 'available' OR state = 'reserved'" in later["copies"]
    assert before.db.value("SELECT name FROM points") == "中心馆"
    assert before.db.value("PRAGMA integrity_check") == "ok"
    for db in (before._writer, before.db):  # whoever had them open knows, too
        told = db.conn.execute("EXPLAIN UPDATE points SET branch_type = 'bus'")
        assert "OpenEphemeral" not in {row[1] for row in told}
    with before.writing() as db, pytest.raises(sqlite3.IntegrityError, match="branch_type"):
        db.run("UPDATE points SET branch_type = 'castle'")


def test_nobody_can_write_into_the_schema_afterwards(before: Store) -> None:
    with before.writing() as db:
        migrations.apply(db)
        with pytest.raises(sqlite3.OperationalError, match="may not be modified"):
            db.run("UPDATE sqlite_master SET sql = '' WHERE name = 'points'")


def test_no_table_checks_a_list_at_every_row(tmp_path: Path) -> None:
    store = stores.fresh(tmp_path)
    found = tables(store.db)
    store.close()
    assert [name for name, sql in found.items() if plain_checks.plain(sql) != sql] == ["usage_counts"]  # once a search


def test_an_sqlite_that_lets_nobody_write_there_keeps_its_lists(before: Store) -> None:
    earlier = tables(before.db)
    with before.writing() as db:
        plain_checks.unlist(SimpleNamespace(conn=Defensive(db.conn)))  # type: ignore[arg-type]
        db.run("UPDATE points SET name = '总馆'")
    assert tables(before.db) == earlier and before.db.value("SELECT name FROM points") == "总馆"


def test_a_disk_that_is_full_meanwhile_is_not_passed_over(before: Store) -> None:
    """What comes after in the same step would be kept, and what came before it not."""

    def full(sql: str, values: dict[str, str] | None = None) -> sqlite3.Cursor:
        if sql.startswith("UPDATE sqlite_master"):
            raise sqlite3.OperationalError("database or disk is full")
        return before._writer.conn.execute(sql, values or {})

    with pytest.raises(sqlite3.OperationalError, match="full"):
        plain_checks.unlist(SimpleNamespace(conn=SimpleNamespace(execute=full)))  # type: ignore[arg-type]
