"""A policy is rehearsed on what really happened before it is published (D-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from lending import checkouts, credit, loans, rehearsal, replay
from lending.model import Verdict, library_day, start_of_day
from lending.policy import Policy, load_policy, packs
from lending.rehearsal import Rehearsal
from lending.rules import LadderStep
from tests.lending.world import World

DAYS = 40


def rehearse(world: World, planned: Policy, days: int = DAYS) -> Rehearsal:
    return rehearsal.rehearse(world.db, world.policy, planned, world.now - timedelta(days=days), world.now)


def but(policy: Policy, part: str, **fields: Any) -> Policy:
    return replace(policy, **{part: replace(getattr(policy, part), **fields)})


def points_for(policy: Policy, event: str, delta: int) -> Policy:
    rules = tuple(replace(rule, delta=delta) if rule.event == event else rule for rule in policy.ledger.rules)
    return but(policy, "ledger", rules=rules)


def live(world: World, seed: int) -> list[int]:
    """Forty days of a small library with short loans: some borrow, some are late, someone helps."""
    world.rule("lending", loan_days=6)
    dice = Random(seed)
    people, books = [world.reader() for _n in range(5)], world.books(12)
    for _day in range(DAYS):
        world.later(hours=10)
        for reader in dice.sample(people, 2):
            visit(world, dice, reader, books)
        world.now = start_of_day(library_day(world.now) + timedelta(days=1))
        credit.thaw_due(world.db, world.policy, world.now)
        credit.accrue_overdue(world.db, world.policy, world.now)
    return people


def visit(world: World, dice: Random, reader: int, books: list[int]) -> None:
    mine = loans.of_reader(world.db, reader)
    late = any(loan.due_at < world.now for loan in mine)
    free = [book for book in books if "available" in world.copies(book)]
    if mine and dice.random() < 0.3:
        world.give_back(mine[0])
    elif free and not late and len(mine) < 2 and credit.frozen_until(world.db, reader, world.now) is None:
        world.lend(reader, dice.choice(free))
    if dice.random() < 0.3:
        event = dice.choice(("activity", "volunteer", "damaged"))
        credit.post(world.db, reader, event, f"{event}:{world.now:%m%d%H}", world.policy, world.now)


# ---- what must always hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_replay_of_the_rules_in_force_comes_to_what_really_came(world: World, seed: int) -> None:
    """The strongest proof that the rehearsal is no invention: every reader's balance and freeze, from any day on."""
    people = live(world, seed)
    for days in (DAYS + 5, 17, 3):
        found = replay.past(world.db, world.policy, world.now - timedelta(days=days), world.now)
        standings = replay.replay(found, world.policy)
        assert {reader: standings[reader].balance for reader in people} == {
            reader: credit.balance(world.db, reader) for reader in people
        }
        assert all(standings[reader].refused == 0 for reader in people)


@pytest.mark.parametrize("seed", range(2))
def test_rehearsing_the_same_pack_changes_nothing(world: World, seed: int) -> None:
    """D-14."""
    live(world, seed)
    outcome = rehearse(world, world.policy)
    assert outcome.changes == ()
    assert outcome.loans > 10
    assert outcome.ask_again == 0


def test_renewals_that_were_told_before_the_rule_changed_were_no_favour(world: World) -> None:
    world.rule("special", renewals_more=0)
    world.rule("lending", renewals=2)
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.rule("lending", renewals=1)
    for _ in range(2):
        (outcome,) = loans.renew(world.db, reader, [loan.id], world.policy, world.now)
        assert outcome.refusal is None
    world.later(days=world.policy.lending.loan_days + 2 * world.policy.lending.renewal_days)
    world.give_back(loans.loan(world.db, loan.id))
    found = replay.past(world.db, world.policy, world.now - timedelta(days=90), world.now)
    assert replay.replay(found, world.policy)[reader].balance == credit.balance(world.db, reader), "it was never late"


@pytest.mark.parametrize(("planned", "fewer"), [(10, 0), (15, 0), (30, 0), (40, 10)])
def test_days_that_were_told_with_a_loan_are_kept_whatever_is_planned(world: World, planned: int, fewer: int) -> None:
    """Decision 103: told 30 days, it was renewed for 30 under a rule of 15, and would be under one of ten."""
    world.now -= timedelta(days=150)  # no holiday and no amnesty falls into these days
    world.rule("lending", renewal_days=30)
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.rule("lending", renewal_days=15)
    world.later(days=world.policy.lending.loan_days - 1)
    (outcome,) = loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert outcome.refusal is None
    kept = loans.loan(world.db, loan.id)
    world.now = kept.due_at + timedelta(days=12, hours=-1)
    world.give_back(kept)
    found = replay.past(world.db, world.policy, world.now - timedelta(days=90), world.now)
    with_it = replay.replay(found, but(world.policy, "lending", renewal_days=planned))
    assert with_it[reader].balance == credit.balance(world.db, reader) + fewer, "days late that cost a point each"


@pytest.mark.parametrize(("planned", "fewer"), [(10, 0), (20, 0), (30, 0), (40, 10)])
def test_days_told_with_an_order_are_kept_whatever_is_planned(world: World, planned: int, fewer: int) -> None:
    """Ordered under a rule of 30 days and sent under one of 20, it has the 30; so it would under any below them."""
    world.now -= timedelta(days=150)
    world.rule("lending", loan_days=30)
    world.fill_cart(reader := world.reader(), *world.books(1))
    order = world.press_order(reader, "delivery")
    world.rule("lending", loan_days=20)
    world.step(order, "pick", "pack", "ship", "sign")
    (loan,) = loans.of_reader(world.db, reader)
    world.now = loan.due_at + timedelta(days=12, hours=-1)
    world.give_back(loan)
    found = replay.past(world.db, world.policy, world.now - timedelta(days=90), world.now)
    with_it = replay.replay(found, but(world.policy, "lending", loan_days=planned))
    assert with_it[reader].balance == credit.balance(world.db, reader) + fewer, "days late that cost a point each"


def test_a_loan_told_as_the_rule_is_has_the_days_that_are_planned(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    kept = loans.loan(world.db, loan.id)
    world.now = kept.due_at - timedelta(hours=1)
    world.give_back(kept)
    planned = but(world.policy, "lending", renewal_days=world.policy.lending.renewal_days - 3)
    found = replay.past(world.db, world.policy, world.now - timedelta(days=90), world.now)
    assert replay.replay(found, planned)[reader].balance == credit.balance(world.db, reader) - 3


@pytest.mark.parametrize("pack", packs())
def test_every_pack_can_be_rehearsed_and_the_answer_is_the_same_each_time(world: World, pack: str) -> None:
    """Deterministic."""
    a, b = world.reader(), world.reader()
    book, other = world.books(2)
    world.lend(a, book)
    loan = world.lend(b, other)[0]
    world.later(days=45)
    world.give_back(loan)
    credit.accrue_overdue(world.db, world.policy, world.now)
    planned = load_policy(pack)
    assert rehearse(world, planned, 60) == rehearse(world, planned, 60)


def test_a_rehearsal_leaves_the_library_as_it_was(world: World) -> None:
    live(world, 1)
    before = world.everything()
    rehearse(world, load_policy("珠海"))
    assert world.everything() == before


# ---- who gains, who loses ------------------------------------------------------------------------------------------


def late_reader(world: World, days: int = 4) -> int:
    """Somebody who brings a book back so many days late."""
    reader = world.reader()
    loan = world.lend(reader, *world.books(1))[0]
    world.later(days=world.policy.lending.loan_days + days)
    credit.accrue_overdue(world.db, world.policy, world.now)
    world.give_back(loan)
    return reader


def test_dearer_lateness_costs_those_who_were_late(world: World) -> None:
    punctual, late = world.reader(), late_reader(world)
    outcome = rehearse(world, points_for(world.policy, "overdue", -3), 60)
    assert [change.reader_id for change in outcome.changes] == [late]
    change = outcome.changes[0]
    assert (change.outcome, change.before.balance, change.after.balance) == ("loses", 97, 89)
    assert outcome.counts() == {"loses": 1}
    assert punctual not in [change.reader_id for change in outcome.changes]


def test_longer_loans_help_those_who_were_late(world: World) -> None:
    late_reader(world)
    planned = but(world.policy, "lending", loan_days=world.policy.lending.loan_days + 10)
    change = rehearse(world, planned, 60).changes[0]
    assert (change.outcome, change.after.balance) == ("gains", 101)


def test_an_earlier_freeze_is_counted_in_days_and_in_refused_books(world: World) -> None:
    """A6-10: whoever would have been frozen could not have borrowed the next book."""
    reader = late_reader(world)
    world.lend(reader, *world.books(1))
    world.later(days=3)
    planned = but(world.policy, "freeze", below=99, balance_on_thaw=99)
    change = rehearse(world, planned, 60).changes[0]
    assert change.reader_id == reader
    assert (change.before.frozen_days, change.before.refused) == (0, 0)
    assert change.after.frozen_days > 3
    assert change.after.refused == 1
    assert change.outcome == "loses"


def test_a_smaller_first_step_shows_in_limits_and_refusals(world: World) -> None:
    """D-2."""
    reader = world.reader("ladder")
    world.lend(reader, *world.books(2))
    steps = (LadderStep(0, 1), *world.policy.ladder.steps[1:])
    change = rehearse(world, but(world.policy, "ladder", steps=steps), 5).changes[0]
    assert (change.before.limit, change.after.limit, change.before.refused, change.after.refused) == (2, 1, 0, 1)


def test_dearer_delivery_is_told_in_money(world: World) -> None:
    """A4."""
    reader = world.reader()
    world.order(reader, *world.books(2), way="delivery")
    rates = tuple(replace(rate, base_fen=450) for rate in world.policy.fees.rates)
    outcome = rehearse(world, but(world.policy, "fees", rates=rates), 5)
    assert outcome.total("fee_fen") == (300, 450)
    assert outcome.counts() == {"loses": 1}


def test_what_was_promised_or_written_before_the_time_looked_at_stays(world: World) -> None:
    """A6: a change of the rules never rewrites old lines, nor the due date of a book already out."""
    reader = late_reader(world)
    world.lend(reader, *world.books(1))
    world.later(days=10)
    planned = but(points_for(world.policy, "overdue", -9), "lending", loan_days=1)
    assert rehearse(world, planned, 5).changes == ()


def test_events_of_a_person_are_judged_by_the_planned_rule_and_reversals_stand(world: World) -> None:
    reader = world.reader()
    credit.post(world.db, reader, "damaged", "loan:9", world.policy, world.now, actor="wang")
    world.later(days=1)
    change = rehearse(world, points_for(world.policy, "damaged", -40), 5).changes[0]
    assert (change.before.balance, change.after.balance) == (70, 60)
    without = tuple(rule for rule in world.policy.ledger.rules if rule.event != "damaged")
    assert rehearse(world, but(world.policy, "ledger", rules=without), 5).changes[0].after.balance == 100


def test_those_who_lose_most_stand_first(world: World) -> None:
    a_little, much = late_reader(world, 2), late_reader(world, 9)
    outcome = rehearse(world, points_for(world.policy, "overdue", -3), 200)
    assert [change.reader_id for change in outcome.changes] == [much, a_little]


@pytest.mark.parametrize(
    ("verdict", "planned", "again"),
    [(Verdict.YES, 500, 0), (Verdict.YES, 600, 1), (Verdict.NO, 600, 0), (Verdict.NO, 500, 1)],
)
def test_a_new_threshold_tells_whom_the_kept_answers_leave_open(
    world: World, verdict: Verdict, planned: int, again: int
) -> None:
    """B3.1: a yes to 550 is a yes to 500; of 600 it says nothing."""
    check = credit.consent(world.db, world.reader("new"), world.policy, world.now)
    credit.record_verdict(world.db, check.token, verdict, "test", world.now)
    thresholds = (replace(world.policy.gate.thresholds[-1], score=planned),)
    assert rehearse(world, but(world.policy, "gate", thresholds=thresholds), 5).ask_again == again


def test_a_reader_who_joins_under_the_planned_rules_starts_as_they_say(world: World) -> None:
    """A6-1."""
    since: datetime = world.later(days=1)
    reader = world.reader()
    world.later(days=1)
    outcome = rehearsal.rehearse(world.db, world.policy, load_policy("威海"), since, world.now)
    assert outcome.changes == ()
    outcome = rehearsal.rehearse(world.db, world.policy, but(world.policy, "ledger", start=200), since, world.now)
    assert [(change.reader_id, change.after.balance) for change in outcome.changes] == [(reader, 200)]


def test_where_newcomers_would_begin_elsewhere_is_said(world: World) -> None:
    """B3.2 珠海: who is here keeps the points they began with, so the numbers stand on two scales."""
    world.reader()
    assert rehearse(world, load_policy("珠海"), 5).starts == (100, 1000)
    assert rehearse(world, world.policy, 5).starts == (100, 100)


def test_a_book_taken_and_brought_back_in_one_second_is_rehearsed(world: World) -> None:
    reader, title = world.reader(), world.book("甲")
    world.later(days=2)
    checkouts.check_out(world.db, "甲-1", reader, world.policy, world.now)
    world.give_back(loans.of_reader(world.db, reader)[0])
    assert title and rehearse(world, world.policy, 3).readers
