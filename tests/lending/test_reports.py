"""信阅月报 (A2-R): any days, sums that agree, and nobody who could be guessed from a small number."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lending import orders, reports, retention
from lending.model import library_day, stamp
from lending.rankings import SMALL
from lending.reports import Period
from tests.lending.world import World


def month(world: World) -> Period:
    """The thirty days up to this one."""
    today = library_day(world.now)
    return Period(today - timedelta(days=29), today)


def test_a_period_is_whole_days_of_the_librarys(world: World) -> None:
    """The seed's ran from the 23rd to the 23rd; a day begins at midnight in the library (B2-15)."""
    values = Period(date(2018, 4, 23), date(2018, 5, 23)).values()
    assert values == {"since": "2018-04-22T16:00:00Z", "until": "2018-05-23T16:00:00Z"}


def test_orders_placed_and_completed_agree(world: World) -> None:
    """R-2, R-8: what was placed before and came in this time is counted, and told apart."""
    reader, titles = world.reader(), world.books(5)
    early = world.order(reader, titles[0])
    world.later(days=40)
    world.through(early)
    world.through(world.order(reader, titles[1]))
    orders.cancel(world.db, world.order(reader, titles[2]).number, reader, world.policy, world.now)
    world.order(reader, titles[3])
    late = world.order(reader, titles[4])
    period = month(world)
    world.later(days=1)
    world.through(late)  # after the end: on the way when it ended
    found = reports.placed_and_completed(world.db, period)
    assert (len(found.placed), found.completed, found.called_off, found.on_the_way, found.earlier) == (4, 1, 1, 2, 1)


def test_the_source_of_an_order_is_the_channel_it_was_said_on(world: World) -> None:
    """R-8."""
    reader, book = world.reader(), world.books(1)[0]
    world.fill_cart(reader, book)
    point = world.db.value("SELECT MIN(id) FROM points")
    made = orders.place(
        world.db, reader, orders.Fulfilment.COUNTER, point, "key", world.policy, world.now, source="telegram"
    )
    assert reports.placed_and_completed(world.db, month(world)).placed == [("telegram", reader, made.id)]


def test_what_was_lent_and_came_back_is_counted_where_it_happened(world: World) -> None:
    """R-2, R-6, R-7."""
    main, east = world.branch(), world.branch("east")
    reader, (one, two) = world.reader(), world.books(2)
    loans = world.lend(reader, one)
    world.through(world.order(reader, two, way="delivery"))
    world.give_back(loans[0], at=east)
    lent = reports.lent(world.db, month(world))
    assert sorted((book.zone, book.point_id) for book in lent) == [("", main), ("city", None)]
    assert reports.returned(world.db, month(world)) == [reports.Returned(reader, east)]


def test_beginners_are_those_vouched_for_and_those_who_ordered_first(world: World) -> None:
    """R-3, R-5: whoever has only come to look is neither."""
    old, titles = world.reader(), world.books(3)
    world.order(old, titles[0])
    world.later(days=60)
    vouched, ordered = world.reader(), world.reader("ladder")
    world.order(old, titles[1])
    world.order(ordered, titles[2])
    with world.store.writing() as db:
        for n, (reader, verdict) in enumerate(((vouched, "yes"), (vouched, "yes"), (ordered, "no"))):
            db.run(
                "INSERT INTO credit_checks (reader_id, partner, transaction_id, token, threshold, consented_at, "
                "verdict, answered_at) VALUES (:r, 'zhima', :n, :n, 550, :now, :verdict, :now)",
                r=reader, n=str(n), verdict=verdict, now=stamp(world.now),
            )  # fmt: skip
    assert [one.reader_id for one in reports.approved(world.db, month(world))] == [vouched]
    assert [one.reader_id for one in reports.first_orders(world.db, month(world))] == [ordered]
    assert reports.joined(world.db, month(world)) == 2


def test_after_the_clearing_the_books_are_still_counted_and_nobodys(world: World) -> None:
    """A11-5: what was borrowed is known to the month, by whom is not."""
    reader, book = world.reader(), world.books(1)[0]
    world.give_back(world.lend(reader, book)[0])
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert not period.forgets(world.policy, world.now)
    world.later(days=200)
    retention.clear(world.db, world.policy, world.now)
    assert period.forgets(world.policy, world.now)
    assert [(book.reader_id, book.order_id) for book in reports.lent(world.db, period)] == [(None, None)]


Rows = st.lists(st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(1, 6)), st.integers(1, 9)))


@given(Rows)
def test_nothing_small_is_shown_and_nothing_shown_is_lost(rows: list[tuple[str, int | None, int]]) -> None:
    """Fewer than three are never shown alone, nor found by taking the rows from the sum."""
    shown, rest = reports.lines(rows)
    parts = [line for _what, line in shown] + ([rest] if rest else [])
    assert all(line.people >= SMALL for line in parts)
    left = len(rows) - sum(line.books for line in parts)
    assert left == 0 or not parts, "all of it, or nothing at all"
    assert [line.books for _what, line in shown] == sorted((line.books for _what, line in shown), reverse=True)


def test_the_smallest_joins_what_is_too_small_alone() -> None:
    """One reader at one place beside eight elsewhere could be worked out; so they stand with the next."""
    rows = [("big", n, None) for n in range(5)] + [("next", n, None) for n in range(3)] + [("tiny", 7, None)]
    shown, rest = reports.lines(rows)
    assert [what for what, _line in shown] == ["big"] and rest and (rest.books, len(rest.readers)) == (4, 4)
