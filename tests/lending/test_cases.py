"""赔付: lost, damaged, found again, came damaged; each step as the table says, with what belongs to it (A2-12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import (
    case_records,
    cases,
    claims,
    copy_states,
    credit,
    evidence,
    holds,
    loans,
    parcels,
    repairs,
    reports,
    tracking,
)  # fmt: skip
from lending.case_effects import BarcodeTaken, Given, NoPrice
from lending.case_records import Case, CaseState
from lending.cases import STEPS
from lending.database import writing
from lending.errors import CannotChange, UnknownThing
from lending.evidence import NoPhoto, PhotosFull
from lending.loans import Loan
from lending.model import library_day
from lending.reports import Period
from tests.lending.world import World

S = CaseState
PRICED = Given(amount_fen=3900)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def lent(world: World, reader: int, copies: int = 1) -> Loan:
    (title,) = world.books(1, copies)
    return world.lend(reader, title)[0]


def reported(world: World, kind: str, reader: int | None = None) -> Case:
    who = reader or world.reader()
    return cases.report(world.db, who, lent(world, who).id, kind, "说明", world.policy, world.now)[0]


def step(world: World, case: Case, *names: str, given: Given = PRICED) -> Case:
    for name in names:
        barcode = Given(given.note, given.amount_fen, given.barcode or f"NEW-{case.id}")
        case = cases.advance(world.db, case.number, name, "staff:小信", world.policy, world.now, barcode)
    return case


def points(world: World, event: str) -> int:
    return world.policy.ledger.rule(event).delta


# ---- the table -----------------------------------------------------------------------------------------------------

TABLE = {  # the whole life, written down a second time: kind, state, the steps that are open
    "lost": {
        S.REPORTED: {"charge", "waive", "at_home", "find"},
        S.ASSESSED: {"replace", "pay", "take_book", "take_money", "waive", "find", "never_came"},
        S.REPLACING: {"pay", "take_book", "take_money", "waive", "find", "never_came"},
        S.PAYING: {"replace", "take_book", "take_money", "waive", "find", "never_came"},
        S.SETTLED: {"find", "never_came"},
        S.FOUND: set(),
    },
    "damaged": {
        S.REPORTED: {"worn", "mend", "charge", "waive"},
        S.ASSESSED: {"replace", "pay", "take_book", "take_money", "waive"},
        S.REPLACING: {"pay", "take_book", "take_money", "waive"},
        S.PAYING: {"replace", "take_book", "take_money", "waive"},
        S.SETTLED: set(),
    },
    "arrived": {S.REPORTED: {"worn", "ours", "waive"}, S.SETTLED: set()},
}
PATHS = {
    S.REPORTED: (), S.ASSESSED: ("charge",), S.REPLACING: ("charge", "replace"), S.PAYING: ("charge", "pay"),
    S.SETTLED: ("waive",), S.FOUND: ("find",),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind, states in TABLE.items() for state in states])
def test_each_step_moves_as_the_table_says_or_changes_nothing(world: World, kind: str, state: CaseState) -> None:
    case = step(world, reported(world, kind), *PATHS[state])
    assert case.state is state
    for name in STEPS:
        if name in TABLE[kind][state]:
            continue
        before = world.everything()
        with pytest.raises(CannotChange):
            step(world, case, name)
        assert world.everything() == before
    open_now = {one.name for who in ("reader", "staff", "rule") for one in cases.may_take(case, who)}
    assert open_now == TABLE[kind][state]


@pytest.mark.parametrize("kind", TABLE)
def test_a_step_or_a_case_there_is_not_is_unknown(world: World, kind: str) -> None:
    case = reported(world, kind)
    for number, name in ((case.number, "burn"), ("PF000101-9", "waive")):
        with pytest.raises(UnknownThing):
            cases.advance(world.db, number, name, "staff", world.policy, world.now)


# ---- reporting -----------------------------------------------------------------------------------------------------


def test_reported_twice_is_one_case(world: World) -> None:
    """B2-2."""
    reader = world.reader()
    loan = lent(world, reader)
    first = cases.report(world.db, reader, loan.id, "lost", "找不到", world.policy, world.now)
    assert first[1] and cases.report(world.db, reader, loan.id, "lost", "还是找不到", world.policy, world.now) == (
        first[0],
        False,
    )
    assert first[0].number.startswith("PF261120-") and first[0].promised_at > world.now


def test_another_readers_book_cannot_be_reported(world: World) -> None:
    loan = lent(world, world.reader())
    with pytest.raises(UnknownThing):
        cases.report(world.db, world.reader(), loan.id, "lost", "", world.policy, world.now)


def test_a_lost_book_counts_no_late_days_and_is_not_reminded_of(world: World) -> None:
    """B2-7: no notice about a book that is known to be lost."""
    reader = world.reader()
    case = reported(world, "lost", reader)
    before = credit.balance(world.db, reader)
    world.later(days=60)
    world.tick()
    assert credit.balance(world.db, reader) == before
    assert world.told(reader, "loan_due") == []
    assert case_records.by_number(world.db, case.number).late(world.now), "the person's clock has run out"


def test_a_lost_book_is_nowhere_lent_again_until_it_is_found(world: World) -> None:
    """B2-17."""
    case = step(world, reported(world, "lost"), "charge")
    assert world.copies(case.title_id or 0) == ["lost"]
    assert not loans.of_reader(world.db, case.reader_id) and not case.lent


# ---- assessing and settling ----------------------------------------------------------------------------------------


def test_a_lost_book_costs_its_points_once_and_the_printed_price(world: World) -> None:
    """A6-8."""
    reader = world.reader()
    case = reported(world, "lost", reader)
    with world.store.writing() as db:
        db.run("UPDATE titles SET price_fen = 4250")
    before = credit.balance(world.db, reader)
    case = step(world, case, "charge", given=Given("按书价"))
    assert (case.amount_fen, case.points, case.answer) == (4250, points(world, "lost"), "按书价")
    assert credit.balance(world.db, reader) == before + points(world, "lost")
    assert world.told(reader, "case_moved") == [("case_moved", "charge", "waiting")]


def test_without_any_price_nothing_is_charged(world: World) -> None:
    case = reported(world, "lost")
    before = world.everything()
    with pytest.raises(NoPrice):
        step(world, case, "charge", given=Given())
    assert world.everything() == before


def test_the_same_book_brought_takes_the_place_of_the_lost_one(world: World) -> None:
    """A2-12."""
    case = step(world, reported(world, "lost"), "charge")
    case = cases.choose(world.db, case.number, case.reader_id, "replace", world.policy, world.now)
    with pytest.raises(BarcodeTaken):
        step(world, case, "take_book", given=Given(barcode=case.barcode))
    done = step(world, case, "take_book", given=Given(barcode="B-NEW"))
    assert done.state is S.SETTLED and done.paid_fen == 0
    assert world.copies(case.title_id or 0) == ["lost", "available"]


def test_the_same_book_goes_to_whoever_waits_and_the_torn_one_is_withdrawn(world: World) -> None:
    """A librarian has the new copy in hand: it is kept at once, and nobody has to fetch it from a shelf."""
    case = reported(world, "damaged")
    title = case.title_id or 0
    holds.place(world.db, world.reader(), title, world.now)
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = 'damaged' WHERE title_id = :t", t=title)
    step(world, case, "charge", "take_book", given=Given(amount_fen=3900, barcode="B-NEW"))
    assert world.copies(title) == ["withdrawn", "reserved"]
    assert world.db.value("SELECT to_fetch FROM copies WHERE barcode = 'B-NEW'") == 0


def test_a_lost_book_that_is_waived_is_off_its_readers_account(world: World) -> None:
    """Nothing is owed, and nothing is out any more: the reader may borrow in its place."""
    case = step(world, reported(world, "lost"), "waive")
    assert loans.of_reader(world.db, case.reader_id) == [] and world.copies(case.title_id or 0) == ["lost"]


def test_paying_settles_it(world: World) -> None:
    case = step(world, reported(world, "lost"), "charge")
    case = cases.choose(world.db, case.number, case.reader_id, "pay", world.policy, world.now)
    assert step(world, case, "take_money").paid_fen == 3900


def test_only_the_reader_chooses_and_only_their_own(world: World) -> None:
    """B2-11."""
    case = step(world, reported(world, "lost"), "charge")
    with pytest.raises(UnknownThing):
        cases.choose(world.db, case.number, world.reader(), "pay", world.policy, world.now)
    with pytest.raises(UnknownThing):
        cases.choose(world.db, case.number, case.reader_id, "waive", world.policy, world.now)


@pytest.mark.parametrize(("name", "costs"), [("worn", False), ("mend", True), ("charge", True), ("waive", False)])
def test_damage_costs_points_only_where_a_librarian_says_so(world: World, name: str, costs: bool) -> None:
    """A6-7."""
    reader = world.reader()
    case = reported(world, "damaged", reader)
    before = credit.balance(world.db, reader)
    step(world, case, name)
    assert credit.balance(world.db, reader) - before == (points(world, "damaged") if costs else 0)


def test_a_damaged_book_that_comes_back_stays_aside_until_somebody_has_looked(world: World) -> None:
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "damaged", "", world.policy, world.now)
    assert world.give_back(loan).loan_id == loan.id
    assert world.copies(loan.title_id) == ["damaged"]
    step(world, case, "worn")
    assert world.copies(loan.title_id) == ["available"]


def test_a_book_that_came_damaged_costs_nothing(world: World) -> None:
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "arrived", "", world.policy, world.now)
    before = credit.balance(world.db, reader)
    step(world, case, "ours")
    world.give_back(loan)
    assert credit.balance(world.db, reader) == before and world.copies(loan.title_id) == ["damaged"]


def test_it_can_be_said_to_have_come_damaged_for_some_days_only(world: World) -> None:
    reader = world.reader()
    loan = lent(world, reader)
    world.later(days=world.policy.cases.arrival_days)
    assert cases.came_lately(loan, world.policy, world.now)
    world.later(days=1)
    assert cases.report(world.db, reader, loan.id, "arrived", "", world.policy, world.now)[0].kind == "damaged"


# ---- found again ---------------------------------------------------------------------------------------------------


def test_found_at_home_the_loan_goes_on(world: World) -> None:
    world.rule("returns", claim_days=9)
    case = reported(world, "lost")
    world.later(days=60)
    found = cases.choose(world.db, case.number, case.reader_id, "at_home", world.policy, world.now)
    (loan,) = loans.of_reader(world.db, case.reader_id)
    assert found.state is S.FOUND and not loan.lost
    assert library_day(loan.due_at) == library_day(world.now) + timedelta(days=9)


def test_what_was_said_to_be_back_then_lost_and_is_at_home_is_looked_for_no_more(world: World) -> None:
    """Told to go on reading until a day, its reader saw it listed as being looked for, and could not renew it."""
    loan = lent(world, reader := world.reader())
    claims.claim(world.db, reader, loan.id, "", world.policy, world.now)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    cases.choose(world.db, case.number, reader, "at_home", world.policy, world.now)
    after = loans.loan(world.db, loan.id)
    assert not after.stopped_at and after.due_at == loan.due_at and not claims.open_checks(world.db)
    (renewed,) = loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert renewed.refusal is None


@pytest.mark.parametrize("found", [False, True])
def test_what_was_said_to_be_lost_and_then_to_be_back_is_looked_for(world: World, found: bool) -> None:
    """It was refused with a broken line; found it is a return since the first word, else its case goes on."""
    loan = lent(world, reader := world.reader())
    world.later(days=3)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    since = loans.loan(world.db, loan.id).stopped_at
    world.later(days=60)
    assert claims.claim(world.db, reader, loan.id, "书柜里", world.policy, world.now)
    assert not claims.claim(world.db, reader, loan.id, "", world.policy, world.now), "once"
    assert (loans.loan(world.db, loan.id).stopped_at, points_taken(world, reader)) == (since, [])
    (check,) = claims.open_checks(world.db)
    if found:
        claims.found(world.db, check.id, 1, world.policy, "staff:王", world.now)
        cases.notice_found(world.db, world.policy, world.now)
        assert not loans.of_reader(world.db, reader) and case_records.by_number(world.db, case.number).state is S.FOUND
    else:
        claims.not_found(world.db, check.id, world.policy, "staff:王", world.now)
        assert loans.loan(world.db, loan.id).lost and case_records.by_number(world.db, case.number).state is S.REPORTED
    assert points_taken(world, reader) == []


def points_taken(world: World, reader: int) -> list[str]:
    return [line.event for line in credit.lines(world.db, reader, 20) if line.delta < 0]


def test_brought_back_before_anybody_looked_it_is_a_return(world: World) -> None:
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    world.later(days=3)
    world.give_back(loan)
    assert (
        cases.notice_found(world.db, world.policy, world.now),
        cases.notice_found(world.db, world.policy, world.now),
    ) == (1, 0)
    assert case_records.by_number(world.db, case.number).state is S.FOUND
    assert world.copies(loan.title_id) == ["available"]


@pytest.mark.parametrize(("days", "kept"), [(180, 0), (181, 3900)])
def test_found_after_it_was_paid_for_the_money_and_part_of_the_points_come_back(
    world: World, days: int, kept: int
) -> None:
    """A6-8: a later find reverses part by policy."""
    reader = world.reader()
    loan = lent(world, reader)
    before = credit.balance(world.db, reader)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    step(world, case, "charge", "take_money")
    world.later(days=days)
    world.give_back(loan)
    assert cases.notice_found(world.db, world.policy, world.now) == 1
    found = case_records.by_number(world.db, case.number)
    lost = points(world, "lost")
    back = -lost * world.policy.ledger.found_again_percent // 100
    assert found.state is S.FOUND and (found.paid_fen, found.refund_fen) == (kept, 3900 - kept)
    assert credit.balance(world.db, reader) == before + lost + back
    assert [name for _, name, _ in world.told(reader, "case_moved")] == ["charge", "take_money", "find"]
    assert world.copies(loan.title_id) == ["available"]


def test_the_money_given_back_is_handed_out_once_and_written_down(world: World) -> None:
    """Whoever stands at the next desk sees that it has been fetched."""
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    step(world, case, "charge", "take_money")
    world.give_back(loan)
    cases.notice_found(world.db, world.policy, world.now)
    found = case_records.by_number(world.db, case.number)
    assert found.owes_refund and [one.name for one in cases.may_take(found)] == ["refund"]
    done = step(world, found, "refund")
    assert done.refunded and done.refund_fen == 3900 and not done.owes_refund and cases.may_take(done) == []
    assert [name for _, name, _ in world.told(reader, "case_moved")][-1] == "refund"
    before = world.everything()
    with pytest.raises(CannotChange):
        step(world, done, "refund")
    assert world.everything() == before


# ---- evidence ------------------------------------------------------------------------------------------------------


def test_pictures_are_kept_so_many_and_go_some_days_after_the_end(world: World) -> None:
    most = 2
    world.rule("cases", photos=most)
    case = reported(world, "damaged")
    assert [case_records.add_photo(world.db, case, PNG, world.policy, world.now) for _ in range(most)][-1] == most
    with pytest.raises(PhotosFull):
        case_records.add_photo(world.db, case, PNG, world.policy, world.now)
    for content in (b"", b"GIF89a", b"RIFF0000AVI ", b"\xff\xd8\xff" + b"0" * evidence.MOST_BYTES):
        with pytest.raises(NoPhoto):
            case_records.add_photo(world.db, case, content, world.policy, world.now)
    first = evidence.of(world.db, "case", case.id)[0]["id"]
    assert evidence.content(world.db, "case", case.id, first) == ("png", PNG)
    with pytest.raises(UnknownThing):
        evidence.content(world.db, "case", case.id + 1, first)
    step(world, case, "waive")
    world.later(days=world.policy.cases.photo_days)
    assert case_records.forget_old_photos(world.db, world.policy, world.now) == 0
    world.later(days=1)
    assert case_records.forget_old_photos(world.db, world.policy, world.now) == most


def test_a_lost_book_that_has_just_come_back_is_not_charged_for(world: World) -> None:
    """Scanned while a librarian had the case before them; the next tick settles it as found."""
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)
    world.give_back(loan)
    balance = credit.balance(world.db, reader)
    with pytest.raises(CannotChange) as refused:
        step(world, case, "charge")
    assert refused.value.facts()["state"] == S.FOUND
    back = case_records.by_number(world.db, case.number)
    assert [cases.may_take(back, who) for who in ("reader", "staff")] == [[], []]
    assert cases.notice_found(world.db, world.policy, world.now) == 1
    found = case_records.by_number(world.db, case.number)
    assert (found.state, found.points, credit.balance(world.db, reader)) == (S.FOUND, 0, balance)
    assert world.copies(loan.title_id) == ["available"]


# ---- what the copies' own report counts (E3) -------------------------------------------------------------------------


def broken(world: World) -> tuple[int, int]:
    """How many copies were damaged, and how many withdrawn, today."""
    today = library_day(world.now)
    found = reports.of_copies(world.db, Period(today, today))
    return found.get("damage", 0), found.get("withdraw", 0)


def test_a_copy_damaged_by_a_case_is_counted_when_it_is_laid_aside(world: World) -> None:
    reader = world.reader()
    case = reported(world, "damaged", reader)
    assert broken(world) == (0, 0), "it is still in the reader's hands"
    world.give_back(loans.of_reader(world.db, reader)[0])
    assert broken(world) == (1, 0)
    step(world, case, "mend")
    assert broken(world) == (1, 0), "once"


def test_what_can_be_read_as_it_is_was_not_broken(world: World) -> None:
    reader = world.reader()
    case = reported(world, "damaged", reader)
    world.give_back(loans.of_reader(world.db, reader)[0])
    step(world, case, "worn")
    assert broken(world) == (0, 0)


def test_a_copy_mended_before_its_case_is_judged_stays_on_the_shelf(world: World) -> None:
    """It had been set damaged once more, and nobody knew why."""
    for kind, judged in (("damaged", "mend"), ("arrived", "ours"), ("damaged", "charge")):
        case, loan = reported(world, kind, reader := world.reader()), loans.of_reader(world.db, reader)[0]
        world.give_back(loan)
        copy_states.step(world.db, loan.barcode, "mend", "staff:王", world.policy, world.now)
        case = step(world, case, judged)
        assert world.copies(loan.title_id) == ["available"], judged
    step(world, case, "take_money")
    assert world.copies(loan.title_id) == ["available"], "paid for, and here again"


def test_a_copy_taken_back_into_the_stock_before_its_case_is_judged_stays_there(world: World) -> None:
    case, loan = reported(world, "damaged", reader := world.reader()), loans.of_reader(world.db, reader)[0]
    world.give_back(loan)
    for name in ("withdraw", "readmit"):
        copy_states.step(world.db, loan.barcode, name, "staff:王", world.policy, world.now)
    step(world, case, "mend")
    assert world.copies(loan.title_id) == ["available"]


@pytest.mark.parametrize("judged", [("worn",), ("charge", "take_money"), ("charge", "take_book")])
def test_what_the_next_reader_has_broken_is_the_next_ones_case(world: World, judged: tuple[str, ...]) -> None:
    case, loan = reported(world, "damaged", reader := world.reader()), loans.of_reader(world.db, reader)[0]
    world.give_back(loan)
    copy_states.step(world.db, loan.barcode, "mend", "staff:王", world.policy, world.now)
    (again,) = world.lend(following := world.reader(), loan.title_id)
    cases.report(world.db, following, again.id, "damaged", "", world.policy, world.now)
    world.give_back(again)
    step(world, case, *judged)
    assert world.copies(loan.title_id)[0] == "damaged"


def test_what_a_librarian_found_broken_is_not_lent_because_its_reader_was_right(world: World) -> None:
    case, loan = reported(world, "damaged", reader := world.reader()), loans.of_reader(world.db, reader)[0]
    world.give_back(loan)
    for name in ("mend", "damage"):
        copy_states.step(world.db, loan.barcode, name, "staff:王", world.policy, world.now)
    step(world, case, "worn")
    assert world.copies(loan.title_id) == ["damaged"] and broken(world) == (2, 0)


def test_a_copy_made_good_is_counted_as_withdrawn(world: World) -> None:
    reader = world.reader()
    case = reported(world, "damaged", reader)
    world.give_back(loans.of_reader(world.db, reader)[0])
    step(world, case, "charge", "pay", "take_money")
    assert broken(world) == (1, 1)


@pytest.mark.parametrize("made_good", ["take_money", "take_book"])
def test_what_was_made_good_while_at_home_is_lent_no_more_when_it_comes_back(world: World, made_good: str) -> None:
    """It lay on the repair shelf, to be mended and lent again, though its reader had paid for it."""
    reader = world.reader()
    loan = lent(world, reader)
    case, _ = cases.report(world.db, reader, loan.id, "damaged", "", world.policy, world.now)
    step(world, case, "charge", made_good, given=Given(amount_fen=3900, barcode="B-NEW"))
    back = world.give_back(loan)
    assert back.loan_id == loan.id and not loans.of_reader(world.db, reader)
    assert world.copies(loan.title_id)[0] == "withdrawn"
    assert repairs.how_many(world.db) == 0 and broken(world) == (1, 1)
    world.give_back(loan)
    assert world.copies(loan.title_id)[0] == "withdrawn", "scanned again"


def test_what_leaves_the_stock_is_counted_by_how_it_left(world: World) -> None:
    """Lost by a reader, lost by a courier, damaged beyond use: the library's own record names each."""
    step(world, reported(world, "lost"), "charge")
    world.fill_cart(sent_to := world.reader(), *world.books(2))
    order = world.step(world.press_order(sent_to, "delivery"), "pick", "pack", "ship")
    (parcel,) = parcels.of_order(world.db, order.id)
    tracking.lost(world.db, parcel.id, "courier", world.policy, world.now)
    case = reported(world, "damaged", reader := world.reader())
    world.give_back(loans.of_reader(world.db, reader)[0])
    step(world, case, "charge", "pay", "take_money")
    world.book("旧年鉴")
    copy_states.step(world.db, "旧年鉴-1", "withdraw", "staff:王", world.policy, world.now)
    today = library_day(world.now)
    found = reports.of_copies(world.db, Period(today, today))
    assert (found["lost_by_reader"], found["lost_in_post"], found["withdraw"], found["written_off"]) == (1, 2, 2, 1)


def test_a_book_said_to_be_lost_that_the_courier_lost_is_the_couriers(world: World) -> None:
    reader = world.reader()
    case, loan = reported(world, "lost", reader), world.db.one("SELECT id, copy_id, title_id FROM loans")
    assert loan is not None
    with writing(world.db) as db:
        cases.bear(db, loan, "staff:王", world.policy, world.now)
    assert case_records.by_number(world.db, case.number).state == "settled"
    assert world.steps_of(loan["copy_id"]) == ["lost_in_post"]


def test_what_nobody_has_looked_at_stands_before_what_its_reader_is_asked(world: World) -> None:
    asked = step(world, reported(world, "lost"), "charge")
    world.later(days=2)
    new = reported(world, "damaged")
    assert [case.number for case in case_records.open_ones(world.db)] == [new.number, asked.number]


@pytest.mark.parametrize("kind", ["damaged", "arrived"])
def test_a_book_said_to_be_damaged_can_be_lost_before_anybody_has_looked(world: World, kind: str) -> None:
    """The same number, and from now on no day counts as late; else the loss could not be said at all."""
    reader = world.reader()
    loan = lent(world, reader)
    first, _ = cases.report(world.db, reader, loan.id, kind, "封面破了", world.policy, world.now)
    world.later(days=2)
    lost, new = cases.report(world.db, reader, loan.id, "lost", "在地铁上丢了", world.policy, world.now)
    assert (lost.number, lost.kind, new) == (first.number, "lost", True)
    assert "封面破了" in lost.note and "在地铁上丢了" in lost.note
    assert loans.loan(world.db, loan.id).lost
    with pytest.raises(CannotChange):
        cases.advance(world.db, lost.number, "worn", "staff:小信", world.policy, world.now)
    assert step(world, lost, "charge").state is S.ASSESSED


def test_a_damaged_book_that_a_person_has_judged_stays_what_it_is(world: World) -> None:
    reader = world.reader()
    case = step(world, reported(world, "damaged", reader), "charge")
    assert cases.report(world.db, reader, case.loan_id or 0, "lost", "", world.policy, world.now)[1] is False
