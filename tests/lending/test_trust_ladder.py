"""Every way leads up: who no bureau can tell of reaches full rights by conduct, and always sees the next step (D-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from lending import credit, decisions, holds, loans, orders
from lending.decisions import Facts
from lending.errors import NotAllowed
from lending.ledger_rules import Tier
from lending.model import Fulfilment, Verdict, library_day
from lending.next_steps import next_steps
from lending.policy import Policy, load_policy, packs
from tests.lending.world import World

TIERS = (
    Tier("起步", 0, "A8-14", limit=5, holds=1),
    Tier("良好", 102, "A8-14", limit=10, extra_days=7, fee_percent=50, holds=2, invitations=True),
    Tier("优秀", 150, "A8-14", limit=20, extra_days=14, fee_percent=0, holds=5, invitations=True, gifts=True),
)


def facts(world: World, reader: int) -> Facts:
    return decisions.facts(world.db, reader, world.now)


def climb(world: World, reader: int, returns: int) -> None:
    for _n in range(returns):
        world.give_back(world.lend(reader, *world.books(1))[0])
        world.later(days=1)


# ---- the ladder ----------------------------------------------------------------------------------------------------


def test_who_the_bureau_cannot_tell_of_ends_with_the_rights_of_the_trusted(world: World) -> None:
    """D-2, A7-8: the same limits in both pools, the same extra books; no word of any bureau."""
    reader, trusted = world.reader("new"), world.reader("trusted")
    check = credit.consent(world.db, reader, world.policy, world.now)
    credit.record_verdict(world.db, check.token, Verdict.CANNOT_TELL, "", world.now)
    climb(world, reader, world.policy.ladder.steps[-1].returned_on_time)
    climbed, known = facts(world, reader), facts(world, trusted)
    for way in ("order", "desk"):
        assert decisions.limit(climbed, world.policy, way)[0] == decisions.limit(known, world.policy, way)[0]
        full = replace(climbed, on_loan=20, at_desk=3)
        as_known = replace(known, on_loan=20, at_desk=3)
        assert decisions.may_borrow(full, 1, world.policy, way) == decisions.may_borrow(as_known, 1, world.policy, way)


def test_a_book_handed_on_in_time_is_a_step_up_and_one_handed_on_late_is_none(world: World) -> None:
    """转借 frees the library's hands: it counts like a return on time."""
    giver, receiver = world.reader("ladder"), world.reader()
    (loan,) = world.lend(giver, *world.books(1))
    with world.store.writing() as db:
        loans.hand_on(db, loan, receiver, world.policy, world.now)
    assert facts(world, giver).returned_on_time == 1
    (late,) = world.lend(giver, *world.books(1))
    with world.store.writing() as db:
        loans.hand_on(db, late, receiver, world.policy, late.due_at + timedelta(seconds=1))
    assert facts(world, giver).returned_on_time == 1


@pytest.mark.parametrize("pack", packs())
def test_nobody_ever_holds_more_than_their_tier_whatever_they_try(world: World, pack: str) -> None:
    """D-2: exposure never above the tier, climbing from the first book to the last step."""
    world.policy = replace(load_policy(pack), pools=(), review=replace(world.policy.review, auto_up_to_books=99))
    reader = world.reader("ladder")
    shelf = world.books(world.policy.lending.limit + 1)
    for _round in range(4):
        allowed = decisions.limit(facts(world, reader), world.policy)[0]
        held = 0
        for title in shelf:
            try:
                world.lend(reader, title)
            except NotAllowed as refused:
                assert [why.code for why in refused.decision.reasons] == ["limit"]
                break
            held += 1
        assert held == min(allowed, len(shelf))
        for loan in loans.of_reader(world.db, reader):
            world.give_back(loan)
        with world.store.writing() as db:
            db.run("DELETE FROM cart_items")
        world.later(days=1)


# ---- the next step -------------------------------------------------------------------------------------------------


def some(**numbers: object) -> Facts:
    usual = Facts(1, "trusted", 0, 0, 0, 0, 100, None, 1, "")
    return replace(usual, **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("pack", packs())
def test_there_is_always_a_next_step_to_name(pack: str) -> None:
    """A7-14: and every number of it says how far it is, never how far one has gone beyond."""
    policy = load_policy(pack)
    for standing, balance, returned in product(("new", "ladder", "trusted"), (-40, 0, 100, 250, 700, 5000), (0, 5, 50)):
        steps = next_steps(some(standing=standing, balance=balance, returned_on_time=returned), policy)
        assert steps
        assert all(step.numbers.get("to_go", 1) > 0 for step in steps)


def test_the_next_steps_in_their_order() -> None:
    policy = load_policy()
    assert codes(some(standing="new"), policy) == ["open"]
    assert codes(some(standing="ladder", overdue=1), policy) == ["bring_back", "climb"]
    assert codes(some(balance=150), policy) == ["redeem"]
    assert codes(some(balance=150, redeemed=1), policy) == ["save"]
    assert codes(some(balance=400, redeemed=3), policy) == ["enjoy"]


def codes(facts: Facts, policy: Policy) -> list[str]:
    return [step.code for step in next_steps(facts, policy)]


# ---- what a tier brings (A8-14) ------------------------------------------------------------------------------------


def reach(world: World, reader: int, balance: int) -> None:
    while credit.balance(world.db, reader) < balance:
        world.later(days=1)
        credit.post(world.db, reader, "activity", f"event:{world.now}", world.policy, world.now)


@pytest.mark.parametrize(
    ("balance", "limit", "more", "percent"), [(100, 5, 0, 100), (102, 10, 7, 50), (150, 20, 14, 0)]
)
def test_a_tier_gives_books_days_and_a_share_of_the_fare(
    world: World, balance: int, limit: int, more: int, percent: int
) -> None:
    world.policy = replace(world.policy, tiers=TIERS, ledger=replace(world.policy.ledger, redemption=None))
    reader = world.reader()
    reach(world, reader, balance)
    assert decisions.limit(facts(world, reader), world.policy)[0] == limit
    order = world.order(reader, *world.books(2), way="delivery")
    usual = orders.quote(world.policy, Fulfilment.DELIVERY, "city", 2)
    assert (order.fee_fen, order.return_fee_fen) == (
        usual.fee_fen * percent // 100,
        usual.return_fee_fen * percent // 100,
    )
    (loan,) = world.lend(reader, *world.books(1))
    plain = loans.due_date(world.db, loan.started_at, world.policy)
    assert library_day(loan.due_at) == library_day(plain) + timedelta(days=more)


def test_a_tier_says_how_many_places_in_queues(world: World) -> None:
    world.policy = replace(world.policy, tiers=TIERS)
    reader, others = world.reader(), world.books(3)
    for title in others:
        world.lend(world.reader(), title)
    most = decisions.holds_limit(world.db, reader, world.policy)
    holds.place(world.db, reader, others[0], world.now, most)
    with pytest.raises(holds.HoldsFull):
        holds.place(world.db, reader, others[1], world.now, most)
    reach(world, reader, 102)
    holds.place(world.db, reader, others[1], world.now, decisions.holds_limit(world.db, reader, world.policy))


def test_the_tier_above_is_named_with_all_it_brings(world: World) -> None:
    policy = replace(world.policy, tiers=TIERS, ledger=replace(world.policy.ledger, redemption=None))
    (step,) = next_steps(some(balance=110), policy)
    assert (step.code, step.numbers["to_go"], step.numbers["gifts"]) == ("reach_tier", 40, True)
    assert codes(some(balance=150), policy) == ["enjoy"]
