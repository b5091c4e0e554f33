"""A librarian who opens a reader's page, address or talk is written down for the reader to see (A11-5, B2-22)."""

from __future__ import annotations

import sqlite3

import pytest

from admin import staff
from lending import looks, orders, readers
from lending.database import Store
from lending.model import OrderState
from tests.admin.conftest import Hand


def seen(store: Store, number: str) -> list[tuple[str, str, str]]:
    """Who, what, why: of this reader, the newest first."""
    reader = readers.by_number(store.db, number)
    return [(look.who, look.what, look.why) for look in looks.of_reader(store.db, reader.id)]


def test_opening_a_readers_page_is_written_down_once(chief: Hand, store: Store) -> None:
    assert seen(store, "R000001") == []
    chief.read("/admin/readers/R000001")
    chief.read("/admin/readers/R000001")
    assert seen(store, "R000001") == [("小信", "page", "")]
    assert seen(store, "R000002") == []


def test_the_order_it_was_opened_from_is_the_reason(chief: Hand, store: Store) -> None:
    chief.client.get("/admin/readers/R000001", headers={"Referer": "http://localhost/admin/orders/SX261006-0001"})
    assert seen(store, "R000001") == [("小信", "page", "SX261006-0001")]


def test_an_address_asked_for_and_a_talk_read_are_written_down(chief: Hand, store: Store) -> None:
    found = store.db.one("SELECT number FROM orders WHERE fulfilment = 'delivery' LIMIT 1")
    assert found is not None
    order = orders.by_number(store.db, found["number"])
    who = readers.reader(store.db, order.reader_id)
    chief.read("/admin")
    chief.post(f"/admin/orders/{order.number}/address")
    assert ("小信", "address", order.number) in seen(store, who.number)
    request = store.db.one("SELECT e.number, r.number AS who FROM escalations e JOIN readers r ON r.id = e.reader_id")
    assert request is not None
    chief.read(f"/admin/escalations/{request['number']}")
    assert ("小信", "talk", request["number"]) in seen(store, request["who"])


def test_printing_labels_counts_as_a_look_at_each_address(chief: Hand, store: Store) -> None:
    packed = [order for order in orders.board(store.db, (OrderState.PACKED,)) if order.address]
    assert packed
    chief.read("/admin/parcels")
    assert chief.post("/admin/parcels/labels").status_code == 200
    for order in packed:
        who = readers.reader(store.db, order.reader_id)
        assert ("小信", "address", order.number) in seen(store, who.number)


def test_what_was_scanned_goes_when_the_loans_lose_their_reader(chief: Hand, store: Store) -> None:
    """B2-21: title and reader stand in one line of the log; every other line stays."""
    from_then = "2026-01-01T00:00:00Z"
    with store.writing() as db:
        for action in ("check_in", "see_address"):
            db.run(
                "INSERT INTO staff_log (staff, action, object, at) VALUES ('admin', :a, 'copy:B1', :at)",
                a=action, at=from_then,
            )  # fmt: skip
    assert staff.count_scans(store.db, "2026-02-01T00:00:00Z") == 1
    assert staff.forget_scans(store.db, "2026-02-01T00:00:00Z") == 1
    assert len(staff.logged(store.db, action="see_address")) == 1
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
        db.run("DELETE FROM staff_log WHERE action = 'see_address'")
