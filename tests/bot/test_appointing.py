"""约时间来取 in the chat: offered where a counter takes appointments, by buttons and words, told when freed (D 30)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot import calendar_file, when
from bot.folding import fold
from bot.rulebook import sections
from bot.service import Service
from bot.texts import Words
from bot.when import Hours
from lending import appointments, cart, closings, points
from lending.model import library_day
from lending.orders import Order
from tests.bot.test_calendar import read
from tests.talking import Person, advance, pass_time

FRIDAY = date(2026, 11, 20)


def ordered(me: Person) -> Order:
    """围城, to be fetched at the first branch, which is the main one."""
    me.trusted().say("围城")
    me.tap("借这本")
    me.tap("到馆自取")
    me.say("1")
    me.tap("确认下单")
    return me.last_order()


@pytest.fixture
def counter(service: Service) -> Service:
    """The main branch takes two orders every half an hour."""
    with service.store.writing() as db:
        points.set_slots(db, db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'"), 30, 2)
    return service


@pytest.fixture
def told(counter: Service, me: Person) -> Person:
    """Whose book stands on the pick-up shelf of that branch, and who has been told."""
    advance(counter, ordered(me), "pick", "pack", "shelve")
    pass_time(counter, minutes=10)
    assert "放到取书架了" in me.listen()
    return me


def booked(me: Person) -> str:
    """When the last order is fetched, "21 10:00"; '' for no time."""
    one = appointments.of_order(me.service.store.db, me.last_order().id)
    return Words("zh_Hans").moment(one.starts_at) if one else ""


def labels(me: Person) -> list[str]:
    return [button.label for row in me.heard[-1].buttons for button in row]


def test_a_counter_without_appointments_asks_nothing(service: Service, me: Person) -> None:
    order = ordered(me)
    assert "约个时间来取" not in labels(me)
    advance(service, order, "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    me.listen()
    assert not {"约个时间来取", "我到了"} & set(labels(me))
    assert "这里取书不用约" in me.say("约周六上午十点来取") and order.number in me.heard[-1].text
    assert "这里取书不用约" in me.press(f"ap:{order.number}")


def test_by_buttons_a_day_then_a_time(counter: Service, me: Person) -> None:
    ordered(me)
    assert "不约也行" in me.tap("约个时间来取") and "11月21日（周六）" in labels(me)
    assert "几点来" in me.tap("11月21日（周六）")
    assert labels(me)[:3] == ["10:00", "10:30", "11:00"] and "晚一点的" in labels(me)
    me.tap("晚一点的")
    assert "约好了：11月21日（周六） 13:30–14:00" in me.tap("13:30")
    assert "早来晚来都能取" in me.heard[-1].text and booked(me) == "11月21日（周六） 13:30"
    me.tap("看这个订单")
    assert "约了 11月21日（周六） 13:30–14:00 来取" in me.heard[-1].text and "改个时间" in labels(me)


@pytest.mark.parametrize(
    ("said", "answered", "time"),
    [
        ("约周六上午十点来取", "约好了：11月21日（周六） 10:00–10:30", "11月21日（周六） 10:00"),
        ("帮我约明天下午三点半来取书", "约好了：11月21日（周六） 15:30", "11月21日（周六） 15:30"),
        ("周日下午两点一刻来取可以吗", "约好了：11月22日（周日） 14:00–14:30", "11月22日（周日） 14:00"),
        ("i'd like to pick them up on sunday at 10am", "约好了：11月22日（周日） 10:00", "11月22日（周日） 10:00"),
        ("约11月22日 10:30来取", "约好了：11月22日（周日） 10:30", "11月22日（周日） 10:30"),
        ("约个时间来取", "哪天来取方便", ""),
        ("约明天来取", "11月21日（周六）几点来", ""),
        ("约下午三点来取", "这几个时间可以", ""),
        ("约周六晚上十一点来取", "那个时间约不了", ""),
        ("约下下周六上午十点来取", "那个时间约不了", ""),
    ],
)
def test_by_words_the_time_that_is_named_or_what_there_is(told: Person, said: str, answered: str, time: str) -> None:
    assert answered in told.say(said) and booked(told) == time


def test_it_is_changed_asked_about_and_given_back_by_words(told: Person) -> None:
    assert "还没有约取书的时间" in told.say("我约的几点")
    told.say("约周六上午十点来取")
    assert "11月21日（周六） 10:00–10:30" in told.say("我约的几点")
    assert "哪天来取方便" in told.say("改个取书时间")
    assert "约好了：11月22日（周日） 11:00" in told.say("改到周日上午十一点")
    assert "时间让给别人了" in told.say("不约了") and "保留到" in told.heard[-1].text and not booked(told)
    assert "没有约好的取书时间" in told.say("不约了")


def test_pressed_twice_it_is_the_same_and_a_forged_press_does_nothing(told: Person) -> None:
    number = told.last_order().number
    for _ in range(2):
        assert "约好了" in told.press(f"ap+:{number}:202611211000")
    for forged in ("ap+:{}:209911211000", "ap+:{}:202611211007", "ap+:{}:999912312359", "ap+:{}:000101010000"):
        assert "那个时间约不了" in told.press(forged.format(number))
    for forged in ("ap+:{}:0", "ap+:{}:99999999999", "ap+:{}:x", "ap+:{}", "ap-:SX0", "ap:SX0", "apd:{}", "apd:{}:more:x", "here:SX0"):
        told.press(forged.format(number))
        assert booked(told) == "11月21日（周六） 10:00", forged
    for odd in ("apd:{}:2026-99-99", "apd:{}:more:9999", "apd:{}:2026-11-21:99999999"):
        assert "来" in told.press(odd.format(number))
    other = Person(told.service, "other").trusted()
    assert "没有找到这个订单" in other.press(f"ap:{number}") + other.press(f"here:{number}")
    assert "没有约好的取书时间" in told.press(f"ap-:{number}") + told.press(f"ap-:{number}")


def test_the_last_place_taken_meanwhile_is_said_with_what_is_next_to_it(counter: Service, told: Person) -> None:
    for name in ("a", "b"):
        other = Person(counter, name)
        advance(counter, ordered(other), "pick", "pack", "shelve")
        other.say("约周六上午十点来取")
    assert "刚刚约满了" in told.press(f"ap+:{told.last_order().number}:202611211000")
    assert "约好了：11月21日（周六） 10:30" in told.tap("11月21日（周六） 10:30")
    told.press(f"apd:{told.last_order().number}:2026-11-21")
    assert "10:00" not in labels(told)


def test_a_closing_frees_it_and_tells_once_with_a_new_choice(counter: Service, told: Person) -> None:
    told.say("约周六上午十点来取")
    day = library_day(counter.clock.now()) + timedelta(days=1)
    closings.declare(counter.store.db, None, day, day, "停电", "王", counter.policy, counter.clock.now(), emergency=True)
    pass_time(counter, minutes=1)
    said = told.listen()
    assert said.count("不开门，时间取消了") == 1 and "书照样给您留着" in said
    pass_time(counter, minutes=1)
    assert "时间取消了" not in told.listen() and not booked(told)
    assert "约好了：11月22日（周日）" in told.tap("11月22日（周日）")


def test_what_was_booked_anew_before_it_was_told_is_not_told(counter: Service, told: Person) -> None:
    """B2-7: the facts are looked at again."""
    told.say("约周六上午十点来取")
    day = library_day(counter.clock.now()) + timedelta(days=1)
    with counter.store.writing() as db:
        closings.declare(db, 1, day, day, "停电", "王", counter.policy, counter.clock.now())
        at = appointments.free(db, told.last_order(), counter.policy, counter.clock.now())[0].starts_at
        appointments.book(db, told.last_order().number, None, at, counter.policy, counter.clock.now())
    pass_time(counter, minutes=1)
    assert "时间取消了" not in told.listen()


def test_reminded_once_some_hours_before_with_what_is_so_then(counter: Service, told: Person) -> None:
    told.say("约周六下午三点来取")
    pass_time(counter, hours=26)
    assert "提醒您" not in told.listen()
    pass_time(counter, hours=1)
    said = told.listen()
    assert "提醒您：11月21日（周六） 15:00–15:30" in said and told.last_order().pickup_code in said
    pass_time(counter, minutes=30)
    assert told.listen() == ""


def test_books_that_are_not_there_yet_keep_their_reader_at_home(counter: Service, me: Person) -> None:
    advance(counter, ordered(me), "pick")
    me.say("约周日上午十点来取")
    me.listen()
    pass_time(counter, hours=47)
    assert "先别出门" in me.listen()


def test_i_am_here(counter: Service, told: Person) -> None:
    """A librarian sees it on the board; the reader hears where to wait."""
    said = told.say("我到了")
    assert "请在服务台旁稍等" in said and "《围城》" in said and told.last_order().pickup_code in said
    assert [one.number for one in appointments.here_now(counter.store.db, counter.clock.now())]
    pass_time(counter, minutes=5)
    assert "10:10 已经告诉" in told.press(f"here:{told.last_order().number}")


def test_i_am_here_where_nothing_waits_or_a_locker_does(service: Service, me: Person) -> None:
    assert "现在没有等您来取的书" in me.trusted().say("我到了")
    order = ordered(me)
    assert "书还没放到取书架" in me.say("我到馆了")
    assert "不在服务台等您" in me.press(f"here:{order.number}")
    other = Person(service, "other").trusted()
    other.say("借《围城》")
    other.tap("云栖站智能借书柜")
    other.say("确认")
    advance(service, other.last_order(), "pick", "pack", "load")
    pass_time(service, minutes=10)
    assert "输取书码就开" in other.say("我到了") and other.last_order().pickup_code in other.heard[-1].text


def test_asked_which_where_there_are_two(counter: Service, me: Person) -> None:
    first = ordered(me)
    me.say("借《活着》")
    me.tap("到馆自取")
    me.say("1")
    me.tap("确认下单")
    assert "哪一个订单" in me.say("我想约个取书时间") and first.number in me.heard[-1].text
    assert "《围城》，哪天来取方便" in me.tap(first.number)


def test_whoever_fetches_books_for_another_books_the_time_and_nobody_else_does(counter: Service, told: Person) -> None:
    """D-12."""
    from bot.acting import WORDS

    assert {WORDS[word] for word in (":ap", ":apd", ":ap+", ":ap-", ":here")} == {("fetch_code",)}


def test_the_calendar_file_holds_the_time(counter: Service, told: Person) -> None:
    """D 41."""
    told.say("约周六上午十点来取")
    entry = read(counter, told)["order"]
    assert entry["DTSTART"].dt.isoformat() == "2026-11-21T10:00:00+08:00"
    assert entry["DTEND"].dt.isoformat() == "2026-11-21T10:30:00+08:00" and str(entry["SUMMARY"]) == "取书：《围城》"
    told.say("不约了")
    assert str(read(counter, told)["order"]["SUMMARY"]).startswith("取书到今天")
    assert calendar_file.content(counter.store.db, told.reader_id, counter.library, counter.clock.now())


def test_the_rules_say_which_counters_with_their_own_numbers(counter: Service) -> None:
    rule = counter.policy.slots
    [service] = [
        one for one in sections(Words("zh_Hans"), counter.store.db, counter.policy, counter.clock.now())
        if one.code == "service"
    ]  # fmt: skip
    [line] = [line for line in service.lines if "约时间来取书" in line]
    for said in ("中心馆每 30 分钟 2 单", f"最多约到 {rule.days_ahead} 天后", f"来之前 {rule.remind_before_hours} 小时"):
        assert said in line


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("上午十点", Hours(600, 600)), ("下午三点半", Hours(930, 930)), ("三点一刻", Hours(915, 915)),
        ("14:15", Hours(855, 855)), ("中午十二点", Hours(720, 720)), ("中午一点", Hours(780, 780)),
        ("晚上八点", Hours(1200, 1200)), ("下午", Hours(720, 1080)), ("saturday at 3", Hours(900, 900)),
        ("10am", Hours(600, 600)), ("7 pm", Hours(1140, 1140)), ("25:00", None), ("10:99", None), ("周六", None),
    ],
)  # fmt: skip
def test_hours_as_people_say_them(said: str, hours: Hours | None) -> None:
    assert when.hours_named(fold(said)) == hours


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("周六", [21]), ("明早", [21]), ("今晚", [20]), ("大后天", [23]), ("21号", [21]), ("11月20日", [20]),
        ("周末", [21, 22]), ("13月45日", []), ("第二本", []),
    ],
)  # fmt: skip
def test_days_as_people_say_them(said: str, days: list[int]) -> None:
    found = when.days_named(fold(said), FRIDAY) or when.day_of_month(fold(said), FRIDAY)
    assert found == [FRIDAY.replace(day=n) for n in days]


def late_addition(counter: Service, me: Person) -> None:
    """A time tomorrow morning is booked, and a book put into the cart when that is too early for it."""
    ordered(me)
    me.tap("约个时间来取")
    me.tap("11月21日（周六）")
    me.tap("10:00")
    pass_time(counter, hours=2)
    me.listen()
    cart.add(counter.store.db, me.reader_id, 1, counter.policy, counter.clock.now())


def test_a_book_that_joins_too_late_for_the_booked_time_is_said_before_and_settled_at_once(
    counter: Service, me: Person
) -> None:
    late_addition(counter, me)
    assert "您约的 11月21日（周六） 10:00–10:30 取书就赶不上了" in me.say("加进我的订单")
    before = len(me.heard)
    me.tap("确认加进去")
    added, freed = (reply.text for reply in me.heard[before:])
    assert "1 本加进了订单" in added
    assert "您约的 11月21日（周六） 10:00 取书，书那时还没备好，时间取消了" in freed and "可以另约一个" in freed
    assert not booked(me) and labels(me)[0].startswith("11月2"), "with the next free times to press"
    pass_time(counter, hours=12)
    assert "取消了" not in me.listen(), "told once"


def test_a_book_that_comes_in_time_leaves_the_booked_time(counter: Service, me: Person) -> None:
    ordered(me)
    me.tap("约个时间来取")
    me.tap("11月21日（周六）")
    me.tap("10:00")
    cart.add(counter.store.db, me.reader_id, 1, counter.policy, counter.clock.now())
    assert "赶不上" not in me.say("加进我的订单")
    assert "取消" not in me.tap("确认加进去") and booked(me) == "11月21日（周六） 10:00"
