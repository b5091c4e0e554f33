"""The librarians' own tables: who may sign in, and an append-only log of everything they did."""

from __future__ import annotations

from sqlite_utils import Database as AnyDatabase
from sqlite_utils import Migrations

from lending.migrations import create

migrations = Migrations("admin")

TABLES = """
CREATE TABLE staff (
    name TEXT PRIMARY KEY, shown_as TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('chief', 'librarian')), must_change INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL) STRICT;
CREATE TABLE staff_log (
    id INTEGER PRIMARY KEY, staff TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}', at TEXT NOT NULL) STRICT;
CREATE INDEX staff_log_by_staff ON staff_log (staff, action, id);
CREATE TRIGGER staff_log_stays BEFORE UPDATE ON staff_log
    BEGIN SELECT RAISE(ABORT, 'the staff log is append-only'); END;
CREATE TRIGGER staff_log_remains BEFORE DELETE ON staff_log
    BEGIN SELECT RAISE(ABORT, 'the staff log is append-only'); END;
"""


@migrations()
def first_tables(db: AnyDatabase) -> None:
    """Staff and their log."""
    create(db, TABLES)


@migrations()
def scans_are_not_kept_for_ever(db: AnyDatabase) -> None:
    """What was scanned in, and whose it was, goes when the loans lose their reader; every other line stays."""
    db.conn.execute("DROP TRIGGER staff_log_remains")
    db.conn.execute(
        "CREATE TRIGGER staff_log_remains BEFORE DELETE ON staff_log WHEN old.action <> 'check_in' "
        "BEGIN SELECT RAISE(ABORT, 'the staff log is append-only'); END"
    )
    db.conn.execute("CREATE INDEX staff_log_scans ON staff_log (at) WHERE action = 'check_in'")


@migrations()
def what_was_done_is_sealed(db: AnyDatabase) -> None:
    """Reasons and whatever else a line says, under the vault's key; it may be sealed anew, never changed."""
    db.conn.execute("PRAGMA secure_delete = ON")
    db.conn.execute("DROP TRIGGER staff_log_stays")
    db.conn.execute("UPDATE staff_log SET facts = seal(facts)")
    changed = " OR ".join(f"new.{name} IS NOT old.{name}" for name in ("id", "staff", "action", "object", "at"))
    db.conn.execute(
        f"CREATE TRIGGER staff_log_stays BEFORE UPDATE ON staff_log WHEN {changed} "
        "OR unseal(new.facts) IS NOT unseal(old.facts) BEGIN SELECT RAISE(ABORT, 'the staff log is append-only'); END"
    )
    db.conn.execute("PRAGMA secure_delete = FAST")


@migrations()
def what_was_signed_out_of_is_over(db: AnyDatabase) -> None:
    """A cookie that somebody copied opens nothing once its librarian has signed out."""
    create(db, "CREATE TABLE staff_sign_outs (session TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;")


@migrations()
def who_was_telephoned_is_found_at_once(db: AnyDatabase) -> None:
    """The front page asks it of every reader whose book waits and whom no message reaches."""
    db.conn.execute("CREATE INDEX staff_log_by_object ON staff_log (object, id)")
