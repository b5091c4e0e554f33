"""A book at home: until when, renewed or why not, and back anywhere (A2-6, B2-15, B2-25, B5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lending import credit, holds, loans, missing_copies, orders
from lending.errors import CannotRenew, UnknownThing
from lending.model import LIBRARY_ZONE
from tests.lending.world import World

FIRST, LAST = datetime(2026, 11, 19, 16, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("begins", [FIRST, LAST])
def test_a_loan_is_due_at_the_end_of_a_day_in_the_library(world: World, begins: datetime) -> None:
    """B2-15: begun in the first second of a day or in its last, the same day counts."""
    due = loans.due_date(world.db, begins, world.policy).astimezone(LIBRARY_ZONE)
    assert (due.date(), due.time().isoformat()) == (datetime(2026, 12, 30).date(), "23:59:59")


def test_days_left_count_calendar_days(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    assert loan.days_left(world.now) == 40
    assert loan.days_left(loan.due_at) == 0
    assert loan.days_left(loan.due_at + timedelta(seconds=1)) == -1


# ---- renewing --------------------------------------------------------------------------------------------------


def renew(world: World, reader: int, *ids: int) -> list[loans.Renewal]:
    return loans.renew(world.db, reader, ids, world.policy, world.now)


@pytest.mark.parametrize(("anchor", "days_after_start"), [("due_date", 55), ("today", 45)])
def test_a_renewal_counts_from_its_anchor(world: World, anchor: str, days_after_start: int) -> None:
    """B5: 30 days into a loan of 40, for 15 days more."""
    world.rule("lending", renewal_anchor=anchor)
    reader, start = world.reader(), world.now
    (loan,) = world.lend(reader, *world.books(1))
    world.later(days=30)
    (renewal,) = renew(world, reader, loan.id)
    assert renewal.due_at == loans.due_date(world.db, start + timedelta(days=days_after_start - 40), world.policy)
    assert loans.loan(world.db, loan.id).due_at == renewal.due_at


def test_a_renewal_never_shortens_a_loan(world: World) -> None:
    world.rule("lending", renewal_anchor="today")
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    assert renew(world, reader, loan.id)[0].due_at == loan.due_at


def refusal(world: World, reader: int, loan: loans.Loan) -> tuple[str, int]:
    """The one loan is refused and stays as it was."""
    (outcome,) = renew(world, reader, loan.id)
    assert outcome.due_at is None
    assert isinstance(outcome.refusal, CannotRenew)
    assert outcome.refusal.title == loan.title
    assert loans.loan(world.db, loan.id).due_at == outcome.loan.due_at
    return outcome.refusal.reason, outcome.refusal.number


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_renewals_end_at_the_limit(world: World, allowed: int) -> None:
    """B2-3."""
    world.rule("lending", renewals=allowed)
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    for _ in range(allowed):
        assert renew(world, reader, loan.id)[0].refusal is None
    assert refusal(world, reader, loan) == ("limit", allowed)


def test_a_rule_changed_since_takes_no_renewal_back_that_a_loan_was_told(world: World) -> None:
    """B2-12: 「可续借 2 次，每次 15 天」 was said before the yes; what is kinder now counts at once."""
    world.rule("lending", renewals=2, renewal_days=15)
    reader = world.reader()
    (old,) = world.lend(reader, *world.books(1))
    world.rule("lending", renewals=0, renewal_days=5)
    assert loans.renewals_allowed(old, world.policy) == 2
    (outcome,) = renew(world, reader, old.id)
    assert outcome.due_at is not None and (outcome.due_at - old.due_at).days >= 15
    (new,) = world.lend(world.reader(), *world.books(1))
    assert loans.renewals_allowed(new, world.policy) == 0, "whoever borrows now was told otherwise"
    world.rule("lending", renewals=3, renewal_days=20)
    assert loans.renewals_allowed(new, world.policy) == 3


def test_a_book_others_wait_for_is_not_renewed(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    for _ in range(2):
        holds.place(world.db, world.reader(), loan.title_id, world.now)
    assert loans.loan(world.db, loan.id).waiting == 2
    assert refusal(world, reader, loan) == ("waiting", 2)


def test_an_overdue_book_is_not_renewed(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at + timedelta(days=3)
    assert refusal(world, reader, loan) == ("overdue", 3)


def test_a_book_due_this_very_second_is_renewed(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at
    assert renew(world, reader, loan.id)[0].refusal is None


def test_a_frozen_reader_does_not_renew_until_the_freeze_is_over(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    for n in range(3):
        credit.post(world.db, reader, "lost", f"other:{n}", world.policy, world.now)
    assert refusal(world, reader, loan) == ("frozen", 30)
    world.later(days=world.policy.freeze.days)
    assert renew(world, reader, loan.id)[0].refusal is None


def test_all_books_are_renewed_when_none_is_named_each_with_its_own_outcome(world: World) -> None:
    """F-5."""
    reader = world.reader()
    first, second = world.lend(reader, *world.books(2))
    holds.place(world.db, world.reader(), second.title_id, world.now)
    outcomes = {one.loan.id: one.refusal and one.refusal.reason for one in renew(world, reader)}
    assert outcomes == {first.id: None, second.id: "waiting"}


def test_another_readers_book_is_not_renewed(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    other = world.reader()
    assert renew(world, other, loan.id) == []
    with pytest.raises(UnknownThing):
        loans.loan(world.db, loan.id, other)


# ---- coming back --------------------------------------------------------------------------------------------------


def where(world: World, barcode: str) -> tuple[str, int]:
    row = world.db.one("SELECT state, point_id FROM copies WHERE barcode = :b", b=barcode)
    assert row is not None
    return row["state"], row["point_id"]


@pytest.mark.parametrize("kind", ["branch", "locker"])
def test_a_book_stays_where_it_is_given_back(world: World, kind: str) -> None:
    """A2-6: 还到哪里就在哪里流通."""
    elsewhere = world.branch("river") if kind == "branch" else world.locker("station")
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    back = world.give_back(loan, elsewhere)
    assert (back.loan_id, back.reader_id, back.moved, back.on_time) == (loan.id, reader, True, True)
    assert where(world, loan.barcode) == ("available", elsewhere)
    assert loans.of_reader(world.db, reader) == []
    world.lend(world.reader(), loan.title_id)


def test_giving_back_twice_is_giving_back_once(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.give_back(loan)
    before = world.everything()
    again = world.give_back(loan)
    assert (again.loan_id, again.reader_id) == (None, None)
    assert world.everything() == before


def test_a_copy_on_nobodys_account_is_noted_to_stand_where_it_was_found(world: World) -> None:
    elsewhere = world.branch("river")
    world.book("散文", copies=1)
    back = loans.check_in(world.db, "散文-1", elsewhere, world.policy, world.now)
    assert (back.loan_id, back.moved, back.kept_for_hold) == (None, True, False)
    assert where(world, "散文-1") == ("available", elsewhere)


def test_a_copy_set_aside_for_an_order_is_left_alone(world: World) -> None:
    order = world.order(world.reader(), world.book("散文"))
    before = world.everything()
    back = loans.check_in(world.db, "散文-1", world.branch("main"), world.policy, world.now)
    assert (back.moved, back.kept_for_hold) == (False, False)
    assert world.everything() == before
    assert world.through(order).state == "done"


def test_a_copy_ordered_while_it_was_carried_is_picked_where_it_was_scanned(world: World) -> None:
    """A2-6: the list for the shelves sends nobody to where it no longer is."""
    order, elsewhere = world.order(world.reader(), world.book("散文")), world.branch("river")
    back = loans.check_in(world.db, "散文-1", elsewhere, world.policy, world.now)
    assert (back.moved, back.kept_for_hold) == (True, False)
    assert where(world, "散文-1") == ("reserved", elsewhere)
    assert [book["point_id"] for book in orders.books(world.db, order.id)] == [elsewhere]


def test_a_book_someone_waits_for_is_kept_for_the_first(world: World) -> None:
    """B2-16, B2-17."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    first, second = world.reader(), world.reader()
    holds.place(world.db, first, loan.title_id, world.now)
    holds.place(world.db, second, loan.title_id, world.now)
    assert world.give_back(loan).kept_for_hold
    assert where(world, loan.barcode)[0] == "reserved"
    assert world.told(first, "hold_ready") == [("hold_ready", "", "waiting")]
    assert world.told(second, "hold_ready") == []
    assert [hold.position for hold in holds.of_reader(world.db, second)] == [2]


@pytest.mark.parametrize("written", ["散文-a1", " 散文-A1 ", "散文-A1"])
def test_a_barcode_is_read_with_blanks_and_in_small_letters(world: World, written: str) -> None:
    title = world.book("散文")
    with world.store.writing() as db:
        db.run("UPDATE copies SET barcode = '散文-A1' WHERE title_id = :t", t=title)
    assert loans.check_in(world.db, written, 1, world.policy, world.now).barcode == "散文-A1"


def test_a_barcode_stored_in_small_letters_is_found_too(world: World) -> None:
    title = world.book("散文")
    with world.store.writing() as db:
        db.run("UPDATE copies SET barcode = 'ab12' WHERE title_id = :t", t=title)
    assert loans.check_in(world.db, "ab12", 1, world.policy, world.now).barcode == "ab12"


@pytest.mark.parametrize(("barcode", "point", "kind"), [("nonsense", 1, "barcode"), ("散文-1", 999, "point")])
def test_what_is_not_ours_is_unknown(world: World, barcode: str, point: int, kind: str) -> None:
    world.book("散文")
    with pytest.raises(UnknownThing) as caught:
        loans.check_in(world.db, barcode, point, world.policy, world.now)
    assert caught.value.kind == kind


# ---- when the days begin before the book has come ------------------------------------------------------------------


@pytest.mark.parametrize("begins", ["order", "shipped"])
def test_a_book_long_on_its_way_is_not_late_when_it_comes(world: World, begins: str) -> None:
    """B5 天一约书 counts from the order; a courier's month is not the reader's."""
    world.rule("lending", loan_starts=begins, loan_days=30)
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1), way="delivery"), "pick", "pack", "ship")
    world.later(days=35)
    world.step(order, "sign")
    (loan,) = loans.of_reader(world.db, reader)
    assert loan.started_at < loan.due_at - timedelta(days=30)
    assert loan.days_left(world.now) == world.policy.returns.recall_notice_days
    before = credit.balance(world.db, reader)
    world.tick()
    assert credit.balance(world.db, reader) == before


def test_a_book_that_came_soon_is_due_by_the_day_of_the_order(world: World) -> None:
    world.rule("lending", loan_starts="order", loan_days=30)
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1), way="delivery"), "pick", "pack", "ship")
    world.later(days=5)
    world.step(order, "sign")
    (loan,) = loans.of_reader(world.db, reader)
    assert loan.days_left(world.now) == 25


def test_an_order_confirmed_under_longer_terms_keeps_them_until_it_is_fetched(world: World) -> None:
    """The days were said before the yes; a pack changed while the books were packed takes none of them back."""
    reader, (title, missing) = world.reader(), world.books(2)
    before = world.policy.lending
    order = world.step(world.order(reader, title, missing), "pick")
    with world.store.writing() as db:
        db.run(
            "INSERT INTO copies (title_id, barcode, point_id, home_point_id, state) SELECT title_id, 'another', "
            "point_id, home_point_id, 'available' FROM copies WHERE title_id = :t",
            t=missing,
        )
    copy = world.db.value("SELECT copy_id FROM order_items WHERE title_id = :t", t=missing)
    world.rule("lending", loan_days=7, renewals=0, renewal_days=1)
    missing_copies.report(world.db, order.number, copy, "lost", "staff", world.policy, world.now)
    world.through(order)
    for loan in loans.of_reader(world.db, reader):
        assert loan.days_left(loan.started_at) >= before.loan_days, "also the copy that took a missing one's place"
        assert loans.renewals_allowed(loan, world.policy) == before.renewals and loan.told_days == before.renewal_days
    late = world.through(world.order(reader, *world.books(1)))
    assert min(loan.days_left(late.placed_at) for loan in loans.of_reader(world.db, reader)) < before.loan_days


def test_a_kinder_rule_counts_at_once_for_what_is_not_fetched_yet(world: World) -> None:
    reader, (title,) = world.reader(), world.books(1)
    days = world.policy.lending.loan_days
    order = world.order(reader, title)
    world.rule("lending", loan_days=days + 20)
    world.through(order)
    assert loans.of_reader(world.db, reader)[0].days_left(world.now) >= days + 20
