"""B2-20 for holds: a return scanned by mistake is taken back while nobody who waits has been told of the book."""

from __future__ import annotations

import pytest

from lending import cases, claims, credit, holds, home_returns, loans, misscans, notices, privacy
from lending.case_effects import Given
from lending.errors import UnknownThing
from lending.loans import Loan, Returned
from lending.misscans import Scan, ScanStands
from tests.lending.world import World


def scanned(world: World, loan: Loan, at: int | None = None) -> Scan:
    back: Returned = world.give_back(loan, at)
    return Scan(back.barcode, world.now, back.loan_id, back.state_before, back.point_before)


def take_back(world: World, scan: Scan) -> str:
    return misscans.take_back(world.db, scan, world.policy, world.now)


def tell_all(world: World) -> None:
    for notice in notices.waiting(world.db, world.now):
        notices.settle(world.db, notice.id, told=True)


@pytest.fixture
def lent(world: World) -> Loan:
    """A book on loan that somebody waits for."""
    title = world.book("甲")
    (loan,) = world.lend(world.reader(), title)
    holds.place(world.db, world.reader(), title, world.now)
    world.later(days=3)
    tell_all(world)
    return loan


def waiter(world: World, loan: Loan) -> tuple[int, str, int]:
    row = world.db.one("SELECT id, reader_id, state FROM holds WHERE title_id = :t", t=loan.title_id)
    assert row
    return row["id"], row["state"], row["reader_id"]


def standing(world: World, lent: Loan) -> tuple[Loan, list[str], int]:
    loan = loans.loan(world.db, lent.id, lent.reader_id)
    return loan, world.copies(lent.title_id), credit.balance(world.db, lent.reader_id)


def test_all_is_as_before_and_nobody_hears_of_it(world: World, lent: Loan) -> None:
    before = (
        loans.loan(world.db, lent.id, lent.reader_id),
        world.copies(lent.title_id),
        credit.balance(world.db, lent.reader_id),
    )
    hold, _, who = waiter(world, lent)
    place = holds.of_reader(world.db, who)
    other = world.branch("east")
    scan = scanned(world, lent, other)
    assert waiter(world, lent)[1] == "ready" and world.copies(lent.title_id) == ["reserved"]
    assert misscans.until(world.db, scan, world.policy, world.now)
    assert take_back(world, scan) == "甲"
    assert before == standing(world, lent)
    assert holds.of_reader(world.db, who) == place and waiter(world, lent)[:2] == (hold, "waiting")
    assert world.db.value("SELECT point_id FROM copies WHERE barcode = :b", b=lent.barcode) != other
    world.later(hours=12)
    assert {one.event for one in notices.waiting(world.db, world.now)} & {
        "hold_ready",
        "returned",
        "return_undone",
    } == set()


def test_when_it_comes_back_in_truth_everybody_is_told_once(world: World, lent: Loan) -> None:
    take_back(world, scanned(world, lent))
    world.later(days=1)
    scanned(world, lent)
    world.later(hours=1)
    events = [one.event for one in notices.waiting(world.db, world.now)]
    assert sorted(event for event in events if event in ("hold_ready", "returned")) == ["hold_ready", "returned"]


def test_whoever_was_told_that_it_is_back_hears_that_it_is_not(world: World, lent: Loan) -> None:
    scan = scanned(world, lent)
    tell_all(world)  # the borrower hears at once, the one who waits a little later
    take_back(world, scan)
    assert [one.event for one in notices.waiting(world.db, world.now, reader_id=lent.reader_id)] == ["return_undone"]


def test_once_the_next_reader_knows_it_stays(world: World, lent: Loan) -> None:
    scan = scanned(world, lent)
    world.later(hours=1)
    tell_all(world)
    assert misscans.until(world.db, scan, world.policy, world.now) is None
    with pytest.raises(ScanStands):
        take_back(world, scan)
    assert waiter(world, lent)[1] == "ready" and loans.of_reader(world.db, lent.reader_id) == []


def test_a_book_nobody_waits_for_is_taken_back_for_as_long(world: World) -> None:
    (loan,) = world.lend(world.reader(), world.book("乙"))
    scan = scanned(world, loan)
    world.later(minutes=world.policy.promise.tell_ready_minutes - 1)
    assert take_back(world, scan) == "乙" and world.copies(loan.title_id) == ["on_loan"]
    late = scanned(world, loan)
    world.later(minutes=world.policy.promise.tell_ready_minutes)
    with pytest.raises(ScanStands):
        take_back(world, late)


def test_twice_is_once(world: World, lent: Loan) -> None:
    scan = scanned(world, lent)
    take_back(world, scan)
    with pytest.raises(ScanStands):
        take_back(world, scan)


def test_a_second_scan_of_the_same_book_has_nothing_to_take_back(world: World, lent: Loan) -> None:
    scanned(world, lent)
    again = scanned(world, lent)
    assert again.loan_id is None and misscans.until(world.db, again, world.policy, world.now) is None
    assert world.copies(lent.title_id) == ["reserved"]


def test_a_lost_book_that_was_not_found_after_all_is_lost_again(world: World, lent: Loan) -> None:
    with world.store.writing() as db:
        loans.end(db, lent.id, "lost", world.now)
        db.run("UPDATE copies SET state = 'lost' WHERE barcode = :b", b=lent.barcode)
    scan = scanned(world, lent)
    assert world.copies(lent.title_id) == ["reserved"]
    take_back(world, scan)
    assert world.copies(lent.title_id) == ["lost"] and waiter(world, lent)[1] == "waiting"


def test_once_the_money_of_a_lost_book_is_given_back_it_stays_found(world: World, lent: Loan) -> None:
    case, _ = cases.report(world.db, lent.reader_id, lent.id, "lost", "", world.policy, world.now)
    cases.advance(world.db, case.number, "charge", "馆员", world.policy, world.now, Given(amount_fen=3000))
    cases.choose(world.db, case.number, lent.reader_id, "pay", world.policy, world.now)
    cases.advance(world.db, case.number, "take_money", "馆员", world.policy, world.now)
    scan = scanned(world, lent)
    world.later(seconds=30)
    assert cases.notice_found(world.db, world.policy, world.now) == 1
    with pytest.raises(ScanStands):
        take_back(world, scan)


def test_a_scan_whose_reader_is_forgotten_stands(world: World) -> None:
    (loan,) = world.lend(world.reader(), world.book("乙"))
    scan = scanned(world, loan)
    with world.store.writing() as db:
        privacy.forget(db, loan.reader_id)
    with pytest.raises(ScanStands):
        take_back(world, scan)


@pytest.mark.parametrize("matter", ["claimed", "fetched", "lent"])
def test_what_has_more_to_it_is_not_taken_back(world: World, lent: Loan, matter: str) -> None:
    if matter == "claimed":
        claims.claim(world.db, lent.reader_id, lent.id, "", world.policy, world.now)
    if matter == "fetched":
        with world.store.writing() as db:
            db.run("UPDATE readers SET address = seal('春风路8号'), zone = 'city' WHERE id = :r", r=lent.reader_id)
        home_returns.ask(world.db, lent.reader_id, [lent.id], "key", world.policy, world.now)
    scan = scanned(world, lent)
    if matter == "lent":
        world.lend(waiter(world, lent)[2], lent.title_id)
    assert misscans.until(world.db, scan, world.policy, world.now) is None
    with pytest.raises(ScanStands):
        take_back(world, scan)


def test_reminders_are_planned_again(world: World, lent: Loan) -> None:
    world.later(days=lent.days_left(world.now) - 2)
    world.tick()
    reminder = [one for one in world.told(lent.reader_id, "loan_due")]
    assert [state for _, _, state in reminder] == ["waiting"]
    take_back(world, scanned(world, lent))
    world.tick()
    assert world.told(lent.reader_id, "loan_due") == reminder


def test_an_unknown_barcode_is_none_of_ours(world: World) -> None:
    with pytest.raises(UnknownThing):
        take_back(world, Scan("NOPE", world.now, None, "lost", 1))
