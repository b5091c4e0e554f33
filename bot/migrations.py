"""The conversation's own tables: who writes from where, what came in, what goes out, who asked for a person."""

from __future__ import annotations

from hashlib import sha256

from sqlite_utils import Database as AnyDatabase
from sqlite_utils import Migrations

from lending.migrations import create
from lending.plain_checks import unlist

migrations = Migrations("bot")

TABLES = """
CREATE TABLE contacts (
    channel TEXT NOT NULL, address TEXT NOT NULL, reader_id INTEGER NOT NULL REFERENCES readers (id),
    reachable INTEGER NOT NULL DEFAULT 1, last_seen TEXT NOT NULL, PRIMARY KEY (channel, address)) STRICT;
CREATE INDEX contacts_by_reader ON contacts (reader_id, last_seen);
CREATE TABLE conversations (
    reader_id INTEGER PRIMARY KEY REFERENCES readers (id), step TEXT NOT NULL DEFAULT '',
    memory TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE inbox (
    channel TEXT NOT NULL, event_id TEXT NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    received_at TEXT NOT NULL, error TEXT, PRIMARY KEY (channel, event_id)) STRICT;
CREATE INDEX inbox_by_address ON inbox (channel, address, received_at);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, address TEXT NOT NULL,
    body TEXT NOT NULL, edits INTEGER, key TEXT UNIQUE,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    due_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, claimed_at TEXT, sent_at TEXT,
    external_id TEXT, error TEXT, made_at TEXT NOT NULL) STRICT;
CREATE INDEX outbox_unsent ON outbox (channel, due_at, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_waiting ON outbox (channel, address, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_by_address ON outbox (channel, address, id);
CREATE TABLE escalations (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'claimed', 'answered', 'closed')),
    about TEXT NOT NULL DEFAULT '', claimed_by TEXT NOT NULL DEFAULT '', opened_at TEXT NOT NULL,
    promised_at TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX one_open_escalation ON escalations (reader_id) WHERE state <> 'closed';
CREATE TABLE escalation_lines (
    id INTEGER PRIMARY KEY, escalation_id INTEGER NOT NULL REFERENCES escalations (id),
    who TEXT NOT NULL CHECK (who IN ('reader', 'service', 'librarian')), name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX escalation_lines_by_escalation ON escalation_lines (escalation_id, id);
"""


@migrations()
def first_tables(db: AnyDatabase) -> None:
    """Contacts, conversations, inbox, outbox, escalations."""
    create(db, TABLES)


@migrations()
def words_are_sealed(db: AnyDatabase) -> None:
    """What was said, on either side, under the vault's key; what stood there is overwritten."""
    db.conn.execute("PRAGMA secure_delete = ON")
    for table, column in (
        ("inbox", "text"), ("outbox", "body"), ("conversations", "memory"), ("escalations", "about"),
        ("escalation_lines", "text"),
    ):  # fmt: skip
        db.conn.execute(f"UPDATE {table} SET {column} = seal({column})")
    db.conn.execute("PRAGMA secure_delete = FAST")


@migrations()
def chats_are_linked_by_a_code(db: AnyDatabase) -> None:
    """A code said in one chat and typed in another: a keyed hash, for a few minutes, once (A1-20)."""
    create(
        db,
        """
CREATE TABLE link_codes (
    digest TEXT PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), expires_at TEXT NOT NULL,
    used_at TEXT) STRICT;
CREATE UNIQUE INDEX one_live_link_code ON link_codes (reader_id) WHERE used_at IS NULL;
CREATE TABLE link_tries (
    channel TEXT NOT NULL, address TEXT NOT NULL, day TEXT NOT NULL, tries INTEGER NOT NULL,
    PRIMARY KEY (channel, address, day)) STRICT;
""",
    )


@migrations()
def chat_addresses_are_sealed(db: AnyDatabase) -> None:
    """A Telegram number stands as a keyed hash to look it up by and sealed to write to; what stood there goes."""
    db.conn.execute("PRAGMA secure_delete = ON")
    for table in ("contacts", "inbox", "outbox"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN chat TEXT NOT NULL DEFAULT ''")
        db.conn.execute(f"UPDATE {table} SET chat = seal(address), address = keyed(address)")
    db.conn.execute("UPDATE link_tries SET address = keyed(address)")
    db.conn.execute("UPDATE inbox SET error = seal(error)")
    own = db.conn.execute("SELECT event_id, unseal(chat) FROM inbox WHERE channel = 'web'").fetchall()
    for event_id, address in own:  # the page's ids began with its address
        name = f"{sha256(address.encode()).hexdigest()[:24]}:{event_id.removeprefix(f'{address}:')}"
        db.conn.execute("UPDATE inbox SET event_id = ? WHERE channel = 'web' AND event_id = ?", (name, event_id))
    db.conn.execute("PRAGMA secure_delete = FAST")


@migrations()
def copies_are_fetched_with_a_ticket(db: AnyDatabase) -> None:
    """Who asked for a copy of whose data, and until when it can be fetched; the files themselves are never kept."""
    create(
        db,
        """
CREATE TABLE exports (
    digest TEXT PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    asked_by INTEGER NOT NULL REFERENCES readers (id), made_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    fetched TEXT NOT NULL DEFAULT '' CHECK (fetched IN ('', ' html', ' json', ' html json', ' json html'))) STRICT;
CREATE INDEX exports_by_reader ON exports (reader_id);
""",
    )


@migrations()
def being_seen_changes_no_index(db: AnyDatabase) -> None:
    """Every event sets `last_seen`; a reader has few chats, which need no order of their own."""
    db.conn.execute("DROP INDEX contacts_by_reader")
    db.conn.execute("CREATE INDEX contacts_by_reader ON contacts (reader_id)")


@migrations()
def what_went_wrong_is_found_without_reading_all(db: AnyDatabase) -> None:
    """The librarian's front page counts these at every look."""
    create(
        db,
        """
CREATE INDEX inbox_failed ON inbox (received_at) WHERE error IS NOT NULL;
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE INDEX contacts_unreachable ON contacts (reader_id) WHERE reachable = 0;
""",
    )


@migrations()
def visits_are_counted(db: AnyDatabase) -> None:
    """How much was said each day, for the report of a period (A2-R, R-1): the words themselves go after some weeks."""
    create(db, "CREATE TABLE visits (day TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;")


@migrations()
def requests_say_what_can_be_done_with_a_tap(db: AnyDatabase) -> None:
    """Whoever asks to be put down as a reader for whom coming is hard is, on the request's page (A10-3)."""
    db.conn.execute(
        "ALTER TABLE escalations ADD COLUMN asks TEXT NOT NULL DEFAULT '' CHECK (asks IN ('', 'special'))"
    )


@migrations()
def a_closing_moves_answers(db: AnyDatabase) -> None:
    """What was promised to who asked for a person, before closed days were declared over it (D-1, B2-9)."""
    db.conn.execute("ALTER TABLE escalations ADD COLUMN promised_first TEXT NOT NULL DEFAULT ''")


@migrations()
def who_was_long_away_is_answered_too(db: AnyDatabase) -> None:
    """When the library spoke to a reader who had been away: what it said stands as long as other words do."""
    db.conn.execute("ALTER TABLE conversations ADD COLUMN told_at TEXT")


@migrations()
def checks_compare_one_by_one(db: AnyDatabase) -> None:
    """See lending/plain_checks.py."""
    unlist(db, ("outbox", "escalations", "escalation_lines", "exports"))
