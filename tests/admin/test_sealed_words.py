"""What readers and librarians wrote about a case, an appeal, an order, a line: none of it lies open on the disk."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from admin import staff
from admin.migrations import migrations as admin_migrations
from bot import escalations
from commands.privacy import SEALED
from lending import appeal_records, appeals, case_records, cases, credit, orders, purchases, readers, sealed
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from lending.model import OrderState, stamp
from tests import small_desk

POLICY = small_desk.POLICY
WORDS = tuple(f"暗语{n}号" for n in "甲乙丙丁戊己庚辛壬癸")


@pytest.fixture(autouse=True)
def busy(app: Flask) -> None:
    """Something in every room."""


def written(store: Store, now: datetime) -> None:
    """Each of the words in one of the places where people write freely."""
    db = store.db
    li, wang = readers.by_number(db, "R000001"), readers.by_number(db, "R000002")
    number = more_said(store, li, now)
    escalations.answer(db, number, "小王", WORDS[1], now)
    case = case_records.open_ones(db)[0]
    cases.advance(db, case.number, "worn", "staff:admin", POLICY, now, cases.Given(note=WORDS[2]))
    credit.post(db, wang.id, "volunteer", "line:9", POLICY, now, evidence=WORDS[3])
    appeal, _ = appeals.open_appeal(db, wang.id, credit.lines(db, wang.id)[0].id, WORDS[4], POLICY, now)
    appeals.advance(db, appeal.number, "decline", "staff:admin", POLICY, now, WORDS[5])
    order = orders.board(db, (OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED))[0]
    orders.advance(db, order.id, "cancel", "staff", POLICY, now, WORDS[6])
    with store.writing() as writer:
        staff.log(writer, "admin", "set_standing", "reader:R000001", now, reason=WORDS[7])
        refused_purchase(store, wang.id, now)


def more_said(store: Store, who: readers.Reader, now: datetime) -> str:
    with store.writing() as db:
        found = escalations.open_of(db, who.id)
        assert found is not None
        escalations.hear(db, who.id, WORDS[0], now)
        return found.number


def refused_purchase(store: Store, reader_id: int, now: datetime) -> None:
    with store.writing() as db:
        db.run(
            "INSERT INTO shop_books (id, shop, isbn, title, authors, publisher, price_fen, listed) "
            "VALUES (1, 's', '9787020002207', '书', '', '', 1000, 1)"
        )
        db.run(
            "INSERT INTO purchases (id, number, reader_id, shop_book_id, request_key, state, price_fen, month, "
            "address, placed_at, changed_at) VALUES (1, 'CG1', :r, 1, 'k', 'asked', 1000, '2026-11', "
            "seal(:a), :at, :at)",
            r=reader_id, a=WORDS[8], at=stamp(now),
        )  # fmt: skip
        purchases.decide(db, 1, False, WORDS[9], now)


def test_no_word_anybody_wrote_lies_open(store: Store, now: datetime) -> None:
    """A11-5: file and log, before the log is folded in and after."""
    written(store, now)
    log = store.path.with_name(f"{store.path.name}-wal")
    raw = store.path.read_bytes() + log.read_bytes()
    store.close()
    raw += store.path.read_bytes()
    assert [word for word in WORDS if word.encode() in raw] == []


def test_whoever_has_the_key_reads_them_all(store: Store, now: datetime) -> None:
    written(store, now)
    db = store.db
    talk = escalations.of_reader(db, 1)
    appeal = appeal_records.decided(db)[0]
    found = [
        *(row["text"] for row in talk), *(row["note"] for row in appeal_records.history(db, appeal.id)),
        appeal.note, appeal.answer, case_records.closed_ones(db)[0].answer, purchases.purchase(db, 1).reason,
        purchases.purchase(db, 1).address, *(line.evidence for line in credit.lines(db, 2)),
        *(order.reason for order in orders.board(db, (OrderState.CANCELLED,))), str(staff.logged(db)),
    ]  # fmt: skip
    assert [word for word in WORDS if not any(word in text for text in found)] == []


def test_the_key_is_turned_under_the_ledger_and_the_log_too(store: Store, now: datetime) -> None:
    written(store, now)
    before = credit.lines(store.db, 2), staff.logged(store.db)
    store.vault.rotate()
    sealed.seal_anew(store, SEALED)
    assert sealed.state(store.db, SEALED).older == 0
    store.vault.drop_old()
    assert (credit.lines(store.db, 2), staff.logged(store.db)) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE credit_lines SET evidence = seal('别的')", "UPDATE credit_lines SET delta = 0, evidence = evidence",
        "UPDATE staff_log SET facts = seal('{}')", "UPDATE staff_log SET staff = 'nobody'",
    ],
)  # fmt: skip
def test_to_seal_anew_is_not_to_change(store: Store, now: datetime, change: str) -> None:
    """Ledger and log stay append-only."""
    written(store, now)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
        db.run(change)


def test_rows_from_before_are_sealed_by_the_migration(tmp_path: Path, now: datetime) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        lending_migrations.apply(db, stop_before="free_words_are_sealed")
        admin_migrations.apply(db, stop_before="what_was_done_is_sealed")
        db.run("INSERT INTO readers (number, joined_at) VALUES ('R1', '2026-01-01T00:00:00Z')")
        db.run(
            "INSERT INTO credit_lines (reader_id, event, object, day, delta, rule, version, evidence, actor, at) "
            "VALUES (1, 'volunteer', '', '2026-01-01', 5, 'r', '1', '暗语甲号', 'staff', '2026-01-01T00:00:00Z')"
        )
        db.run(
            "INSERT INTO staff_log (staff, action, facts, at) VALUES ('a', 'b', :facts, '2026-01-01T00:00:00Z')",
            facts='{"reason": "暗语乙号"}',
        )
        lending_migrations.apply(db)
        admin_migrations.apply(db)
    assert credit.lines(store.db, 1)[0].evidence == "暗语甲号"
    assert staff.logged(store.db)[0]["facts"] == {"reason": "暗语乙号"}
    store.close()
    raw = store.path.read_bytes()
    assert [word for word in WORDS if word.encode() in raw] == []
