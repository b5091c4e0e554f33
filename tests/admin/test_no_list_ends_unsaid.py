"""A list that stops somewhere says so, and what is over hides nothing that waits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from admin.pages import MOST
from bot import outbox
from bot.events import Reply
from lending.database import Store
from lending.model import stamp
from tests.admin.conftest import Hand


def test_undelivered_messages_beyond_what_the_page_shows_are_said_to_be_there(
    chief: Hand, store: Store, now: datetime
) -> None:
    with store.writing() as db:
        for n in range(MOST):
            outbox.put(db, "telegram", f"9{n}", Reply("书到了"), now)
        db.run("UPDATE outbox SET state = 'failed', error = 'blocked' WHERE channel = 'telegram'")
    page = chief.read("/admin/messages")
    assert page.count("再发一次") == MOST and f"这里最多列 {MOST} 条" in page
    with store.writing() as db:
        db.run("UPDATE outbox SET state = 'sent' WHERE id IN (SELECT id FROM outbox WHERE state = 'failed' LIMIT 9)")
    page = chief.read("/admin/messages")
    assert page.count("再发一次") < MOST and "这里最多列" not in page


@pytest.mark.parametrize("many", [MOST - 1, MOST + 5])
def test_the_repair_shelf_is_counted_whole_where_not_all_of_it_is_listed(
    chief: Hand, store: Store, many: int
) -> None:
    with store.writing() as db:
        for n in range(many):
            db.run(
                "INSERT INTO copies (barcode, title_id, point_id, home_point_id, call_number, shelf, state) "
                "SELECT 'MEND' || :n, title_id, point_id, home_point_id, '', '', 'damaged' FROM copies LIMIT 1",
                n=n,
            )
    assert f"修补架 <b>{many}</b>" in (page := chief.read("/admin/cases"))
    assert ("这里最多列" in page) == (many > MOST)
    assert f"<b>{many}</b>" in chief.read("/admin")


def test_parcels_of_orders_that_are_over_do_not_crowd_out_one_in_trouble(
    chief: Hand, store: Store, now: datetime
) -> None:
    add = (
        "INSERT INTO parcels (order_id, courier, tracking, state, changed_at) "
        "SELECT id, 'library', :number, :state, :at FROM orders WHERE number = :order"
    )
    with store.writing() as db:
        for n in range(MOST + 1):
            ago = stamp(now - timedelta(days=30))
            db.run(add, order="SX261120-0002", number=f"OLD{n}", state="lost", at=ago)
        db.run("UPDATE orders SET state = 'shipped' WHERE number = 'SX261120-0004'")
        db.run(add, order="SX261120-0004", number="NEW1", state="problem", at=stamp(now))
    page = chief.read("/admin/parcels")
    assert "NEW1" in page and "OLD1" not in page
