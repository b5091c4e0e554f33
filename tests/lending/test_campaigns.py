"""What a dated campaign did to orders (A4-10), and the sums since the beginning (A2-23)."""

from __future__ import annotations

from datetime import date, timedelta

from lending import campaigns, credit, orders, privacy, reports, retention
from lending.campaigns import Span
from lending.model import Verdict, library_day
from lending.reports import Period, Sums
from lending.rules import Campaign
from tests.lending.world import World


def campaign(world: World, first: date, last: date, direction: str = "borrow") -> None:
    world.rule("fees", campaigns=(Campaign("读书月", direction, first, last),))


def spans(world: World, period: Period) -> list[Span]:
    return [span for effect in campaigns.effects(world.db, world.policy, period) for span in effect.spans]


def test_orders_and_deliveries_before_during_and_after_are_counted_for_as_many_days(world: World) -> None:
    """Two days of it: two days before, two after; the day before those is not looked at."""
    today = library_day(world.now)
    first, last = today + timedelta(days=3), today + timedelta(days=4)
    campaign(world, first, last)
    me = world.reader()
    for day, ways in enumerate(
        (["delivery"], ["delivery"], [], ["delivery", "counter"], ["delivery", "delivery"], ["counter"])
    ):
        for way in ways:
            world.order(me, world.books(1)[0], way=way)
        if day < 5:
            world.later(days=1)
    called_off = world.order(me, world.books(1)[0], way="delivery")
    orders.cancel(world.db, called_off.number, me, world.policy, world.now)
    assert spans(world, Period(first, last + timedelta(days=30))) == [
        Span("before", 2, 1, 1), Span("during", 2, 4, 3), Span("after", 2, 1, 0),
    ]  # fmt: skip
    assert Span("during", 2, 4, 3).a_day(3) == 1.5


def test_days_that_are_not_over_are_not_counted(world: World) -> None:
    today = library_day(world.now)
    campaign(world, today, today + timedelta(days=9))
    world.order(world.reader(), world.book("围城"), way="delivery")
    found = spans(world, Period(today, today + timedelta(days=1)))
    assert found == [Span("before", 10, 0, 0), Span("during", 2, 1, 1)]
    after = spans(world, Period(today, today + timedelta(days=12)))
    assert [(span.name, span.days) for span in after] == [("before", 10), ("during", 10), ("after", 3)]


def test_only_campaigns_of_these_days_and_of_sending_are_told(world: World) -> None:
    today = library_day(world.now)
    campaign(world, today, today)
    assert spans(world, Period(today + timedelta(days=1), today + timedelta(days=9))) == []
    assert spans(world, Period(today - timedelta(days=9), today - timedelta(days=1))) == []
    campaign(world, today, today, "return")
    assert spans(world, Period(today, today)) == []


def test_a_long_one_or_one_without_an_end_stands_beside_a_quarter(world: World) -> None:
    today = library_day(world.now)
    campaign(world, today - timedelta(days=365), date.max)
    found = spans(world, Period(today, today))
    assert [(span.name, span.days) for span in found] == [("before", 92), ("during", 366)]
    campaign(world, today - timedelta(days=300), today - timedelta(days=100))
    found = spans(world, Period(today - timedelta(days=200), today))
    assert [(span.name, span.days) for span in found] == [("before", 92), ("during", 201), ("after", 92)]


def vouch(world: World, reader: int, verdict: Verdict = Verdict.YES) -> None:
    check = credit.consent(world.db, reader, world.policy, world.now)
    credit.record_verdict(world.db, check.token, verdict, "", world.now)


def test_the_sums_since_the_beginning_stand_beside_these_days(world: World) -> None:
    """A2-23: each reader once, however often they were asked about; who was not vouched for is not counted."""
    early, late, no = world.reader(), world.reader(), world.reader()
    vouch(world, early)
    world.lend(early, *world.books(2))
    world.later(days=40)
    vouch(world, early)
    vouch(world, late)
    vouch(world, no, Verdict.NO)
    world.lend(late, world.books(1)[0])
    period = Period(library_day(world.now) - timedelta(days=5), library_day(world.now))
    assert reports.sums(world.db, period) == Sums(2, 1)
    assert reports.sums(world.db, reports.up_to(period)) == Sums(2, 3)
    before = Period(period.first - timedelta(days=9), period.first - timedelta(days=1))
    assert reports.sums(world.db, before) == Sums(0, 0) and reports.sums(world.db, reports.up_to(before)) == Sums(1, 2)


def test_the_sums_stay_when_nobody_can_tell_any_more_who_borrowed(world: World) -> None:
    me = world.reader()
    vouch(world, me)
    world.give_back(world.lend(me, world.book("围城"))[0])
    world.later(days=200)
    retention.clear(world.db, world.policy, world.now)
    privacy.forget(world.db, me)
    period = Period(library_day(world.now), library_day(world.now))
    assert reports.sums(world.db, reports.up_to(period)) == Sums(1, 1)
