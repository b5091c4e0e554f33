"""A library lives through whatever people think of, and after every command its books add up (E3, B2-16, B2-17)."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lending import credit, decisions, holds, loans, lockers, notices, orders, privacy
from lending.errors import LendingError
from lending.orders import STEPS
from tests.lending.facts import still_true
from tests.lending.world import World, passing

PEOPLE, TITLES = st.integers(0, 3), st.integers(0, 3)
WAYS = st.sampled_from(("locker", "delivery", "counter"))
ANY = st.integers(0, 99)


class LibraryLife(RuleBasedStateMachine):
    """Four readers, four titles with five copies, two boxes, two points."""

    @initialize()
    def open_the_library(self) -> None:
        self.library = ExitStack()
        self.world = world = self.library.enter_context(passing())
        world.rule("lending", limit=3)
        world.rule("review", auto_up_to_books=1)
        self.presses = 0
        self.points = [world.branch("main"), world.locker("locker", S=2)]
        self.titles = [world.book(f"title{n}", copies=2 if n == 0 else 1) for n in range(4)]
        self.readers = [world.reader(standing) for standing in ("trusted", "trusted", "ladder", "ladder")]

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()

    # ---- what people do; a refusal is an answer

    @rule(who=PEOPLE, what=st.lists(TITLES, min_size=1, max_size=2), way=WAYS)
    def order_books(self, who: int, what: list[int], way: str) -> None:
        for title in what:
            with suppress(LendingError):
                self.world.fill_cart(self.readers[who], self.titles[title])
        with self.all_or_nothing():
            self.world.press_order(self.readers[who], way)

    @rule(who=PEOPLE, what=TITLES)
    def press_one_button_twice(self, who: int, what: int) -> None:
        with self.all_or_nothing():
            self.world.fill_cart(self.readers[who], self.titles[what])
        self.presses += 1
        with suppress(LendingError):
            first = self.world.press_order(self.readers[who], key=f"double-{self.presses}")
            assert self.world.press_order(self.readers[who], key=f"double-{self.presses}") == first

    @rule(which=ANY, name=st.sampled_from(sorted(STEPS)))
    def try_any_step(self, which: int, name: str) -> None:
        if found := self.world.db.all("SELECT id FROM orders ORDER BY id"):
            with self.all_or_nothing():
                self.advance(found[which % len(found)]["id"], name)

    @rule(which=ANY, far=st.integers(1, 5))
    def move_an_order_on(self, which: int, far: int) -> None:
        found = orders.board(self.world.db)
        for _ in range(far if found else 0):
            order = orders.by_number(self.world.db, found[which % len(found)].number)
            if step := orders.next_step(order):
                self.advance(order.id, step.name)

    def advance(self, order_id: int, name: str) -> None:
        orders.advance(self.world.db, order_id, name, "staff", self.world.policy, self.world.now)

    @rule(which=ANY)
    def hand_over(self, which: int) -> None:
        if found := orders.board(self.world.db):
            self.world.through(found[which % len(found)])

    @rule(which=ANY, where=st.integers(0, 1))
    def give_a_book_back(self, which: int, where: int) -> None:
        if lent := self.world.db.all("SELECT id FROM loans WHERE returned_at IS NULL ORDER BY id"):
            loan = loans.loan(self.world.db, lent[which % len(lent)]["id"])
            assert self.world.give_back(loan, self.points[where]).loan_id == loan.id

    @rule(which=ANY)
    def empty_a_box(self, which: int) -> None:
        if waiting := lockers.to_empty(self.world.db):
            with self.world.store.writing() as db:
                assert lockers.empty(db, waiting[which % len(waiting)]["id"])

    @rule(who=PEOPLE, which=ANY)
    def cancel_an_order(self, who: int, which: int) -> None:
        if mine := orders.of_reader(self.world.db, self.readers[who]):
            with self.all_or_nothing():
                number = mine[which % len(mine)].number
                orders.cancel(self.world.db, number, self.readers[who], self.world.policy, self.world.now)

    @rule(which=ANY, where=st.integers(0, 1))
    def check_in_any_copy(self, which: int, where: int) -> None:
        barcodes = self.world.db.all("SELECT barcode FROM copies ORDER BY id")
        barcode = barcodes[which % len(barcodes)]["barcode"]
        before = self.world.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL")
        back = loans.check_in(self.world.db, barcode, self.points[where], self.world.policy, self.world.now)
        after = self.world.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL")
        assert before - after == (back.loan_id is not None)

    @rule(who=PEOPLE)
    def renew_all(self, who: int) -> None:
        loans.renew(self.world.db, self.readers[who], [], self.world.policy, self.world.now)

    @rule(who=PEOPLE, what=TITLES)
    def join_a_queue(self, who: int, what: int) -> None:
        with self.all_or_nothing():
            holds.place(self.world.db, self.readers[who], self.titles[what], self.world.now)

    @rule(who=PEOPLE)
    def leave_a_queue(self, who: int) -> None:
        for hold in holds.of_reader(self.world.db, self.readers[who])[:1]:
            holds.cancel(self.world.db, self.readers[who], hold.id, self.world.policy, self.world.now)

    @rule(who=PEOPLE)
    def be_forgotten(self, who: int) -> None:
        with self.all_or_nothing():
            privacy.forget(self.world.db, self.readers[who])

    @rule(days=st.sampled_from((0, 1, 3, 4, 20, 41)))
    def let_time_pass(self, days: int) -> None:
        self.world.later(days=days)
        self.world.tick()
        before = self.world.everything()
        self.world.tick()
        assert self.world.everything() == before, "a second tick at the same moment found something to do"

    def all_or_nothing(self) -> Any:
        return AllOrNothing(self.world)

    # ---- what must be true after each of them

    @invariant()
    def each_copy_is_in_one_place(self) -> None:
        """A copy's state agrees with the loan, the order or the hold that has it, and only one has."""
        if not hasattr(self, "world"):
            return
        for copy in self.world.db.all(COPY):
            claims = Counter({name: copy[name] for name in ("lent", "ordered", "kept")})
            assert claims.total() <= 1, copy
            assert copy["state"] in {
                (1, 0, 0): ("on_loan",), (0, 1, 0): AWAY[copy["order_state"]], (0, 0, 1): ("reserved",),
                (0, 0, 0): ("available", "lost"),
            }[copy["lent"], copy["ordered"], copy["kept"]], copy  # fmt: skip

    @invariant()
    def boxes_belong_to_locker_orders_that_wait(self) -> None:
        if not hasattr(self, "world"):
            return
        db = self.world.db
        used = db.all("SELECT order_id, state FROM boxes WHERE state NOT IN ('free', 'to_empty')")
        boxes = {row["order_id"]: row["state"] for row in used}
        waiting = db.all(
            f"SELECT id, state FROM orders WHERE fulfilment = 'locker' AND state IN {OPEN} AND state <> 'at_counter'"
        )
        assert boxes == {row["id"]: "filled" if row["state"] == "in_locker" else "reserved" for row in waiting}
        assert db.value("SELECT COUNT(*) FROM boxes WHERE state = 'free' AND order_id IS NOT NULL") == 0

    @invariant()
    def items_are_open_as_long_as_their_order(self) -> None:
        if not hasattr(self, "world"):
            return
        wrong = "SELECT COUNT(*) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.open <> (o.state IN "
        assert self.world.db.value(wrong + OPEN + ")") == 0

    @invariant()
    def nobody_has_more_than_the_limit_or_one_title_twice_in_a_queue(self) -> None:
        if not hasattr(self, "world"):
            return
        for reader in self.readers:
            assert decisions.facts(self.world.db, reader, self.world.now).in_hand <= 3
            mine = holds.of_reader(self.world.db, reader)
            assert len({hold.title_id for hold in mine}) == len(mine)

    @invariant()
    def queues_are_counted_without_gaps_and_the_kept_copy_is_there(self) -> None:
        if not hasattr(self, "world"):
            return
        places: dict[int, list[int]] = {title: [] for title in self.titles}
        for reader in self.readers:
            for hold in holds.of_reader(self.world.db, reader):
                places[hold.title_id].append(hold.position)
                here = "SELECT COUNT(*) FROM copies WHERE hold_id = :h AND state = 'reserved'"
                kept = self.world.db.value(here, h=hold.id)
                assert kept == (hold.state == "ready")
        assert all(sorted(queue) == list(range(1, len(queue) + 1)) for queue in places.values())

    @invariant()
    def ledgers_add_up(self) -> None:
        """A sum of the lines; a reader below zero is frozen; a day's borrowing gives three at most (A6)."""
        if not hasattr(self, "world"):
            return
        db = self.world.db
        for reader in self.readers:
            lines = credit.lines(db, reader, 10_000)
            assert credit.balance(db, reader) == sum(line.delta for line in lines)
            a_day = Counter({line.day: 0 for line in lines})
            for line in lines:
                a_day[line.day] += line.delta if line.event == "borrow" else 0
            assert max(a_day.values()) <= 3
            assert credit.balance(db, reader) >= 0 or credit.frozen_until(db, reader)

    @invariant()
    def reminders_waiting_are_true(self) -> None:
        if not hasattr(self, "world"):
            return
        for notice in notices.waiting(self.world.db, self.world.now + timedelta(days=2)):
            if notice.event == "loan_due":
                assert still_true(self.world.db, notice), notice


OPEN = "('in_review', 'approved', 'picking', 'packed', 'shipped', 'in_locker', 'at_counter')"
AWAY: dict[str | None, tuple[str, ...]] = {
    **dict.fromkeys(("in_review", "approved", "picking", "packed"), ("reserved",)),
    "shipped": ("in_transit",), "in_locker": ("awaiting",), "at_counter": ("awaiting",), None: (),
}  # fmt: skip
COPY = (
    "SELECT c.id, c.state, (SELECT COUNT(*) FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL) AS lent, "
    "(SELECT COUNT(*) FROM order_items i WHERE i.copy_id = c.id AND i.open = 1) AS ordered, "
    "(SELECT COUNT(*) FROM holds h WHERE h.id = c.hold_id AND h.state = 'ready') AS kept, "
    "(SELECT o.state FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.copy_id = c.id AND i.open = 1) "
    "AS order_state FROM copies c"
)


class AllOrNothing:
    """A refusal leaves every table as it was."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __enter__(self) -> None:
        self.before = self.world.everything()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, LendingError):
            assert self.world.everything() == self.before, f"{error!r} left a trace"
            return True
        return False


MODEST = settings(
    max_examples=40, stateful_step_count=40, suppress_health_check=list(HealthCheck)
)


def test_the_books_add_up_after_every_command() -> None:
    run_state_machine_as_test(LibraryLife, settings=MODEST)


@pytest.mark.long
def test_the_books_add_up_after_very_many_commands() -> None:
    many = settings(MODEST, max_examples=400, stateful_step_count=60, derandomize=False)
    run_state_machine_as_test(LibraryLife, settings=many)


LEFT_OUT = [(holds, "release_copy"), (lockers, "free"), (notices, "drop_reminders"), (loans, "start")]


@pytest.mark.parametrize(("module", "name"), LEFT_OUT)
def test_a_rule_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """The invariants discriminate: take a piece of the rules away and they fail."""
    monkeypatch.setattr(module, name, lambda *_, **__: None)
    with pytest.raises(BaseException):  # noqa: B017 - the machine fails in its own ways, also as a group
        few = settings(MODEST, max_examples=400, phases=[Phase.generate], report_multiple_bugs=False)
        started = seed(6)(type(LibraryLife.__name__, (LibraryLife,), {}))  # meets each within seconds
        run_state_machine_as_test(started, settings=few)
