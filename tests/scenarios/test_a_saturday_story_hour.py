"""周六故事会: one story from the librarian's plan to the points, in a library that minds when nobody comes (F-8, B3.2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.service import Service
from lending import credit, event_changes, events
from lending.events import Event, Plan
from lending.model import LIBRARY_ZONE
from lending.policy import load_policy
from tests.talking import Person, StillClock, open_sample, pass_time


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    """邹平: +2 for signing up, +3 for coming on time, −10 for not coming."""
    return open_sample(prepared, tmp_path / "data", load_policy("zouping"))


def saturday(hour: int, minute: int = 0, day: int = 28) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LIBRARY_ZONE)


def it_is(service: Service, moment: datetime) -> None:
    assert isinstance(service.clock, StillClock)
    service.clock.moment = moment
    pass_time(service)


def story_hour(service: Service, day: int = 28) -> Plan:
    branch = service.store.db.value("SELECT id FROM points WHERE code = 'yx'")
    return Plan(
        name="周六故事会", about="《月亮的味道》", point_id=branch, place="一楼", seats=3,
        starts_at=saturday(10, day=day), ends_at=saturday(11, day=day), sign_up_until=saturday(10, day=day),
    )  # fmt: skip


def points(service: Service, who: Person) -> int:
    return credit.balance(service.store.db, who.reader_id) - service.policy.ledger.start


def test_full_waiting_given_back_moved_up_reminded_checked_in_and_one_who_did_not_come(service: Service) -> None:
    db, policy = service.store.db, service.policy
    lin, zhao, wang, chen = (Person(service, name) for name in ("lin", "zhao", "wang", "chen"))
    made: Event = events.make(db, story_hour(service), policy, service.clock.now())

    # Three seats. 林 comes with her child, 赵 alone: it is full. 王 and her child wait, and so does 陈.
    assert "1. 周六故事会\n11月28日（周六） 10:00–11:00 · 萤火少儿馆 · 一楼 · 还有 3 个位子" in lin.say("周末有什么活动")
    lin.say("1")
    assert "报好了：「周六故事会」，2 位" in lin.tap("2 位一起")
    assert "报好了" in zhao.say("报名故事会")
    wang.press(f"ev:{made.id}")
    assert "替您排上了，2 位，排第 1" in wang.tap("2 位一起")
    assert "替您排上了，1 位，排第 2" in chen.say("报名故事会")

    # 林 has a cold in the house. Her two seats go to the two who wait first, who are told.
    assert "位子让出来了" in lin.say("取消报名")
    pass_time(service, seconds=1)
    assert "有位子了：「周六故事会」，替您报好了，2 位" in wang.listen()
    assert chen.listen() == "" and "排第 1" in chen.say("我的报名")

    # On Friday morning at ten those who come are reminded, once; 陈, who waits, is not.
    it_is(service, saturday(10, day=27))
    pass_time(service, minutes=30)
    for who in (zhao, wang):
        assert who.listen().count("提醒您：「周六故事会」快到了") == 1
    assert "提醒您" not in chen.listen()

    # Nobody can come: the heating has failed. It is moved to Sunday, and everybody hears of it, also who waits.
    event_changes.change(db, made.id, story_hour(service, day=29), policy, service.clock.now())
    pass_time(service, seconds=1)
    for who, stands in ((zhao, "您的位子还在"), (wang, "您的位子还在"), (chen, "您还在原来的位置排着")):
        said = who.listen()
        assert "「周六故事会」改了：11月29日（周日） 10:00–11:00" in said and stands in said
    it_is(service, saturday(10, day=28))
    assert wang.listen().count("提醒您") == 1 and "提醒您" not in chen.listen()

    # 赵 finds an hour before that he cannot come. 陈 waits and takes his seat, so it costs him nothing.
    it_is(service, saturday(9, day=29))
    zhao.listen()
    assert "位子让出来了" in zhao.say("取消报名")
    pass_time(service, seconds=1)
    assert "有位子了" in chen.listen()

    # At the door: 王 scans the poster; too early is said with the hour, once is enough. 陈 does not come.
    assert "还没到签到的时候" in wang.say(f"签到 QD-{made.door}")
    it_is(service, saturday(9, 50, day=29))
    wang.send(wang.event(start=f"e{made.door}"))
    assert "签到好了：「周六故事会」，谢谢您来。信用分 +5。" in wang.listen()
    assert "已经签过到了" in wang.say(f"QD-{made.door}")
    assert "没有您的报名" in zhao.say(f"QD-{made.door}")

    # A day after, it is reckoned up. 陈's seat came an hour before: not coming costs nothing, and nobody scolds.
    it_is(service, saturday(11, 1, day=30))
    assert chen.listen() == ""
    assert [points(service, who) for who in (lin, zhao, wang, chen)] == [0, 0, 5, 2]
    assert events.event(db, made.id).came == 2


def test_whoever_signed_up_in_time_and_did_not_come_hears_so_and_may_object(service: Service) -> None:
    sun, db = Person(service, "sun"), service.store.db
    events.make(db, story_hour(service), service.policy, service.clock.now())
    sun.say("报名故事会")
    it_is(service, saturday(11, 1, day=29))
    assert "「周六故事会」没有等到您，按规则 -10 分。来了没签上，或者有难处，都可以申诉。" in sun.listen()
    assert points(service, sun) == 2 - 10
    sun.tap("申诉")
    assert "GA" in sun.tap("11月2") and db.value("SELECT COUNT(*) FROM appeals") == 1
