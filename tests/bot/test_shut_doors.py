"""What stands in a place shut for good is not said to be there for the taking."""

from __future__ import annotations

from datetime import timedelta

from bot.service import Service
from lending import catalogue, closings
from lending.model import library_day
from tests.talking import Person


def test_a_book_behind_a_shut_door_is_said_to_be_there_and_cannot_be_ordered(service: Service) -> None:
    db, now, reader = service.store.db, service.clock.now(), Person(service).trusted()
    title = catalogue.title(db, 1)
    for point in catalogue.availability(db, [1])[1].by_point:
        first = library_day(now)
        closings.declare(db, point, first, first + timedelta(days=4000), "楼要拆了", "馆员", service.policy, now)
    said = reader.say(f"借《{title.title}》")
    assert "在关了的馆里，等馆员搬出来才能借" in said and "可借" not in said and "借出去了" not in said
    assert "预约好了" in reader.tap("预约") and "不用预约" not in reader.listen()


def test_where_the_door_is_shut_for_some_days_the_card_says_from_when_it_can_be_had_there(service: Service) -> None:
    """Less than a year: it counts as to be had, for it can be sent from there; but nobody goes there in vain."""
    db, now, reader = service.store.db, service.clock.now(), Person(service).trusted()
    title, first = catalogue.title(db, 1), library_day(now)
    points = catalogue.availability(db, [1])[1].by_point
    assert "今天闭馆" not in reader.press(f"t:{title.id}")
    for point in points:
        closings.declare(db, point, first, first + timedelta(days=20), "装修", "馆员", service.policy, now)
    said = reader.press(f"t:{title.id}")
    assert "可借" in said and said.count("今天闭馆，12月") == min(len(points), 4), "as many places as it names"
