"""What a reader waits for, and every tick, looks things up by an index: a library's years must not make it slow."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest

from bot.service import Service
from lending import catalogue, clearing, duplicates, floating, orders, readers
from lending.database import Database
from tests.talking import Person, pass_time

GROWING = {  # tables that a year of readers fills; the others hold what is open, or the library itself
    "orders", "order_items", "order_events", "parcels", "loans", "holds", "notices", "credit_lines", "freezes",
    "readers", "contacts", "inbox", "outbox", "copies", "titles", "cases", "suggestions",
}  # fmt: skip
ONCE_A_DAY = (  # what is old is forgotten at night, a chunk at a time
    "DELETE FROM inbox WHERE received_at <", "SELECT SUBSTR(received_at, 1, 13) AS hour, COUNT(*)",
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state IN",
    "UPDATE conversations SET step = ''", "FROM order_events e JOIN orders o", "SELECT id FROM notices WHERE state <>",
    "SELECT id FROM holds WHERE state IN ('filled'", "WHERE o.state IN ('done', 'cancelled', 'refused') AND o.changed_at",
    "SELECT COUNT(*) FROM notices", "FROM readers r WHERE joined_at",
)  # fmt: skip


def read_through(db: Database, sql: str) -> list[str]:
    """The growing tables that this statement would read from end to end."""
    names = {name: 1 for name in re.findall(r":(\w+)", sql)}
    plan = db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", names).fetchall()
    called = {alias: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)\s+(?:AS\s+)?(\w+)", sql)}
    scanned = [step[3].split()[1] for step in plan if step[3].startswith("SCAN") and " USING " not in step[3]]
    return sorted({called.get(name, name) for name in scanned} & GROWING)


def test_the_check_finds_what_it_is_for(service: Service) -> None:
    db = service.store.db
    assert read_through(db, "SELECT 1 FROM outbox o WHERE o.made_at = :x") == ["outbox"]
    assert read_through(db, "SELECT 1 FROM outbox WHERE id = :x") == []


def test_a_reader_s_days_read_no_table_through(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, None] = {}
    ask = Database._ask

    def noting(self: Database, sql: str, values: dict[str, Any]) -> sqlite3.Cursor:
        asked[" ".join(sql.split())] = None
        return ask(self, sql, values)

    monkeypatch.setattr(Database, "_ask", noting)
    me, other = Person(service, "me").trusted(), Person(service, "other").trusted()
    for said in ("weicheng", "1", "三体", "把第2本放进借书车", "借书车", "我的信用", "附近的馆", "排行榜", "新书", "借《围城》"):
        me.say(said)
    me.tap("云栖站智能借书柜")
    me.say("确认")
    order = me.last_order()
    with service.store.writing() as db:
        for step in ("pick", "pack", "load"):
            orders.advance(db, order.id, step, "staff:王", service.policy, service.clock.now())
    pass_time(service, hours=1)
    code = orders.by_number(service.store.db, order.number).pickup_code
    orders.collect_with_code(service.store.db, code, service.policy, service.clock.now())
    other.say("预约《围城》")
    pass_time(service, hours=3)
    for said in ("我的订单", "我的借阅", "续借", "还书", "转人工"):
        me.say(said)
    other.say("我的预约")
    pass_time(service, days=70)
    slow = {sql: found for sql in asked if (found := read_through(service.store.db, sql))}
    left = {sql: found for sql, found in slow.items() if not any(part in sql for part in ONCE_A_DAY)}
    assert left == {}
    assert len(asked) > 150


def test_what_the_desk_asks_of_the_whole_stock_goes_along_an_index(service: Service) -> None:
    """Each of these pages took seconds at a million titles, and one of them stands open all day."""
    counts, _, gone = floating.COUNTS.partition("UNION ALL")
    assert plan(service.store.db, counts) == ["SCAN copies USING COVERING INDEX copies_by_point"]
    assert "SCAN copies" in plan(service.store.db, gone), "in the order of the file, not copy by copy"
    assert "SCAN c" not in plan(service.store.db, f"SELECT COUNT(*) FROM copies c WHERE {clearing.OUT_OF_PLACE}")
    damaged = "SELECT COUNT(*) FROM copies WHERE state = 'damaged'"
    assert plan(service.store.db, damaged) == ["SEARCH copies USING COVERING INDEX copies_damaged (state=?)"]
    english = "SELECT COUNT(*) FROM titles t WHERE t.withdrawn = 0 AND t.language = :language"
    assert plan(service.store.db, english) == ["SEARCH t USING COVERING INDEX titles_by_language (language=?)"]
    assert plan(service.store.db, catalogue.INCOMPLETE) == ["SCAN titles USING INDEX titles_incomplete"]


def test_who_gave_no_phone_is_compared_with_nobody(service: Service) -> None:
    """Each with each: seven seconds of the front page for thirteen thousand of them."""
    with service.store.writing() as db:
        for _ in range(300):
            readers.join(db, "zh_Hans", service.clock.now())
    thousands: list[int] = []
    service.store.db.conn.set_progress_handler(lambda: thousands.append(1), 1000)  # steps of SQLite's own machine
    assert duplicates.same_phone(service.store.db) == []
    service.store.db.conn.set_progress_handler(None, 0)
    assert len(thousands) < 50


def plan(db: Database, sql: str) -> list[str]:
    """How SQLite goes about it."""
    names = {name: 1 for name in re.findall(r":(\w+)", sql)}
    return [step[3] for step in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", names)]
