"""Not only over the counter: said to be back, fetched at home, asked back early, and what floating leaves uneven."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import (
    case_records,
    cases,
    claims,
    closings,
    credit,
    floating,
    holds,
    home_returns,
    loans,
    notices,
    pools,
    privacy,
    recalls,
)
from lending.errors import BadAddress, CannotChange, UnknownThing
from lending.home_returns import NothingToFetch
from lending.loans import Loan
from lending.model import library_day, stamp
from tests.lending.world import World


def lent(world: World, books: int = 1) -> tuple[int, list[Loan]]:
    reader = world.reader()
    return reader, world.lend(reader, *world.books(books))


def late_points(world: World, reader: int) -> int:
    return sum(line.delta for line in credit.lines(world.db, reader, 100) if line.event == "overdue")


# ---- 声明已还 -----------------------------------------------------------------------------------------------------


def claim(world: World, reader: int, loan: Loan) -> bool:
    return claims.claim(world.db, reader, loan.id, "放在城西馆门口", world.policy, world.now)


def test_b2_7_a_book_said_to_be_back_is_neither_reminded_of_nor_counted_late(world: World) -> None:
    reader, (loan,) = lent(world)
    world.now = loan.due_at + timedelta(days=1)
    world.tick()
    assert claim(world, reader, loan) and not claim(world, reader, loan)
    for _ in range(10):
        world.later(days=1)
        world.tick()
    assert late_points(world, reader) == -1
    assert world.told(reader, "loan_due") == [("loan_due", "overdue-1", "dropped")]
    assert loans.may_renew(loans.loan(world.db, loan.id), None, world.policy, world.now).reason == "claimed"  # type: ignore[union-attr]


def test_found_on_the_shelf_counts_from_the_day_it_was_said(world: World) -> None:
    reader, (loan,) = lent(world)
    world.now = loan.due_at
    claim(world, reader, loan)
    (check,) = claims.open_checks(world.db)
    assert (check.said, check.barcode, check.earlier) == ("放在城西馆门口", loan.barcode, 0)
    world.later(days=5)
    back = claims.found(world.db, check.id, 1, world.policy, "馆员", world.now)
    assert back.on_time and late_points(world, reader) == 0
    assert loans.of_reader(world.db, reader) == [] and claims.open_checks(world.db) == []


def test_b2_7_said_to_be_back_then_lost_and_not_found_it_stays_lost(world: World) -> None:
    """The reader was told that a lost book counts no late days; our search in vain takes nothing of that back."""
    reader, (loan,) = lent(world)
    claim(world, reader, loan)
    cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    other, (theirs,) = lent(world)
    claim(world, other, theirs)
    check = claims.of_loan(world.db, reader, loan.id)
    claims.not_found(world.db, check.id, world.policy, "馆员", world.now)
    assert loans.loan(world.db, theirs.id).stopped_as == "claimed", "what others said stands"
    assert loans.loan(world.db, loan.id).lost and world.told(reader, "claim_not_found") == []
    for _ in range(60):
        world.later(days=1)
        world.tick()
    assert late_points(world, reader) == 0 and world.told(reader, "loan_due") == []


def test_a_scan_of_the_book_finds_it_too(world: World) -> None:
    reader, (loan,) = lent(world)
    claim(world, reader, loan)
    world.now = loan.due_at + timedelta(days=3)
    assert world.give_back(loan).on_time
    assert claims.open_checks(world.db) == []


def test_not_found_gives_days_to_look_at_home_and_never_an_earlier_date(world: World) -> None:
    world.rule("returns", claim_days=9)
    reader, (loan,) = lent(world)
    claim(world, reader, loan)
    (check,) = claims.open_checks(world.db)
    assert claims.not_found(world.db, check.id, world.policy, "馆员", world.now) == loan.due_at
    world.now = loan.due_at
    claim(world, reader, loan)
    (check,) = claims.open_checks(world.db)
    assert check.earlier == 1
    world.later(days=6)
    due = claims.not_found(world.db, check.id, world.policy, "馆员", world.now)
    assert (library_day(due) - library_day(world.now)).days == 9
    world.tick()
    assert late_points(world, reader) == 0
    assert [step for event, step, _ in world.told(reader, "claim_not_found")] == ["", ""]
    with pytest.raises(CannotChange):
        claims.not_found(world.db, check.id, world.policy, "馆员", world.now)
    with pytest.raises(UnknownThing):
        claims.found(world.db, 99, 1, world.policy, "馆员", world.now)


def test_nobody_claims_anothers_book(world: World) -> None:
    _, (loan,) = lent(world)
    with pytest.raises(UnknownThing):
        claim(world, world.reader(), loan)


# ---- 上门取书 -----------------------------------------------------------------------------------------------------


def ask(world: World, reader: int, *held: Loan, key: str = "k") -> home_returns.HomeReturn:
    return home_returns.ask(world.db, reader, [loan.id for loan in held], key, world.policy, world.now)


def test_the_fee_is_the_tariffs_and_the_same_press_asks_once(world: World) -> None:
    """A4-1, B2-2: four books cost ¥4."""
    reader, held = lent(world, 4)
    first, again = ask(world, reader, *held), ask(world, reader, *held)
    assert (first.id, first.fee_fen, len(first.titles)) == (again.id, 400, 4)
    with pytest.raises(NothingToFetch):
        ask(world, reader, *held, key="another")
    assert world.db.value("SELECT COUNT(*) FROM home_returns") == 1


def test_from_the_couriers_hand_on_no_day_is_late(world: World) -> None:
    reader, held = lent(world, 2)
    world.now = held[0].due_at
    asked = ask(world, reader, *held)
    home_returns.collect(world.db, asked.id, world.policy, world.now)
    world.later(days=4)
    world.tick()
    assert world.give_back(held[0]).on_time and late_points(world, reader) == 0
    assert home_returns.home_return(world.db, asked.id).state == "collected"
    world.give_back(held[1])
    assert home_returns.home_return(world.db, asked.id).state == "done"
    assert home_returns.open_ones(world.db) == []


def test_a_book_lost_meanwhile_does_not_keep_the_courier_from_taking_the_others(world: World) -> None:
    """It is not said to be with the courier; found at home after all, it can be fetched another time."""
    reader, (lost, other) = lent(world, 2)
    asked = ask(world, reader, lost, other)
    case, _ = cases.report(world.db, reader, lost.id, cases.LOST, "", world.policy, world.now)
    taken = home_returns.collect(world.db, asked.id, world.policy, world.now)
    assert (taken.state, taken.titles) == ("collected", (other.title,))
    assert [(one.id, one.stopped_as) for one in loans.of_reader(world.db, reader)] == [
        (lost.id, ""), (other.id, "collected")
    ]  # fmt: skip
    cases.choose(world.db, case.number, reader, "at_home", world.policy, world.now)
    assert [one.id for one in home_returns.fetchable(world.db, reader)] == [lost.id]
    world.give_back(other)
    assert home_returns.home_return(world.db, asked.id).state == "done"


def test_the_courier_does_not_come_for_a_book_that_is_lost(world: World) -> None:
    """Its only book: nobody is sent; said to be damaged first, the same."""
    for first in (cases.LOST, cases.DAMAGED):
        reader, (loan,) = lent(world)
        asked = ask(world, reader, loan, key=first)
        cases.report(world.db, reader, loan.id, first, "", world.policy, world.now)
        assert (home_returns.home_return(world.db, asked.id).state == "asked") == (first == cases.DAMAGED)
        cases.report(world.db, reader, loan.id, cases.LOST, "", world.policy, world.now)
        assert home_returns.home_return(world.db, asked.id).state == "cancelled"
    assert home_returns.open_ones(world.db) == []


def test_waiting_for_the_courier_does_not_stop_the_clock(world: World) -> None:
    reader, held = lent(world)
    ask(world, reader, *held)
    world.now = held[0].due_at + timedelta(days=2)
    world.tick()
    assert late_points(world, reader) == -2


@pytest.mark.parametrize("reported", [False, True])
def test_what_the_courier_loses_on_the_way_back_is_the_librarys_loss(world: World, reported: bool) -> None:
    """As of parcels: nothing is owed, no points are taken, and nobody's limit is filled by it for ever."""
    reader, (came, gone) = lent(world, 2)
    asked = ask(world, reader, came, gone)
    with pytest.raises(CannotChange):
        home_returns.lose(world.db, asked.id, "staff:小信", world.policy, world.now)
    home_returns.collect(world.db, asked.id, world.policy, world.now)
    world.give_back(came)
    if reported:
        cases.report(world.db, reader, gone.id, cases.LOST, "", world.policy, world.now)
    before = credit.balance(world.db, reader)
    home_returns.lose(world.db, asked.id, "staff:小信", world.policy, world.now)
    assert loans.of_reader(world.db, reader) == [] and credit.balance(world.db, reader) == before
    assert world.copies(came.title_id) == ["available"] and world.copies(gone.title_id) == ["lost"]
    assert home_returns.open_ones(world.db) == [] and case_records.open_ones(world.db) == []
    assert world.told(reader, "fetched_lost") == [("fetched_lost", "", "waiting")]
    with pytest.raises(CannotChange):
        home_returns.lose(world.db, asked.id, "staff:小信", world.policy, world.now)
    loans.check_in(world.db, gone.barcode, 1, world.policy, world.now)
    assert world.copies(gone.title_id) == ["available"], "it turns up after all"


@pytest.mark.parametrize("came", [0, 3, 4])
def test_what_the_courier_loses_on_the_way_back_costs_no_fee(world: World, came: int) -> None:
    """For what came, never more than that by itself; what was brought by hand before was not the courier's."""
    reader, held = lent(world, 6)
    asked = ask(world, reader, *held[:5])
    world.give_back(held[0])
    home_returns.collect(world.db, asked.id, world.policy, world.later(hours=1))
    for loan in held[1 : 1 + came]:
        world.give_back(loan)
    if came < 4:
        home_returns.lose(world.db, asked.id, "staff:小信", world.policy, world.now)
    row = world.db.one("SELECT fee_fen, lost_fen FROM home_returns WHERE id = :id", id=asked.id)
    assert row == {0: dict(fee_fen=0, lost_fen=400), 3: dict(fee_fen=300, lost_fen=100),
                   4: dict(fee_fen=400, lost_fen=0)}[came]  # fmt: skip


def test_called_off_until_it_is_fetched(world: World) -> None:
    reader, held = lent(world)
    first = ask(world, reader, *held)
    home_returns.cancel(world.db, reader, first.id, world.now)
    second = ask(world, reader, *held, key="again")
    home_returns.collect(world.db, second.id, world.policy, world.now)
    with pytest.raises(CannotChange):
        home_returns.cancel(world.db, reader, second.id, world.now)
    with pytest.raises(UnknownThing):
        home_returns.cancel(world.db, world.reader(), second.id, world.now)


def test_brought_by_hand_after_all_ends_the_pick_up(world: World) -> None:
    reader, held = lent(world)
    asked = ask(world, reader, *held)
    world.give_back(held[0])
    assert home_returns.home_return(world.db, asked.id).state == "cancelled"


def test_what_was_brought_by_hand_is_not_said_to_be_with_the_courier_nor_paid_for(world: World) -> None:
    """A4-1: three books cost ¥3, four ¥4; never more than was agreed."""
    reader, held = lent(world, 4)
    asked = ask(world, reader, *held)
    world.give_back(held[0])
    assert [home_returns.reckon_fewer(world.db, world.policy, world.now) for _ in range(2)] == [1, 0]
    left = home_returns.home_return(world.db, asked.id)
    assert (left.fee_fen, left.titles) == (300, asked.titles[1:])
    world.give_back(held[1])
    taken = home_returns.collect(world.db, asked.id, world.policy, world.now)
    assert (taken.fee_fen, taken.titles) == (300, asked.titles[2:])
    world.give_back(held[2])
    assert home_returns.open_ones(world.db)[0].titles == asked.titles[3:]
    world.give_back(held[3])
    assert home_returns.home_return(world.db, asked.id).titles == asked.titles


def test_without_an_address_nothing_is_promised(world: World) -> None:
    reader, held = lent(world)
    with world.store.writing() as db:
        db.run("UPDATE readers SET address = '' WHERE id = :r", r=reader)
    with pytest.raises(BadAddress):
        ask(world, reader, *held)
    assert world.db.value("SELECT COUNT(*) FROM home_returns") == 0


# ---- 催还 ---------------------------------------------------------------------------------------------------------


def wait_for(world: World, title: int) -> int:
    reader = world.reader()
    holds.place(world.db, reader, title, world.now)
    return reader


def recall(world: World) -> int:
    return recalls.recall_due(world.db, world.policy, world.now)


@pytest.mark.parametrize(("days", "asked"), [(19, 0), (20, 1), (21, 1)])
def test_a_book_others_wait_for_is_asked_back_after_fair_days(world: World, days: int, asked: int) -> None:
    """B2-19: never before so many days of the loan, never due sooner than so many from now."""
    reader, (loan,) = lent(world)
    wait_for(world, loan.title_id)
    world.later(days=days)
    assert recall(world) == asked
    now = loans.loan(world.db, loan.id)
    if asked:
        assert (library_day(now.due_at) - library_day(world.now)).days == world.policy.returns.recall_notice_days
        assert world.told(reader, "recalled") == [("recalled", stamp(world.now), "waiting")]
        assert loans.may_renew(now, None, world.policy, world.now).reason == "recalled"  # type: ignore[union-attr]
    else:
        assert now.due_at == loan.due_at
    assert recall(world) == 0


def test_a_recall_is_called_off_when_those_who_waited_leave(world: World) -> None:
    """B2-19: the old date comes back and the reader is told; a new reader in line may have it asked back again."""
    reader, (loan,) = lent(world)
    waits = wait_for(world, loan.title_id)
    world.later(days=world.policy.returns.recall_after_days)
    assert recall(world) == 1 and recalls.call_off(world.db, world.policy, world.now) == 0
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")
    (hold,) = holds.of_reader(world.db, waits)
    holds.cancel(world.db, waits, hold.id, world.policy, world.now)
    assert recalls.call_off(world.db, world.policy, world.later(hours=1)) == 1
    now = loans.loan(world.db, loan.id)
    assert (now.due_at, now.recalled_at) == (loan.due_at, None)
    assert len(world.told(reader, "recall_off")) == 1
    assert recalls.call_off(world.db, world.policy, world.now) == 0
    wait_for(world, loan.title_id)
    world.later(days=1)
    assert recall(world) == 1 and len(world.told(reader, "recalled")) == 2


def test_a_renewal_before_the_recall_is_called_off_counts_from_the_old_date(world: World) -> None:
    """Those who waited have left a moment ago; the days that were asked for early are the reader's again."""
    reader, (loan,) = lent(world)
    waits = wait_for(world, loan.title_id)
    world.later(days=world.policy.returns.recall_after_days)
    recall(world)
    (hold,) = holds.of_reader(world.db, waits)
    holds.cancel(world.db, waits, hold.id, world.policy, world.now)
    (renewal,) = loans.renew(world.db, reader, [], world.policy, world.now)
    recalls.call_off(world.db, world.policy, world.now)
    days = pools.terms(world.policy, loan.pool).renewal_days
    assert library_day(loans.loan(world.db, loan.id).due_at) == library_day(loan.due_at) + timedelta(days=days)
    assert renewal.due_at == loans.loan(world.db, loan.id).due_at


def test_ones_own_place_in_the_queue_asks_nobody_to_hurry(world: World) -> None:
    """Who asks for the same book once more after reading is not "others waiting" to themselves (B2-19)."""
    reader, (loan,) = lent(world)
    holds.place(world.db, reader, loan.title_id, world.now)
    world.later(days=world.policy.returns.recall_after_days)
    assert recall(world) == 0
    assert loans.loan(world.db, loan.id).waiting == 0
    other = wait_for(world, loan.title_id)
    assert recall(world) == 1
    hold = next(one for one in holds.of_reader(world.db, other))
    holds.cancel(world.db, other, hold.id, world.policy, world.now)
    assert recalls.call_off(world.db, world.policy, world.now) == 1


def test_a_book_due_soon_anyway_is_left_alone(world: World) -> None:
    _, (loan,) = lent(world)
    wait_for(world, loan.title_id)
    world.now = loan.due_at - timedelta(days=6)
    assert recall(world) == 0


def test_a_lost_book_is_not_counted_as_coming_back_soon(world: World) -> None:
    """The other copy is asked back for whoever waits."""
    title = world.book("三体", copies=2)
    (gone,), (other,) = world.lend(world.reader(), title), world.lend(world.reader(), title)
    wait_for(world, title)
    cases.report(world.db, gone.reader_id, gone.id, cases.LOST, "", world.policy, world.now)
    with world.store.writing() as db:
        db.run("UPDATE loans SET due_at = :soon WHERE id = :l", soon=stamp(world.now + timedelta(days=21)), l=gone.id)
    world.later(days=20)
    assert recall(world) == 1 and loans.loan(world.db, other.id).recalled_at


def test_as_many_are_asked_back_as_readers_wait_the_longest_out_first(world: World) -> None:
    title = world.book("三体", copies=3)
    held = []
    for _ in range(3):
        held += world.lend(world.reader(), title)
        world.later(days=1)
    wait_for(world, title)
    world.later(days=20)
    assert recall(world) == 1
    assert [loans.loan(world.db, loan.id).recalled_at is not None for loan in held] == [True, False, False]


def test_who_has_it_due_sooner_anyway_is_not_asked_and_keeps_the_day(world: World) -> None:
    """A recall brings a day nearer, never farther: of two readers the one with more days left is asked."""
    title = world.book("三体", copies=2)
    (soon,) = world.lend(world.reader(), title)
    (later,) = world.lend(world.reader(), title)
    wait_for(world, title)
    wait_for(world, title)
    world.later(days=world.policy.returns.recall_after_days)
    with world.store.writing() as db:
        db.run("UPDATE loans SET due_at = :due WHERE id = :l", due=stamp(world.now + timedelta(days=3)), l=soon.id)
    before = loans.loan(world.db, soon.id).due_at
    assert recall(world) == 1
    assert (loans.loan(world.db, soon.id).due_at, loans.loan(world.db, soon.id).recalled_at) == (before, None)
    assert loans.loan(world.db, later.id).recalled_at == world.now


def test_recalls_can_be_switched_off(world: World) -> None:
    world.rule("returns", recalls=False)
    _, (loan,) = lent(world)
    wait_for(world, loan.title_id)
    world.later(days=25)
    assert recall(world) == 0


def test_b2_6_a_recall_replaces_the_reminders_of_the_old_date(world: World) -> None:
    reader, (loan,) = lent(world)
    wait_for(world, loan.title_id)
    world.later(days=20)
    recall(world)
    world.now = loans.loan(world.db, loan.id).due_at
    notices.plan_reminders(world.db, world.policy, world.now)
    assert [step for _, step, state in world.told(reader, "loan_due") if state == "waiting"] == ["before-0"]


# ---- floating -----------------------------------------------------------------------------------------------------


def test_what_has_drifted_is_suggested_to_go_home_and_no_more(world: World) -> None:
    """A2-6: nothing set aside or lent is moved."""
    river = world.branch("river")
    _, held = lent(world, 10)
    for loan in held[:9]:
        world.give_back(loan, river)
    standing = {one.point_id: one.over for one in floating.balances(world.db, world.policy, library_day(world.now))}
    assert (standing[1], standing[river]) == (-9, 9)
    suggested = floating.moves(world.db, world.policy, library_day(world.now))
    assert len(suggested) == 9 and {(one.from_point, one.to_point) for one in suggested} == {(river, 1)}
    world.order(world.reader(), held[0].title_id)
    assert len(floating.moves(world.db, world.policy, library_day(world.now))) == 8


def test_no_book_is_carried_to_a_branch_that_closes_for_good(world: World) -> None:
    """A2-6, B2-9: nobody would find it there."""
    hill, river = world.branch("hill"), world.branch("river")
    for n in range(5):
        world.book(f"hill{n}", at=hill)
        world.book(f"river{n}", at=river)
    with world.store.writing() as db:
        db.run("UPDATE copies SET point_id = :r WHERE home_point_id = :h", r=river, h=hill)
    today = library_day(world.now)
    assert {move.to_point for move in floating.moves(world.db, world.policy, today)} == {hill}
    closings.declare(world.db, hill, today, today + timedelta(days=400), "搬走了", "x", world.policy, world.now)
    assert floating.moves(world.db, world.policy, today) == []


def test_within_the_tolerance_nothing_is_carried(world: World) -> None:
    river = world.branch("river")
    world.book("散文", copies=10)
    for n in range(10):
        world.book(f"诗{n}", at=river)
    for copy in ("诗0-1", "散文-1"):
        loans.check_in(world.db, copy, 1 if copy == "诗0-1" else river, world.policy, world.now)
    loans.check_in(world.db, "散文-2", river, world.policy, world.now)
    assert floating.moves(world.db, world.policy, library_day(world.now)) == []
    world.rule("returns", tolerance_percent=0)
    assert floating.moves(world.db, world.policy, library_day(world.now)), "how far is too far the rules say"


def test_a_locker_is_emptied(world: World) -> None:
    _, (loan,) = lent(world)
    locker = world.db.value("SELECT id FROM points WHERE kind = 'locker'")
    world.give_back(loan, locker)
    (move,) = floating.moves(world.db, world.policy, library_day(world.now))
    assert (move.from_point, move.to_point, move.barcode) == (locker, 1, loan.barcode)


# ---- forgetting -----------------------------------------------------------------------------------------------------


def test_b2_21_what_was_said_fetched_and_moved_goes_with_the_reader(world: World) -> None:
    """The reader's own address and words; other readers' stay."""
    reader, (loan,) = lent(world)
    closings.declare(
        world.db, None, library_day(loan.due_at), library_day(loan.due_at), "台风", "馆员", world.policy, world.now
    )
    home_returns.collect(world.db, ask(world, reader, loan).id, world.policy, world.now)
    world.give_back(loan)
    other, (theirs,) = lent(world)
    claim(world, other, theirs)
    claims.found(world.db, claims.open_checks(world.db)[0].id, 1, world.policy, "馆员", world.now)
    assert privacy.everything(world.db, reader)["home_returns"][0]["fee_fen"] == 300
    for one in (reader, other):
        privacy.forget(world.db, one)
    for table in ("home_returns", "home_return_items", "shelf_checks", "moved_dates"):
        assert world.db.all(f"SELECT * FROM {table}") == []


# ---- late days before the book left the reader's hands --------------------------------------------------------------


@pytest.mark.parametrize("way", ["claimed", "collected"])
def test_days_late_before_it_left_the_hands_are_counted_then_and_there(world: World, way: str) -> None:
    """A6-6: no tick in between, and not one day more for the time it lay with us."""
    reader, (loan,) = lent(world)
    asked = ask(world, reader, loan) if way == "collected" else None
    world.now = loan.due_at + timedelta(days=3)
    if asked:
        home_returns.collect(world.db, asked.id, world.policy, world.now)
    else:
        claim(world, reader, loan)
    assert late_points(world, reader) == -3
    world.later(days=9)
    world.tick()
    world.give_back(loan)
    assert late_points(world, reader) == -3
