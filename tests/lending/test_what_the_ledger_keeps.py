"""Every event leaves its line; points are spent, earned back, forgiven and thawed as each pack says (A6, B3.2, D-8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lending import credit, decisions, freezes, holds, loans, merging
from lending.ledger_rules import Amnesty, ThawPath
from lending.policy import Policy, load_policy
from tests.lending.world import World


def under(world: World, pack: str) -> int:
    """A reader of the library of this pack."""
    world.policy = load_policy(pack)
    return world.reader()


def post(world: World, reader: int, event: str, obj: str, amount: int = 1, points: int | None = None) -> int:
    return credit.post(world.db, reader, event, obj, world.policy, world.now, "staff:li", "", None, amount, points)


def newest(world: World, reader: int) -> credit.Line:
    return credit.lines(world.db, reader, 1)[0]


# ---- lines ---------------------------------------------------------------------------------------------------------


def test_each_line_names_its_event_rule_version_evidence_and_who_wrote_it(world: World) -> None:
    reader = world.reader()
    credit.post(world.db, reader, "damaged", "loan:1", world.policy, world.now, "staff:li", "PF1")
    line = newest(world, reader)
    assert (line.event, line.object, line.rule, line.version) == ("damaged", "loan:1", "A6-7", world.policy.version)
    assert (line.actor, line.evidence, line.delta, line.reversed) == ("staff:li", "PF1", -30, False)


def test_what_a_cap_swallows_is_seen_as_a_line_of_nothing(world: World) -> None:
    """A6-2: the fourth book of a day is written down too, so that a rehearsal knows of it."""
    reader = world.reader()
    assert [post(world, reader, "borrow", f"loan:{n}") for n in range(4)] == [1, 1, 1, 0]
    assert (newest(world, reader).object, newest(world, reader).delta) == ("loan:3", 0)


def test_late_days_that_the_floor_has_forgiven_are_not_asked_for_later(world: World) -> None:
    """B3.2 威海: at 0 a late day costs nothing, and earning points afterwards brings no old day back."""
    reader = under(world, "威海")
    world.rule("ledger", start=2)
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at + timedelta(days=6)
    credit.accrue_overdue(world.db, world.policy, world.now)
    assert credit.balance(world.db, reader) == 0
    post(world, reader, "membership_year", "year:1")
    credit.accrue_overdue(world.db, world.policy, world.now)
    assert credit.balance(world.db, reader) == 20
    credit.accrue_overdue(world.db, world.policy, world.later(days=1))
    assert credit.balance(world.db, reader) == 19


@pytest.mark.parametrize(
    ("pack", "event", "amount", "gives"),
    [
        ("晋城", "volunteer", 3, 10),
        ("梅县区", "volunteer", 3, 6),
        ("邹平", "volunteer", 9, 20),
        ("泉州", "donation", 3, 15),
    ],
)
def test_hours_and_books_count_where_the_rule_counts_by_them(
    world: World, pack: str, event: str, amount: int, gives: int
) -> None:
    assert post(world, under(world, pack), event, "x:1", amount) == gives


@pytest.mark.parametrize(("points", "gives"), [(None, 30), (45, 45), (90, 50), (1, 30)])
def test_a_librarian_decides_within_the_span_of_the_rule(world: World, points: int | None, gives: int) -> None:
    """B3.2 惠州: a prize is 30 to 50."""
    assert post(world, under(world, "惠州"), "prize", "prize:1", 1, points) == gives


def test_a_renewal_is_counted_where_the_pack_counts_it(world: World) -> None:
    """B3.2 广州, 惠州."""
    reader = under(world, "惠州")
    (loan,) = world.lend(reader, *world.books(1))
    world.later(days=1)
    loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert (newest(world, reader).event, newest(world, reader).delta) == ("renew", 2)


def test_a_hold_nobody_came_for_is_counted_where_the_pack_counts_it(world: World) -> None:
    """B3.2 泉州."""
    reader = under(world, "泉州")
    (title,) = world.books(1)
    (loan,) = world.lend(world.reader(), title)
    holds.place(world.db, reader, title, world.now)
    world.give_back(loan)
    world.later(days=30)
    holds.expire_due(world.db, world.policy, world.now)
    assert (newest(world, reader).event, newest(world, reader).delta) == ("hold_not_collected", -5)


def test_a_line_taken_back_frees_its_cap(world: World) -> None:
    """A6-4: a round of volunteering written down by mistake does not use the year up."""
    reader = world.reader()
    for n in range(10):
        post(world, reader, "volunteer", f"round:{n}")
    assert post(world, reader, "volunteer", "round:10") == 0
    wrong = next(line for line in credit.lines(world.db, reader) if line.object == "round:3")
    credit.reverse(world.db, wrong.id, "staff:li", "staff:wang", "另一位读者", world.policy, world.now)
    assert post(world, reader, "volunteer", "round:11") == 10


# ---- redeeming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("consume", "left"), [(False, [350, 350, 350]), (True, [250, 150, 50])])
def test_a_hundred_points_bring_a_book_more_and_are_kept_or_spent(world: World, consume: bool, left: list[int]) -> None:
    """A6-5, both readings."""
    world.policy = with_redemption(world.policy, consume)
    world.rule("ledger", start=350)
    reader, seen = world.reader(), []
    for n in range(3):
        assert credit.redeem(world.db, reader, world.policy, world.now) == n + 1
        facts = decisions.facts(world.db, reader, world.now)
        assert decisions.limit(facts, world.policy)[0] == world.policy.lending.limit + n + 1
        seen.append(facts.balance)
    assert seen == left
    with pytest.raises(credit.NothingToRedeem):
        credit.redeem(world.db, reader, world.policy, world.now)


def with_redemption(policy: Policy, consume: bool) -> Policy:
    assert policy.ledger.redemption
    redemption = replace(policy.ledger.redemption, consume=consume)
    return replace(policy, ledger=replace(policy.ledger, redemption=redemption))


def test_points_that_are_kept_must_stay_for_the_book_to_stay(world: World) -> None:
    """A6-5: kept points are the reason for the book; when they fall, it rests."""
    reader = world.reader()
    credit.redeem(world.db, reader, world.policy, world.now)
    post(world, reader, "overdue", "loan:1")
    facts = decisions.facts(world.db, reader, world.now)
    assert decisions.limit(facts, world.policy)[0] == world.policy.lending.limit


def test_who_is_still_on_the_ladder_goes_step_by_step(world: World) -> None:
    """D-2: points bring no more at once than the trust given so far."""
    reader = world.reader("ladder")
    credit.redeem(world.db, reader, world.policy, world.now)
    first = world.policy.ladder.steps[0].limit
    assert decisions.limit(decisions.facts(world.db, reader, world.now), world.policy)[0] == first


@pytest.mark.parametrize(("consume", "had", "gains"), [(True, (1, 1), 2), (False, (1, 1), 2), (True, (2, 2), 3)])
def test_books_had_for_points_come_along_when_two_records_become_one(
    world: World, consume: bool, had: tuple[int, int], gains: int
) -> None:
    """A1-20, A6-5: the points are spent already; what they cannot bring any more comes back as points."""
    world.policy = with_redemption(world.policy, consume)
    world.rule("ledger", start=300)
    kept, gone = world.reader(), world.reader()
    for reader, books in zip((kept, gone), had, strict=True):
        for _n in range(books):
            credit.redeem(world.db, reader, world.policy, world.now)
    spent = sum(had) * 100 if consume else 0
    merging.merge(world.db, kept, gone, world.policy, world.now)
    facts = decisions.facts(world.db, kept, world.now)
    assert decisions.limit(facts, world.policy)[0] == world.policy.lending.limit + gains
    assert facts.balance == 300 - spent + (sum(had) - gains) * 100


# ---- freezes and their ends ----------------------------------------------------------------------------------------


def frozen(world: World, pack: str) -> int:
    reader = under(world, pack)
    heavy = min(world.policy.ledger.rules, key=lambda rule: rule.delta)
    for n in range(60):
        post(world, reader, heavy.event, f"loan:{n}")
    assert credit.frozen_until(world.db, reader)
    return reader


def ended(world: World, reader: int) -> str:
    return str(world.db.value("SELECT lifted_as FROM freezes WHERE reader_id = :r ORDER BY id DESC", r=reader))


def test_two_hours_of_volunteering_thaw_in_zouping(world: World) -> None:
    """B3.2: and the points begin again where the pack says."""
    reader = frozen(world, "邹平")
    post(world, reader, "volunteer", "round:1", 1)
    assert [(way.path.kind, way.done) for way in freezes.ways(world.db, reader, world.policy)][1] == ("volunteer", 1)
    assert credit.frozen_until(world.db, reader)
    post(world, reader, "volunteer", "round:2", 1)
    assert credit.frozen_until(world.db, reader) is None
    assert (ended(world, reader), credit.balance(world.db, reader)) == ("volunteer", 50)


def test_a_quiz_passed_thaws_in_zouping_and_nowhere_else(world: World) -> None:
    """B3.2."""
    reader = frozen(world, "邹平")
    assert freezes.pass_quiz(world.db, reader, world.policy, world.now)
    assert ended(world, reader) == "quiz"
    with pytest.raises(freezes.NotFrozen):
        freezes.pass_quiz(world.db, reader, world.policy, world.now)
    with pytest.raises(freezes.NotFrozen):
        freezes.pass_quiz(world.db, frozen(world, "泉州"), world.policy, world.now)


def test_ten_points_earned_thaw_in_quanzhou_and_only_those_earned_since(world: World) -> None:
    """B3.2."""
    reader = under(world, "泉州")
    post(world, reader, "volunteer", "round:0")
    for n in range(60):
        post(world, reader, "lost", f"loan:{n}")
    assert credit.frozen_until(world.db, reader)
    post(world, reader, "activity", "event:1")
    assert credit.frozen_until(world.db, reader)
    post(world, reader, "activity", "event:2")
    assert credit.frozen_until(world.db, reader) is None
    assert ended(world, reader) == "earn"


def test_time_alone_thaws_everywhere(world: World) -> None:
    """A6-10."""
    reader = frozen(world, "晋城")
    world.later(days=world.policy.freeze.days)
    assert credit.thaw_due(world.db, world.policy, world.now) == 1
    assert ended(world, reader) == "time"


def test_a_capped_round_of_volunteering_still_counts_its_hours(world: World) -> None:
    """The points of a day are used up, the hours are worked all the same."""
    world.policy = load_policy("梅县区")
    path = ThawPath("volunteer", 20, "test")
    world.rule("freeze", below=100, days=9, thaw_by=(path,))
    reader = world.reader()
    post(world, reader, "lost", "loan:1")
    assert [post(world, reader, "volunteer", f"round:{n}", 10) for n in range(2)] == [20, 10]
    assert ended(world, reader) == "volunteer"


# ---- amnesty -------------------------------------------------------------------------------------------------------


def test_a_book_brought_back_on_an_amnesty_day_loses_nothing(world: World) -> None:
    """B5 湖北, D-8: 4·23."""
    world.policy = replace(world.policy, amnesties=(Amnesty("世界读书日", "B5", date(2026, 4, 23), date(2026, 4, 23)),))
    world.now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    early, late = world.reader(), world.reader()
    (one,), (two,) = world.lend(early, *world.books(1)), world.lend(late, *world.books(1))
    world.now = datetime(2026, 4, 22, 4, 0, tzinfo=UTC)
    assert world.now > one.due_at
    credit.accrue_overdue(world.db, world.policy, world.now)
    world.give_back(two)
    lost = 101 - credit.balance(world.db, early)
    assert lost > 3 and credit.balance(world.db, late) == 101 - lost
    world.later(days=1)
    credit.accrue_overdue(world.db, world.policy, world.now)
    assert credit.balance(world.db, early) == 101 - lost
    world.give_back(one)
    assert credit.balance(world.db, early) == 101
    assert newest(world, early).event == "forgiven"
