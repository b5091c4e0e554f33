"""Books are ready at a counter on a day when nobody can fetch them: from when they can is said before it is agreed to (B2-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot import notify
from bot.service import Service
from lending import calendar, closings, elsewhere, points
from tests.talking import Person, StillClock, advance, pass_time


def utc(moment: str) -> datetime:
    """"11-22 02:00" of that year."""
    return datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=UTC)


def at(service: Service, moment: str) -> None:
    """Move the library's clock there."""
    assert isinstance(service.clock, StillClock)
    service.clock.moment = utc(moment)


def ordering(me: Person, branch: str) -> str:
    """As far as the confirmation."""
    me.trusted().say("围城")
    me.say("借第1本")
    me.tap("到馆自取")
    return me.tap(branch)


def test_a_counter_that_is_closed_then_says_when_it_opens(service: Service, me: Person) -> None:
    at(service, "11-22 02:00")  # a Sunday; the central library rests on Mondays
    card = ordering(me, "云栖市图书馆中心馆")
    assert "预计 11月23日（周一） 10:00 前备好。那时不开门，11月24日（周二） 09:00 起能取。" in card
    placed = me.tap("确认下单")
    assert "11月23日（周一） 10:00 前放到取书架，好了就通知您。那时不开门，11月24日（周二） 09:00 起能取。" in placed


def test_one_that_is_open_then_says_nothing(service: Service, me: Person) -> None:
    at(service, "11-22 02:00")
    assert "不开门" not in ordering(me, "听泉区分馆") and "不开门" not in me.tap("确认下单")


def test_a_special_day_counts_too(service: Service, me: Person) -> None:
    with service.store.writing() as db:
        point = db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
        db.run(
            "INSERT INTO special_days (point_id, first_day, last_day, planned_last, hours, reason, emergency, made_by, "
            "made_at) VALUES (:p, '2026-11-21', '2026-11-21', '2026-11-21', '14:00-18:00', '', 0, 'x', '2026-11-01T00:00:00Z')",
            p=point,
        )
    assert "那时不开门，11月21日（周六） 14:00 起能取。" in ordering(me, "听泉区分馆")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("11-20 04:30", "11-20 06:00"),  # half past twelve, at lunch
        ("11-20 12:00", "11-21 01:00"),  # at eight in the evening
        ("11-20 02:00", ""),
    ],
)
def test_the_next_opening_is_found_to_the_minute(service: Service, moment: str, opens: str) -> None:
    days = calendar.load(service.store.db, service.policy)
    room = next(one for one in points.points(service.store.db) if one.name == "石阶街道书房")
    assert days.opens_next(room, utc(moment)) == (utc(opens) if opens else None)


def test_books_put_up_on_a_closed_day_are_announced_with_the_opening(service: Service, me: Person) -> None:
    at(service, "11-22 02:00")
    ordering(me, "云栖市图书馆中心馆")
    me.tap("确认下单")
    at(service, "11-23 02:00")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "放到取书架了" in (told := me.listen()) and "现在不开门，11月24日（周二） 09:00 起能取。" in told


def test_on_an_open_day_nothing_is_added(service: Service, me: Person) -> None:
    ordering(me, "云栖市图书馆中心馆")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "放到取书架了：《" in (told := me.listen()) and "不开门" not in told
    assert f"到云栖市图书馆中心馆报号码 {me.last_order().pickup_code} 就能取" in told


def test_nobody_comes_in_vain_while_books_wait_behind_a_door_that_is_shut(service: Service, me: Person) -> None:
    """B2-9: also where the day they are kept until needs no moving; and whoever was told hears that it opens after all."""
    db, now = service.store.db, service.clock.now
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    other = Person(service, "other")
    ordering(other, "云栖市图书馆中心馆")
    other.tap("确认下单")
    for who in (me, other):
        advance(service, who.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    assert "保留到 11月23日（周一）" in me.listen() and other.listen()
    point = db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    days = date(2026, 11, 20), date(2026, 11, 22)
    made = closings.declare(db, point, *days, "水管爆了", "馆员", service.policy, now(), emergency=True)
    pass_time(service, minutes=1)
    said = me.listen()
    assert "听泉区分馆11月20日（周五）至11月22日（周日）闭馆（水管爆了），那几天先别来取" in said and "保留到 11月23日" in said
    assert other.listen() == ""
    pass_time(service, hours=24)
    assert "还在听泉区分馆等您" in (said := me.listen()) and "现在不开门，11月23日（周一） 09:00 起能取" in said
    closings.take_back(db, made, "馆员", service.policy, now())
    pass_time(service, minutes=1)
    said = me.listen()
    assert "照常开放了" in said and "保留到 11月23日" in said
    assert "照常开放了" not in other.listen()
    pass_time(service, minutes=5)
    assert me.listen() == "", "once"


def test_what_was_moved_on_to_a_counter_is_in_no_box_any_more(service: Service, me: Person) -> None:
    """B4: reminded of at the counter, it is not sought behind the door of a box that a librarian has yet to empty."""
    ordering(me, "中心馆南门智能借书柜")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load")
    pass_time(service, hours=25)
    assert "还在中心馆南门智能借书柜 S01等您" in me.listen()
    pass_time(service, days=4)
    assert "收到云栖市图书馆中心馆的服务台" in me.listen()
    pass_time(service, days=3)
    assert "还在云栖市图书馆中心馆等您" in (said := me.listen()) and "S01" not in said


def test_a_date_that_stays_moved_does_not_hide_that_the_door_is_open_again(service: Service, me: Person) -> None:
    """B2-9: too few days are left to go back to the old date, and the reader could come today."""
    db, now = service.store.db, service.clock.now
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    me.listen()
    point = db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    days = date(2026, 11, 20), date(2026, 11, 24)
    made = closings.declare(db, point, *days, "水管爆了", "馆员", service.policy, now())
    pass_time(service, minutes=1)
    assert "往后延" in (said := me.listen()) and "先别来取" not in said
    until = me.last_order().pickup_until
    pass_time(service, hours=25)
    me.listen()
    closings.take_back(db, made, "馆员", service.policy, now())
    pass_time(service, minutes=1)
    assert "照常开放了，为您留的书还是留到" in me.listen() and me.last_order().pickup_until == until


def test_a_place_closed_for_good_is_not_offered_and_who_was_to_come_there_is_told(service: Service, me: Person) -> None:
    """No date is left to move to: not "kept until" a day nobody can come, no year-long promise, no reminder to come."""
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    number = advance(service, me.last_order(), "pick", "pack", "shelve").number
    pass_time(service, minutes=30)
    other = Person(service, "other")
    ordering(other, "听泉区分馆")
    me.listen()
    point = service.store.db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    first = date(2026, 11, 21)
    closings.declare(
        service.store.db, point, first, date(2099, 1, 1), "楼要拆了", "小信", service.policy, service.clock.now()
    )
    notify.tick(service.store, service.policy, service.clock.now())
    told = me.listen()
    assert "听泉区分馆从 11月21日（周六） 起不开了（楼要拆了）" in told and number in told and "在那以前来取" in told
    assert "延" not in told and "保留到" not in told
    assert "这个取书点不开了" in other.tap("确认下单"), "agreed to before it was declared"
    other.tap("去下单")
    other.tap("到馆自取")
    offered = [button.label for row in other.heard[-1].buttons for button in row]
    assert "竹影区分馆" in offered and "听泉区分馆" not in offered
    assert "不开了" in other.press(f"w:counter:{point}")
    assert "请确认" in other.press(f"w:counter:{point + 2}")
    pass_time(service, days=2)
    assert "还在听泉区分馆等您" not in me.listen()


def test_what_was_not_put_there_yet_goes_elsewhere_by_a_tap_in_that_message(service: Service, me: Person) -> None:
    """Only a librarian could cancel it; and who waits in a queue to fetch it there was told nothing."""
    db, now = service.store.db, service.clock.now
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    number = me.last_order().number
    point = db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    first = date(2026, 11, 20)
    closings.declare(db, point, first, date(2099, 1, 1), "楼要拆了", "小信", service.policy, now())
    notify.tick(service.store, service.policy, now())
    told = me.listen()
    assert "起不开了" in told and "还没放好的，点下面换个地方取就行" in told and "来不及也没关系" not in told
    assert "不再开了，请换个地方取" in me.press(f"order:{number}")
    asked = me.tap("换个地方取")
    offered = [button.label for row in me.heard[-1].buttons for button in row]
    assert number in asked and "竹影区分馆" in offered and "听泉区分馆" not in offered
    done = me.tap("竹影区分馆")
    assert "改在竹影区分馆" in done and "前备好" in done
    assert "换个地方取" not in str([b.label for row in me.heard[-1].buttons for b in row])
    assert "竹影区分馆" in me.press(f"order:{number}") and "不再开了" not in me.listen()
    pass_time(service, minutes=1)
    assert me.listen() == "", "who did it oneself has seen it"
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    assert "放到取书架了" in me.listen()


def test_a_librarian_finds_another_place_and_the_reader_hears_where(service: Service, me: Person) -> None:
    db, now = service.store.db, service.clock.now
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    number, point = me.last_order().number, db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    closings.declare(db, point, date(2026, 11, 20), date(2099, 1, 1), "楼要拆了", "小信", service.policy, now())
    other = db.value("SELECT id FROM points WHERE name = '竹影区分馆'")
    notify.tick(service.store, service.policy, now())
    me.listen()
    elsewhere.move(db, number, other, "staff:小信", service.policy, now())
    pass_time(service, minutes=1)
    assert f"原来的取书点不开了，订单 {number} 给您改在竹影区分馆取" in me.listen()


def test_who_heard_that_it_closes_for_good_hears_that_it_does_not(service: Service, me: Person) -> None:
    db, now = service.store.db, service.clock.now
    ordering(me, "听泉区分馆")
    me.tap("确认下单")
    number, point = me.last_order().number, db.value("SELECT id FROM points WHERE name = '听泉区分馆'")
    days = date(2026, 11, 20), date(2099, 1, 1)
    made = closings.declare(db, point, *days, "楼要拆了", "小信", service.policy, now())
    pass_time(service, minutes=1)
    assert "起不开了" in me.listen()
    closings.take_back(db, made, "小信", service.policy, now())
    pass_time(service, minutes=1)
    said = me.listen()
    assert "听泉区分馆照常开着" in said and f"订单 {number}" in said
    assert "换个地方取" not in str(me.press(f"order:{number}"))
