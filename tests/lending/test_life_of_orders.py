"""Orders, missing copies, promises and cases through any sequence of commands: the books add up after each (E3, B2-17).

The library as a whole lives in test_library_life.py; here are the commands that part 1 and 9 of circulation added.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lending import (
    additions,
    case_effects,
    case_records,
    cases,
    holds,
    loans,
    missing_copies,
    orders,
    promises,
    repairs,
)
from lending.case_effects import Given
from lending.database import Database
from lending.errors import LendingError
from lending.orders import OPEN, STEPS
from tests.lending.test_library_life import AllOrNothing
from tests.lending.world import World, passing

WHO, WHICH = st.integers(0, 2), st.integers(0, 30)
WAYS = st.sampled_from(("locker", "delivery", "counter"))
OWED_TO = ", ".join(f"'{state}'" for state in OPEN)


def wrong(db: Database) -> list[str]:
    """What does not add up, in words; nothing when all does."""
    found = []
    for words, sql in MUST_BE_EMPTY.items():
        if rows := db.all(sql):
            found.append(f"{words}: {rows}")
    return found


MUST_BE_EMPTY = {
    "a copy with two loans, or lent and ordered": (
        "SELECT c.id FROM copies c WHERE "
        "(SELECT COUNT(*) FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL) "
        "+ (SELECT COUNT(*) FROM order_items i WHERE i.copy_id = c.id AND i.open = 1) "
        "+ (SELECT COUNT(*) FROM holds h WHERE h.id = c.hold_id AND h.state = 'ready') > 1"
    ),
    "a free, lost or damaged copy that somebody has": (
        "SELECT c.id, c.state FROM copies c WHERE c.state IN ('available', 'lost', 'damaged', 'withdrawn') AND (EXISTS "
        "(SELECT 1 FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL) OR EXISTS "
        "(SELECT 1 FROM order_items i WHERE i.copy_id = c.id AND i.open = 1))"
    ),
    "a copy away with nobody": (
        "SELECT c.id, c.state FROM copies c WHERE c.state IN ('reserved', 'in_transit', 'awaiting', 'on_loan') AND NOT "
        "EXISTS (SELECT 1 FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL) AND NOT EXISTS "
        "(SELECT 1 FROM order_items i WHERE i.copy_id = c.id AND i.open = 1) AND NOT EXISTS "
        "(SELECT 1 FROM holds h WHERE h.id = c.hold_id AND h.state = 'ready')"
    ),
    "an item open without its order, or the other way round": (
        "SELECT o.id, o.state FROM orders o JOIN order_items i ON i.order_id = o.id "
        f"WHERE i.ended_as = '' AND i.open <> (o.state IN ({OWED_TO}))"
    ),
    "an open order without any book": (
        f"SELECT o.id FROM orders o WHERE o.state IN ({OWED_TO}) AND NOT EXISTS "
        "(SELECT 1 FROM order_items i WHERE i.order_id = o.id AND i.open = 1)"
    ),
    "a missing copy that is still open": "SELECT order_id FROM order_items WHERE ended_as <> '' AND open = 1",
    "a box of an order that is over or goes elsewhere": (
        "SELECT b.id FROM boxes b JOIN orders o ON o.id = b.order_id WHERE o.fulfilment <> 'locker' "
        "OR o.state IN ('done', 'refused')"
    ),
    "an order for a locker without a box": (
        "SELECT o.id FROM orders o WHERE o.fulfilment = 'locker' AND o.state IN ('in_review', 'approved', 'picking', "
        "'packed', 'in_locker') AND NOT EXISTS (SELECT 1 FROM boxes b WHERE b.order_id = o.id)"
    ),
    "more books for a locker than its boxes hold": (
        "SELECT o.id FROM orders o WHERE o.fulfilment = 'locker' AND o.state IN ('in_review', 'approved', 'picking', "
        "'packed', 'in_locker') AND (SELECT SUM(holds_books) FROM boxes b WHERE b.order_id = o.id) "
        "< (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id AND i.open = 1)"
    ),
    "a book that joined another order than its own": (
        "SELECT i.order_id FROM order_items i JOIN order_additions a ON a.id = i.addition_id "
        "WHERE a.order_id <> i.order_id"
    ),
    "a broken promise without its time, or one paid twice": (
        "SELECT b.order_id FROM broken_promises b WHERE b.noticed_at <= b.promised_at OR b.points > "
        "COALESCE((SELECT SUM(delta) FROM credit_lines c JOIN orders o ON o.id = b.order_id "
        "WHERE c.object = 'order:' || o.number || ':' || b.promise), 0)"
    ),
    "a promised order that is approved without pack_by": (
        "SELECT id FROM orders WHERE state IN ('approved', 'picking', 'packed') AND pack_by IS NULL"
    ),
    "a case that took points twice": (
        "SELECT object FROM credit_lines WHERE event IN ('lost', 'damaged') GROUP BY object, event HAVING COUNT(*) > 1"
    ),
    "a lost book that is paid for or owed while it is still lent": (
        "SELECT k.number FROM compensations k JOIN loans l ON l.id = k.loan_id "
        "WHERE k.kind = 'lost' AND k.state IN ('assessed', 'replacing', 'paying', 'settled') AND l.returned_at IS NULL"
    ),
    "more paid than owed": "SELECT number FROM compensations WHERE paid_fen > amount_fen",
}


class OrdersLife(RuleBasedStateMachine):
    """Three readers, each with a book at home and one ordered; six titles with seven copies, two boxes."""

    @initialize()
    def open_the_library(self) -> None:
        self.library = ExitStack()
        self.world = world = self.library.enter_context(passing())
        world.rule("lending", limit=3)
        world.rule("review", auto_up_to_books=1)
        world.branch("main")
        world.locker("locker", S=2)
        self.titles = [world.book(f"title{n}", copies=2 if n == 0 else 1) for n in range(6)]
        self.readers = [world.reader() for _ in range(3)]
        for reader, lent, wanted in zip(self.readers, self.titles[3:], self.titles, strict=False):
            world.lend(reader, lent)
            world.order(reader, wanted, way="locker" if wanted == self.titles[1] else "counter")

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()

    def one(self, sql: str, which: int) -> int | str | None:
        """One of what the statement finds, if anything."""
        rows = self.world.db.all(sql)
        found: int | str | None = rows[which % len(rows)]["x"] if rows else None
        return found

    @rule(who=WHO, what=st.lists(st.integers(0, 5), min_size=1, max_size=2, unique=True), way=WAYS)
    def order_books(self, who: int, what: list[int], way: str) -> None:
        for title in what:
            with suppress(LendingError):
                self.world.fill_cart(self.readers[who], self.titles[title])
        with AllOrNothing(self.world):
            self.world.press_order(self.readers[who], way)

    @rule(which=WHICH, what=st.lists(st.integers(0, 5), min_size=1, max_size=2, unique=True))
    def add_to_an_order(self, which: int, what: list[int]) -> None:
        if number := self.one("SELECT number AS x FROM orders ORDER BY id DESC", which):
            order, added = orders.by_number(self.world.db, str(number)), "SELECT COUNT(*) FROM order_additions"
            for title in what:
                with suppress(LendingError):
                    self.world.fill_cart(order.reader_id, self.titles[title])
            with AllOrNothing(self.world):
                key = f"add-{self.world.db.value(added)}"
                additions.add(self.world.db, order.reader_id, order.number, key, self.world.policy, self.world.now)

    @rule(which=WHICH, name=st.sampled_from(sorted(STEPS)))
    def try_any_step(self, which: int, name: str) -> None:
        if order := self.one("SELECT id AS x FROM orders ORDER BY id", which):
            with AllOrNothing(self.world):
                orders.advance(self.world.db, int(order), name, "staff", self.world.policy, self.world.now)

    @rule(which=WHICH, far=st.integers(1, 5))
    def move_on(self, which: int, far: int) -> None:
        number = self.one(f"SELECT number AS x FROM orders WHERE state IN ({OWED_TO}) ORDER BY id", which)
        for _ in range(far if number else 0):
            order = orders.by_number(self.world.db, str(number))
            if step := orders.next_step(order):
                self.world.step(order, step.name)

    @rule(which=WHICH, copy=WHICH, why=st.sampled_from(("lost", "damaged", "burnt")))
    def miss_a_copy(self, which: int, copy: int, why: str) -> None:
        number = self.one("SELECT number AS x FROM orders ORDER BY id DESC", which)
        chosen = self.one("SELECT id AS x FROM copies ORDER BY id", copy)
        with AllOrNothing(self.world):
            missing_copies.report(
                self.world.db, str(number), int(chosen or 0), why, "staff", self.world.policy, self.world.now
            )

    @rule(which=WHICH, kind=st.sampled_from(cases.KINDS))
    def report_a_case(self, which: int, kind: str) -> None:
        loan = self.one("SELECT id AS x FROM loans ORDER BY id DESC", which)
        with AllOrNothing(self.world):
            reader = self.world.db.value("SELECT reader_id FROM loans WHERE id = :l", l=loan)
            cases.report(self.world.db, reader or 0, int(loan or 0), kind, "", self.world.policy, self.world.now)

    @rule(which=WHICH, name=st.sampled_from(sorted(set(cases.STEPS) - {"find"})))
    def try_any_step_of_a_case(self, which: int, name: str) -> None:
        if number := self.one("SELECT number AS x FROM compensations ORDER BY id DESC", which):
            given = Given("", 2000, f"NEW-{number}")
            with AllOrNothing(self.world):
                cases.advance(self.world.db, str(number), name, "staff", self.world.policy, self.world.now, given)

    @rule(which=WHICH)
    def hand_over(self, which: int) -> None:
        if number := self.one(f"SELECT number AS x FROM orders WHERE state IN ({OWED_TO}) ORDER BY id", which):
            self.world.through(orders.by_number(self.world.db, str(number)))

    @rule(which=WHICH, then=st.sampled_from(("", "take_book", "take_money", "waive")))
    def lose_a_book_for_good(self, which: int, then: str) -> None:
        loan = self.one("SELECT id AS x FROM loans WHERE returned_at IS NULL AND stopped_at IS NULL", which)
        with AllOrNothing(self.world), self.world.store.writing() as db:
            reader = db.value("SELECT reader_id FROM loans WHERE id = :l", l=loan)
            case, _ = cases.report(db, reader or 0, int(loan or 0), cases.LOST, "", self.world.policy, self.world.now)
            for name in ("charge", then) if then else ("charge",):
                given = Given("", 2000, f"NEW-{case.number}")
                cases.advance(db, case.number, name, "staff", self.world.policy, self.world.now, given)

    @rule(which=WHICH)
    def scan_any_copy(self, which: int) -> None:
        barcode = str(self.one("SELECT barcode AS x FROM copies ORDER BY id", which))
        loans.check_in(self.world.db, barcode, 1, self.world.policy, self.world.now)

    @rule(which=WHICH, mended=st.booleans())
    def mend(self, which: int, mended: bool) -> None:
        if barcode := self.one("SELECT barcode AS x FROM copies WHERE state = 'damaged'", which):
            repairs.settle(self.world.db, str(barcode), mended, "王", self.world.policy, self.world.now)

    @rule(who=WHO, what=st.integers(0, 5))
    def join_a_queue(self, who: int, what: int) -> None:
        with AllOrNothing(self.world):
            holds.place(self.world.db, self.readers[who], self.titles[what], self.world.now)

    @rule(hours=st.sampled_from((0, 3, 7, 30, 24 * 5, 24 * 45)))
    def let_time_pass(self, hours: int) -> None:
        self.world.later(hours=hours)
        self.tick()
        before = self.world.everything()
        self.tick()
        assert self.world.everything() == before, "a second tick at the same moment found something to do"

    def tick(self) -> None:
        cases.notice_found(self.world.db, self.world.policy, self.world.now)
        self.world.tick()

    @invariant()
    def the_books_add_up(self) -> None:
        if hasattr(self, "world"):
            assert wrong(self.world.db) == []

    @invariant()
    def promises_agree_with_what_happened(self) -> None:
        """A promise is met, broken or still running; broken stays broken; met in time is never broken."""
        if not hasattr(self, "world"):
            return
        for row in self.world.db.all("SELECT number FROM orders"):
            order = orders.by_number(self.world.db, row["number"])
            for one in promises.of_order(self.world.db, order):
                assert not (one.broken and one.met_at), one
                assert one.met_at is None or one.met_at <= one.by, one
                assert one.broken or (one.points, one.waived_fen) == (0, 0), one


MODEST = settings(
    max_examples=12, stateful_step_count=30, suppress_health_check=list(HealthCheck)
)


def test_orders_and_cases_add_up_after_every_command() -> None:
    run_state_machine_as_test(OrdersLife, settings=MODEST)


@pytest.mark.long
def test_orders_and_cases_add_up_after_very_many_commands() -> None:
    run_state_machine_as_test(OrdersLife, settings=settings(MODEST, max_examples=400, derandomize=False))


LEFT_OUT = [(case_effects, "_write_off"), (loans, "end")]


@pytest.mark.parametrize(("module", "name"), LEFT_OUT)
def test_a_rule_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """The invariants discriminate: take a piece of the rules away and they fail."""
    monkeypatch.setattr(module, name, lambda *_, **__: None)
    with pytest.raises(BaseException):  # noqa: B017 - the machine fails in its own ways, also as a group
        few = settings(MODEST, max_examples=100, phases=[Phase.generate], report_multiple_bugs=False)
        run_state_machine_as_test(OrdersLife, settings=few)


# ---- many at once --------------------------------------------------------------------------------------------------


def test_a_crowd_orders_misses_cancels_and_reports_at_once_and_the_books_add_up(world: World) -> None:
    """B2-1, B2-2: real threads, one library, no order of their own making."""
    titles = world.books(6, copies=2)
    people = [world.reader() for _ in range(8)]
    gate, outcomes = threading.Barrier(len(people)), Counter[str]()

    def live(n: int) -> None:
        reader, db = people[n], world.store.db
        gate.wait()
        for turn in range(12):
            with suppress(LendingError):
                world.fill_cart(reader, titles[(n + turn) % len(titles)])
                placed = orders.place(db, reader, orders.Fulfilment.COUNTER, 1, f"{n}-{turn}", world.policy, world.now)
                outcomes["ordered"] += 1
                act(n + turn, reader, placed)
                outcomes["acted"] += 1

    def act(n: int, reader: int, order: orders.Order) -> None:
        db, policy, now = world.store.db, world.policy, world.now
        if n % 4 == 0:
            return missing(order)
        if n % 4 == 1:
            orders.cancel(db, order.number, reader, policy, now)
            return None
        for step in ("pick", "pack", "shelve", "collect"):
            orders.advance(db, order.id, step, "staff", policy, now)
        loan = loans.of_reader(db, reader)[0]
        if n % 4 == 2:
            case, _ = cases.report(db, reader, loan.id, "lost", "", policy, now)
            cases.advance(db, case.number, "charge", "staff", policy, now, Given("", 1000))
        loans.check_in(db, loan.barcode, 1, policy, now)
        return None

    def missing(order: orders.Order) -> None:
        copy = orders.books(world.store.db, order.id)[0]["copy_id"]
        missing_copies.report(world.store.db, order.number, copy, "lost", "staff", world.policy, world.now)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(live, range(len(people))))
    assert outcomes["ordered"] > len(people) and outcomes["acted"] > len(people)
    assert wrong(world.db) == []


def test_one_case_step_pressed_by_many_at_once_is_one(world: World) -> None:
    """B2-2: two librarians settle, the reader chooses; one wins, points are taken once."""
    reader, (title,) = world.reader(), world.books(1)
    (loan,) = world.lend(reader, title)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    gate, given = threading.Barrier(6), Given("", 1000)

    def press(n: int) -> str:
        gate.wait()
        try:
            name = "charge" if n % 2 else "waive"
            cases.advance(world.store.db, case.number, name, f"staff:{n}", world.policy, world.now, given)
            return name
        except LendingError as error:
            return type(error).__name__

    with ThreadPoolExecutor(6) as pool:
        outcome = Counter(pool.map(press, range(6)))
    assert outcome["charge"] <= 1 and outcome["waive"] <= 1 and outcome["CannotChange"] >= 4
    assert wrong(world.db) == []
    assert len(case_records.history(world.db, case.id)) == 1 + outcome["charge"] + outcome["waive"]
