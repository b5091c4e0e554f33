"""Days of grace: readers with overdue books are told once when they begin and end, in their own numbers (D-8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import notify
from bot.service import Service
from lending import credit, loans
from lending.ledger_rules import Amnesty
from lending.model import library_day
from lending.policy import load_policy
from tests.talking import Person, StillClock

DAYS = Amnesty("春节", "D-8", date(2027, 2, 6), date(2027, 2, 8))


@pytest.fixture
def late(service: Service) -> Person:
    """A reader with two overdue books, a day before the days begin, told of the lateness already."""
    rules = replace(service.policy, amnesties=(DAYS,), freeze=replace(service.policy.freeze, below=60))
    me = Person(replace(service, policy=rules)).trusted()
    me.say("你好")
    with service.store.writing() as db:
        for copy in db.all("SELECT id, title_id FROM copies WHERE state = 'available' ORDER BY id LIMIT 2"):
            loans.lend(db, copy["id"], copy["title_id"], me.reader_id, rules, service.clock.now())
    at(me, 2027, 2, 3, 4)  # the last day the doors are open before 春节
    at(me, 2027, 2, 5, 4)
    me.listen()
    return me


def at(me: Person, *moment: int) -> None:
    """The clock stands there, and the worker ticks."""
    assert isinstance(me.service.clock, StillClock)
    me.service.clock.moment = datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]
    notify.tick(me.service.store, me.service.policy, me.service.clock.now())


def news(me: Person) -> list[str]:
    """What has come about the days of grace."""
    before = len(me.heard)
    me.listen()
    return [reply.text for reply in me.heard[before:] if "宽免" in reply.text or "春节到了" in reply.text]


def test_both_books_stand_in_one_message_with_what_it_brings(late: Person) -> None:
    """B2-5: once, however often the worker ticks; outside the quiet hours."""
    at(late, 2027, 2, 5, 17)
    assert news(late) == []  # one at night: in the morning
    at(late, 2027, 2, 6, 3)
    (text,) = news(late)
    balance = credit.balance(late.service.store.db, late.reader_id)
    lost = 102 - balance
    assert lost > 0 and text.count("《") == 2
    assert "春节到了，2月8日（周一） 以前超期的书还回来，不扣分也不收费" in text
    assert f"今天还，退回 {lost} 分，共 102 分，马上能借。" in text
    at(late, 2027, 2, 6, 8)
    assert news(late) == []


def test_the_last_day_is_told_and_only_to_who_still_has_something(late: Person) -> None:
    at(late, 2027, 2, 6, 3)
    news(late)
    at(late, 2027, 2, 7, 3)
    assert news(late) == []
    at(late, 2027, 2, 8, 3)
    (text,) = news(late)
    assert text.startswith("今天是春节宽免的最后一天")
    at(late, 2027, 2, 9, 3)
    assert news(late) == []


def test_who_brings_the_books_gets_what_was_said_and_hears_no_more(late: Person) -> None:
    """D-6: the numbers told are those that come."""
    at(late, 2027, 2, 6, 3)
    news(late)
    service = late.service
    for loan in loans.of_reader(service.store.db, late.reader_id):
        loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    assert credit.balance(service.store.db, late.reader_id) == 102
    at(late, 2027, 2, 8, 3)
    assert news(late) == []


def test_a_message_that_waits_is_looked_at_again(late: Person) -> None:
    """B2-7: the books came back in the night before it was sent."""
    at(late, 2027, 2, 5, 17)
    service = late.service
    for loan in loans.of_reader(service.store.db, late.reader_id):
        loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    at(late, 2027, 2, 6, 3)
    assert news(late) == []


def test_the_overdue_reminder_and_the_why_say_that_nothing_is_lost_today(late: Person) -> None:
    """B2-12: neither speaks of a point a day on a day that takes none."""
    at(late, 2027, 2, 7, 3)
    late.listen()
    assert "今天是春节，还回来不扣分，扣过的也退还。" in late.say("为什么不能借")
    assert "每本每天" not in late.heard[-1].text


def test_a_freeze_ends_with_the_books_and_the_message_says_so(late: Person) -> None:
    """A6-10 with B5: the pause rested on the lateness."""
    service = late.service
    with service.store.writing() as db:
        credit.post(db, late.reader_id, "damaged", "loan:999", service.policy, service.clock.now())
    assert credit.frozen_until(service.store.db, late.reader_id)
    at(late, 2027, 2, 6, 3)
    assert "马上能借" in news(late)[0]
    for loan in loans.of_reader(service.store.db, late.reader_id):
        loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    assert credit.frozen_until(service.store.db, late.reader_id) is None


@pytest.mark.parametrize(
    ("said", "year", "first"), [("正月初一", 2026, date(2026, 2, 17)), ("04-23", 2030, date(2030, 4, 23))]
)
def test_the_days_come_every_year(said: str, year: int, first: date) -> None:
    """B5 湖北: the Spring Festival moves, 4·23 does not; a year nobody has written down has none."""
    assert Amnesty("x", "x", every=said, days=7).falls_in(year) == (first, first + timedelta(days=6))
    assert Amnesty("x", "x", every="正月初一").falls_in(2099) is None


def test_a_span_over_new_year_is_found_on_both_sides() -> None:
    rules = replace(load_policy(), amnesties=(Amnesty("跨年", "x", every="12-30", days=4),))
    for day in (date(2026, 12, 30), date(2027, 1, 2)):
        found = rules.amnesty(day)
        assert found is not None and (found.since, found.until) == (date(2026, 12, 30), date(2027, 1, 2))
    assert rules.amnesty(date(2027, 1, 3)) is None
    assert library_day(datetime(2027, 1, 2, 15, tzinfo=UTC)) == date(2027, 1, 2)
