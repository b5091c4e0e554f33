"""来馆不方便的读者: longer loans by one rule wherever they begin, once each, and nobody's reason is kept (A10-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lending import (
    checkouts,
    claims,
    extensions,
    holds,
    loans,
    notices,
    order_records,
    privacy,
    recalls,
    rehearsal,
    special_readers,
    special_terms,
    transfers,
)
from lending.ledger_rules import Tier
from lending.loans import Loan
from lending.model import library_day
from lending.orders import Order
from tests.lending.test_races import race
from tests.lending.world import World

USUAL, MORE = 40, 20  # days, as the default pack says


def special(world: World) -> int:
    reader = world.reader()
    assert register(world, reader)
    return reader


def register(world: World, reader: int) -> bool:
    return special_terms.register(world.store.db, reader, world.policy, world.now)


def end(world: World, reader: int) -> bool:
    return special_terms.end(world.store.db, reader, world.policy, world.now)


def days(loan: Loan) -> int:
    return (library_day(loan.due_at) - library_day(loan.started_at)).days


def one(world: World, reader: int) -> Loan:
    return loans.of_reader(world.db, reader)[0]


def news(world: World, reader: int) -> list[str]:
    return [step.partition("@")[0] for _, step, state in world.told(reader, "special")]


def refusal(world: World, reader: int) -> str:
    done = loans.renew(world.db, reader, [], world.policy, world.now)[0]
    return done.refusal.reason if done.refusal else ""


# ---- wherever a loan begins ----------------------------------------------------------------------------------------


def test_a_loan_is_longer_by_so_many_days(world: World) -> None:
    mine, other = special(world), world.reader()
    assert days(world.lend(mine, world.book("围城"))[0]) == USUAL + MORE
    assert days(world.lend(other, world.book("活着"))[0]) == USUAL


def test_a_book_taken_by_hand_is_longer_too(world: World) -> None:
    """A counter, a kiosk, a machine that speaks SIP2: all of them lend through checkouts.py."""
    mine = special(world)
    world.book("围城")
    assert days(checkouts.check_out(world.db, "围城-1", mine, world.policy, world.now).loan) == USUAL + MORE


def test_a_book_handed_on_is_as_long_as_its_receiver_has_books(world: World) -> None:
    """F-7: longer for whom coming is hard, and the usual days again for the next."""
    mine, other, title = special(world), world.reader(), world.book("围城")
    world.lend(other, title)
    for giver, receiver, expected in ((other, mine, USUAL + MORE), (mine, other, USUAL)):
        world.later(days=1)
        code, _ = transfers.offer(world.db, giver, one(world, giver).id, world.policy, world.now)
        taken = transfers.accept(world.db, receiver, code, world.policy, world.now)
        transfers.finish(world.db, giver, taken.id, world.policy, world.now)
        assert days(one(world, receiver)) == expected


def test_a_tier_and_this_add_up(world: World) -> None:
    """A8-14 and A10-3 are two reasons."""
    world.policy = replace(world.policy, tiers=(Tier("好读者", 0, "A8-14", extra_days=5),))
    assert days(world.lend(special(world), world.book("围城"))[0]) == USUAL + MORE + 5


def test_a_library_may_give_nothing(world: World) -> None:
    world.rule("special", loan_days_more=0, renewals_more=0, keep_days_more=0)
    reader = world.reader()
    world.lend(reader, world.book("围城"))
    register(world, reader)
    assert days(one(world, reader)) == USUAL
    assert days(world.lend(reader, world.book("活着"))[0]) == USUAL


# ---- renewing, recalls, what waits ---------------------------------------------------------------------------------


def test_it_is_renewed_once_more(world: World) -> None:
    mine, other = special(world), world.reader()
    for reader, title in ((mine, "围城"), (other, "活着")):
        world.lend(reader, world.book(title))
    assert [refusal(world, mine), refusal(world, mine), refusal(world, mine)] == ["", "", "limit"]
    assert [refusal(world, other), refusal(world, other)] == ["", "limit"]
    assert days(one(world, mine)) == USUAL + MORE + 2 * world.policy.lending.renewal_days


def test_where_nothing_is_renewed_it_stays_so(world: World) -> None:
    world.rule("lending", renewals=0)
    mine = special(world)
    world.lend(mine, world.book("围城"))
    assert refusal(world, mine) == "limit"


def test_whoever_waits_is_served_by_the_rule_for_all(world: World) -> None:
    """A recall takes a longer loan as it takes any other, and gives it back."""
    mine, other, title = special(world), world.reader(), world.book("围城")
    before = world.lend(mine, title)[0]
    world.later(days=25)
    waits = holds.place(world.store.db, other, title, world.now)
    assert refusal(world, mine) == "waiting"
    assert recalls.recall_due(world.store.db, world.policy, world.now) == 1
    assert one(world, mine).days_left(world.now) == world.policy.returns.recall_notice_days
    holds.cancel(world.store.db, other, waits.id, world.policy, world.now)
    recalls.call_off(world.store.db, world.policy, world.now)
    assert one(world, mine).due_at == before.due_at


def kept(world: World, order: Order) -> int:
    until = order_records.by_number(world.db, order.number).pickup_until
    assert until is not None
    return (library_day(until) - library_day(world.now)).days


def test_what_waits_to_be_fetched_is_kept_longer(world: World) -> None:
    """In a locker, at a counter, and for a hold; and once more by asking, as for all (D 29)."""
    mine, other, title = special(world), world.reader(), world.book("围城")
    more = world.policy.special.keep_days_more
    at = {reader: world.step(world.order(reader, world.book(f"b{reader}")), "pick", "pack", "shelve")
          for reader in (mine, other)}  # fmt: skip
    assert kept(world, at[mine]) == kept(world, at[other]) + more
    until = extensions.keep_order(world.store.db, at[mine].number, mine, world.policy, world.now)
    assert (library_day(until) - library_day(world.now)).days == kept(world, at[other]) + more + 2
    locker = world.step(world.order(mine, world.book("c"), way="locker"), "pick", "pack", "load")
    assert kept(world, locker) == world.policy.promise.pickup_days + more
    loan = world.lend(other, title)[0]
    holds.place(world.store.db, mine, title, world.now)
    world.give_back(loan)
    ready = holds.of_reader(world.db, mine)[0].ready_until
    assert ready is not None
    assert (library_day(ready) - library_day(world.now)).days == world.policy.promise.hold_days + more


# ---- being put down, and no longer ---------------------------------------------------------------------------------


def test_what_is_at_home_is_due_later_at_once_and_told_once(world: World) -> None:
    reader = world.reader()
    loan = world.lend(reader, world.book("围城"))[0]
    world.later(days=38)
    notices.plan_reminders(world.db, world.policy, world.now)
    assert [state for _, _, state in world.told(reader, "loan_due")] == ["waiting"]
    assert register(world, reader)
    assert not register(world, reader)
    assert days(one(world, reader)) == USUAL + MORE
    assert news(world, reader) == ["on"]
    facts = world.db.value("SELECT facts FROM notices WHERE event = 'special'")
    assert f"[[{loan.id}, " in facts
    assert [state for _, _, state in world.told(reader, "loan_due")] == ["dropped"]  # of the old date
    world.later(days=20)
    notices.plan_reminders(world.db, world.policy, world.now)
    assert [state for _, _, state in world.told(reader, "loan_due")] == ["dropped", "waiting"]


def test_what_others_wait_for_or_is_late_or_gone_keeps_its_date(world: World) -> None:
    reader, other = world.reader(), world.reader()
    titles = [world.book(name) for name in ("等", "迟", "还")]
    waited_for, late, claimed = sorted(world.lend(reader, *titles), key=lambda loan: titles.index(loan.title_id))
    world.later(days=USUAL - 1)
    loans.renew(world.db, reader, [waited_for.id, claimed.id], world.policy, world.now)
    world.later(days=2)
    holds.place(world.store.db, other, titles[0], world.now)
    claims.claim(world.store.db, reader, claimed.id, "", world.policy, world.now)
    before = {loan.id: loan.due_at for loan in loans.of_reader(world.db, reader)}
    register(world, reader)
    assert {loan.id: loan.due_at for loan in loans.of_reader(world.db, reader)} == before
    assert one(world, reader).id == late.id


def test_when_it_ends_dates_stay_and_no_loan_is_lengthened_twice(world: World) -> None:
    reader = world.reader()
    begun_before = world.lend(reader, world.book("围城"))[0]
    register(world, reader)
    world.later(days=1)
    begun_within = world.lend(reader, world.book("活着"))[0]
    dates = {loan.id: loan.due_at for loan in loans.of_reader(world.db, reader)}
    assert end(world, reader)
    assert not end(world, reader)
    assert {loan.id: loan.due_at for loan in loans.of_reader(world.db, reader)} == dates
    register(world, reader)
    assert {loan.id: loan.due_at for loan in loans.of_reader(world.db, reader)} == dates
    assert {begun_before.id, begun_within.id} == set(dates)
    end(world, reader)
    assert days(world.lend(reader, world.book("三体"))[0]) == USUAL


def test_a_slip_of_the_hand_is_never_told(world: World) -> None:
    """B2-20: undone within the minutes; afterwards both are told."""
    reader = world.reader()
    register(world, reader)
    end(world, reader)
    assert news(world, reader) == []
    register(world, reader)
    for notice in notices.waiting(world.db, world.later(hours=1)):
        notices.settle(world.store.db, notice.id, told=True)
    end(world, reader)
    assert news(world, reader) == ["on", "off"]
    register(world, reader)
    assert news(world, reader) == ["on"]


def test_two_librarians_at_once_lengthen_once(world: World) -> None:
    reader = world.reader()
    world.lend(reader, world.book("围城"))
    race(world, [lambda: register(world, reader)] * 8)
    assert days(one(world, reader)) == USUAL + MORE
    assert news(world, reader) == ["on"]


# ---- what is kept of it, and rules tried out -----------------------------------------------------------------------


def test_that_it_is_so_is_kept_and_shown_and_goes(world: World) -> None:
    """A11-5: who and since when, no reason; all of it goes when the reader is forgotten."""
    reader = special(world)
    world.give_back(world.lend(reader, world.book("围城"))[0])
    held = privacy.everything(world.db, reader)
    assert set(held["special_readers"][0]) == {"since"}
    assert held["loans"][0]["special_days"] == MORE
    assert held["readers"][0]["plain"] == 0
    privacy.forget(world.store.db, reader)
    assert special_readers.ids(world.db) == []
    assert world.db.value("SELECT SUM(special_days) FROM loans") == 0


def test_trying_the_same_rules_again_changes_nothing_for_them(world: World) -> None:
    """D-10: a longer loan, renewed twice and brought back late, is the same loan in the replay."""
    reader, since = special(world), world.now
    loan = world.lend(reader, world.book("围城"))[0]
    assert [refusal(world, reader), refusal(world, reader)] == ["", ""]
    world.now = one(world, reader).due_at
    world.later(days=3)
    world.give_back(loan)
    found = rehearsal.rehearse(world.db, world.policy, world.policy, since, world.now)
    assert not [change for change in found.changes if change.before != change.after]


@pytest.mark.parametrize("days_more", [0, 10])
def test_fewer_days_more_would_have_cost_them(world: World, days_more: int) -> None:
    reader, since = special(world), world.now
    loan = world.lend(reader, world.book("围城"))[0]
    world.later(days=USUAL + MORE)
    world.give_back(loan)
    planned = replace(world.policy, special=replace(world.policy.special, loan_days_more=days_more))
    found = rehearsal.rehearse(world.db, world.policy, planned, since, world.now)
    assert [change.after.balance - change.before.balance for change in found.changes] == [days_more - MORE]
