"""还书，顺便借围城: two wishes in one line are both answered, a book last; what is one wish stays one (C2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import several_wishes
from bot.meaning import meant
from bot.service import Service
from lending import orders
from tests.bot.test_linking import lend
from tests.talking import Person

HERE = Path(__file__).parent
TWO = {  # what of each answer is to be read
    "还书，顺便借围城": ("放到任何一个都行", "《围城》放进借书车了"),
    "我想还三体，另外帮我找一下活着": ("放到任何一个都行", "1. 《活着》"),
    "續借所有的書，再幫我預約一本平凡的世界": ("现在没有借着的书", "《平凡的世界》现在就能借"),
    "先帮我查一下我的订单，然后告诉我中心馆几点开门": ("还没有订单", "云栖市图书馆中心馆 09:00-21:00"),
    "三体有吗？还有你们几点关门": ("的开放时间", "1. 《三体》"),
    "我要借围城，送到家多少钱": ("送到家（送书／还书上门取件）", "《围城》放进借书车了"),
    "renew my books, and where is the nearest branch?": ("现在没有借着的书", "这些网点都能借"),
}
ONE = (  # a title of ours, an address, several books, one question in two breaths, small talk beside a wish
    "活着，三体", "围城，我要借", "你好，我想借围城", "文三路 1 号，13800000000", "我要还书，去哪里还", "借书多少钱，能借几本",
    "谢谢，再见", "书丢了，怎么办", "算了，不借了，还书怎么还", "再见，明天来还书", "，，，", "还书，" * 30,
)  # fmt: skip


@pytest.mark.parametrize("said", TWO)
def test_both_are_answered_the_book_last(me: Person, said: str) -> None:
    first, last = TWO[said]
    answer = me.say(said)
    assert 0 <= answer.find(first) < answer.find(last), answer


def test_numbers_are_of_the_list_that_stands_last(me: Person) -> None:
    me.say("三体有吗？还有你们几点关门")
    assert "《三体》" in me.say("1")


@pytest.mark.parametrize("said", ONE)
def test_one_wish_stays_one(service: Service, said: str) -> None:
    assert several_wishes.told_apart(service, said, meant(service, said)) == []


def test_what_others_have_said_as_one_wish_stays_one(service: Service) -> None:
    lines = [line for name in ("utterances.tsv", "unseen.tsv", "titles.txt") for line in (HERE / name).open("r", -1, "utf-8")]
    every = {line.rstrip("\n").split("\t")[0] for line in lines}
    said = {one for one in every if several_wishes.APART.search(one)}
    assert len(said) > 100
    assert [one for one in said if several_wishes.told_apart(service, one, meant(service, one))] == []


def test_no_title_of_the_catalogue_is_two_wishes(service: Service) -> None:
    titles = [row["title"] for row in service.store.db.all("SELECT title FROM titles")]
    apart = [title for title in titles if several_wishes.APART.search(title)]
    assert len(apart) > 20
    assert [one for one in apart if several_wishes.told_apart(service, one, meant(service, one))] == []


def test_what_refuses_one_keeps_the_other_not_waiting(service: Service, me: Person) -> None:
    """A hold that cannot be is said so; the books at home are still listed."""
    me.trusted()
    answer = me.say("预约《围城》，还有我的订单到哪了")
    assert "现在就能借" in answer and "还没有订单" in answer
    assert not orders.of_reader(service.store.db, me.reader_id)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("活着丢了，再借一本围城", "丢失已登记"), ("書丟了，再借一本圍城", "丢失已登记"), ("我把活着弄丢了，再借一本围城", "丢失已登记"),
        ("活着好像丢了，顺便借围城", "点一下就登记"), ("活着破了，再借一本围城", "收到时就这样吗"),
    ],
)  # fmt: skip
def test_a_loss_is_asked_about_first_and_the_other_wish_is_kept(
    service: Service, me: Person, said: str, asked: str
) -> None:
    lend(service, me.trusted())
    answer = me.say(said)
    assert 0 <= answer.find(asked) < answer.find("《围城》放进借书车了"), answer


def test_while_a_question_is_open_a_line_is_its_answer(me: Person) -> None:
    me.say("荐购")
    answer = me.say("三体有吗？还有你们几点关门")
    assert "的开放时间" not in answer or "1. 《三体》" not in answer


@pytest.mark.parametrize("said", ["还三体", "我想还三体", "要还《三体》", "我要归还三体了"])
def test_a_book_that_is_to_be_given_back_is_not_searched_for(me: Person, said: str) -> None:
    assert "放到任何一个都行" in me.say(said)


@pytest.mark.parametrize("said", ["还有三体吗", "还要三体", "还想看三体", "还珠格格"])
def test_one_more_book_is_none_that_is_given_back(me: Person, said: str) -> None:
    assert "放到任何一个都行" not in me.say(said)
