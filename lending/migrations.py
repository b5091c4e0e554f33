"""The lending tables, born and changed here. Invariants that must never break live in the schema (B2-1, B2-4)."""

from __future__ import annotations

from sqlite_utils import Database as AnyDatabase
from sqlite_utils import Migrations

from lending.plain_checks import unlist

migrations = Migrations("lending")

CATALOGUE = """
CREATE TABLE points (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, kind TEXT NOT NULL CHECK (kind IN ('branch', 'locker')),
    name TEXT NOT NULL, name_en TEXT NOT NULL DEFAULT '', level TEXT NOT NULL DEFAULT '',
    parent_id INTEGER REFERENCES points (id), district TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '', address_en TEXT NOT NULL DEFAULT '', near TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '', lat REAL, lon REAL, opens TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE titles (
    id INTEGER PRIMARY KEY, source_key TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, subtitle TEXT NOT NULL DEFAULT '', volume TEXT NOT NULL DEFAULT '',
    authors TEXT NOT NULL DEFAULT '', translators TEXT NOT NULL DEFAULT '', series TEXT NOT NULL DEFAULT '',
    publisher TEXT NOT NULL DEFAULT '', year INTEGER, isbn TEXT NOT NULL DEFAULT '', clc TEXT NOT NULL DEFAULT '',
    subjects TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '', pages INTEGER, price_fen INTEGER,
    popularity INTEGER NOT NULL DEFAULT 0, withdrawn INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL, fingerprint TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX titles_by_revision ON titles (revision);
CREATE INDEX titles_by_isbn ON titles (isbn) WHERE isbn <> '';
CREATE TABLE copies (
    id INTEGER PRIMARY KEY, title_id INTEGER NOT NULL REFERENCES titles (id), barcode TEXT NOT NULL UNIQUE,
    point_id INTEGER NOT NULL REFERENCES points (id), home_point_id INTEGER NOT NULL REFERENCES points (id),
    call_number TEXT NOT NULL DEFAULT '', shelf TEXT NOT NULL DEFAULT '', material TEXT NOT NULL DEFAULT 'book',
    state TEXT NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'reserved', 'in_transit', 'awaiting',
        'on_loan', 'damaged', 'lost', 'withdrawn')),
    hold_id INTEGER) STRICT;
CREATE INDEX copies_by_title ON copies (title_id, state);
CREATE INDEX copies_by_point ON copies (point_id);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE boxes (
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL REFERENCES points (id), label TEXT NOT NULL,
    size TEXT NOT NULL CHECK (size IN ('S', 'M', 'L')), holds_books INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'reserved', 'filled', 'out_of_order')),
    order_id INTEGER, UNIQUE (point_id, label)) STRICT;
CREATE UNIQUE INDEX one_box_per_order ON boxes (order_id) WHERE order_id IS NOT NULL;
"""

READERS = """
CREATE TABLE readers (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '', zone TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT 'zh_Hans',
    point_id INTEGER REFERENCES points (id),
    standing TEXT NOT NULL DEFAULT 'new' CHECK (standing IN ('new', 'trusted', 'ladder')),
    remind_days INTEGER, reminders_on INTEGER NOT NULL DEFAULT 1, joined_at TEXT NOT NULL) STRICT;
CREATE TABLE credit_checks (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), partner TEXT NOT NULL,
    transaction_id TEXT NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE, threshold INTEGER NOT NULL,
    consented_at TEXT NOT NULL, verdict TEXT CHECK (verdict IN ('yes', 'no', 'cannot_tell')),
    answered_at TEXT, reference TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX credit_checks_by_reader ON credit_checks (reader_id, id);
CREATE TABLE credit_lines (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), event TEXT NOT NULL,
    object TEXT NOT NULL, day TEXT NOT NULL, delta INTEGER NOT NULL, rule TEXT NOT NULL, version TEXT NOT NULL,
    evidence TEXT NOT NULL DEFAULT '', actor TEXT NOT NULL, at TEXT NOT NULL,
    reverses INTEGER REFERENCES credit_lines (id), UNIQUE (reader_id, event, object, day)) STRICT;
CREATE TRIGGER credit_lines_stay BEFORE UPDATE ON credit_lines
    BEGIN SELECT RAISE(ABORT, 'the credit ledger is append-only'); END;
CREATE TRIGGER credit_lines_remain BEFORE DELETE ON credit_lines
    BEGIN SELECT RAISE(ABORT, 'the credit ledger is append-only'); END;
CREATE TABLE freezes (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL, balance INTEGER NOT NULL, lifted_at TEXT) STRICT;
CREATE UNIQUE INDEX one_open_freeze ON freezes (reader_id) WHERE lifted_at IS NULL;
"""

CIRCULATION = """
CREATE TABLE cart_items (
    reader_id INTEGER NOT NULL REFERENCES readers (id), title_id INTEGER NOT NULL REFERENCES titles (id),
    added_at TEXT NOT NULL, PRIMARY KEY (reader_id, title_id)) STRICT;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    request_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('in_review', 'approved', 'refused', 'picking', 'packed', 'shipped',
        'in_locker', 'at_counter', 'done', 'cancelled')),
    fulfilment TEXT NOT NULL CHECK (fulfilment IN ('locker', 'delivery', 'counter')),
    point_id INTEGER REFERENCES points (id), address TEXT NOT NULL DEFAULT '',
    fee_fen INTEGER NOT NULL CHECK (fee_fen >= 0), return_fee_fen INTEGER NOT NULL CHECK (return_fee_fen >= 0),
    reason TEXT NOT NULL DEFAULT '', pickup_code TEXT NOT NULL DEFAULT '', pickup_until TEXT,
    promised_at TEXT NOT NULL, policy TEXT NOT NULL, placed_at TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT;
CREATE INDEX orders_by_reader ON orders (reader_id, id);
CREATE INDEX orders_open ON orders (state) WHERE state NOT IN ('done', 'cancelled', 'refused');
CREATE UNIQUE INDEX one_waiting_code ON orders (pickup_code) WHERE pickup_code <> '' AND state = 'in_locker';
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id), title_id INTEGER NOT NULL REFERENCES titles (id),
    copy_id INTEGER NOT NULL REFERENCES copies (id), open INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, copy_id)) STRICT;
CREATE UNIQUE INDEX one_open_order_per_copy ON order_items (copy_id) WHERE open = 1;
CREATE TABLE order_events (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), state TEXT NOT NULL,
    actor TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
CREATE INDEX order_events_by_order ON order_events (order_id);
CREATE TABLE parcels (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), courier TEXT NOT NULL,
    tracking TEXT NOT NULL UNIQUE, state TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT;
CREATE INDEX parcels_by_order ON parcels (order_id);
CREATE TABLE loans (
    id INTEGER PRIMARY KEY, copy_id INTEGER NOT NULL REFERENCES copies (id),
    title_id INTEGER NOT NULL REFERENCES titles (id), reader_id INTEGER NOT NULL REFERENCES readers (id),
    order_id INTEGER REFERENCES orders (id), started_at TEXT NOT NULL, due_at TEXT NOT NULL,
    renewals INTEGER NOT NULL DEFAULT 0, returned_at TEXT, returned_point_id INTEGER REFERENCES points (id),
    ended_as TEXT NOT NULL DEFAULT '' CHECK (ended_as IN ('', 'returned', 'lost', 'transferred'))) STRICT;
CREATE UNIQUE INDEX one_open_loan_per_copy ON loans (copy_id) WHERE returned_at IS NULL;
CREATE INDEX open_loans_by_reader ON loans (reader_id) WHERE returned_at IS NULL;
CREATE INDEX open_loans_by_due ON loans (due_at) WHERE returned_at IS NULL;
CREATE TABLE holds (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    title_id INTEGER NOT NULL REFERENCES titles (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'filled', 'cancelled', 'expired')),
    placed_at TEXT NOT NULL, ready_at TEXT, ready_until TEXT) STRICT;
CREATE UNIQUE INDEX one_active_hold ON holds (reader_id, title_id) WHERE state IN ('waiting', 'ready');
CREATE INDEX holds_waiting ON holds (title_id, id) WHERE state IN ('waiting', 'ready');
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), event TEXT NOT NULL,
    object TEXT NOT NULL, step TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}', due_at TEXT NOT NULL,
    made_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'told', 'dropped')),
    UNIQUE (reader_id, event, object, step)) STRICT;
CREATE INDEX notices_waiting ON notices (due_at) WHERE state = 'waiting';
CREATE TABLE cases (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('lost', 'damaged', 'appeal')), object TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled')), opened_at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX one_open_case ON cases (reader_id, kind, object) WHERE state = 'open';
CREATE TABLE suggestions (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), title TEXT NOT NULL,
    made_at TEXT NOT NULL, UNIQUE (reader_id, title)) STRICT;
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    title_id INTEGER NOT NULL REFERENCES titles (id), text TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'shown', 'refused')), at TEXT NOT NULL, UNIQUE (reader_id, title_id)) STRICT;
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), ahead_seconds INTEGER NOT NULL) STRICT;
"""


def statements(script: str) -> list[str]:
    """The script's statements one by one: executescript would commit half-way."""
    found: list[str] = []
    part = ""
    for piece in script.split(";"):
        part += piece + ";"
        if part.count("BEGIN") == part.count("END;"):  # a trigger's body holds a semicolon of its own
            if part.strip(" \n;"):
                found.append(part)
            part = ""
    return found


def create(db: AnyDatabase, script: str) -> None:
    """Run each statement of the script inside the migration's own transaction."""
    for statement in statements(script):
        db.conn.execute(statement)


@migrations()
def first_tables(db: AnyDatabase) -> None:
    """Catalogue, readers, circulation."""
    create(db, CATALOGUE)
    create(db, READERS)
    create(db, CIRCULATION)


@migrations()
def orders_remember_the_zone(db: AnyDatabase) -> None:
    """The courier's zone as it was when ordering: fee and parcels come from the same row of the price table."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN zone TEXT NOT NULL DEFAULT ''")


@migrations()
def past_loans_are_found(db: AnyDatabase) -> None:
    """Every order asks how often its reader was on time, and the rankings ask by title and by day."""
    for name, column in (("reader", "reader_id"), ("title", "title_id"), ("start", "started_at")):
        db.conn.execute(f"CREATE INDEX loans_by_{name} ON loans ({column})")


@migrations()
def classes_are_counted(db: AnyDatabase) -> None:
    """Every look along the shelves counts each class and shows its best known titles first."""
    db.conn.execute("CREATE INDEX titles_by_class ON titles (clc, popularity) WHERE withdrawn = 0")


@migrations()
def titles_know_the_day_they_came(db: AnyDatabase) -> None:
    """What came in last is shown first (A2-20); '' for what came before this was kept."""
    db.conn.execute("ALTER TABLE titles ADD COLUMN added_on TEXT NOT NULL DEFAULT ''")
    db.conn.execute("CREATE INDEX titles_by_arrival ON titles (added_on, year, popularity) WHERE withdrawn = 0")


@migrations()
def staff_pick_and_mend(db: AnyDatabase) -> None:
    """The editor's picks (A2-18), what librarians filled in (A7-5), and who wants to be guessed for (A1-18)."""
    db.conn.execute(
        "CREATE TABLE picks (title_id INTEGER PRIMARY KEY REFERENCES titles (id), note TEXT NOT NULL DEFAULT '', "
        "picked_at TEXT NOT NULL) STRICT"
    )
    db.conn.execute(
        "CREATE TABLE mended (title_id INTEGER NOT NULL REFERENCES titles (id), field TEXT NOT NULL, "
        "value TEXT NOT NULL, PRIMARY KEY (title_id, field)) STRICT"
    )
    db.conn.execute("ALTER TABLE readers ADD COLUMN guess_for INTEGER NOT NULL DEFAULT 0")


@migrations()
def classes_are_narrowed(db: AnyDatabase) -> None:
    """Year and publisher stand in the index too: a class of many thousands is narrowed without reading its titles."""
    db.conn.execute("DROP INDEX titles_by_class")
    db.conn.execute("CREATE INDEX titles_by_class ON titles (clc, year, publisher, popularity) WHERE withdrawn = 0")


@migrations()
def some_days_are_special(db: AnyDatabase) -> None:
    """Closed days and other hours of one point or all (B2-9), and the dates they moved, so that these can move back."""
    create(
        db,
        """
CREATE TABLE special_days (
    id INTEGER PRIMARY KEY, point_id INTEGER REFERENCES points (id), first_day TEXT NOT NULL, last_day TEXT NOT NULL,
    planned_last TEXT NOT NULL, hours TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL, emergency INTEGER NOT NULL,
    made_by TEXT NOT NULL, made_at TEXT NOT NULL, taken_back_by TEXT NOT NULL DEFAULT '', taken_back_at TEXT) STRICT;
CREATE TABLE moved_dates (
    special_id INTEGER NOT NULL REFERENCES special_days (id),
    kind TEXT NOT NULL CHECK (kind IN ('loan', 'order', 'hold')), object_id INTEGER NOT NULL,
    reader_id INTEGER NOT NULL REFERENCES readers (id), before_at TEXT NOT NULL, after_at TEXT NOT NULL,
    moved_back INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (special_id, kind, object_id, before_at)) STRICT;
""",
    )


@migrations()
def readers_hand_on_and_wish(db: AnyDatabase) -> None:
    """Holds rest and know their pick-up point; 暂存架, 转借, readers' own books that drift, 荐购 (A1-23)."""
    create(
        db,
        """
ALTER TABLE holds ADD COLUMN point_id INTEGER REFERENCES points (id);
ALTER TABLE holds ADD COLUMN rests_until TEXT;
CREATE TABLE shelf_items (
    reader_id INTEGER NOT NULL REFERENCES readers (id), title_id INTEGER NOT NULL REFERENCES titles (id),
    added_at TEXT NOT NULL, PRIMARY KEY (reader_id, title_id)) STRICT;
CREATE TABLE drifting (
    id INTEGER PRIMARY KEY, title_id INTEGER NOT NULL REFERENCES titles (id),
    owner_id INTEGER NOT NULL REFERENCES readers (id), holder_id INTEGER NOT NULL REFERENCES readers (id),
    terms TEXT NOT NULL CHECK (terms IN ('lend', 'drift', 'gift')),
    state TEXT NOT NULL CHECK (state IN ('home', 'away', 'recalled', 'ended')),
    hops INTEGER NOT NULL DEFAULT 0, since TEXT NOT NULL, made_at TEXT NOT NULL,
    CHECK (state <> 'home' OR owner_id = holder_id)) STRICT;
CREATE INDEX drifting_by_owner ON drifting (owner_id);
CREATE INDEX drifting_by_holder ON drifting (holder_id);
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY, loan_id INTEGER, drifting_id INTEGER REFERENCES drifting (id),
    title_id INTEGER NOT NULL REFERENCES titles (id), giver_id INTEGER NOT NULL REFERENCES readers (id),
    receiver_id INTEGER REFERENCES readers (id), code_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'done', 'declined', 'withdrawn', 'expired')),
    made_at TEXT NOT NULL, expires_at TEXT NOT NULL, ended_at TEXT,
    CHECK ((loan_id IS NULL) <> (drifting_id IS NULL)), CHECK (giver_id <> receiver_id)) STRICT;
CREATE UNIQUE INDEX one_open_transfer_per_loan ON transfers (loan_id)
    WHERE state IN ('offered', 'accepted') AND loan_id IS NOT NULL;
CREATE UNIQUE INDEX one_open_transfer_per_own_book ON transfers (drifting_id)
    WHERE state IN ('offered', 'accepted') AND drifting_id IS NOT NULL;
CREATE INDEX transfers_by_giver ON transfers (giver_id);
CREATE INDEX transfers_by_receiver ON transfers (receiver_id);
CREATE TABLE wishes (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'considered', 'ordered', 'arrived', 'declined')),
    reason TEXT NOT NULL DEFAULT '', title_id INTEGER REFERENCES titles (id),
    made_at TEXT NOT NULL, changed_at TEXT NOT NULL, CHECK (state <> 'declined' OR reason <> ''),
    CHECK (state <> 'arrived' OR title_id IS NOT NULL)) STRICT;
ALTER TABLE suggestions ADD COLUMN wish_id INTEGER REFERENCES wishes (id);
CREATE UNIQUE INDEX one_voice_per_wish ON suggestions (reader_id, wish_id) WHERE wish_id IS NOT NULL;
INSERT INTO wishes (key, title, made_at, changed_at)
    SELECT LOWER(title), title, MIN(made_at), MIN(made_at) FROM suggestions GROUP BY LOWER(title);
UPDATE suggestions SET wish_id = (SELECT id FROM wishes WHERE key = LOWER(suggestions.title))
    WHERE id IN (SELECT MIN(id) FROM suggestions GROUP BY reader_id, LOWER(title));
CREATE TABLE shop_books (
    id INTEGER PRIMARY KEY, shop TEXT NOT NULL, isbn TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL,
    publisher TEXT NOT NULL, year INTEGER, price_fen INTEGER NOT NULL CHECK (price_fen > 0),
    listed INTEGER NOT NULL DEFAULT 1, UNIQUE (shop, isbn)) STRICT;
CREATE TABLE purchases (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    shop_book_id INTEGER NOT NULL REFERENCES shop_books (id), request_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'sent', 'refused', 'cancelled')),
    price_fen INTEGER NOT NULL CHECK (price_fen > 0), month TEXT NOT NULL, address TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', title_id INTEGER REFERENCES titles (id),
    placed_at TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX bought_once ON purchases (shop_book_id) WHERE state IN ('asked', 'approved', 'sent');
CREATE INDEX purchases_by_month ON purchases (month, reader_id);
""",
    )


@migrations()
def readers_have_cards(db: AnyDatabase) -> None:
    """What opens an account at a kiosk: a keyed hash and the end of the number, never the number."""
    create(
        db,
        """
CREATE TABLE cards (
    digest TEXT PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('kiosk', 'citizen')), tail TEXT NOT NULL, made_at TEXT NOT NULL,
    blocked_at TEXT) STRICT;
CREATE UNIQUE INDEX one_kiosk_card ON cards (reader_id) WHERE kind = 'kiosk' AND blocked_at IS NULL;
CREATE INDEX cards_by_reader ON cards (reader_id);
""",
    )


@migrations()
def promises_are_kept_or_broken(db: AnyDatabase) -> None:
    """What was promised with an order, which promises were broken (D-1), and what an order had to do without."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN review_by TEXT")
    db.conn.execute("ALTER TABLE orders ADD COLUMN pack_by TEXT")
    db.conn.execute("ALTER TABLE order_items ADD COLUMN ended_as TEXT NOT NULL DEFAULT ''")
    create(
        db,
        """
CREATE TABLE broken_promises (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    promise TEXT NOT NULL CHECK (promise IN ('review', 'pack', 'ready')), promised_at TEXT NOT NULL,
    noticed_at TEXT NOT NULL, points INTEGER NOT NULL DEFAULT 0, waived_fen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, promise)) STRICT;
""",
    )


@migrations()
def lost_books_have_cases(db: AnyDatabase) -> None:
    """赔付 (A2-12): a case of its own for each lost or damaged book; what stood among the objections moves here."""
    create(
        db,
        """
CREATE TABLE compensations (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    loan_id INTEGER, kind TEXT NOT NULL CHECK (kind IN ('lost', 'damaged', 'arrived')),
    state TEXT NOT NULL CHECK (state IN ('reported', 'assessed', 'replacing', 'paying', 'settled', 'found')),
    note TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '', points INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0 CHECK (amount_fen >= 0),
    paid_fen INTEGER NOT NULL DEFAULT 0 CHECK (paid_fen >= 0), promised_at TEXT NOT NULL, opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX one_open_compensation ON compensations (loan_id) WHERE state NOT IN ('settled', 'found');
CREATE INDEX compensations_by_reader ON compensations (reader_id, state);
CREATE TABLE compensation_events (
    id INTEGER PRIMARY KEY, compensation_id INTEGER NOT NULL REFERENCES compensations (id), step TEXT NOT NULL,
    state TEXT NOT NULL, actor TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
CREATE INDEX compensation_events_by_case ON compensation_events (compensation_id);
CREATE TABLE compensation_photos (
    id INTEGER PRIMARY KEY, compensation_id INTEGER NOT NULL REFERENCES compensations (id), kind TEXT NOT NULL,
    content BLOB NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX compensation_photos_by_case ON compensation_photos (compensation_id);
INSERT INTO compensations (number, reader_id, loan_id, kind, state, note, promised_at, opened_at, changed_at)
    SELECT number, reader_id, CAST(SUBSTR(object, 6) AS INTEGER), kind,
    CASE state WHEN 'open' THEN 'reported' ELSE 'settled' END, note, opened_at, opened_at, opened_at
    FROM cases c WHERE kind IN ('lost', 'damaged') AND object LIKE 'loan:%' AND NOT EXISTS (SELECT 1 FROM cases b
    WHERE b.object = c.object AND b.id < c.id AND b.state = 'open' AND c.state = 'open');
DELETE FROM cases WHERE kind <> 'appeal';
""",
    )


@migrations()
def lockers_report_and_parcels_travel(db: AnyDatabase) -> None:
    """Boxes to be emptied and machines' reports (A9, D-13); a parcel's whole way, and who is asked about it (E3)."""
    create(
        db,
        """
ALTER TABLE boxes RENAME TO old_boxes;
CREATE TABLE boxes (
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL REFERENCES points (id), label TEXT NOT NULL,
    size TEXT NOT NULL CHECK (size IN ('S', 'M', 'L')), holds_books INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'reserved', 'filled', 'to_empty', 'out_of_order')),
    order_id INTEGER, returns INTEGER NOT NULL DEFAULT 0, broken INTEGER NOT NULL DEFAULT 0,
    door_seq INTEGER NOT NULL DEFAULT 0, fault_seq INTEGER NOT NULL DEFAULT 0, UNIQUE (point_id, label),
    CHECK (state NOT IN ('reserved', 'filled') OR order_id IS NOT NULL),
    CHECK (state NOT IN ('free', 'out_of_order') OR order_id IS NULL)) STRICT;
INSERT INTO boxes (id, point_id, label, size, holds_books, state, order_id)
    SELECT id, point_id, label, size, holds_books, CASE WHEN state = 'out_of_order' AND order_id IS NOT NULL
        THEN 'reserved' ELSE state END, CASE WHEN state = 'free' THEN NULL ELSE order_id END FROM old_boxes;
DROP TABLE old_boxes;
CREATE INDEX boxes_by_order ON boxes (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE locker_reports (
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL REFERENCES points (id), seq INTEGER NOT NULL CHECK (seq > 0),
    event TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '{}', happened_at TEXT NOT NULL, received_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'disputed', 'settled')),
    note TEXT NOT NULL DEFAULT '', UNIQUE (point_id, seq)) STRICT;
CREATE INDEX locker_reports_open ON locker_reports (state) WHERE state IN ('waiting', 'disputed');
ALTER TABLE parcels RENAME TO old_parcels;
CREATE TABLE parcels (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), courier TEXT NOT NULL,
    tracking TEXT NOT NULL UNIQUE, state TEXT NOT NULL CHECK (state IN ('created', 'collected', 'in_transit',
        'out_for_delivery', 'at_pickup_point', 'signed', 'problem', 'refused', 'returning', 'returned', 'lost')),
    changed_at TEXT NOT NULL, books INTEGER NOT NULL DEFAULT 0, place TEXT NOT NULL DEFAULT '',
    round TEXT NOT NULL DEFAULT '', round_at TEXT) STRICT;
INSERT INTO parcels (id, order_id, courier, tracking, state, changed_at)
    SELECT id, order_id, courier, tracking, state, changed_at FROM old_parcels;
DROP TABLE old_parcels;
CREATE INDEX parcels_by_order ON parcels (order_id);
CREATE INDEX parcels_by_round ON parcels (round_at) WHERE round_at IS NOT NULL;
CREATE INDEX parcels_under_way ON parcels (state) WHERE state NOT IN ('signed', 'returned', 'lost');
CREATE TABLE parcel_events (
    id INTEGER PRIMARY KEY, parcel_id INTEGER NOT NULL REFERENCES parcels (id), state TEXT NOT NULL,
    at TEXT NOT NULL, place TEXT NOT NULL DEFAULT '', actor TEXT NOT NULL, received_at TEXT NOT NULL,
    UNIQUE (parcel_id, state, at)) STRICT;
CREATE TABLE parcel_follows (
    parcel_id INTEGER PRIMARY KEY REFERENCES parcels (id), company TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'followed', 'refused')),
    tries INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, error TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX parcel_follows_due ON parcel_follows (next_at) WHERE state <> 'refused';
""",
    )


@migrations()
def loans_stop_and_are_asked_back(db: AnyDatabase) -> None:
    """The moment a book left the reader's hands before we had it, recalls, pools; shelf checks and home pick-ups."""
    for column in (
        "pool TEXT NOT NULL DEFAULT ''", "recalled_at TEXT", "stopped_at TEXT",
        "stopped_as TEXT NOT NULL DEFAULT '' CHECK (stopped_as IN ('', 'claimed', 'collected'))",
    ):  # fmt: skip
        db.conn.execute(f"ALTER TABLE loans ADD COLUMN {column}")
    create(
        db,
        """
CREATE TABLE shelf_checks (
    id INTEGER PRIMARY KEY, loan_id INTEGER NOT NULL REFERENCES loans (id), said TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'found', 'not_found')), opened_at TEXT NOT NULL,
    settled_at TEXT, settled_by TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX one_open_shelf_check ON shelf_checks (loan_id) WHERE state = 'open';
CREATE TABLE home_returns (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), request_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('asked', 'collected', 'done', 'cancelled')), address TEXT NOT NULL,
    zone TEXT NOT NULL, fee_fen INTEGER NOT NULL CHECK (fee_fen >= 0), asked_at TEXT NOT NULL,
    changed_at TEXT NOT NULL) STRICT;
CREATE INDEX home_returns_open ON home_returns (state, id) WHERE state IN ('asked', 'collected');
CREATE TABLE home_return_items (
    home_return_id INTEGER NOT NULL REFERENCES home_returns (id), loan_id INTEGER NOT NULL REFERENCES loans (id),
    open INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (home_return_id, loan_id)) STRICT;
CREATE UNIQUE INDEX one_home_return_per_loan ON home_return_items (loan_id) WHERE open = 1;
""",
    )


@migrations()
def delivery_may_be_free(db: AnyDatabase) -> None:
    """The day's money for free delivery (A2-27), its draws (D-3), and what an order took of it."""
    create(
        db,
        """
CREATE TABLE free_days (
    day TEXT PRIMARY KEY, budget_fen INTEGER NOT NULL, used_fen INTEGER NOT NULL DEFAULT 0,
    CHECK (used_fen BETWEEN 0 AND budget_fen)) STRICT;
CREATE TABLE draw_windows (
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, n INTEGER NOT NULL, closes_at TEXT NOT NULL,
    upto_fen INTEGER NOT NULL, grant_fen INTEGER NOT NULL, seed TEXT NOT NULL, salt TEXT NOT NULL,
    fingerprint TEXT NOT NULL, left_fen INTEGER NOT NULL DEFAULT 0, drawn_at TEXT,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'drawn')), UNIQUE (day, n)) STRICT;
CREATE INDEX draw_windows_due ON draw_windows (closes_at) WHERE state <> 'drawn';
CREATE TABLE draw_entries (
    id INTEGER PRIMARY KEY, window_id INTEGER NOT NULL REFERENCES draw_windows (id), day TEXT NOT NULL,
    reader_id INTEGER REFERENCES readers (id), ticket TEXT NOT NULL, lots INTEGER NOT NULL CHECK (lots > 0),
    state TEXT NOT NULL DEFAULT 'entered'
        CHECK (state IN ('entered', 'won', 'lost', 'used', 'expired', 'returned')),
    granted_fen INTEGER NOT NULL DEFAULT 0, valid_until TEXT, noted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (window_id, ticket), UNIQUE (window_id, reader_id)) STRICT;
CREATE UNIQUE INDEX one_live_entry ON draw_entries (reader_id) WHERE state IN ('entered', 'won');
CREATE INDEX wins_to_use ON draw_entries (valid_until) WHERE state = 'won';
CREATE INDEX results_to_tell ON draw_entries (window_id) WHERE noted = 0;
CREATE INDEX wins_of_a_day ON draw_entries (day) WHERE state = 'won';
CREATE TABLE special_readers (
    reader_id INTEGER PRIMARY KEY REFERENCES readers (id), since TEXT NOT NULL) STRICT;
ALTER TABLE orders ADD COLUMN free_fen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN free_day TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN free_entry INTEGER REFERENCES draw_entries (id);
CREATE INDEX orders_free ON orders (free_day) WHERE free_fen > 0;
""",
    )


@migrations()
def partners_outside_are_asked_again(db: AnyDatabase) -> None:
    """What is still to be asked of a partner, sealed, until it is answered; and when a consent was taken back."""
    create(
        db,
        """
ALTER TABLE credit_checks ADD COLUMN withdrawn_at TEXT;
CREATE TABLE outside_calls (
    id INTEGER PRIMARY KEY, partner TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    reader_id INTEGER NOT NULL REFERENCES readers (id), sealed TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', made_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ended')),
    CHECK (state = 'waiting' OR sealed = '')) STRICT;
CREATE INDEX outside_calls_due ON outside_calls (partner, next_at) WHERE state = 'waiting';
CREATE INDEX outside_calls_by_reader ON outside_calls (reader_id);
""",
    )


@migrations()
def copies_are_counted_by_their_index(db: AnyDatabase) -> None:
    """Place and form stand in the index too: what a branch has of a great class is counted without reading copies."""
    db.conn.execute("DROP INDEX copies_by_title")
    db.conn.execute("CREATE INDEX copies_by_title ON copies (title_id, state, point_id, material)")


@migrations()
def loans_know_the_desk(db: AnyDatabase) -> None:
    """Books taken by the reader's own hand count apart from those lent through this service (A2-3)."""
    db.conn.execute("ALTER TABLE loans ADD COLUMN at_desk INTEGER NOT NULL DEFAULT 0")


@migrations()
def loans_are_told_by_wish(db: AnyDatabase) -> None:
    """信用借还 (A2-10): who wants it, and what the bureau knows of each loan; no title, no key to its row."""
    create(
        db,
        """
CREATE TABLE rent_consents (
    reader_id INTEGER PRIMARY KEY REFERENCES readers (id), sealed TEXT NOT NULL DEFAULT '',
    given_at TEXT NOT NULL) STRICT;
CREATE TABLE rent_records (
    loan_id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), told_due TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'cancelled', 'refused')),
    checked_at TEXT NOT NULL) STRICT;
CREATE INDEX rent_records_open ON rent_records (checked_at) WHERE state = 'open';
CREATE INDEX rent_records_by_reader ON rent_records (reader_id);
""",
    )


@migrations()
def the_ledger_says_how_much(db: AnyDatabase) -> None:
    """The hours and books a line was counted by, its one reversal; which line began a freeze, and what ended it."""
    create(
        db,
        """
ALTER TABLE credit_lines ADD COLUMN amount INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX one_reversal_per_line ON credit_lines (reverses) WHERE reverses IS NOT NULL;
ALTER TABLE freezes ADD COLUMN line_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE freezes ADD COLUMN lifted_as TEXT NOT NULL DEFAULT ''
    CHECK (lifted_as IN ('', 'time', 'quiz', 'volunteer', 'earn', 'reversal'));
""",
    )


@migrations()
def lines_are_objected_to_and_taken_back(db: AnyDatabase) -> None:
    """申诉 (A6): a reversal is a new line naming the old one, once, and takes two different people."""
    db.conn.execute(
        "ALTER TABLE credit_lines ADD COLUMN seconded_by TEXT NOT NULL DEFAULT '' CHECK (event <> 'reversal' "
        "OR (reverses IS NOT NULL AND seconded_by <> '' AND seconded_by <> actor))"
    )
    create(
        db,
        """
CREATE TABLE appeals (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, reader_id INTEGER NOT NULL REFERENCES readers (id),
    line_id INTEGER NOT NULL REFERENCES credit_lines (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'proposed', 'reversed', 'declined', 'withdrawn')),
    note TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '', proposed_by TEXT NOT NULL DEFAULT '',
    seconded_by TEXT NOT NULL DEFAULT '', declined_by TEXT NOT NULL DEFAULT '', looks INTEGER NOT NULL DEFAULT 0,
    promised_at TEXT NOT NULL, opened_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    CHECK (state NOT IN ('proposed', 'reversed') OR proposed_by <> ''),
    CHECK (state <> 'declined' OR declined_by <> ''),
    CHECK (state <> 'reversed' OR seconded_by <> ''),
    CHECK (seconded_by = '' OR seconded_by <> proposed_by)) STRICT;
CREATE UNIQUE INDEX one_open_appeal ON appeals (line_id) WHERE state IN ('open', 'proposed');
CREATE INDEX appeals_by_reader ON appeals (reader_id);
CREATE TABLE appeal_events (
    id INTEGER PRIMARY KEY, appeal_id INTEGER NOT NULL REFERENCES appeals (id), step TEXT NOT NULL,
    state TEXT NOT NULL, actor TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
CREATE INDEX appeal_events_by_appeal ON appeal_events (appeal_id);
CREATE TABLE appeal_photos (
    id INTEGER PRIMARY KEY, appeal_id INTEGER NOT NULL REFERENCES appeals (id), kind TEXT NOT NULL,
    content BLOB NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX appeal_photos_by_appeal ON appeal_photos (appeal_id);
INSERT INTO appeals (number, reader_id, line_id, state, note, promised_at, opened_at, changed_at)
    SELECT c.number, c.reader_id, l.id, CASE c.state WHEN 'open' THEN 'open' ELSE 'withdrawn' END, c.note, c.opened_at,
    c.opened_at, c.opened_at
    FROM cases c JOIN credit_lines l ON c.object = 'line:' || l.id AND l.reader_id = c.reader_id;
DROP TABLE cases;
""",
    )


@migrations()
def addresses_are_sealed(db: AnyDatabase) -> None:
    """Names, phones and addresses under the vault's key, what stood there overwritten; phones found by a keyed hash."""
    db.conn.execute("PRAGMA secure_delete = ON")
    db.conn.execute("ALTER TABLE readers ADD COLUMN phone_tail TEXT NOT NULL DEFAULT ''")
    db.conn.execute(
        "UPDATE readers SET phone_tail = keyed(SUBSTR(phone, -4)), name = seal(name), phone = seal(phone), "
        "address = seal(address)"
    )
    for table in ("orders", "purchases", "home_returns"):
        db.conn.execute(f"UPDATE {table} SET address = seal(address)")
    db.conn.execute("CREATE INDEX readers_by_phone ON readers (phone_tail) WHERE phone_tail <> ''")
    db.conn.execute("PRAGMA secure_delete = FAST")


@migrations()
def the_library_has_a_ledger_too(db: AnyDatabase) -> None:
    """图书馆的信用 (A1-16, D-1): what became of each promise, without any reader, never changed."""
    create(
        db,
        """
CREATE TABLE promise_lines (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL
        CHECK (kind IN ('review', 'pack', 'ready', 'answer', 'case', 'appeal')),
    object TEXT NOT NULL, day TEXT NOT NULL, promised_at TEXT NOT NULL, met_at TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('kept', 'broken')), points INTEGER NOT NULL DEFAULT 0,
    waived_fen INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL, UNIQUE (kind, object),
    CHECK (outcome <> 'kept' OR met_at <= promised_at), CHECK (outcome <> 'kept' OR met_at IS NOT NULL)) STRICT;
CREATE TRIGGER promise_lines_stay BEFORE UPDATE ON promise_lines
    BEGIN SELECT RAISE(ABORT, 'the ledger of promises is append-only'); END;
CREATE TRIGGER promise_lines_remain BEFORE DELETE ON promise_lines
    BEGIN SELECT RAISE(ABORT, 'the ledger of promises is append-only'); END;
""",
    )


@migrations()
def past_loans_lose_their_reader(db: AnyDatabase) -> None:
    """What counts of loans whose reader is no longer known, what each day's clearing did, and who looked at whom."""
    db.conn.execute("ALTER TABLE readers ADD COLUMN on_time_before INTEGER NOT NULL DEFAULT 0")
    create(
        db,
        """
CREATE TABLE clearings (day TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT;
CREATE TABLE looks (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), who TEXT NOT NULL, what TEXT NOT NULL
        CHECK (what IN ('page', 'address', 'talk', 'copy')), why TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
CREATE INDEX looks_by_reader ON looks (reader_id, id);
CREATE INDEX loans_ended ON loans (returned_at) WHERE returned_at IS NOT NULL;
""",
    )


@migrations()
def two_records_become_one(db: AnyDatabase) -> None:
    """A reader who turned out to have two records (A1-20): which was taken into which."""
    create(
        db,
        """
CREATE TABLE merged_readers (
    gone_id INTEGER PRIMARY KEY REFERENCES readers (id), kept_id INTEGER NOT NULL REFERENCES readers (id),
    at TEXT NOT NULL, CHECK (gone_id <> kept_id)) STRICT;
""",
    )


@migrations()
def books_know_their_parcel(db: AnyDatabase) -> None:
    """Which parcel of its order a book travels in: each parcel's loans begin, or end, with that parcel."""
    db.conn.execute("ALTER TABLE order_items ADD COLUMN parcel_id INTEGER")


@migrations()
def recalls_are_called_off(db: AnyDatabase) -> None:
    """When a book asked back early would have been due: given back when nobody waits any more."""
    db.conn.execute("ALTER TABLE loans ADD COLUMN due_before_recall TEXT")


@migrations()
def pictures_have_one_home(db: AnyDatabase) -> None:
    """What readers send as evidence, whatever it is about; the pictures of cases and appeals move in (A2-12)."""
    create(
        db,
        """
CREATE TABLE evidence_photos (
    id INTEGER PRIMARY KEY, about TEXT NOT NULL CHECK (about IN ('case', 'appeal', 'check', 'door', 'transfer')),
    object_id INTEGER NOT NULL, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('jpeg', 'png', 'webp')), content BLOB NOT NULL, at TEXT NOT NULL) STRICT;
INSERT INTO evidence_photos (about, object_id, reader_id, kind, content, at)
    SELECT 'case', p.compensation_id, k.reader_id, p.kind, p.content, p.at
    FROM compensation_photos p JOIN compensations k ON k.id = p.compensation_id ORDER BY p.id;
INSERT INTO evidence_photos (about, object_id, reader_id, kind, content, at)
    SELECT 'appeal', p.appeal_id, a.reader_id, p.kind, p.content, p.at
    FROM appeal_photos p JOIN appeals a ON a.id = p.appeal_id ORDER BY p.id;
DROP TABLE compensation_photos;
DROP TABLE appeal_photos;
CREATE INDEX evidence_photos_by_object ON evidence_photos (about, object_id);
CREATE INDEX evidence_photos_by_reader ON evidence_photos (reader_id);
""",
    )


@migrations()
def books_join_an_order(db: AnyDatabase) -> None:
    """Books that came to an order after it was placed: once for each press, with the free delivery they were given."""
    db.conn.execute("ALTER TABLE order_items ADD COLUMN addition_id INTEGER")
    create(
        db,
        """
CREATE TABLE order_additions (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), request_key TEXT NOT NULL UNIQUE,
    books INTEGER NOT NULL CHECK (books > 0), fee_fen INTEGER NOT NULL, free_fen INTEGER NOT NULL DEFAULT 0
        CHECK (free_fen >= 0), free_day TEXT NOT NULL DEFAULT '', free_entry INTEGER, added_at TEXT NOT NULL) STRICT;
CREATE INDEX order_additions_by_order ON order_additions (order_id);
""",
    )


@migrations()
def a_closing_moves_promises(db: AnyDatabase) -> None:
    """The library's own promises that a closing moved, so that these can move back (D-1, B2-9)."""
    create(
        db,
        """
CREATE TABLE moved_promises (
    special_id INTEGER NOT NULL REFERENCES special_days (id), order_id INTEGER NOT NULL REFERENCES orders (id),
    promise TEXT NOT NULL CHECK (promise IN ('review', 'pack', 'ready')), before_at TEXT NOT NULL,
    after_at TEXT NOT NULL, moved_back INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (special_id, order_id, promise, before_at)) STRICT;
""",
    )


@migrations()
def readers_prove_their_cards(db: AnyDatabase) -> None:
    """Cards of the library's own system too; the one-time form a number is typed into; what proves it (A3-32)."""
    create(
        db,
        """
ALTER TABLE cards RENAME TO cards_before;
CREATE TABLE cards (
    digest TEXT PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('kiosk', 'citizen', 'library')), tail TEXT NOT NULL, made_at TEXT NOT NULL,
    blocked_at TEXT) STRICT;
INSERT INTO cards SELECT digest, reader_id, kind, tail, made_at, blocked_at FROM cards_before;
DROP TABLE cards_before;
CREATE UNIQUE INDEX one_kiosk_card ON cards (reader_id) WHERE kind = 'kiosk' AND blocked_at IS NULL;
CREATE INDEX cards_by_reader ON cards (reader_id);
CREATE TABLE secret_forms (
    digest TEXT PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('citizen', 'library')), tries INTEGER NOT NULL DEFAULT 0,
    made_at TEXT NOT NULL, expires_at TEXT NOT NULL, ended_at TEXT,
    ended_as TEXT NOT NULL DEFAULT '' CHECK (ended_as IN ('', 'used', 'replaced')),
    CHECK ((ended_at IS NULL) = (ended_as = ''))) STRICT;
CREATE UNIQUE INDEX one_live_form ON secret_forms (reader_id) WHERE ended_at IS NULL;
CREATE INDEX secret_forms_by_reader ON secret_forms (reader_id, made_at);
CREATE TABLE proofs (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('kiosk', 'citizen', 'library')), digest TEXT NOT NULL, tail TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('', 'password', 'face', 'desk')),
    state TEXT NOT NULL
        CHECK (state IN ('face', 'desk', 'linked', 'taken', 'declined', 'lapsed', 'withdrawn', 'removed')),
    reference TEXT NOT NULL DEFAULT '', decided_by TEXT NOT NULL DEFAULT '',
    made_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    CHECK ((digest <> '') = (state IN ('face', 'desk', 'linked', 'taken')))) STRICT;
CREATE UNIQUE INDEX one_open_proof ON proofs (reader_id, digest) WHERE state IN ('face', 'desk');
CREATE UNIQUE INDEX one_linked_proof ON proofs (digest) WHERE state = 'linked';
CREATE INDEX proofs_by_reader ON proofs (reader_id, id);
CREATE INDEX proofs_waiting ON proofs (changed_at) WHERE state IN ('face', 'desk');
CREATE INDEX proofs_taken ON proofs (digest) WHERE state = 'taken';
""",
    )


@migrations()
def lockers_are_argued_with(db: AnyDatabase) -> None:
    """柜门没开, and the signed codes by which readers prove that they stood before a locker (D-13)."""
    create(
        db,
        """
CREATE TABLE door_claims (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), said TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'mended', 'moved')), opened_at TEXT NOT NULL,
    settled_at TEXT, settled_by TEXT NOT NULL DEFAULT '', CHECK (state = 'open' OR settled_at IS NOT NULL)) STRICT;
CREATE UNIQUE INDEX one_open_door_claim ON door_claims (order_id) WHERE state = 'open';
CREATE TABLE door_codes (
    id INTEGER PRIMARY KEY, about TEXT NOT NULL CHECK (about IN ('check', 'door')), object_id INTEGER NOT NULL,
    reader_id INTEGER NOT NULL REFERENCES readers (id), point_id INTEGER NOT NULL REFERENCES points (id),
    seq INTEGER NOT NULL, at TEXT NOT NULL, UNIQUE (about, object_id, point_id, seq)) STRICT;
CREATE INDEX door_codes_by_visit ON door_codes (point_id, seq);
CREATE INDEX door_codes_by_reader ON door_codes (reader_id);
""",
    )


@migrations()
def readers_act_for_others(db: AnyDatabase) -> None:
    """授权、家庭 (D-12): who may do what for whom, what was done, until when a child is one, and what was agreed to."""
    create(
        db,
        """
CREATE TABLE mandates (
    id INTEGER PRIMARY KEY, grantor_id INTEGER NOT NULL REFERENCES readers (id),
    proxy_id INTEGER REFERENCES readers (id), kind TEXT NOT NULL CHECK (kind IN ('given', 'guardian')),
    relation TEXT NOT NULL, scopes TEXT NOT NULL, code_hash TEXT, state TEXT NOT NULL
        CHECK (state IN ('offered', 'accepted', 'active', 'withdrawn', 'declined', 'revoked', 'expired')),
    made_at TEXT NOT NULL, expires_at TEXT NOT NULL, ended_at TEXT,
    CHECK (proxy_id <> grantor_id), CHECK (state NOT IN ('accepted', 'active') OR proxy_id IS NOT NULL),
    CHECK (code_hash IS NULL OR state = 'offered')) STRICT;
CREATE UNIQUE INDEX one_mandate_between_two ON mandates (grantor_id, proxy_id) WHERE state = 'active';
CREATE UNIQUE INDEX one_guardian_per_child ON mandates (grantor_id) WHERE state = 'active' AND kind = 'guardian';
CREATE UNIQUE INDEX one_mandate_per_code ON mandates (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX mandates_by_proxy ON mandates (proxy_id, state);
CREATE TABLE mandate_tries (
    reader_id INTEGER NOT NULL REFERENCES readers (id), day TEXT NOT NULL, tries INTEGER NOT NULL,
    PRIMARY KEY (reader_id, day)) STRICT;
CREATE TABLE deeds (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    actor_id INTEGER NOT NULL REFERENCES readers (id), relation TEXT NOT NULL, what TEXT NOT NULL,
    object TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX deeds_by_reader ON deeds (reader_id, id);
CREATE TABLE minors (
    reader_id INTEGER PRIMARY KEY REFERENCES readers (id), until TEXT NOT NULL, noted_by TEXT NOT NULL) STRICT;
CREATE TABLE minor_consents (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    guardian_id INTEGER NOT NULL REFERENCES readers (id), what TEXT NOT NULL CHECK (what IN ('borrow', 'more')),
    given_at TEXT NOT NULL, withdrawn_at TEXT) STRICT;
CREATE UNIQUE INDEX one_consent_per_matter ON minor_consents (reader_id, what) WHERE withdrawn_at IS NULL;
""",
    )


@migrations()
def simulated_partners_are_told_what_to_say(db: AnyDatabase) -> None:
    """What a demonstration's card system and verifier of persons answer; no number, no face, no reader."""
    create(
        db,
        """
CREATE TABLE simulated (name TEXT PRIMARY KEY, said TEXT NOT NULL DEFAULT '', about TEXT NOT NULL DEFAULT '{}') STRICT;
""",
    )


@migrations()
def free_words_are_sealed(db: AnyDatabase) -> None:
    """Notes, reasons, answers and evidence under the vault's key. A line's words may be sealed anew, never changed."""
    db.conn.execute("PRAGMA secure_delete = ON")
    db.conn.execute("DROP TRIGGER credit_lines_stay")
    for table, columns in {
        "orders": ("reason",), "order_events": ("note",), "purchases": ("reason",), "appeals": ("note", "answer"),
        "appeal_events": ("note",), "compensations": ("note", "answer"), "compensation_events": ("note",),
        "credit_lines": ("evidence",),
    }.items():  # fmt: skip
        db.conn.execute(f"UPDATE {table} SET {', '.join(f'{name} = seal({name})' for name in columns)}")
    lasting = ("id", "reader_id", "event", "object", "day", "delta", "rule", "version", "actor", "at", "reverses",
               "amount", "seconded_by")  # fmt: skip
    changed = " OR ".join(f"new.{name} IS NOT old.{name}" for name in lasting)
    db.conn.execute(
        "CREATE TRIGGER credit_lines_stay BEFORE UPDATE ON credit_lines "
        f"WHEN {changed} OR unseal(new.evidence) IS NOT unseal(old.evidence) "
        "BEGIN SELECT RAISE(ABORT, 'the credit ledger is append-only'); END"
    )
    db.conn.execute("PRAGMA secure_delete = FAST")


@migrations()
def a_card_is_proved_by_telephone(db: AnyDatabase) -> None:
    """A code that a librarian reads to whoever answers the card's own telephone: a keyed hash, for a while, once."""
    for column in ("code TEXT NOT NULL DEFAULT ''", "code_until TEXT", "code_tries INTEGER NOT NULL DEFAULT 0"):
        db.conn.execute(f"ALTER TABLE proofs ADD COLUMN {column}")


@migrations()
def every_look_is_noted(db: AnyDatabase) -> None:
    """An order, a case, an appeal, a picture and a message that a librarian opened are looks too (B2-22)."""
    create(
        db,
        """
ALTER TABLE looks RENAME TO looks_before;
CREATE TABLE looks (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id), who TEXT NOT NULL, what TEXT NOT NULL
        CHECK (what IN ('page', 'address', 'talk', 'copy', 'order', 'case', 'appeal', 'photo', 'message', 'phone')),
    why TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
INSERT INTO looks SELECT id, reader_id, who, what, why, at FROM looks_before;
DROP TABLE looks_before;
CREATE INDEX looks_by_reader ON looks (reader_id, id);
""",
    )


@migrations()
def indexes_that_a_question_can_use(db: AnyDatabase) -> None:
    """An index of some rows helps only where the question repeats its very condition: state = 'waiting' does not
    repeat state IN ('waiting', 'ready'), so every search read all holds there had ever been."""
    for name in ("titles_by_isbn", "holds_waiting", "orders_open", "parcels_under_way", "readers_by_phone"):
        db.conn.execute(f"DROP INDEX {name}")
    create(
        db,
        """
CREATE INDEX titles_by_isbn ON titles (isbn);
CREATE INDEX holds_by_title ON holds (title_id, state, id);
CREATE INDEX holds_by_reader ON holds (reader_id);
CREATE INDEX holds_by_state ON holds (state, ready_until);
CREATE INDEX copies_by_hold ON copies (hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX orders_by_state ON orders (state);
CREATE INDEX parcels_by_state ON parcels (state);
CREATE INDEX freezes_by_reader ON freezes (reader_id);
CREATE INDEX loans_recalled ON loans (returned_at) WHERE recalled_at IS NOT NULL;
CREATE INDEX readers_by_phone ON readers (phone_tail);
""",
    )


@migrations()
def no_notice_takes_anothers_number(db: AnyDatabase) -> None:
    """The outbox names a notice by its number. One that was taken back or forgotten left it to the next, and so one
    reader's words to another's chat. Numbers still named there may lie above the last that stands; we begin far on."""
    create(
        db,
        """
ALTER TABLE notices RENAME TO notices_before;
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, reader_id INTEGER NOT NULL REFERENCES readers (id), event TEXT NOT NULL,
    object TEXT NOT NULL, step TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}', due_at TEXT NOT NULL,
    made_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'told', 'dropped')),
    UNIQUE (reader_id, event, object, step)) STRICT;
INSERT INTO notices SELECT id, reader_id, event, object, step, facts, due_at, made_at, state FROM notices_before;
DROP TABLE notices_before;
CREATE INDEX notices_waiting ON notices (due_at) WHERE state = 'waiting';
DELETE FROM sqlite_sequence WHERE name = 'notices';
INSERT INTO sqlite_sequence (name, seq) SELECT 'notices', MAX(id) + 100000 FROM notices HAVING MAX(id) IS NOT NULL;
""",
    )


@migrations()
def books_being_bought_count_at_once(db: AnyDatabase) -> None:
    """Every order asks how many new books are being bought for its reader (A2-4, D-2)."""
    db.conn.execute("CREATE INDEX purchases_by_reader ON purchases (reader_id, state)")


@migrations()
def orders_know_where_they_were_said(db: AnyDatabase) -> None:
    """The channel, for the report of a period (A2-R, R-8); '' for those from before."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN source TEXT NOT NULL DEFAULT ''")


@migrations()
def posted_books_are_no_desks(db: AnyDatabase) -> None:
    """New books sent by the shop were once written down as taken by the reader's own hand in the library (A2-3)."""
    db.conn.execute(
        "UPDATE loans SET at_desk = 0 WHERE at_desk = 1 AND returned_at IS NULL AND EXISTS (SELECT 1 FROM purchases p "
        "WHERE p.state = 'sent' AND p.reader_id = loans.reader_id AND p.title_id = loans.title_id "
        "AND p.changed_at = loans.started_at)"
    )


@migrations()
def a_child_keeps_the_name_its_guardian_gave(db: AnyDatabase) -> None:
    """Who takes a parcel in is another matter: two children with one address were both called like their mother."""
    db.conn.execute("ALTER TABLE readers ADD COLUMN called TEXT NOT NULL DEFAULT ''")
    db.conn.execute(
        "UPDATE readers SET called = name WHERE id IN (SELECT reader_id FROM minors WHERE noted_by <> 'reader')"
    )


@migrations()
def a_guardians_copy_is_noted_without_a_name(db: AnyDatabase) -> None:
    """The name stood open in the child's list of looks, and stayed there when the guardian was forgotten."""
    db.conn.execute("UPDATE looks SET who = 'guardian' WHERE what = 'copy' AND who <> ''")


@migrations()
def a_locker_may_get_a_new_machine(db: AnyDatabase) -> None:
    """One that counts its reports from 1 again says which run of numbers they belong to (B2-23)."""
    create(
        db,
        """
ALTER TABLE locker_reports RENAME TO locker_reports_before;
CREATE TABLE locker_reports (
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL REFERENCES points (id),
    run INTEGER NOT NULL DEFAULT 0 CHECK (run >= 0), seq INTEGER NOT NULL CHECK (seq > 0),
    event TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '{}', happened_at TEXT NOT NULL, received_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'disputed', 'settled')),
    note TEXT NOT NULL DEFAULT '', UNIQUE (point_id, run, seq)) STRICT;
INSERT INTO locker_reports (id, point_id, seq, event, facts, happened_at, received_at, state, note)
    SELECT id, point_id, seq, event, facts, happened_at, received_at, state, note FROM locker_reports_before;
DROP TABLE locker_reports_before;
CREATE INDEX locker_reports_open ON locker_reports (state) WHERE state IN ('waiting', 'disputed');
ALTER TABLE boxes ADD COLUMN door_run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE boxes ADD COLUMN fault_run INTEGER NOT NULL DEFAULT 0;
""",
    )


@migrations()
def some_titles_are_for_adults_only(db: AnyDatabase) -> None:
    """What a record or a librarian says of whom a title is for; '' where nobody has said (公共图书馆法 art. 50, B8)."""
    for table in ("titles", "shop_books"):
        db.conn.execute(
            f"ALTER TABLE {table} ADD COLUMN audience TEXT NOT NULL DEFAULT '' "
            "CHECK (audience IN ('', 'adults', 'everybody'))"
        )


@migrations()
def pictures_are_sealed(db: AnyDatabase) -> None:
    """Each with a key of its own, which lies sealed beside it; '' for those from before, which are sealed by and by.

    No picture is read here: a start with many of them is as quick as any.
    """
    db.conn.execute("ALTER TABLE evidence_photos ADD COLUMN lock TEXT NOT NULL DEFAULT ''")
    db.conn.execute("CREATE INDEX evidence_photos_open ON evidence_photos (id) WHERE lock = ''")


@migrations()
def a_branch_has_a_type_and_a_bus_its_stops(db: AnyDatabase) -> None:
    """Whose house a branch is (A10-18); a bus has a timetable instead of a week's hours (A10-15)."""
    create(
        db,
        """
ALTER TABLE points ADD COLUMN branch_type TEXT NOT NULL DEFAULT ''
    CHECK (branch_type IN ('', 'public', 'home', 'community', 'bus') AND (branch_type = '' OR kind = 'branch'));
ALTER TABLE points ADD COLUMN stops TEXT NOT NULL DEFAULT '[]' CHECK (stops = '[]' OR branch_type = 'bus');
""",
    )


@migrations()
def reviews_are_read_by_a_librarian(db: AnyDatabase) -> None:
    """Why words are not shown, and how often they were changed (A10-9); a title's card asks for those shown."""
    db.conn.execute("ALTER TABLE reviews ADD COLUMN reason TEXT NOT NULL DEFAULT ''")
    db.conn.execute("ALTER TABLE reviews ADD COLUMN edits INTEGER NOT NULL DEFAULT 0")
    db.conn.execute("CREATE INDEX reviews_of_titles ON reviews (title_id, state, at)")
    db.conn.execute("CREATE INDEX reviews_by_state ON reviews (state, at)")


@migrations()
def books_may_be_kept_longer(db: AnyDatabase) -> None:
    """When a reader who could not come in time had an order or a hold kept longer, which is once (D 29)."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN extended_at TEXT")
    db.conn.execute("ALTER TABLE holds ADD COLUMN extended_at TEXT")


@migrations()
def the_library_tells_everybody(db: AnyDatabase) -> None:
    """Announcements (A2-17), and who wants none of them under the greeting."""
    db.conn.execute(
        "CREATE TABLE announcements (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL CHECK (text <> ''), "
        "text_en TEXT NOT NULL DEFAULT '', last_day TEXT, made_at TEXT NOT NULL, taken_down_at TEXT) STRICT"
    )
    db.conn.execute("ALTER TABLE readers ADD COLUMN news_on INTEGER NOT NULL DEFAULT 1")


EVENTS = """
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL CHECK (name <> ''), about TEXT NOT NULL DEFAULT '',
    point_id INTEGER REFERENCES points (id), place TEXT NOT NULL DEFAULT '',
    starts_at TEXT NOT NULL, ends_at TEXT NOT NULL, sign_up_until TEXT NOT NULL,
    seats INTEGER NOT NULL CHECK (seats > 0), door TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'cancelled', 'over')),
    reason TEXT NOT NULL DEFAULT '', came INTEGER CHECK (came >= 0), made_at TEXT NOT NULL, moved_at TEXT NOT NULL,
    CHECK (point_id IS NOT NULL OR place <> ''), CHECK (starts_at < ends_at AND sign_up_until <= starts_at),
    CHECK (state <> 'cancelled' OR reason <> '')) STRICT;
CREATE INDEX events_by_start ON events (state, starts_at);
CREATE TABLE sign_ups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id INTEGER NOT NULL REFERENCES events (id),
    reader_id INTEGER NOT NULL REFERENCES readers (id), people INTEGER NOT NULL CHECK (people > 0),
    state TEXT NOT NULL CHECK (state IN ('signed_up', 'waiting', 'given_back', 'late_back', 'came', 'late', 'absent')),
    placed_at TEXT NOT NULL, changed_at TEXT NOT NULL, moved_up_at TEXT) STRICT;
CREATE UNIQUE INDEX one_sign_up_each ON sign_ups (event_id, reader_id) WHERE state NOT IN ('given_back', 'late_back');
CREATE INDEX sign_ups_by_event ON sign_ups (event_id, state);
CREATE INDEX sign_ups_by_reader ON sign_ups (reader_id);
"""
SEATS_TAKEN = (
    "SELECT SUM(people) FROM sign_ups WHERE event_id = {event}.{id} AND state IN ('signed_up', 'came', 'late')"
)


@migrations()
def what_happens_in_the_library(db: AnyDatabase) -> None:
    """Events and who comes (F-8): one sign-up for each reader and event, and never more people than seats."""
    create(db, EVENTS)
    over = f"({SEATS_TAKEN.format(event='new', id='event_id')}) > (SELECT seats FROM events WHERE id = new.event_id)"
    too_few = f"new.seats < ({SEATS_TAKEN.format(event='new', id='id')})"
    for name, when, what in (
        ("seats_given_once", "AFTER INSERT ON sign_ups", over),
        ("seats_taken_once", "AFTER UPDATE ON sign_ups", over),
        ("seats_stay", "BEFORE UPDATE ON events", too_few),
    ):
        db.conn.execute(
            f"CREATE TRIGGER {name} {when} WHEN {what} BEGIN SELECT RAISE(ABORT, 'there are not so many seats'); END"
        )


@migrations()
def readers_are_told_of_new_books(db: AnyDatabase) -> None:
    """What a reader wants to hear of (A2-20); `after_title` is the last title that was looked at for it."""
    create(
        db,
        """
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY, reader_id INTEGER NOT NULL REFERENCES readers (id),
    kind TEXT NOT NULL CHECK (kind IN ('author', 'class', 'words')), mark TEXT NOT NULL, key TEXT NOT NULL,
    name TEXT NOT NULL, after_title INTEGER NOT NULL, told_on TEXT NOT NULL DEFAULT '', made_at TEXT NOT NULL,
    UNIQUE (reader_id, kind, mark)) STRICT;
CREATE INDEX subscriptions_to_look_at ON subscriptions (after_title, told_on);
""",
    )


@migrations()
def readers_have_an_address_for_their_calendar(db: AnyDatabase) -> None:
    """A secret one, looked up by its hash; the address itself lies sealed, to be shown again (D 41)."""
    create(
        db,
        """
CREATE TABLE calendar_links (
    reader_id INTEGER PRIMARY KEY REFERENCES readers (id), digest TEXT NOT NULL UNIQUE, token TEXT NOT NULL,
    made_at TEXT NOT NULL) STRICT;
""",
    )


@migrations()
def other_forms_than_print_are_few(db: AnyDatabase) -> None:
    """Whether there are e-books or audiobooks is asked without reading every printed copy (A2-24)."""
    db.conn.execute("CREATE INDEX copies_of_other_forms ON copies (material, title_id) WHERE material <> 'book'")


@migrations()
def what_another_system_was_told_is_known(db: AnyDatabase) -> None:
    """A mark of each loan as it was exported last (A2-7): whatever stands otherwise is told again."""
    create(
        db,
        """
CREATE TABLE loan_exports (
    loan_id INTEGER PRIMARY KEY REFERENCES loans (id), told TEXT NOT NULL, at TEXT NOT NULL) STRICT;
""",
    )


@migrations()
def orders_know_who_pays_their_delivery(db: AnyDatabase) -> None:
    """Beside the reader: who paid how much of the courier's price, and who gave the day's money (A2-5, A4-9).

    '' is the library itself. Of orders from before only the day's money is known.
    """
    db.conn.execute("ALTER TABLE orders ADD COLUMN covered_fen INTEGER NOT NULL DEFAULT 0 CHECK (covered_fen >= 0)")
    for column in ("funder", "free_funder"):
        db.conn.execute(f"ALTER TABLE orders ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


@migrations()
def rounds_have_drivers(db: AnyDatabase) -> None:
    """Who drove a round of the library's own, a reader or a colleague (D 36); one at a time."""
    create(
        db,
        """
CREATE TABLE drives (
    id INTEGER PRIMARY KEY, round TEXT NOT NULL, round_at TEXT NOT NULL, reader_id INTEGER REFERENCES readers (id),
    colleague TEXT NOT NULL DEFAULT '', state TEXT NOT NULL CHECK (state IN ('taken', 'done', 'released', 'undone')),
    delivered INTEGER NOT NULL DEFAULT 0, finished_by TEXT NOT NULL DEFAULT '', taken_at TEXT NOT NULL,
    changed_at TEXT NOT NULL, CHECK ((reader_id IS NULL) = (colleague <> ''))) STRICT;
CREATE UNIQUE INDEX one_driver_of_a_run ON drives (round, round_at) WHERE state IN ('taken', 'done');
CREATE INDEX drives_by_reader ON drives (reader_id) WHERE reader_id IS NOT NULL;
""",
    )


APPOINTMENTS = """
ALTER TABLE points ADD COLUMN slot_minutes INTEGER CHECK (slot_minutes BETWEEN 5 AND 240);
ALTER TABLE points ADD COLUMN slot_orders INTEGER
    CHECK (slot_orders > 0 AND (slot_orders IS NULL) = (slot_minutes IS NULL));
ALTER TABLE orders ADD COLUMN arrived_at TEXT;
CREATE TABLE appointments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL REFERENCES orders (id),
    point_id INTEGER NOT NULL REFERENCES points (id), starts_at TEXT NOT NULL, ends_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'booked' CHECK (state IN ('booked', 'given_back', 'freed', 'over')),
    booked_at TEXT NOT NULL, changed_at TEXT NOT NULL, CHECK (starts_at < ends_at)) STRICT;
CREATE UNIQUE INDEX one_appointment_each ON appointments (order_id) WHERE state = 'booked';
CREATE INDEX appointments_by_time ON appointments (state, point_id, starts_at);
CREATE INDEX appointments_by_order ON appointments (order_id);
"""
PLACES_TAKEN = (
    "(SELECT COUNT(*) FROM appointments WHERE state = 'booked' AND point_id = new.point_id "
    "AND starts_at < new.ends_at AND ends_at > new.starts_at)"
)


@migrations()
def books_are_fetched_by_appointment(db: AnyDatabase) -> None:
    """A counter may take appointments, never more at a time than it has places for (D 30); who has arrived is seen."""
    create(db, APPOINTMENTS)
    over = f"{PLACES_TAKEN} > COALESCE((SELECT slot_orders FROM points WHERE id = new.point_id), 0)"
    for name, when in (("places_given_once", "INSERT ON"), ("places_taken_once", "UPDATE ON")):
        db.conn.execute(
            f"CREATE TRIGGER {name} AFTER {when} appointments WHEN new.state = 'booked' AND {over} "
            "BEGIN SELECT RAISE(ABORT, 'there are not so many places'); END"
        )
    db.conn.execute(
        "CREATE TRIGGER appointments_end_once BEFORE UPDATE ON appointments WHEN old.state <> 'booked' "
        "BEGIN SELECT RAISE(ABORT, 'an appointment that is over stays as it was'); END"
    )


@migrations()
def points_and_readers_have_a_city(db: AnyDatabase) -> None:
    """One service over the libraries of several cities (A2-16): '' of a point is none.

    Of a reader NULL is not asked yet, '' all of them: the offer to choose is made once.
    """
    for column in ("city", "city_en"):
        db.conn.execute(f"ALTER TABLE points ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    db.conn.execute("ALTER TABLE readers ADD COLUMN city TEXT")


@migrations()
def some_readers_need_longer(db: AnyDatabase) -> None:
    """How many days of a loan its reader has because coming is hard, so that none is lengthened twice (A10-3);
    and who likes large letters and few words."""
    db.conn.execute("ALTER TABLE loans ADD COLUMN special_days INTEGER NOT NULL DEFAULT 0 CHECK (special_days >= 0)")
    db.conn.execute("ALTER TABLE readers ADD COLUMN plain INTEGER NOT NULL DEFAULT 0 CHECK (plain IN (0, 1))")


@migrations()
def a_copy_has_a_life_of_its_own(db: AnyDatabase) -> None:
    """清点缺失 (E3) is 'lost' with the day since when: nobody lends it, any scan finds it, and who asks for lost
    copies finds it too. Beside it what happened to a copy, stock-taking, and what readers did not find on the shelf.
    """
    db.conn.execute(
        "ALTER TABLE copies ADD COLUMN missing_since TEXT NOT NULL DEFAULT '' "
        "CHECK (missing_since = '' OR state = 'lost')"
    )
    create(
        db,
        """
CREATE INDEX copies_missing ON copies (missing_since) WHERE missing_since <> '';
CREATE TABLE copy_events (
    id INTEGER PRIMARY KEY, copy_id INTEGER NOT NULL REFERENCES copies (id), step TEXT NOT NULL, actor TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '', at TEXT NOT NULL) STRICT;
CREATE INDEX copy_events_by_copy ON copy_events (copy_id);
CREATE INDEX copy_events_by_day ON copy_events (at);
CREATE TABLE stock_takes (
    id INTEGER PRIMARY KEY, point_id INTEGER NOT NULL REFERENCES points (id), shelf TEXT NOT NULL,
    call_number TEXT NOT NULL, material TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'called_off')),
    begun_by TEXT NOT NULL, begun_at TEXT NOT NULL, ended_by TEXT NOT NULL DEFAULT '',
    ended_at TEXT NOT NULL DEFAULT '', expected INTEGER NOT NULL, missing INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX one_stock_take_at_once ON stock_takes (point_id, shelf, call_number, material) WHERE state = 'open';
CREATE TABLE stock_take_copies (
    take_id INTEGER NOT NULL REFERENCES stock_takes (id), copy_id INTEGER NOT NULL REFERENCES copies (id),
    PRIMARY KEY (take_id, copy_id)) STRICT, WITHOUT ROWID;
CREATE INDEX stock_take_copies_by_copy ON stock_take_copies (copy_id);
CREATE TABLE stock_take_scans (
    id INTEGER PRIMARY KEY, take_id INTEGER NOT NULL REFERENCES stock_takes (id), barcode TEXT NOT NULL,
    copy_id INTEGER REFERENCES copies (id), outcome TEXT NOT NULL, scanned_by TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (take_id, barcode)) STRICT;
CREATE TABLE unfound (
    id INTEGER PRIMARY KEY, title_id INTEGER NOT NULL REFERENCES titles (id),
    point_id INTEGER NOT NULL REFERENCES points (id), said INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('open', 'found', 'missing')), first_at TEXT NOT NULL,
    settled_at TEXT NOT NULL DEFAULT '', settled_by TEXT NOT NULL DEFAULT '') STRICT;
CREATE UNIQUE INDEX one_search_of_a_shelf ON unfound (title_id, point_id) WHERE state = 'open';
""",
    )
    db.conn.execute(
        "CREATE TRIGGER what_moved_was_seen AFTER UPDATE ON copies WHEN old.state = 'available' "
        "AND (new.state <> 'available' OR new.point_id <> old.point_id) "
        "AND EXISTS (SELECT 1 FROM stock_take_copies WHERE copy_id = new.id) "
        "BEGIN DELETE FROM stock_take_copies WHERE copy_id = new.id; END"
    )


@migrations()
def what_files_told_of_points_is_known(db: AnyDatabase) -> None:
    """Beside each point the words of the file that told of it last: what stands otherwise a person has changed."""
    create(
        db,
        """
CREATE TABLE points_as_told (point_id INTEGER PRIMARY KEY REFERENCES points (id), says TEXT NOT NULL) STRICT;
""",
    )


@migrations()
def who_looked_in_vain_is_told(db: AnyDatabase) -> None:
    """Who did not find a book on the shelf is known until a librarian has looked, and not a moment longer (E3)."""
    create(
        db,
        """
CREATE TABLE unfound_askers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title_id INTEGER NOT NULL REFERENCES titles (id),
    point_id INTEGER NOT NULL REFERENCES points (id), reader_id INTEGER NOT NULL REFERENCES readers (id),
    at TEXT NOT NULL, UNIQUE (title_id, point_id, reader_id)) STRICT;
CREATE INDEX unfound_askers_by_reader ON unfound_askers (reader_id);
""",
    )
    db.conn.execute(
        "CREATE TRIGGER who_asked_is_not_kept AFTER UPDATE ON unfound WHEN new.state <> 'open' "
        "BEGIN DELETE FROM unfound_askers WHERE title_id = new.title_id AND point_id = new.point_id; END"
    )


@migrations()
def scans_of_a_stock_taking_go_and_their_counts_stay(db: AnyDatabase) -> None:
    """How many there were of each outcome, of those that are cleared; `cleared_at` when none is left."""
    db.conn.execute("ALTER TABLE stock_takes ADD COLUMN totals TEXT NOT NULL DEFAULT '{}'")
    db.conn.execute("ALTER TABLE stock_takes ADD COLUMN cleared_at TEXT NOT NULL DEFAULT ''")
    db.conn.execute(
        "CREATE INDEX stock_takes_to_clear ON stock_takes (ended_at) WHERE cleared_at = '' AND state <> 'open'"
    )


@migrations()
def a_closing_moves_answers(db: AnyDatabase) -> None:
    """What was promised to who waits for an answer, before closed days were declared over it (D-1, B2-9)."""
    for table in ("compensations", "appeals"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN promised_first TEXT NOT NULL DEFAULT ''")


@migrations()
def what_an_unpacked_order_was_to_go_with_is_known(db: AnyDatabase) -> None:
    """The rounds its reader was told when it was packed before, '' where there were none (A10-2)."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN rounds_told TEXT NOT NULL DEFAULT ''")


@migrations()
def a_closing_knows_what_it_left_undone(db: AnyDatabase) -> None:
    """'stands' until every date has moved for it, 'comes' until all have gone back (B2-9)."""
    db.conn.execute(
        "ALTER TABLE special_days ADD COLUMN unfinished TEXT NOT NULL DEFAULT '' "
        "CHECK (unfinished IN ('', 'stands', 'comes'))"
    )


@migrations()
def a_leap_of_the_clock_is_known_to_every_process(db: AnyDatabase) -> None:
    """By how many seconds the worker finds the machine's clock off (`flask work` may run apart from the pages)."""
    db.conn.execute("ALTER TABLE clock ADD COLUMN leapt_seconds INTEGER NOT NULL DEFAULT 0")


@migrations()
def what_was_made_ready_in_vain_is_put_back(db: AnyDatabase) -> None:
    """Orders that ended with their books fetched, packed or on the pick-up shelf: until somebody has put them back."""
    db.conn.execute("ALTER TABLE orders ADD COLUMN to_clear INTEGER NOT NULL DEFAULT 0 CHECK (to_clear IN (0, 1))")
    db.conn.execute("CREATE INDEX orders_to_clear ON orders (id) WHERE to_clear = 1")


@migrations()
def where_a_copy_lies_that_is_not_on_its_shelf_yet(db: AnyDatabase) -> None:
    """On the hold shelf, where nobody waits for it any more, or on the table of an order that goes without it.

    Until somebody has put it back, or it is seen elsewhere: whatever takes it from the shelf's reach ends it.
    """
    db.conn.execute(
        "ALTER TABLE copies ADD COLUMN aside TEXT NOT NULL DEFAULT '' CHECK (aside IN ('', 'hold_shelf', 'picked'))"
    )
    db.conn.execute("CREATE INDEX copies_aside ON copies (id) WHERE aside <> ''")
    moved = "(old.state = 'available' AND (new.state <> 'available' OR new.point_id <> old.point_id))"
    gone = "(new.aside <> '' AND new.state NOT IN ('available', 'reserved'))"
    seen = "FROM stock_take_copies WHERE copy_id = new.id"
    db.conn.execute("DROP TRIGGER what_moved_was_seen")
    db.conn.execute(  # one for both: each trigger here is a statement more for every book of every order
        "CREATE TRIGGER what_moved_was_seen AFTER UPDATE ON copies "
        f"WHEN {gone} OR ({moved} AND EXISTS (SELECT 1 {seen})) BEGIN "
        f"DELETE {seen} AND {moved}; UPDATE copies SET aside = '' WHERE id = new.id AND {gone}; END"
    )


@migrations()
def copies_that_come_are_compared_with_what_was_asked_for(db: AnyDatabase) -> None:
    """From now on; what was there already was there when it was asked for (A10-11)."""
    db.conn.execute(
        "INSERT INTO counters (name, value) SELECT 'copies_seen_by_wishes', COALESCE(MAX(id), 0) FROM copies"
    )


@migrations()
def a_door_that_was_opened_to_unload_it_is_no_shut_door(db: AnyDatabase) -> None:
    """What a reader said of it is over with the unloading, and does not stop the days of the next loading (D-13)."""
    over = "UPDATE door_claims SET state = 'mended', settled_by = 'rule', settled_at = "
    db.conn.execute(
        "CREATE TRIGGER unloaded_it_was_open AFTER UPDATE ON orders "
        "WHEN old.state = 'in_locker' AND new.state = 'packed' "
        f"BEGIN {over}new.changed_at WHERE order_id = new.id AND state = 'open'; END"
    )
    unloaded = "SELECT id FROM orders WHERE state IN ('picking', 'packed')"
    db.conn.execute(f"{over}opened_at WHERE state = 'open' AND order_id IN ({unloaded})")


@migrations()
def what_the_courier_lost_costs_its_reader_nothing(db: AnyDatabase) -> None:
    """Of the reader's fee, there or back, what the library bears since the courier lost the books."""
    for table in ("orders", "home_returns"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN lost_fen INTEGER NOT NULL DEFAULT 0 CHECK (lost_fen >= 0)")


@migrations()
def a_lost_book_of_a_readers_own_has_its_case(db: AnyDatabase) -> None:
    """Whoever had it makes it good; its owner gets the book or the money, and a librarian hands it out (A1-23)."""
    run = db.conn.execute
    run("ALTER TABLE compensations ADD COLUMN drifting_id INTEGER REFERENCES drifting (id)")
    run(
        "ALTER TABLE compensations ADD COLUMN owner_due TEXT NOT NULL DEFAULT '' "
        "CHECK (owner_due IN ('', 'book', 'money'))"
    )
    run(
        "CREATE UNIQUE INDEX one_open_compensation_per_own_book ON compensations (drifting_id) "
        "WHERE state NOT IN ('settled', 'found')"
    )


@migrations()
def what_was_bought_and_lost_may_be_bought_again(db: AnyDatabase) -> None:
    """One purchase of a shop's book at a time; once it is in the stock, whether we still have it decides (A2-4)."""
    db.conn.execute("DROP INDEX bought_once")
    db.conn.execute(
        "CREATE UNIQUE INDEX bought_once_at_a_time ON purchases (shop_book_id) WHERE state IN ('asked', 'approved')"
    )


@migrations()
def which_kept_copies_stand_on_the_open_shelf(db: AnyDatabase) -> None:
    """Kept for a reader while nobody had it in hand: somebody is to fetch it to the hold shelf."""
    db.conn.execute("ALTER TABLE copies ADD COLUMN to_fetch INTEGER NOT NULL DEFAULT 0 CHECK (to_fetch IN (0, 1))")
    db.conn.execute("CREATE INDEX copies_to_fetch ON copies (id) WHERE to_fetch = 1")


@migrations()
def a_bookshops_parcel_may_be_lost(db: AnyDatabase) -> None:
    """When a librarian said that what was sent never came; '' where nobody has."""
    db.conn.execute("ALTER TABLE purchases ADD COLUMN lost_at TEXT NOT NULL DEFAULT ''")


@migrations()
def what_stands_behind_a_door_shut_for_good_cannot_be_had(db: AnyDatabase) -> None:
    """Points closed for a year or longer, as of today: nobody is promised a copy from their shelves (B2-9)."""
    db.conn.execute("CREATE TABLE shut_points (point_id INTEGER PRIMARY KEY REFERENCES points (id)) STRICT")


@migrations()
def a_fee_paid_for_what_the_courier_lost_is_given_back(db: AnyDatabase) -> None:
    """What a reader may have paid for it, until a librarian says that it was given back, or never paid."""
    run = db.conn.execute
    run(
        "CREATE TABLE fee_refunds (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "reader_id INTEGER NOT NULL REFERENCES readers (id), object TEXT NOT NULL, "
        "fen INTEGER NOT NULL CHECK (fen > 0), "
        "state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'given', 'not_paid')), "
        "made_at TEXT NOT NULL, settled_at TEXT NOT NULL DEFAULT '', "
        "CHECK ((state = 'open') = (settled_at = ''))) STRICT"
    )
    run("CREATE UNIQUE INDEX one_open_fee_refund ON fee_refunds (object) WHERE state = 'open'")
    run("CREATE INDEX fee_refunds_by_state ON fee_refunds (state, made_at)")
    run("CREATE INDEX fee_refunds_by_reader ON fee_refunds (reader_id)")


@migrations()
def no_courier_comes_for_a_book_said_to_be_lost(db: AnyDatabase) -> None:
    """What was asked for before a loss called it off."""
    run = db.conn.execute
    run(
        "UPDATE home_return_items SET open = 0 WHERE open = 1 AND home_return_id IN (SELECT id FROM home_returns "
        "WHERE state = 'asked') AND loan_id IN (SELECT loan_id FROM compensations WHERE kind = 'lost' "
        "AND state = 'reported')"
    )
    run(
        "UPDATE home_returns SET state = 'cancelled' WHERE state = 'asked' AND NOT EXISTS "
        "(SELECT 1 FROM home_return_items i WHERE i.home_return_id = home_returns.id AND i.open = 1)"
    )


@migrations()
def a_loan_keeps_the_renewals_it_was_told(db: AnyDatabase) -> None:
    """How often and for how many days, as said when it began; 0 of earlier ones: the rule in force counts."""
    for name in ("told_renewals", "told_days"):
        db.conn.execute(f"ALTER TABLE loans ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0 CHECK ({name} >= 0)")


@migrations()
def why_a_title_is_withdrawn(db: AnyDatabase) -> None:
    """In a librarian's words, for whoever waited for it; '' while it can be had."""
    db.conn.execute(
        "ALTER TABLE titles ADD COLUMN withdrawn_why TEXT NOT NULL DEFAULT '' "
        "CHECK (withdrawn = 1 OR withdrawn_why = '')"
    )


@migrations()
def a_copy_may_lie_on_the_pick_up_shelf(db: AnyDatabase) -> None:
    """For an order that ended there and whose reader is forgotten; those listed by now stay as they were."""
    run = db.conn.execute
    trigger = run("SELECT sql FROM sqlite_master WHERE name = 'what_moved_was_seen'").fetchone()[0]
    run("DROP TRIGGER what_moved_was_seen")
    run("DROP INDEX copies_aside")
    places = "'', 'hold_shelf', 'picked', 'pickup_shelf'"
    run(f"ALTER TABLE copies ADD COLUMN lies TEXT NOT NULL DEFAULT '' CHECK (lies IN ({places}))")
    run("UPDATE copies SET lies = aside WHERE aside <> ''")
    run("ALTER TABLE copies DROP COLUMN aside")
    run("ALTER TABLE copies RENAME COLUMN lies TO aside")
    run("CREATE INDEX copies_aside ON copies (id) WHERE aside <> ''")
    run(trigger)


@migrations()
def an_order_keeps_the_terms_it_was_told(db: AnyDatabase) -> None:
    """Loan days and renewals as confirmed, book by book; 0 of earlier orders: the rules of the day count."""
    for name in ("told_loan_days", "told_renewals", "told_renewal_days"):
        db.conn.execute(f"ALTER TABLE order_items ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0 CHECK ({name} >= 0)")


@migrations()
def checks_compare_one_by_one(db: AnyDatabase) -> None:
    """A table that comes later is given such CHECKs by a step like this one (`tests/lending/test_plain_checks.py`)."""
    unlist(db)


@migrations()
def what_is_asked_of_the_whole_stock_has_an_index(db: AnyDatabase) -> None:
    """How many copies stand where, which are damaged, which records lack something, which titles are English: at a
    million titles each was a second's reading or more, some of it in a reader's turn to write."""
    run = db.conn.execute
    run("DROP INDEX copies_by_point")
    run("CREATE INDEX copies_by_point ON copies (point_id, home_point_id)")
    run("CREATE INDEX copies_damaged ON copies (state, point_id) WHERE state = 'damaged'")
    lacking = "authors = '' OR publisher = '' OR year IS NULL OR isbn = '' OR clc = ''"
    run(f"CREATE INDEX titles_incomplete ON titles (popularity DESC, id) WHERE withdrawn = 0 AND ({lacking})")
    run("CREATE INDEX titles_by_language ON titles (language, clc, popularity, withdrawn) WHERE withdrawn = 0")


@migrations()
def orders_that_came_to_nothing_are_found_by_when(db: AnyDatabase) -> None:
    """The staff's front page asks for those of late whose reader nobody could tell."""
    db.conn.execute("CREATE INDEX orders_for_nothing ON orders (changed_at) WHERE state IN ('refused', 'cancelled')")
