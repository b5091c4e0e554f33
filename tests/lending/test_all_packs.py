"""Every pack that comes with us keeps the same promises, whatever its numbers (A1-24, B3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import credit, decisions, readers, shipping
from lending.model import library_day
from lending.policy import PACKS, Policy, load_policy, packs, tree
from tests.lending.world import World, passing

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
EVERY = pytest.mark.parametrize("pack", packs())
OBJECTS = ("loan:1", "loan:2", "loan:3")


class Happening(NamedTuple):
    """An event of the ledger, so many days after the start."""

    event: str
    obj: str
    days: int


@pytest.fixture(scope="module")
def shelf() -> Iterator[World]:
    """One store for all: readers are cheap, tables are not."""
    with passing(NOW) as world:
        yield world


def newcomer(shelf: World, policy: Policy) -> int:
    with shelf.store.writing() as db:
        made = readers.join(db, "zh_Hans", NOW)
        credit.open_ledger(db, made.id, policy, NOW)
    return made.id


def happen(shelf: World, policy: Policy, what: list[Happening]) -> tuple[int, list[int]]:
    """Post these to a new reader's ledger; the reader, and what each gave."""
    reader = newcomer(shelf, policy)
    given_points = []
    for one in what:
        then = NOW + timedelta(days=one.days)
        given_points.append(credit.post(shelf.db, reader, one.event, one.obj, policy, then, at=then))
    return reader, given_points


# ---- each pack by itself -------------------------------------------------------------------------------------------


@EVERY
def test_every_pack_names_its_library_and_what_people_call_it(pack: str) -> None:
    policy = load_policy(pack)
    assert policy.name and policy.version
    for name in (policy.name, *policy.known_as):
        assert load_policy(name) == policy


def test_no_two_packs_answer_to_the_same_name() -> None:
    names = [name for pack in packs() for name in (load_policy(pack).name, *load_policy(pack).known_as)]
    assert sorted(names) == sorted(set(names))


@EVERY
def test_thresholds_are_dated_and_one_is_asked_on_any_day(pack: str) -> None:
    """A1-3, A1-4, A12-4; a bureau knows scores from 350 to 950 (B3.1)."""
    policy = load_policy(pack)
    days = [threshold.since for threshold in policy.gate.thresholds]
    assert days == sorted(days)
    for day in (date(2015, 1, 1), *days, date(2030, 1, 1)):
        assert 350 <= policy.threshold(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)) <= 950


@EVERY
def test_the_ladder_climbs_to_the_limit_and_never_above_it(pack: str) -> None:
    """D-2: an honest newcomer without any score reaches full rights."""
    policy = load_policy(pack)
    limits = [policy.ladder_step(returned)[0].limit for returned in range(40)]
    assert limits == sorted(limits)
    assert limits[0] < limits[-1] == policy.lending.limit


@EVERY
def test_every_rule_names_its_source(pack: str) -> None:
    policy = load_policy(pack)
    assert all(rule.source for rule in policy.ledger.rules)
    assert all(rate.source for rate in policy.fees.rates)
    assert all(tier.source for tier in policy.tiers)
    assert all(path.source for path in policy.freeze.thaw_by)
    assert all(amnesty.source for amnesty in policy.amnesties)


@EVERY
def test_nobody_is_asked_for_money_to_travel_that_no_table_names(pack: str) -> None:
    """A4: a price is never negative and climbs with the books, in every zone, both ways."""
    policy = load_policy(pack)
    for rate in policy.fees.rates:
        fees = [shipping.quote(policy, rate.direction, rate.zone, books).fee_fen for books in range(1, 12)]
        assert fees == sorted(fees) and fees[0] >= 0


@EVERY
def test_every_library_stands_under_the_platform(pack: str) -> None:
    """A12-6: along the tree the platform's own rules come last."""
    assert tree(pack)[0] == pack
    assert tree(pack)[-1] == "default"


def test_a_library_of_the_alliance_asks_for_no_more_than_the_alliance() -> None:
    """A2-8."""
    for pack in packs():
        if "zhejiang" in tree(pack):
            assert load_policy(pack).threshold(NOW) <= 550


# ---- the ledger, under every pack ----------------------------------------------------------------------------------


def happenings(policy: Policy) -> st.SearchStrategy[list[Happening]]:
    events = st.sampled_from([rule.event for rule in policy.ledger.rules])
    one = st.builds(Happening, events, st.sampled_from(OBJECTS), st.integers(0, 45))
    return st.lists(one, max_size=25).map(lambda found: sorted(found, key=lambda happening: happening.days))


@EVERY
@settings(max_examples=12)
@given(data=st.data())
def test_the_ledger_sums_and_keeps_within_its_caps(shelf: World, pack: str, data: st.DataObject) -> None:
    """A6: the balance is the sum of the lines, every cap holds in every period, nothing goes below the floor."""
    policy = load_policy(pack)
    what = data.draw(happenings(policy))
    reader, points = happen(shelf, policy, what)
    lines = shelf.db.all("SELECT * FROM credit_lines WHERE reader_id = :r ORDER BY id", r=reader)
    assert credit.balance(shelf.db, reader) == policy.ledger.start + sum(points) == sum(row["delta"] for row in lines)
    if policy.ledger.floor is not None:
        assert credit.balance(shelf.db, reader) >= policy.ledger.floor
    for rule in policy.ledger.rules:
        for cap in policy.ledger.caps_on(rule.event):
            assert all(total <= cap.points for total in totals(lines, cap.events, cap.period).values())


def totals(lines: list[dict[str, object]], events: tuple[str, ...], period: str) -> dict[str, int]:
    """What the lines of these events come to, period by period, without regard to their sign."""
    found: dict[str, int] = defaultdict(int)
    for row in lines:
        if row["event"] in events:
            keys = {"day": str(row["day"]), "month": str(row["day"])[:7], "year": str(row["day"])[:4]}
            found[keys.get(period, str(row["object"]))] += abs(int(str(row["delta"])))
    return found


@EVERY
@settings(max_examples=8)
@given(data=st.data())
def test_the_same_event_twice_is_one_line(shelf: World, pack: str, data: st.DataObject) -> None:
    """B2-2: whoever repeats changes nothing."""
    policy = load_policy(pack)
    what = data.draw(happenings(policy))
    once, _points = happen(shelf, policy, what)
    for one in what:
        then = NOW + timedelta(days=one.days)
        credit.post(shelf.db, once, one.event, one.obj, policy, then, at=then)
    keys = shelf.db.all("SELECT event, object, day FROM credit_lines WHERE reader_id = :r", r=once)
    assert len(keys) == len({tuple(row.values()) for row in keys})


@EVERY
def test_whoever_falls_below_is_frozen_for_so_many_days_and_comes_back_as_the_pack_says(
    shelf: World, pack: str
) -> None:
    """A6-10 and B3.2: the line is crossed once; a pack without a freeze freezes nobody."""
    policy = load_policy(pack)
    reader = newcomer(shelf, policy)
    heavy = min(policy.ledger.rules, key=lambda rule: rule.delta)
    for n in range(2000):
        if credit.balance(shelf.db, reader) < policy.freeze.below or credit.frozen_until(shelf.db, reader, NOW):
            break
        if not credit.post(shelf.db, reader, heavy.event, f"loan:{n}", policy, NOW + timedelta(days=n)):
            break
    until = credit.frozen_until(shelf.db, reader)
    if policy.freeze.days == 0:
        assert until is None
        return
    assert until is not None
    credit.thaw_due(shelf.db, policy, until)
    assert credit.frozen_until(shelf.db, reader) is None
    assert policy.freeze.balance_on_thaw is not None
    assert credit.balance(shelf.db, reader) >= policy.freeze.balance_on_thaw >= policy.freeze.below


@EVERY
def test_limits_are_checked_at_their_edges(shelf: World, pack: str) -> None:
    """B2-3: at the limit less one, at the limit, above it."""
    policy = load_policy(pack)
    reader = newcomer(shelf, policy)
    with shelf.store.writing() as db:
        readers.set_standing(db, reader, "ladder")
    facts = replace(decisions.facts(shelf.db, reader, NOW), balance=policy.ledger.start)
    allowed = decisions.limit(facts, policy)[0]
    assert allowed >= 1
    assert [decisions.may_borrow(facts, allowed + more, policy).allowed for more in (-1, 0, 1)] == [True, True, False]


# ---- what A6 leaves open, both ways --------------------------------------------------------------------------------


@pytest.mark.parametrize(("covers", "volunteered", "borrowed"), [((), 100, 3), (("earning",), 97, 3)])
def test_the_year_cap_covers_volunteering_alone_or_all_earning(
    shelf: World, covers: tuple[str, ...], volunteered: int, borrowed: int
) -> None:
    """A6-4, E1-5: "每年最高累积100分" read both ways."""
    policy = load_policy("晋城")
    rules = tuple(
        replace(rule, cap_covers=covers) if rule.event == "volunteer" else rule for rule in policy.ledger.rules
    )
    policy = replace(policy, ledger=replace(policy.ledger, rules=rules))
    what = [Happening("borrow", f"loan:{n}", 0) for n in range(5)]
    what += [Happening("volunteer", f"round:{n}", n) for n in range(1, 12)]
    _reader, points = happen(shelf, policy, what)
    assert (sum(points[:5]), sum(points[5:])) == (borrowed, volunteered)


def test_with_the_year_used_up_even_borrowing_earns_nothing_under_the_second_reading(shelf: World) -> None:
    """A6-4, E1-5."""
    policy = load_policy("晋城")
    rules = tuple(
        replace(rule, cap_covers=("earning",)) if rule.event == "volunteer" else rule for rule in policy.ledger.rules
    )
    policy = replace(policy, ledger=replace(policy.ledger, rules=rules))
    what = [Happening("volunteer", f"round:{n}", n) for n in range(10)] + [Happening("borrow", "loan:1", 12)]
    assert happen(shelf, policy, what)[1] == [10] * 10 + [0]


@pytest.mark.parametrize(
    ("consume", "balance", "taken", "offered"),
    [
        (False, 99, 0, 0), (False, 100, 0, 1), (False, 250, 1, 1), (False, 250, 2, 0), (False, 900, 0, 3),
        (True, 99, 0, 0), (True, 100, 0, 1), (True, 250, 1, 2), (True, 150, 2, 1), (True, 900, 3, 0), (True, -5, 0, 0),
    ],
)  # fmt: skip
def test_a_hundred_points_are_a_book_more_spent_or_kept(consume: bool, balance: int, taken: int, offered: int) -> None:
    """A6-5, E1-5: three books at most, whichever way it is read."""
    redemption = load_policy("晋城").ledger.redemption
    assert redemption is not None
    assert replace(redemption, consume=consume).offered(balance, taken) == offered


@pytest.mark.parametrize(("lifted_to", "after"), [(0, 0), (20, 20), (None, -20)])
def test_after_a_freeze_the_balance_is_what_the_field_says_or_stays(
    shelf: World, lifted_to: int | None, after: int
) -> None:
    """A6-10, E1-5: the source does not say."""
    policy = load_policy("晋城")
    policy = replace(policy, freeze=replace(policy.freeze, balance_on_thaw=lifted_to))
    what = [Happening("lost", "loan:1", 0), Happening("lost", "loan:2", 1), Happening("duplicate_card", "card:1", 2)]
    reader, _points = happen(shelf, policy, what)
    until = credit.frozen_until(shelf.db, reader)
    assert until is not None
    assert library_day(until) == library_day(NOW + timedelta(days=2 + policy.freeze.days))
    credit.thaw_due(shelf.db, policy, until)
    assert credit.balance(shelf.db, reader) == after
    assert credit.frozen_until(shelf.db, reader) is None


# ---- the schemes in force, by their numbers (B3.2) -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("library", "event", "a_day", "gives"),
    [
        ("晋城", "borrow", 5, 3), ("梅县区", "borrow", 8, 6), ("邹平", "borrow", 5, 3), ("广州", "borrow", 90, 80),
        ("威海", "borrow", 9, 5), ("珠海", "borrow", 9, 60), ("泉州", "borrow", 25, 20), ("惠州", "borrow", 9, 15),
    ],
)  # fmt: skip
def test_a_day_of_borrowing_gives_what_each_scheme_says(
    shelf: World, library: str, event: str, a_day: int, gives: int
) -> None:
    """B3.2."""
    _reader, points = happen(shelf, load_policy(library), [Happening(event, f"loan:{n}", 0) for n in range(a_day)])
    assert sum(points) == gives


@pytest.mark.parametrize(
    ("library", "days", "loses"),
    [("晋城", 60, 60), ("梅县区", 60, 2), ("邹平", 60, 60), ("广州", 130, 100), ("珠海", 60, 50), ("惠州", 60, 10)],
)
def test_a_book_kept_too_long_loses_what_each_scheme_says(shelf: World, library: str, days: int, loses: int) -> None:
    """B3.2: caps for one item."""
    _reader, points = happen(shelf, load_policy(library), [Happening("overdue", "loan:1", n) for n in range(days)])
    assert -sum(points) == loses


def test_loans_and_renewals_share_their_cap_in_guangzhou(shelf: World) -> None:
    """B3.2: +1 per loan or renewal, at most 80 a day together."""
    what = [Happening("borrow" if n % 2 else "renew", f"loan:{n}", 0) for n in range(100)]
    assert sum(happen(shelf, load_policy("广州"), what)[1]) == 80


def test_points_decide_the_tier_in_zhuhai() -> None:
    """B3.2: ≥ 601 six books, 201–600 four, 1–200 two."""
    policy = load_policy("珠海")
    limits = []
    for balance in (1, 200, 201, 600, 601, 5000):
        reached, _above = policy.tier(balance)
        limits.append(reached.limit if reached else None)
    assert limits == [2, 2, 4, 4, 6, 6]
    assert policy.tier(0)[0] is None


@pytest.mark.parametrize("standing", ["trusted", "ladder"])
def test_nobody_borrows_above_their_tier(shelf: World, standing: str) -> None:
    """B3.2, A7-14: with a good bureau's word or many returns on time, the points decide; with few, two books remain."""
    policy = load_policy("珠海")
    reader = newcomer(shelf, policy)
    with shelf.store.writing() as db:
        readers.set_standing(db, reader, standing)
    facts = replace(decisions.facts(shelf.db, reader, NOW), returned_on_time=50)
    limits = [decisions.limit(replace(facts, balance=points), policy)[0] for points in (-5, 0, 1, 200, 201, 601, 9000)]
    assert limits == [2, 2, 2, 2, 4, 6, 6]


def test_shipped_packs_are_found_by_file_too() -> None:
    assert load_policy(PACKS / "jincheng.toml") == load_policy("晋城")
