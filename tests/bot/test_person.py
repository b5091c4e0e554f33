"""转人工: the librarian sees at once what it is about (C5-9)."""

from __future__ import annotations

import pytest

from bot import escalations
from bot.service import Service
from tests.talking import Person, advance, pass_time


def about(me: Person) -> str:
    """What the list of requests says of this reader's."""
    found = escalations.open_of(me.service.store.db, me.reader_id)
    assert found is not None
    return found.about


def test_what_is_said_with_the_call_is_what_it_is_about(me: Person) -> None:
    me.say("转人工，我想把一本书留到下周")
    assert about(me) == "转人工，我想把一本书留到下周"


def test_a_bare_call_takes_the_first_words_after_it(me: Person) -> None:
    me.say("转人工")
    assert about(me) == ""
    me.say("我的包裹三天没动了")
    me.say("谢谢")
    assert about(me) == "我的包裹三天没动了"


@pytest.mark.parametrize(
    "text",
    [
        "我的《围城》封面有点脏，是我弄的吗", "三体和围城都找不到", "为什么还没送到", "云栖站的书柜怎么打不开", "第一本是不是坏了",
        "谢谢", "我住听泉区春风路8号，我叫李桂兰，电话13800000000", "书送到了但是少一本",
    ],
)  # fmt: skip
def test_whatever_is_written_meanwhile_is_shown_to_the_librarian(holding: Person, text: str) -> None:
    """Part 10: "馆员都看得到" is true also of what the service answers by itself."""
    holding.say("转人工")
    holding.say(text)
    store, found = holding.service.store, escalations.open_of(holding.service.store.db, holding.reader_id)
    assert found is not None
    assert found.about == text and text in [line["text"] for line in escalations.lines(store.db, found.id)]


def test_a_secret_written_meanwhile_is_shown_to_nobody(holding: Person) -> None:
    holding.say("转人工")
    holding.say("我的身份证号是11010519491231002X")
    store, found = holding.service.store, escalations.open_of(holding.service.store.db, holding.reader_id)
    assert found is not None
    assert "1101051949" not in str([line["text"] for line in escalations.lines(store.db, found.id)]) + found.about


def test_a_birthday_given_meanwhile_is_not_passed_on(me: Person) -> None:
    me.say("我是小学生")
    me.say("转人工")
    me.say("我今年9岁")
    assert "先请爸爸妈妈" in me.say("2015-03")
    store, found = me.service.store, escalations.open_of(me.service.store.db, me.reader_id)
    assert found is not None
    assert "2015-03" not in [line["text"] for line in escalations.lines(store.db, found.id)]


def test_more_said_with_a_second_call_is_added(me: Person) -> None:
    me.say("转人工")
    assert "还在处理中" in me.say("快转人工，书柜门打不开")
    found = escalations.open_of(me.service.store.db, me.reader_id)
    assert found is not None
    assert "快转人工，书柜门打不开" in [line["text"] for line in escalations.lines(me.service.store.db, found.id)]


def test_what_finds_no_book_meanwhile_was_said_to_the_librarian(me: Person) -> None:
    """Told where it went, not that there is no such book; and no miss is counted (C3)."""
    said = me.say("阿巴阿巴的柜子漏水淹了地下车库")
    assert "暂时没有找到" in said
    me.say("转人工")
    said = me.say("隔壁阿巴阿巴的柜子漏水淹了地下车库")
    assert "馆员看得到（RG" in said and "会一起答复您" in said
    store = me.service.store
    found = escalations.open_of(store.db, me.reader_id)
    assert found is not None
    assert "隔壁阿巴阿巴的柜子漏水淹了地下车库" in [line["text"] for line in escalations.lines(store.db, found.id)]
    missed = store.db.all("SELECT key FROM usage_counts WHERE kind = 'miss'")
    assert [row["key"] for row in missed] == ["阿巴阿巴的柜子漏水淹了地下车库"]


@pytest.mark.parametrize(
    ("language", "said", "answered"),
    [("", "你是机器人吗", "不是真人"), ("", "你是真人嗎", "不是真人"), ("en", "are you a bot?", "not a person")],
)
def test_a_program_says_that_it_is_one_and_calls_nobody_unasked(
    service: Service, language: str, said: str, answered: str
) -> None:
    me = Person(service, language=language)
    assert answered in me.say(said)
    assert any(button.action == "i:escalate" for row in me.heard[-1].buttons for button in row)
    assert escalations.open_of(service.store.db, me.reader_id) is None


@pytest.fixture
def holding(service: Service) -> Person:
    """With 围城 at home, due in 40 days."""
    person = Person(service).trusted()
    person.say("围城")
    for label in ("借这本", "云栖站智能借书柜", "确认下单"):
        person.tap(label)
    advance(service, person.last_order(), "pick", "pack", "load", "collect")
    person.listen()
    return person


@pytest.mark.parametrize(
    "said",
    [
        "我住院了", "我住院了没法还，能通融吗", "我在外地出差回不来", "家里老人去世了，书晚点还", "能不能别扣分", "能宽限几天吗",
        "我病了，晚点还行吗", "我摔伤了不能去还书", "书不在身边",
    ],
)  # fmt: skip
def test_whoever_cannot_bring_a_late_book_has_a_person_and_a_courier(
    service: Service, holding: Person, said: str
) -> None:
    pass_time(service, days=42)
    assert "有困难，告诉馆员" in holding.listen() and holding.action("转人工") == "i:escalate"
    told = holding.say(said)
    assert "馆员来想办法" in told and "已为您转人工" in told and about(holding) == said
    assert holding.action("快递上门取") == "fetch"


def test_before_a_book_is_late_more_days_are_given_at_once(holding: Person) -> None:
    assert "续借好了" in holding.say("能宽限几天吗")


def test_sorrow_is_answered_first_and_without_a_book_no_courier_is_named(me: Person) -> None:
    told = me.say("我住院了")
    assert told.startswith("很抱歉听到这些") and "快递" not in told
