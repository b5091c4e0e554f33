"""Loans live through lending, renewing, claims, couriers, recalls and closings; after every command the rules stand."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lending import calendar, claims, closings, holds, home_returns, loans, recalls
from lending.calendar import Calendar
from lending.database import Row, writing
from lending.errors import LendingError
from lending.model import library_day, parse_stamp
from tests.lending.world import passing

PEOPLE, TITLES, POINTS, ANY = st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.integers(0, 99)


class LoansLife(RuleBasedStateMachine):
    """Three readers, three titles with four copies, two branches; New Year's Eve of 2027 is not far."""

    @initialize()
    def open_the_library(self) -> None:
        self.library = ExitStack()
        self.world = world = self.library.enter_context(passing(datetime(2027, 1, 4, 2, 0, tzinfo=UTC)))
        world.rule("lending", loan_days=30, renewals=2)
        world.policy = replace(world.policy, amnesties=())  # 春节's would hide that closed days count for nothing
        self.points = [world.branch("main"), world.branch("river")]
        self.titles = [world.book(f"title{n}", copies=2 if n == 0 else 1) for n in range(3)]
        self.readers = [world.reader() for _ in range(3)]
        self.due: dict[int, datetime] = {}
        self.keys = 0

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()

    def open_loans(self) -> list[Row]:
        return self.world.db.all("SELECT * FROM loans WHERE returned_at IS NULL ORDER BY id")

    # ---- what people do; a refusal is an answer

    @rule(who=PEOPLE, what=TITLES)
    def take_a_book(self, who: int, what: int) -> None:
        world, title = self.world, self.titles[what]
        free = world.db.value("SELECT id FROM copies WHERE title_id = :t AND state = 'available'", t=title)
        if free:
            with writing(world.db) as db:
                loans.lend(db, free, title, self.readers[who], world.policy, world.now)

    @rule(who=PEOPLE)
    def renew_all(self, who: int) -> None:
        loans.renew(self.world.db, self.readers[who], [], self.world.policy, self.world.now)

    @rule(which=ANY, where=POINTS)
    def scan_a_copy(self, which: int, where: int) -> None:
        copies = self.world.db.all("SELECT barcode FROM copies ORDER BY id")
        barcode = copies[which % len(copies)]["barcode"]
        loans.check_in(self.world.db, barcode, self.points[where], self.world.policy, self.world.now)

    @rule(which=ANY)
    def say_it_is_back(self, which: int) -> None:
        if found := self.open_loans():
            loan = found[which % len(found)]
            with suppress(LendingError):
                claims.claim(self.world.db, loan["reader_id"], loan["id"], "", self.world.policy, self.world.now)

    @rule(found=st.booleans(), where=POINTS)
    def look_on_the_shelf(self, found: bool, where: int) -> None:
        world = self.world
        for check in claims.open_checks(world.db)[:1]:
            if found:
                claims.found(world.db, check.id, self.points[where], world.policy, "馆员", world.now)
            else:
                claims.not_found(world.db, check.id, world.policy, "馆员", world.now)

    @rule(who=PEOPLE)
    def send_the_courier(self, who: int) -> None:
        world, self.keys = self.world, self.keys + 1
        mine = [loan.id for loan in home_returns.fetchable(world.db, self.readers[who])]
        with suppress(LendingError):
            home_returns.ask(world.db, self.readers[who], mine, f"k{self.keys}", world.policy, world.now)

    @rule(goes=st.booleans())
    def the_courier_comes_or_not(self, goes: bool) -> None:
        world = self.world
        for asked in home_returns.open_ones(world.db)[:1]:
            with suppress(LendingError):
                if goes:
                    home_returns.collect(world.db, asked.id, world.policy, world.now)
                else:
                    home_returns.cancel(world.db, asked.reader_id, asked.id, world.now)

    @rule(who=PEOPLE, what=TITLES)
    def wait_for_a_book(self, who: int, what: int) -> None:
        with suppress(LendingError):
            holds.place(self.world.db, self.readers[who], self.titles[what], self.world.now)

    @rule(ahead=st.integers(0, 45), length=st.integers(0, 6), emergency=st.booleans(), where=st.integers(-1, 1))
    def close_the_doors(self, ahead: int, length: int, emergency: bool, where: int) -> None:
        world = self.world
        first, point = library_day(world.now) + timedelta(days=ahead), None if where < 0 else self.points[where]
        with suppress(LendingError):  # the same days declared twice
            closings.declare(
                world.db, point, first, first + timedelta(days=length), "台风", "馆员", world.policy, world.now,
                emergency=emergency,
            )  # fmt: skip

    @rule(which=ANY)
    def open_them_after_all(self, which: int) -> None:
        world = self.world
        if declared := closings.declared(world.db, date(2027, 1, 1)):
            with suppress(LendingError):
                closings.take_back(world.db, declared[which % len(declared)].id, "馆员", world.policy, world.now)

    @rule(days=st.integers(1, 12))
    def let_days_go_by(self, days: int) -> None:
        for _ in range(days):
            self.world.later(days=1)
            closings.settle(self.world.db, self.world.policy, self.world.now)
            self.world.tick()
            recalls.recall_due(self.world.db, self.world.policy, self.world.now)
            self.look_at_dates()

    # ---- what always stands

    def days(self) -> Calendar:
        return calendar.load(self.world.db, self.world.policy)

    @invariant()
    def a_copy_is_in_one_place(self) -> None:
        """B2-1, B2-17."""
        if not hasattr(self, "world"):
            return
        open_loans = [loan["copy_id"] for loan in self.open_loans()]
        lent = {row["id"] for row in self.world.db.all("SELECT id FROM copies WHERE state = 'on_loan'")}
        assert len(open_loans) == len(set(open_loans)) and set(open_loans) == lent
        kept = self.world.db.all("SELECT hold_id FROM copies WHERE state = 'reserved'")
        ready = self.world.db.all("SELECT id FROM holds WHERE state = 'ready'")
        assert sorted(row["hold_id"] for row in kept) == [row["id"] for row in ready]

    @invariant()
    def no_date_to_come_is_on_a_closed_day(self) -> None:
        """B2-9."""
        if not hasattr(self, "world"):
            return
        days, now = self.days(), self.world.now
        for loan in self.open_loans():
            due = parse_stamp(loan["due_at"])
            assert due < now or days.open_on(None, library_day(due)), loan
        for hold in self.world.db.all(
            "SELECT h.ready_until, c.point_id FROM holds h JOIN copies c ON c.hold_id = h.id WHERE h.state = 'ready'"
        ):
            until = parse_stamp(hold["ready_until"])
            assert until < now or days.open_on(hold["point_id"], library_day(until)), hold

    @invariant()
    def no_closed_day_and_no_day_after_it_left_is_counted_late(self) -> None:
        """A6-6, B2-9."""
        if not hasattr(self, "world"):
            return
        days = self.days()
        lines = self.world.db.all("SELECT object, day FROM credit_lines WHERE event = 'overdue'")
        stopped = {f"loan:{loan['id']}": loan["stopped_at"] for loan in self.open_loans() if loan["stopped_at"]}
        for line in lines:
            day = date.fromisoformat(line["day"])
            assert days.open_on(None, day), line
            assert line["object"] not in stopped or day <= library_day(parse_stamp(stopped[line["object"]])), line

    @invariant()
    def a_date_comes_nearer_only_with_fair_notice(self) -> None:
        if hasattr(self, "world"):
            self.look_at_dates()

    def look_at_dates(self) -> None:
        """By a recall or a closing taken back, never so near that the reader is harmed."""
        policy = self.world.policy
        fair = min(policy.returns.recall_notice_days, policy.calendar.give_back_days)
        for loan in self.open_loans():
            due = parse_stamp(loan["due_at"])
            left = (library_day(due) - library_day(self.world.now)).days
            assert due >= self.due.get(loan["id"], due) or left >= fair, loan
            assert loan["renewals"] <= policy.lending.renewals
            self.due[loan["id"]] = due

    @invariant()
    def what_is_looked_for_is_claimed_and_what_is_fetched_is_on_loan(self) -> None:
        if not hasattr(self, "world"):
            return
        claimed = [loan["id"] for loan in self.open_loans() if loan["stopped_as"] == "claimed"]
        assert sorted(check.loan_id for check in claims.open_checks(self.world.db)) == claimed
        fetched = self.world.db.all("SELECT loan_id FROM home_return_items WHERE open = 1")
        assert {row["loan_id"] for row in fetched} <= {loan["id"] for loan in self.open_loans()}
        for asked in home_returns.open_ones(self.world.db):
            assert asked.state in ("asked", "collected")


MODEST = settings(
    max_examples=30, stateful_step_count=30, suppress_health_check=list(HealthCheck)
)


def test_loans_keep_their_rules_after_every_command() -> None:
    run_state_machine_as_test(LoansLife, settings=MODEST)


@pytest.mark.long
def test_loans_keep_their_rules_after_very_many_commands() -> None:
    many = settings(MODEST, max_examples=400, stateful_step_count=60, derandomize=False)
    run_state_machine_as_test(LoansLife, settings=many)


def every_day(days: Calendar, after: date, until: date) -> list[date]:
    """What open_days would be if nobody minded closed doors."""
    return [after + timedelta(days=n) for n in range(1, (until - after).days + 1)]


LEFT_OUT = [
    (closings, "settle", lambda *_: 0),
    (loans, "end", lambda *_: None),
    (Calendar, "open_days", every_day),
]


@pytest.mark.parametrize(("module", "name", "instead"), LEFT_OUT)
def test_a_rule_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, instead: Any) -> None:
    """The invariants discriminate: take a piece of the rules away and they fail."""
    monkeypatch.setattr(module, name, instead)
    with pytest.raises(BaseException):  # noqa: B017 - the machine fails in its own ways, also as a group
        few = settings(MODEST, max_examples=2000, phases=[Phase.generate], report_multiple_bugs=False)
        started = seed(0)(type(LoansLife.__name__, (LoansLife,), {}))  # meets each within seconds
        run_state_machine_as_test(started, settings=few)
