"""书评 in the chat: written, read by a librarian, seen on the book's card, changed and taken back (A10-9, D 5)."""

from __future__ import annotations

import pytest

from bot import notify
from bot.service import Service
from lending import loans, orders, reviews
from tests.talking import Person, pass_time

WORDS = "城里的人想出来，值得再读"


def judged(service: Service, name: str = "show", reason: str = "") -> None:
    """A librarian reads what waits."""
    db, now = service.store.db, service.clock.now()
    for one in reviews.listed(db, "waiting", 10):
        reviews.judge(db, one.id, name, one.edits, service.policy, now, reason)
    notify.tell(service.store, service.policy, now)


@pytest.fixture
def wrote(me: Person) -> Person:
    """Whose words about 围城 wait to be read."""
    me.trusted().say("围城")
    me.say("写书评")
    assert "书评收到了" in me.say(WORDS)
    return me


def test_what_was_read_stands_on_the_card_without_a_name(wrote: Person, service: Service) -> None:
    other = Person(service, "other")
    other.say("围城")
    assert WORDS not in other.press(other.action("详情"))
    judged(service)
    assert "读者看得到了" in wrote.listen()
    card = other.press(other.action("详情"))
    assert f"读者说：「{WORDS}」" in card
    assert WORDS in other.tap("书评") and "R0" not in other.heard[-1].text


def test_who_is_refused_hears_why_and_writes_anew(wrote: Person, service: Service) -> None:
    judged(service, "refuse", "写着别人的电话")
    assert "写着别人的电话" in wrote.listen()
    assert WORDS in wrote.tap("改我的书评")
    assert "书评收到了" in wrote.say("只说书：值得再读")
    assert "馆员还没看" in wrote.say("我的书评")


def test_ones_own_is_listed_changed_and_taken_back(wrote: Person, service: Service) -> None:
    judged(service)
    wrote.listen()
    assert "《围城》（展示中）" in wrote.say("我写过的书评")
    wrote.tap("改第1条")
    wrote.say("再读一遍，还是好")
    assert "再读一遍" in wrote.say("我的书评") and "馆员还没看" in wrote.heard[-1].text
    assert "要删掉" in wrote.tap("删第1条")
    assert "删掉了" in wrote.say("确认")
    assert "还没有写过书评" in wrote.say("我的书评")


def test_a_second_thought_keeps_it(wrote: Person) -> None:
    wrote.say("删除我的书评")
    wrote.tap("删第1条")
    wrote.tap("留着")
    assert WORDS in wrote.say("我的书评")


@pytest.mark.parametrize("said", ["围城的书评", "别人怎么评价围城", "看看大家怎么说围城", "reviews of 围城"])
def test_what_others_say_is_read_not_asked_for(wrote: Person, service: Service, said: str) -> None:
    judged(service)
    other = Person(service, "other")
    assert WORDS in other.say(said)
    assert other.action("写书评")


def test_where_nobody_has_written_the_first_word_is_invited(me: Person) -> None:
    assert "还没有人写过《活着》的书评" in me.say("活着的书评")
    assert "说说您对《活着》的看法" in me.tap("写书评")


def test_the_name_of_another_book_is_no_review(me: Person, service: Service) -> None:
    me.trusted().say("围城")
    me.say("写书评")
    assert "书评收到了" not in me.say("活着") and "余华" in me.heard[-1].text
    assert reviews.of_reader(service.store.db, me.reader_id) == []


def test_too_much_is_said_and_can_be_sent_again_shorter(me: Person) -> None:
    me.trusted().say("围城")
    me.say("写书评")
    assert f"最多 {reviews.LONGEST} 个字" in me.say("好看，" * 400)
    assert "书评收到了" in me.say("好看")


def test_a_book_brought_back_may_be_spoken_of_at_once(me: Person, service: Service) -> None:
    """The way to write stands where the reader has just read it."""
    me.trusted().say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    db, policy, now = service.store.db, service.policy, service.clock.now()
    order = me.last_order()
    while step := orders.next_step(order):
        order = orders.advance(db, order.id, step.name, "馆员", policy, now)
    loan = loans.of_reader(db, me.reader_id)[0]
    loans.check_in(db, loan.barcode, 1, policy, now)
    pass_time(service, hours=1)
    me.listen()
    assert "说说您对《围城》的看法" in me.tap("写书评")


def test_a_forged_press_reaches_nobodys_words(wrote: Person, service: Service) -> None:
    stranger = Person(service, "stranger").trusted()
    for press in ("rvx!:10", "rvx:10", "rvx!:x", "rv+:999999", "rv:999999"):
        stranger.press(press)
    assert WORDS in wrote.say("我的书评")
