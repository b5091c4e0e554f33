"""Being told of new books: asked for in words or by a button, told once in one message, taken back (A2-20, D 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import notify, wants
from bot.service import Service
from lending import arrivals, merging, minors, shelves, subscriptions, withdrawals
from lending.model import library_day
from lending.stock import TitleEntry, store_titles
from tests.talking import Person, pass_time


def bring(service: Service, *entries: TitleEntry, day: date | None = None) -> list[int]:
    """Titles that come into the catalogue today."""
    with service.store.writing() as db:
        made = store_titles(db, entries, day=day or library_day(service.clock.now()))
    service.finder.catch_up()
    return made.ids


def wanted(service: Service, who: Person) -> list[tuple[str, str]]:
    return [(one.kind, one.key) for one in subscriptions.of_reader(service.store.db, who.reader_id)]


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("余华出新书了告诉我", ("author", "余华")),
        ("余華出新書了告訴我", ("author", "余华")), ("餘華出新書了告訴我", ("author", "余华")),
        ("要是有余华的新书就叫我一声", ("author", "余华")),
        ("余华的新书到了通知我一下", ("author", "余华")),
        ("订阅余华", ("author", "余华")),
        ("关注余华的新书", ("author", "余华")),
        ("有新的科幻小说叫我一声", ("words", "科幻")),
        ("以后有新的历史书告诉我", ("class", "history")),
        ("有新的绘本，说一声", ("class", "pictures")),
        ("订阅 I247", ("class", "I247")),
        ("我想订阅历史类的新书", ("class", "history")),
        ("tell me when there are new books by 余华", ("author", "余华")),
        ("tell me when there are new history books", ("class", "history")),
        ("Notify me about new history books", ("class", "history")),
        ("subscribe to machine learning", ("words", "machine learning")),
    ],
)
def test_a_wish_is_understood(service: Service, me: Person, said: str, want: tuple[str, str]) -> None:
    me.say("你好")
    answer = me.say(said)
    assert wanted(service, me) == [want], answer


@pytest.mark.parametrize(
    "said", ["余华出新书了吗", "订阅提醒", "三体到了告诉我", "提前三天提醒我", "新书", "余华", "别提醒我", "我要荐购一本新书", "关注公众号"]
)
def test_other_words_subscribe_to_nothing(service: Service, me: Person, said: str) -> None:
    me.say("你好")
    me.say(said)
    assert wanted(service, me) == []


def test_a_book_that_is_called_like_a_wish_is_found(service: Service, me: Person) -> None:
    bring(service, TitleEntry("订阅经济", authors=("张三",)))
    assert "《订阅经济》" in me.say("订阅经济")
    assert wanted(service, me) == []


def test_what_is_said_names_how_often_and_how_to_end_it(service: Service, me: Person) -> None:
    said = me.say("余华出新书了告诉我")
    assert "「余华」有新书到馆就告诉您" in said and "7 天里最多一条" in said
    assert "不再告诉您" in me.tap("取消这个订阅")
    assert wanted(service, me) == []
    assert "您还没有订阅新书" in me.say("我的订阅")
    me.say("订阅余华")
    me.say("订阅历史")
    shown = me.say("我的订阅")
    assert "· 余华" in shown and "· 历史" in shown
    assert "有新书也告诉您：余华、历史" in me.say("提醒设置")
    assert "不再告诉您" in me.say("取消订阅余华")
    assert wanted(service, me) == [("class", "history")]
    assert "没有找到「莫言」的订阅" in me.say("取消订阅莫言")
    me.say("订阅余华")
    assert "都取消了" in me.say("取消所有订阅")
    assert wanted(service, me) == []


def test_buttons_stand_under_an_author_s_list_a_shelf_and_the_arrivals(service: Service, me: Person) -> None:
    me.say("余华")
    me.tap("有新书告诉我")
    me.say("历史类的书有哪些")
    me.tap("有新书告诉我")
    assert wanted(service, me) == [("author", "余华"), ("class", "history")]
    me.say("新书")
    assert "· 余华" in me.tap("订阅新书")
    me.say("围城")
    assert not any("有新书告诉我" in b.label for row in me.heard[-1].buttons for b in row)


def test_a_forged_press_does_nothing(service: Service, me: Person) -> None:
    """Another reader's subscription, no title, no class."""
    other = Person(service, "other")
    other.say("订阅余华")
    theirs = subscriptions.of_reader(service.store.db, other.reader_id)[0]
    for action in (f"unsub:{theirs.id}", "unsub:x", "sub:a:x", "sub:a:99999999", "sub:c:", "sub:z:1"):
        me.press(action)
    assert wanted(service, other) == [("author", "余华")] and wanted(service, me) == []


def test_there_is_a_most_and_a_way_on(service: Service, me: Person) -> None:
    for n in range(service.policy.subscriptions.most):
        me.say(f"订阅第{n}号主题")
    assert "一共能订阅 10 个，已经满了" in me.say("订阅余华")
    assert len(wanted(service, me)) == 10


def test_new_titles_are_told_in_one_message_the_morning_after(service: Service, me: Person) -> None:
    """Quiet hours are kept; a book that fits two wishes is told once."""
    me.say("订阅余华")
    me.say("订阅 I247")
    bring(
        service,
        TitleEntry("新的一本", authors=("余华",), clc="I247.57", year=2026),
        TitleEntry("别人的", authors=("某人",), clc="I247.5"),
        TitleEntry("不相干", authors=("某人",), clc="K207"),
    )
    pass_time(service, hours=3)
    assert me.listen() == ""
    pass_time(service, hours=17)  # six in the morning
    assert me.listen() == ""
    pass_time(service, hours=5)
    said = me.listen()
    assert "您订阅的有新书到馆" in said and said.count("新的一本") == 1 and "别人的" in said and "不相干" not in said
    assert "「余华」\n1. 《新的一本》" in said and "「I247」\n2. 《别人的》" in said
    pass_time(service, hours=1)
    pass_time(service, days=8)
    assert "新的一本" not in me.listen()


def test_the_number_of_a_told_book_opens_it(service: Service, me: Person) -> None:
    me.say("订阅余华")
    bring(service, TitleEntry("新的一本", authors=("余华",)))
    pass_time(service, days=1)
    me.listen()
    assert "《新的一本》" in me.say("1")


def test_a_second_message_waits_for_its_week(service: Service, me: Person) -> None:
    me.say("订阅余华")
    bring(service, TitleEntry("甲乙丙", authors=("余华",)))
    pass_time(service, days=1)
    assert "甲乙丙" in me.listen()
    bring(service, TitleEntry("丁戊己", authors=("余华",)))
    pass_time(service, days=3)
    bring(service, TitleEntry("庚辛壬", authors=("余华",)))
    pass_time(service, days=3)
    assert me.listen() == ""
    pass_time(service, days=1)
    said = me.listen()
    assert "丁戊己" in said and "庚辛壬" in said and "甲乙丙" not in said


def test_importing_twice_changes_nothing(service: Service, me: Person) -> None:
    me.say("订阅余华")
    entry = TitleEntry("新的一本", authors=("余华",), source_id="s:1")
    bring(service, entry)
    pass_time(service, days=1)
    assert "新的一本" in me.listen()
    bring(service, TitleEntry("新的一本", authors=("余华",), source_id="s:1", year=2025))
    bring(service, entry)
    pass_time(service, days=9)
    assert me.listen() == ""


def test_a_stock_that_moves_in_is_no_news(service: Service) -> None:
    """The very first import, or a branch's whole stock: nobody is told of more than a day may bring."""
    rules = replace(service.policy.subscriptions, stock_from=20)
    service = replace(service, policy=replace(service.policy, subscriptions=rules))
    me = Person(service)
    me.say("订阅余华")
    bring(service, *(TitleEntry(f"存书{n}", authors=("余华",), source_id=f"m:{n}") for n in range(21)))
    pass_time(service, days=1)
    assert me.listen() == ""
    bring(service, TitleEntry("真的新书", authors=("余华",)))
    pass_time(service, days=1)
    said = me.listen()
    assert "真的新书" in said and "存书" not in said


def test_many_titles_are_a_number_not_a_list(service: Service, me: Person) -> None:
    me.say("订阅余华")
    bring(service, *(TitleEntry(f"新书{n}号", authors=("余华",), source_id=f"m:{n}") for n in range(30)))
    pass_time(service, days=1)
    said = me.listen()
    assert said.count("《新书") == service.policy.subscriptions.titles and "还有 22 种" in said


def test_what_is_unsubscribed_or_withdrawn_before_it_is_sent_is_not_told(service: Service, me: Person) -> None:
    me.say("订阅余华")
    me.say("订阅 I247")
    first, second = bring(service, TitleEntry("其一", authors=("余华",)), TitleEntry("其二", clc="I247.5"))
    service.clock.moment += timedelta(days=1)  # type: ignore[attr-defined]
    now, db = service.clock.now(), service.store.db
    assert arrivals.tell(db, service.policy, now, wants.met) == 2
    withdrawals.withdraw(db, second, "记重了", service.policy, now)
    subscriptions.cancel(db, me.reader_id, subscriptions.of_reader(db, me.reader_id)[0].id)
    notify.tell(service.store, service.policy, now)
    assert me.listen() == "" and first != second


def test_a_child_is_told_of_nothing_it_may_not_borrow(service: Service, me: Person) -> None:
    """公共图书馆法 art. 50."""
    me.say("订阅余华")
    minors.note(service.store.db, me.reader_id, date(2030, 1, 1), "staff:王", service.clock.now())
    bring(service, TitleEntry("其一", authors=("余华",)), TitleEntry("其二", authors=("余华",), audience="adults"))
    pass_time(service, days=1)
    assert "《其一》" in (told := me.listen()) and "其二" not in told


def test_two_workers_tell_once(service: Service, me: Person) -> None:
    """Each title once to each reader, whatever is looked at again."""
    me.say("订阅余华")
    bring(service, TitleEntry("其一", authors=("余华",)))
    service.clock.moment += timedelta(days=1)  # type: ignore[attr-defined]
    db, now = service.store.db, service.clock.now()
    asked = subscriptions.of_reader(db, me.reader_id)
    newest = shelves.last_before(db, library_day(now))
    with service.store.writing() as writer:
        assert subscriptions.looked(writer, me.reader_id, newest)
        assert not subscriptions.looked(writer, me.reader_id, newest)
    assert arrivals.tell(db, service.policy, now, lambda titles, wanted: {}) == 0 and asked


def test_a_class_of_any_kind_fits_what_stands_there(service: Service, me: Person) -> None:
    """A shelf takes what belongs to it, not what begins alike and stands elsewhere (K825 is biography)."""
    me.say("订阅历史")
    me.say("有新的儿童书告诉我")
    bring(
        service, TitleEntry("明史新编", clc="K248"), TitleEntry("某人传", clc="K825.6"), TitleEntry("小熊", clc="I287.8")
    )
    pass_time(service, days=1)
    said = me.listen()
    assert "明史新编" in said and "小熊" in said and "某人传" not in said


def test_words_stand_anywhere_in_the_record(service: Service, me: Person) -> None:
    me.say("订阅人工智能")
    me.say("subscribe to new books about war")
    bring(
        service, TitleEntry("机器的早晨", subjects=("人工智能",)), TitleEntry("Wars and warts"), TitleEntry("The art of war")
    )
    pass_time(service, days=1)
    said = me.listen()
    assert "机器的早晨" in said and "The art of war" in said and "warts" not in said


def test_two_records_of_one_person_ask_once(service: Service, me: Person) -> None:
    other = Person(service, "other")
    for who in (me, other):
        who.say("订阅余华")
    other.say("订阅莫言")
    merging.merge(service.store.db, me.reader_id, other.reader_id, service.policy, service.clock.now())
    assert sorted(wanted(service, me)) == sorted([("author", "余华"), ("author", "莫言")])


def test_forgotten_with_everything_else_and_sealed_until_then(service: Service, me: Person) -> None:
    me.say("订阅余华")
    row = service.store.db.one("SELECT * FROM subscriptions")
    assert row is not None and "余华" not in str(row)
    me.say("删除我的数据")
    me.say("确定删除")
    assert service.store.db.all("SELECT * FROM subscriptions") == []
