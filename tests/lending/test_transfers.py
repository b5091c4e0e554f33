"""转借: from hand to hand by a one-time code, with the consent of both and never past the queue (F-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from lending import cart, case_records, cases, claims, holds, loans, transfers
from lending.cart import AlreadyHere
from lending.errors import NotAllowed, UnknownThing
from lending.loans import Loan
from lending.transfer_records import Transfer
from lending.transfers import CannotTransfer
from tests.lending.test_races import race
from tests.lending.world import World


@pytest.fixture
def lent(world: World) -> tuple[World, Loan, int]:
    """A book with one reader, and another who would like it."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    return world, loan, world.reader()


Lent = tuple[World, Loan, int]


def offer(world: World, loan: Loan) -> str:
    return transfers.offer(world.db, loan.reader_id, loan.id, world.policy, world.now)[0]


def accept(world: World, reader: int, code: str) -> Transfer:
    return transfers.accept(world.db, reader, code, world.policy, world.now)


def finish(world: World, asked: Transfer) -> Transfer:
    return transfers.finish(world.db, asked.giver_id, asked.id, world.policy, world.now)


def hand_over(world: World, loan: Loan, reader: int) -> Loan:
    finish(world, accept(world, reader, offer(world, loan)))
    return next(mine for mine in loans.of_reader(world.db, reader) if mine.title_id == loan.title_id)


def why(caught: pytest.ExceptionInfo[CannotTransfer]) -> tuple[str, int]:
    return caught.value.reason, caught.value.number


# ---- both consent ----------------------------------------------------------------------------------------------------


def test_the_old_loan_ends_as_transferred_and_a_new_one_begins(lent: Lent) -> None:
    world, loan, reader = lent
    world.later(days=10)
    mine = hand_over(world, loan, reader)
    assert loans.of_reader(world.db, loan.reader_id) == []
    assert mine.barcode == loan.barcode and mine.started_at == world.now and mine.renewals == 0
    assert mine.due_at == loans.due_date(world.db, world.now, world.policy, mine.pool)
    assert world.copies(loan.title_id) == ["on_loan"]
    ended = world.db.one("SELECT ended_as, returned_at FROM loans WHERE id = :id", id=loan.id)
    assert ended == {"ended_as": "transferred", "returned_at": mine.started_at.isoformat()[:19] + "Z"}
    assert world.told(reader, "transfer") == [("transfer", "done", "waiting")]


def test_nothing_moves_until_both_have_said_yes(lent: Lent) -> None:
    world, loan, reader = lent
    code = offer(world, loan)
    shown = transfers.look(world.db, reader, code, world.policy, world.now)
    assert (shown.state, shown.receiver_id) == ("offered", None)
    accepted = accept(world, reader, code)
    assert [one.id for one in loans.of_reader(world.db, loan.reader_id)] == [loan.id]
    assert world.told(loan.reader_id, "transfer") == [("transfer", "accepted", "waiting")]
    with pytest.raises(UnknownThing):
        transfers.finish(world.db, reader, accepted.id, world.policy, world.now)
    assert finish(world, accepted).state == "done"


def test_a_book_that_is_in_an_order_is_not_taken_a_second_time(lent: Lent) -> None:
    world, loan, reader = lent
    world.book(loan.title, 2)
    code = offer(world, loan)
    world.order(reader, loan.title_id)
    with pytest.raises(AlreadyHere):
        accept(world, reader, code)


def test_a_book_taken_from_hand_to_hand_is_not_ordered_once_more_with_the_cart(lent: Lent) -> None:
    world, loan, reader = lent
    world.book(loan.title, 2)
    other = world.book("另一本")
    world.fill_cart(reader, loan.title_id, other)
    hand_over(world, loan, reader)
    assert cart.items(world.db, reader) == [other]


def test_the_code_is_kept_as_a_digest_only(lent: Lent) -> None:
    world, loan, _ = lent
    code = offer(world, loan)
    assert code not in str(world.everything()) and len(code) == transfers.CODE_LENGTH


def test_a_code_is_read_as_people_write_it(lent: Lent) -> None:
    world, loan, reader = lent
    code = offer(world, loan)
    spoken = f" {code[:4].lower()}-{code[4:]} "
    assert transfers.look(world.db, reader, spoken, world.policy, world.now).loan_id == loan.id


def test_a_code_opens_once_and_not_for_long(lent: Lent) -> None:
    world, loan, reader = lent
    code, other = offer(world, loan), world.reader()
    accept(world, reader, code)
    with pytest.raises(UnknownThing):
        accept(world, other, code)
    second = offer(world, loan)
    world.later(minutes=world.policy.transfers.code_minutes)
    with pytest.raises(UnknownThing):
        accept(world, reader, second)


def test_a_new_code_puts_the_old_one_out(lent: Lent) -> None:
    world, loan, reader = lent
    first, second = offer(world, loan), offer(world, loan)
    with pytest.raises(UnknownThing):
        accept(world, reader, first)
    assert accept(world, reader, second).state == "accepted"


def test_either_side_may_think_again(lent: Lent) -> None:
    world, loan, reader = lent
    asked = accept(world, reader, offer(world, loan))
    transfers.decline(world.db, reader, asked.id, world.now)
    assert ("transfer", "declined", "waiting") in world.told(loan.reader_id, "transfer")
    again = accept(world, reader, offer(world, loan))
    transfers.withdraw(world.db, loan.reader_id, again.id, world.now)
    assert ("transfer", "withdrawn", "waiting") in world.told(reader, "transfer")
    for over in (asked, again):
        with pytest.raises(UnknownThing):
            finish(world, over)


def test_a_question_left_alone_is_over_and_both_hear_it_once(lent: Lent) -> None:
    world, loan, reader = lent
    asked = accept(world, reader, offer(world, loan))
    world.later(minutes=world.policy.transfers.confirm_minutes)
    with pytest.raises(UnknownThing):
        finish(world, asked)
    assert [transfers.expire_due(world.db, world.now) for _ in range(2)] == [1, 0]
    for who in (loan.reader_id, reader):
        assert world.told(who, "transfer")[-1] == ("transfer", "expired", "waiting")


# ---- who may not -----------------------------------------------------------------------------------------------------


def test_whoever_waits_comes_first(lent: Lent) -> None:
    """The queue is respected: at the offer, and again at the end."""
    world, loan, reader = lent
    waiting = world.reader()
    asked = accept(world, reader, offer(world, loan))
    hold = holds.place(world.db, waiting, loan.title_id, world.now)
    for attempt in (partial(finish, world, asked), partial(offer, world, loan)):
        with pytest.raises(CannotTransfer) as caught:
            attempt()
        assert why(caught) == ("waiting", 1)
    holds.cancel(world.db, waiting, hold.id, world.policy, world.now)
    assert finish(world, asked).state == "done"


def test_the_givers_own_place_in_the_queue_holds_nobody_up(lent: Lent) -> None:
    world, loan, reader = lent
    holds.place(world.db, loan.reader_id, loan.title_id, world.now)
    code = offer(world, loan)
    holds.place(world.db, reader, loan.title_id, world.now)
    assert finish(world, accept(world, reader, code)).state == "done", "the first of the others"


def test_the_first_in_the_queue_may_take_it_and_the_hold_is_done(lent: Lent) -> None:
    world, loan, reader = lent
    code = offer(world, loan)
    holds.place(world.db, reader, loan.title_id, world.now)
    holds.place(world.db, world.reader(), loan.title_id, world.now)
    finish(world, accept(world, reader, code))
    assert holds.of_reader(world.db, reader) == []


def test_the_receiver_is_checked_like_any_borrower(lent: Lent) -> None:
    """A frozen, new or full reader cannot take it; the giver is not told why."""
    world, loan, reader = lent
    newcomer = world.reader("new")
    code = offer(world, loan)
    with pytest.raises(NotAllowed) as caught:
        accept(world, newcomer, code)
    assert [reason.code for reason in caught.value.decision.reasons] == ["not_opened"]
    asked = accept(world, reader, code)
    with world.store.writing() as db:
        db.run("UPDATE readers SET standing = 'new' WHERE id = :r", r=reader)
    with pytest.raises(CannotTransfer) as refused:
        finish(world, asked)
    assert why(refused) == ("receiver", 0)
    assert [one.id for one in loans.of_reader(world.db, loan.reader_id)] == [loan.id]


def test_at_the_limit_and_one_below_it(world: World) -> None:
    """B2-3: the boundary."""
    world.rule("ladder", steps=(type(world.policy.ladder.steps[0])(0, 2),))
    (loan, second) = world.lend(world.reader(), *world.books(2))
    reader = world.reader("ladder")
    world.lend(reader, *world.books(1))
    hand_over(world, loan, reader)
    with pytest.raises(NotAllowed) as caught:
        accept(world, reader, offer(world, second))
    assert [reason.code for reason in caught.value.decision.reasons] == ["limit"]


def test_one_cannot_take_what_one_has_or_gave(lent: Lent) -> None:
    world, loan, _ = lent
    with pytest.raises(CannotTransfer) as caught:
        accept(world, loan.reader_id, offer(world, loan))
    assert why(caught) == ("own", 0)
    other = world.reader()
    world.lend(other, world.book(loan.title, copies=1))
    with pytest.raises(AlreadyHere):
        accept(world, other, offer(world, loan))


def test_a_late_or_lost_book_comes_back_to_the_library_first(lent: Lent) -> None:
    world, loan, _ = lent
    world.later(days=60)
    with pytest.raises(CannotTransfer) as caught:
        offer(world, loan)
    assert why(caught)[0] == "overdue"


@pytest.mark.parametrize("kind", ["damaged", "lost"])
def test_a_book_with_an_open_case_comes_back_to_the_library_first(lent: Lent, kind: str) -> None:
    """Else a book found unreadable would stand on the shelf again when the next reader brings it."""
    world, loan, reader = lent
    asked = accept(world, reader, offer(world, loan))
    cases.report(world.db, loan.reader_id, loan.id, kind, "", world.policy, world.now)
    with pytest.raises(UnknownThing):
        finish(world, asked)
    with pytest.raises(CannotTransfer) as caught:
        offer(world, loan)
    assert why(caught)[0] == "stopped"


def test_a_damaged_book_comes_back_to_be_mended_also_once_its_case_is_settled(lent: Lent) -> None:
    """Else it would go on from hand to hand, and whoever had it last would answer for it."""
    world, loan, reader = lent
    code = offer(world, loan)
    case, _ = cases.report(world.db, loan.reader_id, loan.id, "damaged", "", world.policy, world.now)
    cases.advance(world.db, case.number, "mend", "馆员", world.policy, world.now)
    with pytest.raises(CannotTransfer) as caught:
        accept(world, reader, code)
    assert why(caught) == ("stopped", 0)
    world.give_back(loan)
    assert world.copies(loan.title_id) == ["damaged"]


def test_a_book_that_can_be_read_as_it_is_goes_on(lent: Lent) -> None:
    world, loan, reader = lent
    case, _ = cases.report(world.db, loan.reader_id, loan.id, "damaged", "", world.policy, world.now)
    cases.advance(world.db, case.number, "worn", "馆员", world.policy, world.now)
    assert hand_over(world, loan, reader).barcode == loan.barcode


def test_one_title_is_handed_on_so_often_a_year_by_giver_and_receiver(world: World) -> None:
    """B9 深圳: the last one allowed and the first one refused, and free again after a year (B2-3)."""
    (loan,) = world.lend(world.reader(), *world.books(1))
    first, second = loan.reader_id, world.reader()
    world.rule("transfers", same_title_a_year=2)
    back = hand_over(world, hand_over(world, loan, second), first)
    again = hand_over(world, hand_over(world, back, second), first)
    with pytest.raises(CannotTransfer) as caught:
        offer(world, again)
    assert why(caught) == ("same_title", 2)
    world.give_back(again)
    world.later(days=365, minutes=1)
    (anew,) = world.lend(first, loan.title_id)
    assert hand_over(world, anew, second).reader_id == second


def test_so_many_hand_overs_a_year_in_all(world: World) -> None:
    world.rule("transfers", a_year=1)
    one, two = world.lend(world.reader(), *world.books(2))
    hand_over(world, one, world.reader())
    with pytest.raises(CannotTransfer) as caught:
        offer(world, two)
    assert why(caught) == ("year", 1)


def test_nobody_gives_away_anothers_loan(lent: Lent) -> None:
    world, loan, reader = lent
    with pytest.raises(UnknownThing):
        transfers.offer(world.db, reader, loan.id, world.policy, world.now)


def test_a_book_brought_back_meanwhile_is_not_handed_on(lent: Lent) -> None:
    world, loan, reader = lent
    asked = accept(world, reader, offer(world, loan))
    world.give_back(loan)
    with pytest.raises(UnknownThing):
        finish(world, asked)
    assert world.copies(loan.title_id) == ["available"] and loans.of_reader(world.db, reader) == []


# ---- all at once -----------------------------------------------------------------------------------------------------


def test_many_take_one_code_and_one_has_it(lent: Lent) -> None:
    """B2-1."""
    world, loan, _ = lent
    code = offer(world, loan)
    people = [world.reader() for _ in range(16)]
    assert race(world, [partial(accept, world, reader, code) for reader in people]) == {
        "ordered": 1,
        "UnknownThing": 15,
    }


def test_the_last_press_twice_is_one_loan(lent: Lent) -> None:
    """B2-2."""
    world, loan, reader = lent
    asked = accept(world, reader, offer(world, loan))
    outcome = race(world, [partial(finish, world, asked)] * 12)
    assert outcome == {"ordered": 1, "UnknownThing": 11}
    assert world.db.value("SELECT COUNT(*) FROM loans WHERE reader_id = :r", r=reader) == 1


def test_handing_on_races_with_bringing_back_and_one_of_them_happened(world: World) -> None:
    """B2-17: the copy is in one place afterwards."""
    pairs = []
    for loan in world.lend(world.reader(), *world.books(10)):
        pairs.append((loan, accept(world, world.reader(), offer(world, loan))))
    race(
        world,
        [work for loan, asked in pairs for work in (partial(finish, world, asked), partial(world.give_back, loan))],
    )
    for loan, _ in pairs:
        open_now = world.db.all(
            "SELECT l.id FROM loans l JOIN copies c ON c.id = l.copy_id "
            "WHERE c.barcode = :barcode AND l.returned_at IS NULL",
            barcode=loan.barcode,
        )
        assert len(open_now) <= 1
        assert world.copies(loan.title_id) == (["on_loan"] if open_now else ["available"])


def test_a_book_goes_on_from_hand_to_hand(world: World) -> None:
    (loan,) = world.lend(world.reader(), *world.books(1))
    for _ in range(5):
        world.later(days=3)
        loan = hand_over(world, loan, world.reader())
    assert world.db.value("SELECT COUNT(*) FROM loans WHERE ended_as = 'transferred'") == 5
    world.later(days=(loan.due_at - world.now) // timedelta(days=1))
    assert world.give_back(loan).on_time


# ---- the book is gone meanwhile --------------------------------------------------------------------------------------


def brought_back(world: World, loan: Loan) -> None:
    world.give_back(loan)


def said_to_be_back(world: World, loan: Loan) -> None:
    claims.claim(world.db, loan.reader_id, loan.id, "", world.policy, world.now)


def said_of(kind: str, world: World, loan: Loan) -> None:
    cases.report(world.db, loan.reader_id, loan.id, kind, "", world.policy, world.now)


@pytest.mark.parametrize(
    ("happens", "heard"),
    [
        (brought_back, "returned"), (said_to_be_back, "claimed"), (partial(said_of, "lost"), "lost"),
        (partial(said_of, "damaged"), "damaged"),
    ],
)  # fmt: skip
def test_who_said_yes_hears_at_once_that_the_book_is_not_there_any_more(
    lent: Lent, happens: Callable[[World, Loan], None], heard: str
) -> None:
    """And not when the time is over that nobody had confirmed; nor that as well."""
    world, loan, reader = lent
    world.later(days=20)
    asked = accept(world, reader, offer(world, loan))
    happens(world, loan)
    assert world.told(reader, "transfer") == [("transfer", heard, "waiting")]
    with pytest.raises(UnknownThing):
        finish(world, asked)
    world.later(hours=1)
    assert transfers.expire_due(world.db, world.now) == 0


def test_a_book_found_again_is_handed_on_by_the_code_that_nobody_had_used(lent: Lent) -> None:
    world, loan, reader = lent
    code = offer(world, loan)
    said_of("lost", world, loan)
    (case,) = case_records.open_ones(world.db, loan.reader_id)
    cases.choose(world.db, case.number, loan.reader_id, "at_home", world.policy, world.now)
    assert accept(world, reader, code).state == "accepted"
    assert world.told(reader, "transfer") == []
