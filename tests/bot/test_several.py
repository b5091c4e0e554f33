"""借三体、围城和活着: several books named in one line are shown together and borrowed with one word (A1-14, C2)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import cart
from tests.talking import Person

THREE = (
    "借三体、围城和活着", "我想借三本书 三体 围城 活着", "我要《三体》《围城》《活着》", "三体，围城，活着", "三体+围城+活着",
    "帮我借三体 围城 还有活着", "想看三体、围城、活着这三本", "三体\n围城\n活着", "我想借这几本：三体，围城，活着", "borrow 三体, 围城 and 活着",
    "借三體、圍城和活著", "三体 刘慈欣、围城 钱锺书、活着 余华", "三体 刘慈欣 围城 活着 余华",
    "三体 围城 活着 各来一本", "三体、围城、活着，每样来一本",
)  # fmt: skip
ALL = ("三本都要", "都借了", "全借了", "都要", "这三本都要了", "全都要", "都借", "这几本我都借", "i want all of them", "all three")


def in_cart(service: Service, me: Person) -> list[str]:
    rows = cart.items(service.store.db, me.reader_id)
    return sorted(service.store.db.value("SELECT title FROM titles WHERE id = :t", t=one) for one in rows)


@pytest.mark.parametrize("said", THREE)
def test_several_titles_are_shown_in_their_order(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "您要的 3 种" in answer, answer
    assert [answer.index(f"{n}. 《{title}》") for n, title in enumerate(("三体", "围城", "活着"), 1)]


@pytest.mark.parametrize("said", ALL)
def test_all_of_them_with_one_word(service: Service, me: Person, said: str) -> None:
    me.trusted().say(THREE[0])
    assert "《三体》《围城》《活着》放进借书车了" in me.say(said)
    assert in_cart(service, me) == sorted(["三体", "围城", "活着"])


def test_all_of_them_by_a_press_also_twice(service: Service, me: Person) -> None:
    me.trusted().say(THREE[0])
    action = me.action("3 本都借")
    assert "放进借书车了" in me.press(action) and me.press(action)
    assert in_cart(service, me) == sorted(["三体", "围城", "活着"])


def test_and_sent_home_at_once(me: Person) -> None:
    me.trusted().say(THREE[0])
    assert "要借《三体》《围城》《活着》吗" in me.say("都借了送到我家")
    assert "放进借书车了" in me.tap("都借上")


def test_what_is_not_there_is_named_and_the_rest_is_shown(me: Person) -> None:
    answer = me.say("借三体、围城、不存在的书名啊")
    assert "您要的 2 种" in answer and "没找到：不存在的书名啊" in answer


def test_one_that_is_out_is_named_the_others_come_along(service: Service, me: Person) -> None:
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = (SELECT id FROM titles WHERE title = '围城')")
    me.say(THREE[0])
    answer = me.say("都要")
    assert "《三体》《活着》放进借书车了" in answer and "《围城》" in answer


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("红与黑", "「红与黑」找到"), ("傲慢与偏见", "「傲慢与偏见」找到"), ("三体 刘慈欣", "「三体 刘慈欣」找到"),
        ("刘慈欣 三体", "找到"), ("围城、钱钟书", "围城"), ("三体和余华", "三体"), ("the old man and the sea", "《老人与海》"),
    ],
)  # fmt: skip
def test_one_title_or_a_title_with_its_author_is_one_wish(me: Person, said: str, found: str) -> None:
    answer = me.say(said)
    assert found in answer and "您要的" not in answer, answer


def test_titles_with_a_joining_word_stay_whole(me: Person) -> None:
    assert "您要的 2 种" in (answer := me.say("借红与黑和三体")) and "《红与黑》" in answer and "《三体》" in answer


def test_all_of_a_short_list_is_asked_first(service: Service, me: Person) -> None:
    """It was looked for by one name: 三体 is a list of three."""
    assert "3 种" in me.trusted().say("三体")
    assert "要借《三体》《三体Ⅱ：黑暗森林》《三体Ⅲ：死神永生》吗" in me.say("三本都要")
    assert "放进借书车了" in me.say("好的") and len(in_cart(service, me)) == 3


def test_all_of_nothing_asks_which(me: Person) -> None:
    assert "是哪一本" in me.trusted().say("三本都要") or "借书车里还没有书" in me.heard[-1].text


@pytest.mark.parametrize("press", ["sev:", "sev:0", "sev:x", "sev:999999.1", "sev:" + ".".join(["1"] * 40)])
def test_a_forged_press_is_answered(me: Person, press: str) -> None:
    me.trusted()
    assert me.press(press)
