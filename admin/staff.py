"""Librarians: who they are, how they prove it, and the log of what each of them did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask_login import UserMixin

from admin import passwords
from lending.database import Database, Row, writing
from lending.model import parse_stamp, stamp

FIRST = "admin"
SHIFT = timedelta(hours=12)  # after a long working day one signs in again


@dataclass(frozen=True)
class Librarian(UserMixin):
    """One who may sign in. `shown_as` is what readers and colleagues see; a chief also looks after the staff."""

    name: str
    shown_as: str
    role: str
    must_change: bool
    mark: str  # changes with the password, so that older sessions end

    def get_id(self) -> str:
        """What the session keeps."""
        return f"{self.mark}:{self.name}"


def _librarian(row: Row) -> Librarian:
    mark = sha256(row["password_hash"].encode()).hexdigest()[:16]
    return Librarian(row["name"], row["shown_as"], row["role"], bool(row["must_change"]), mark)


def first_password(db: Database, now: datetime) -> str | None:
    """Make the first librarian and return the password, which is kept nowhere; None when there is staff already."""
    password = passwords.readable()
    stored = passwords.hashed(password)
    with writing(db) as db:
        if db.value("SELECT 1 FROM staff LIMIT 1"):
            return None
        _insert(db, FIRST, "小信", stored, "chief", now)
    return password


def add(db: Database, by: str, name: str, shown_as: str, role: str, now: datetime) -> str | None:
    """A new colleague with a password to be changed, which is returned; None when either name is taken."""
    password = passwords.readable()
    stored = passwords.hashed(password)
    with writing(db) as db:
        if not _insert(db, name, shown_as, stored, role, now):
            return None
        log(db, by, "add_colleague", f"staff:{name}", now, role=role)
    return password


def _insert(db: Database, name: str, shown_as: str, stored: str, role: str, now: datetime) -> bool:
    return db.run(
        "INSERT INTO staff (name, shown_as, password_hash, role, created_at) "
        "VALUES (:name, :shown_as, :hash, :role, :now) ON CONFLICT DO NOTHING",
        name=name, shown_as=shown_as, hash=stored, role=role, now=stamp(now),
    ) == 1  # fmt: skip


def check(db: Database, name: str, password: str) -> Librarian | None:
    """The librarian when name and password fit; unknown names take as long as wrong passwords."""
    row = db.one("SELECT * FROM staff WHERE name = :name", name=name)
    fits = passwords.fits(row["password_hash"] if row else passwords.NOBODY, password)
    return _librarian(row) if row and fits else None


def by_session(db: Database, kept: str, session: str) -> Librarian | None:
    """The librarian a session belongs to; None once it was signed out of, the password has changed or the account is
    gone."""
    mark, _, name = kept.partition(":")
    row = db.one(
        "SELECT * FROM staff WHERE name = :name AND NOT EXISTS "
        "(SELECT 1 FROM staff_sign_outs WHERE session = :session)",
        name=name, session=session,
    )  # fmt: skip
    found = _librarian(row) if row else None
    return found if found and found.mark == mark else None


def end_session(db: Database, who: str, session: str, now: datetime) -> None:
    """Sign out: no copy of its cookie is good any more. What time has ended anyway is not kept."""
    with writing(db) as db:
        db.run("DELETE FROM staff_sign_outs WHERE at < :gone", gone=stamp(now - 2 * SHIFT))
        db.run("INSERT OR IGNORE INTO staff_sign_outs VALUES (:session, :now)", session=session, now=stamp(now))
        log(db, who, "sign_out", f"staff:{who}", now)


def everyone(db: Database) -> list[Row]:
    """All who may sign in: name, shown_as, role, created_at."""
    return db.all("SELECT name, shown_as, role, created_at FROM staff ORDER BY created_at, name")


def change_password(db: Database, name: str, password: str) -> Librarian:
    """Set a new password; the caller has checked the old one. Every other session of this librarian ends."""
    stored = passwords.hashed(password)
    with writing(db) as db:
        row = db.one(
            "UPDATE staff SET password_hash = :hash, must_change = 0 WHERE name = :name RETURNING *",
            hash=stored, name=name,
        )  # fmt: skip
    assert row is not None, "a signed-in librarian has an account"
    return _librarian(row)


def new_password(db: Database, by: str, name: str, now: datetime) -> str | None:
    """For a colleague who forgot theirs, or has left: every session of that name ends. None for oneself or nobody."""
    password = passwords.readable()
    stored = passwords.hashed(password)
    with writing(db) as db:
        changed = db.run(
            "UPDATE staff SET password_hash = :hash, must_change = 1 WHERE name = :name AND name <> :by",
            hash=stored, name=name, by=by,
        )  # fmt: skip
        if not changed:
            return None
        log(db, by, "new_password", f"staff:{name}", now)
    return password


def rename(db: Database, name: str, shown_as: str) -> bool:
    """What readers see from now on; False when a colleague is called that already."""
    with writing(db) as db:
        return db.run(
            "UPDATE staff SET shown_as = :s WHERE name = :name "
            "AND NOT EXISTS (SELECT 1 FROM staff o WHERE o.shown_as = :s AND o.name <> :name)",
            s=shown_as, name=name,
        ) == 1  # fmt: skip


SEALED = {"staff_log": ("facts",)}


def log(db: Database, who: str, action: str, obj: str, now: datetime, /, **facts: Any) -> None:
    """Write down what a librarian did to what; call inside the same `writing` as the deed."""
    with writing(db) as db:
        db.run(
            "INSERT INTO staff_log (staff, action, object, facts, at) "
            "VALUES (:who, :action, :object, seal(:facts), :now)",
            who=who, action=action, object=obj, facts=json.dumps(facts, ensure_ascii=False), now=stamp(now),
        )  # fmt: skip


def logged(
    db: Database, who: str | None = None, action: str | None = None, limit: int = 100, without: str = ""
) -> list[Row]:
    """The newest lines of the log: staff, action, object, facts, at; of one librarian or one kind when named, and
    without another kind."""
    rows = db.all(
        "SELECT id, staff, action, object, unseal(facts) AS facts, at FROM staff_log "
        "WHERE (:who IS NULL OR staff = :who) AND (:action IS NULL OR action = :action) AND action <> :without "
        "ORDER BY id DESC LIMIT :n",
        who=who, action=action, without=without, n=limit,
    )  # fmt: skip
    return [row | {"facts": json.loads(row["facts"]), "at": parse_stamp(row["at"])} for row in rows]


def latest(db: Database, actions: tuple[str, ...], obj: str) -> Row | None:
    """The newest line about this object among these deeds: staff, action, at."""
    names = ", ".join(f"'{action}'" for action in actions)
    row = db.one(
        f"SELECT staff, action, at FROM staff_log WHERE object = :obj AND action IN ({names}) ORDER BY id DESC LIMIT 1",
        obj=obj,
    )
    return row and row | {"at": parse_stamp(row["at"])}


def logged_line(db: Database, who: str, action: str, line_id: int) -> Row | None:
    """One line of somebody's own, of one kind; None when there is none."""
    row = db.one(
        "SELECT id, object, unseal(facts) AS facts, at FROM staff_log "
        "WHERE id = :id AND staff = :who AND action = :action",
        id=line_id, who=who, action=action,
    )  # fmt: skip
    return row | {"facts": json.loads(row["facts"]), "at": parse_stamp(row["at"])} if row else None


SCANNED = "action = 'check_in' AND at < :before"


def forget_scans(db: Database, before: str) -> int:
    """What was scanned in before goes: title and reader stand in one line (B2-21). Returns how many lines went."""
    with writing(db) as db:
        return db.run(f"DELETE FROM staff_log WHERE {SCANNED}", before=before)


def count_scans(db: Database, before: str) -> int:
    """What was scanned in before and is still there."""
    return int(db.value(f"SELECT COUNT(*) FROM staff_log WHERE {SCANNED}", before=before))
