"""大篷车 in the talk: when it comes where, the nearest stop first, books fetched and brought there (A10-14, A10-15)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot import place_words
from bot.handlers import bus
from bot.service import Service
from bot.texts import Words
from lending import closings, picks, points
from lending.model import LIBRARY_ZONE
from lending.points import set_branch_type, set_stops
from lending.stops import Stop
from tests.bot.test_ranking import title_id
from tests.talking import Person, StillClock, advance, pass_time

XIKOU, MEIWU, SCHOOL = "望川区溪口村村委会门前", "望川区梅坞村老樟树下", "竹影区松风小学门口"
NEAR_MEIWU = (29.5090, 119.3190)
WEDNESDAY = date(2026, 11, 25)


def bus_id(service: Service) -> int:
    return points.point_by_code(service.store.db, "dpc").id


def at(service: Service, moment: datetime) -> None:
    assert isinstance(service.clock, StillClock)
    service.clock.moment = moment


def sends_location(me: Person, where: tuple[float, float] = NEAR_MEIWU) -> list[str]:
    me.send(me.event(location=where))
    return me.listen().splitlines()


def chooses_the_bus(me: Person) -> str:
    """A book in the cart, and the bus as the place to fetch it."""
    me.say("三体")
    me.tap("借这本")
    me.tap("到馆自取")
    return me.tap("阅读大篷车")


@pytest.mark.parametrize("words", ["大篷车什么时候来", "流动图书车", "book bus", "书能还到大篷车上吗", "溪口村附近有书柜吗"])
def test_asked_for_it_says_every_stop_with_its_next_day(me: Person, words: str) -> None:
    said = me.say(words)
    assert f"· 11月25日（周三） 09:30-11:00 {XIKOU}" in said and f"· 11月26日（周四） 15:30-17:00 {SCHOOL}" in said
    assert said.index("11月21日") < said.index("11月22日") < said.index(XIKOU) < said.index(MEIWU)
    assert "能还书" in said


def test_in_english_the_stops_have_their_english_names(service: Service) -> None:
    said = Person(service, "smith", language="en").say("when does the book bus come")
    assert "Wed 25 Nov 09:30-11:00 Xikou Village Office" in said and "溪口" not in said


def test_while_it_stands_there_that_is_said_first(service: Service, me: Person) -> None:
    at(service, datetime(2026, 11, 25, 14, 10, tzinfo=LIBRARY_ZONE))
    assert me.say("大篷车").splitlines()[1] == f"· 现在停在{MEIWU}，15:30 开走"
    assert f"现在停在{MEIWU}" in me.say("网点") and "也可以交给阅读大篷车：现在停在" in me.say("还书")


def test_a_location_sent_after_the_question_puts_the_nearest_stop_first(me: Person) -> None:
    """A10-15; the next location is for all places again."""
    me.say("大篷车什么时候来")
    heading, first, second, *_rest = sends_location(me)
    assert "离您近的在前" in heading
    assert first == f"1. 31 米（走路约 1 分钟） 11月25日（周三） 14:00-15:30 {MEIWU}"
    assert XIKOU in second
    heading, first, *_rest = sends_location(me)
    assert heading.startswith("离您最近的网点") and "阅读大篷车 · 11月25日（周三） 14:00-15:30" in first


def test_whoever_asks_for_something_else_meanwhile_is_shown_all_places(me: Person) -> None:
    for words in ("网点", "怎么还书"):
        me.say("大篷车什么时候来")
        me.say(words)
        assert sends_location(me)[0].startswith("离您最近的网点")


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "0 米（走路约 1 分钟）"), (350, "350 米（走路约 6 分钟）"), (2400, "2.4 公里（走路约 40 分钟）"), (2401, "2.4 公里")],
)
def test_how_far_is_told_with_the_minutes_on_foot(service: Service, metres: int, said: str) -> None:
    """A10-14: 10 分钟读书圈; farther than forty minutes nobody is sent on foot."""
    assert place_words.distance(Words("zh_Hans"), metres, service.policy.nearby) == said


def test_books_to_be_fetched_on_the_bus_are_promised_for_the_first_stop_after_they_are_ready(me: Person) -> None:
    """Ready on Saturday at ten: the bus has left for the market by then."""
    said = chooses_the_bus(me.trusted())
    assert "取书：阅读大篷车（备好后先到 11月22日（周日） 14:00-16:30 听泉区鹭洲新村广场）" in said
    assert "放上阅读大篷车" in me.tap("确认下单")
    assert "备好后先到 11月22日" in me.tap("看这个订单")


def test_what_waits_on_the_bus_is_told_with_its_stops_until_the_last_day(service: Service, me: Person) -> None:
    me.trusted()
    chooses_the_bus(me)
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    said = me.listen()
    assert "在阅读大篷车上了：《" in said and "保留到 11月26日（周四）" in said
    assert f"· 11月25日（周三） 09:30-11:00 {XIKOU}" in said and f"· 11月26日（周四） 15:30-17:00 {SCHOOL}" in said
    pass_time(service, days=3)  # Monday
    assert f"阅读大篷车（下一站 11月25日（周三） 09:30-11:00 {XIKOU}）" in me.say("我的订单")


def test_asked_for_while_ordering_it_is_one_press_away(me: Person) -> None:
    me.say("三体")
    me.tap("借这本")
    me.say("我想在大篷车上取书")
    assert "取书：阅读大篷车" in me.trusted().tap("在阅读大篷车取书")


def test_a_hold_can_be_fetched_on_the_bus(service: Service, me: Person) -> None:
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=title_id(service, "围城"))
    me.say("围城")
    me.tap("预约")
    me.say("我的预约")
    me.tap("换取书点")
    me.tap("下一页")
    assert "阅读大篷车" in me.tap("阅读大篷车")


def test_a_day_without_it_and_a_day_called_off_are_said(service: Service, me: Person) -> None:
    assert "· 阅读大篷车：不出车" in me.say("周一几点开门")
    assert f"· 阅读大篷车 09:30-11:00 {XIKOU}、14:00-15:30 {MEIWU}" in me.say("周三几点开门")
    now = service.clock.now()
    closings.declare(
        service.store.db, bus_id(service), WEDNESDAY, WEDNESDAY, "大雪", "馆员", service.policy, now, emergency=True
    )
    said = me.say("大篷车什么时候来")
    assert f"12月2日（周三） 09:30-11:00 {XIKOU}" in said and "11月25日（周三） 阅读大篷车不出车（大雪）" in said


def test_who_waits_longer_than_the_snow_lies_is_told_not_to_wait_in_it(service: Service, me: Person) -> None:
    me.trusted()
    chooses_the_bus(me)
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    with service.store.writing() as db:  # a pack that keeps books for two weeks
        db.run("UPDATE orders SET pickup_until = '2026-12-03T15:59:59Z'")
    me.listen()
    db, now = service.store.db, service.clock.now()
    made = closings.declare(db, bus_id(service), WEDNESDAY, WEDNESDAY, "大雪", "馆员", service.policy, now)
    pass_time(service, minutes=1)
    said = me.listen()
    assert "阅读大篷车11月25日（周三）不出车（大雪），请别白等。为您留的书还是留到：" in said and "12月3日（周四）" in said
    closings.take_back(db, made, "馆员", service.policy, now)
    pass_time(service, minutes=1)
    assert "照常出车了，为您留的书还是留到：" in me.listen()


def test_a_closing_elsewhere_is_not_the_bus_s(service: Service, me: Person) -> None:
    now = service.clock.now()
    for point, reason in ((1, "检修"), (None, "台风")):
        closings.declare(service.store.db, point, WEDNESDAY, WEDNESDAY, reason, "馆员", service.policy, now)
    said = me.say("大篷车")
    assert "检修" not in said and "台风" in said


def test_a_bus_without_stops_and_a_library_without_a_bus_say_so(service: Service, me: Person) -> None:
    with service.store.writing() as db:
        set_stops(db, bus_id(service), [])
    assert "还没有排定下一站" in me.say("大篷车") and "还没有排定下一站" in me.say("网点")
    assert "还没有排定下一站" in chooses_the_bus(me.trusted())
    with service.store.writing() as db:
        db.run("UPDATE points SET branch_type = '' WHERE code = 'dpc'")
    assert "没有流动图书车" in Person(service, "somebody else").say("大篷车")


def test_stops_without_a_position_are_told_without_a_distance(service: Service, me: Person) -> None:
    with service.store.writing() as db:
        near_by = Stop("thu", "09:30-11:00", "近村", "", *NEAR_MEIWU)
        set_stops(db, bus_id(service), [Stop("wed", "09:30-11:00", "某村"), near_by])
    me.say("大篷车")
    _heading, near, last = sends_location(me)
    assert "0 米" in near and "近村" in near and last == "2. 11月25日（周三） 09:30-11:00 某村"
    with service.store.writing() as db:
        set_stops(db, bus_id(service), [Stop("wed", "09:30-11:00", "某村")])
    assert not any("阅读大篷车" in line for line in sends_location(me))


def test_the_card_of_a_place_says_whose_house_it_is(service: Service, me: Person) -> None:
    """A10-18."""
    me.send(me.event(start="p2"))
    assert "听泉区分馆 · 公共图书馆分馆 · 听泉区枕流路" in me.listen()
    with service.store.writing() as db:
        set_branch_type(db, 2, "home")
    me.send(me.event(start="p2"))
    assert "听泉区分馆 · 家庭图书室 · 听泉区枕流路" in me.listen()


def test_nobody_is_led_to_picks_that_are_not_there(service: Service, me: Person) -> None:
    """A10-16: an empty section is not shown."""
    def offered() -> bool:
        me.say("讲个笑话")
        return any(button.label == "主编推荐" for row in me.heard[-1].buttons for button in row)

    assert not offered()
    picks.pick(service.store.db, title_id(service, "围城"), "", service.clock.now())
    assert offered()


def test_the_name_of_the_bus_is_heard_in_other_words() -> None:
    assert all(bus.asked(words) for words in ("大篷車", "流动图书馆", "bookmobile", "the Book Bus", "汽车图书馆"))
    assert not any(bus.asked(words) for words in ("借书车", "购物车", "大众汽车", "bus stop 13"))
