"""A small library to try things in, built with the library's own functions and told in its words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lending import cards, cart, credit, holds, loans, notices, orders, promises, readers
from lending.database import Database, Store
from lending.loans import Loan, Returned
from lending.model import Fulfilment
from lending.orders import Order
from lending.points import PointEntry, store_points
from lending.policy import Policy
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from tests import stores


class World:
    """A library, its rules and its clock. Everything is named by small numbers, the ids in the store."""

    def __init__(self, store: Store, now: datetime, policy: Policy | None = None) -> None:
        self.store = store
        self.now = now
        self.policy = policy or stores.rules()
        self._made = 0

    @property
    def db(self) -> Database:
        """Each thread's own connection, as while serving: two that step one statement misread each other's rows."""
        return self.store.db

    def rule(self, part: str, **changes: Any) -> None:
        """Change fields of one part of the policy: rule("lending", renewals=2)."""
        self.policy = replace(self.policy, **{part: replace(getattr(self.policy, part), **changes)})

    def later(self, **parts: float) -> datetime:
        """Let time pass: later(days=3)."""
        self.now += timedelta(**parts)
        return self.now

    # ---- what there is

    def branch(self, code: str = "main") -> int:
        return self._point(code, "branch", {})

    def locker(self, code: str = "locker", **boxes: int) -> int:
        """A locker with boxes by size: locker(S=2, L=1)."""
        return self._point(code, "locker", boxes or {"M": 4})

    def _point(self, code: str, kind: str, boxes: Mapping[str, int]) -> int:
        with self.store.writing() as db:
            store_points(db, [PointEntry(code, kind, f"{code}馆", boxes=boxes)])
        return int(self.db.value("SELECT id FROM points WHERE code = :code", code=code))

    def book(self, title: str, copies: int = 1, at: int | None = None) -> int:
        """A title with that many copies on the shelf; barcodes are made from the title."""
        point = at or self.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'") or self.branch()
        with self.store.writing() as db:
            title_id = store_titles(db, [TitleEntry(title, source_id=f"test:{title}")]).ids[0]
            held = db.value("SELECT COUNT(*) FROM copies WHERE title_id = :t", t=title_id)
            entries = [CopyEntry(f"{title}-{n}".upper(), title_id, point) for n in range(held + 1, held + copies + 1)]
            store_copies(db, entries)
        return title_id

    def books(self, number: int, copies: int = 1) -> list[int]:
        """Several titles nobody cares about by name."""
        self._made += number
        return [self.book(f"book{self._made - n}", copies) for n in range(number)]

    def reader(self, standing: str = "trusted") -> int:
        """A reader with a ledger and an address."""
        with self.store.writing() as db:
            made = readers.join(db, "zh_Hans", self.now)
            credit.open_ledger(db, made.id, self.policy, self.now)
            readers.set_standing(db, made.id, standing)
            readers.set_delivery(db, made.id, "林书", "13800000000", "西湖区文三路 1 号", "city")
        return made.id

    # ---- what people do

    def fill_cart(self, reader: int, *titles: int) -> None:
        for title in titles:
            cart.add(self.db, reader, title, self.policy, self.now)

    def order(self, reader: int, *titles: int, way: str = "counter", at: int | None = None, key: str = "") -> Order:
        """Put the titles into the cart and order them."""
        self.fill_cart(reader, *titles)
        return self.press_order(reader, way, at, key)

    def press_order(self, reader: int, way: str = "counter", at: int | None = None, key: str = "") -> Order:
        """Order what is in the cart."""
        self._made += 1
        if at is None and way != "delivery":
            kind = "locker" if way == "locker" else "branch"
            at = self.db.value("SELECT MIN(id) FROM points WHERE kind = :kind", kind=kind)
        way_there = Fulfilment(way)
        return orders.place(self.db, reader, way_there, at, key or f"press-{self._made}", self.policy, self.now)

    def step(self, order: Order, *names: str, actor: str = "staff") -> Order:
        """Move an order through these steps."""
        for name in names:
            order = orders.advance(self.db, order.id, name, actor, self.policy, self.now)
        return order

    def through(self, order: Order) -> Order:
        """Move an order all the way into the reader's hands."""
        while step := orders.next_step(order):
            order = self.step(order, step.name)
        return order

    def lend(self, reader: int, *titles: int) -> list[Loan]:
        """Order and hand over; the reader's loans of these titles."""
        self.through(self.order(reader, *titles))
        return [loan for loan in loans.of_reader(self.db, reader) if loan.title_id in titles]

    def link_card(self, reader: int, number: str, key: bytes, now: datetime | None = None) -> bool:
        """A citizen's card, as one that was proved is kept."""
        digest, tail = cards.digest(number, key), cards.tail(number, "citizen")
        return cards.keep(self.db, reader, "citizen", digest, tail, now or self.now)

    def give_back(self, loan: Loan, at: int | None = None) -> Returned:
        point = at or self.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
        return loans.check_in(self.db, loan.barcode, point, self.policy, self.now)

    def tick(self) -> None:
        """What the worker does by the clock."""
        orders.expire_due(self.db, self.policy, self.now)
        holds.expire_due(self.db, self.policy, self.now)
        promises.notice_broken(self.db, self.policy, self.now)
        credit.thaw_due(self.db, self.policy, self.now)
        credit.accrue_overdue(self.db, self.policy, self.now)
        notices.plan_reminders(self.db, self.policy, self.now)

    # ---- what is so

    def told(self, reader: int, event: str = "") -> list[tuple[str, str, str]]:
        """The reader's notices as (event, step, state), in order."""
        rows = self.db.all(
            "SELECT event, step, state FROM notices WHERE reader_id = :r AND :e IN ('', event) ORDER BY id",
            r=reader, e=event,
        )  # fmt: skip
        return [(row["event"], row["step"], row["state"]) for row in rows]

    def copies(self, title: int) -> list[str]:
        """The states of a title's copies."""
        return [r["state"] for r in self.db.all("SELECT state FROM copies WHERE title_id = :t ORDER BY id", t=title)]

    def steps_of(self, copy: int) -> list[str]:
        """What happened to a copy by itself, in order."""
        rows = self.db.all("SELECT step FROM copy_events WHERE copy_id = :c ORDER BY id", c=copy)
        return [row["step"] for row in rows]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables: for "and nothing else changed"."""
        names = self.db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {row["name"]: self._opened(row["name"]) for row in names}

    def _opened(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, what is sealed in them opened: for whoever has the key."""
        open = self.store.vault.unseal
        rows = self.db.all(f"SELECT * FROM {table}")
        return [{k: open(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]


@contextmanager
def passing(now: datetime = datetime(2026, 11, 20, 2, 0, tzinfo=UTC), policy: Policy | None = None) -> Iterator[World]:
    """A library for one example of many: nothing of it is left behind."""
    with tempfile.TemporaryDirectory() as folder:
        store = stores.fresh(Path(folder))
        try:
            yield World(store, now, policy)
        finally:
            store.close()
