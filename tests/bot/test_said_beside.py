"""What is meant stands beside what it sounds like: a book named where another could be touched, words lost beside a
number, a question that sounds like a farewell (C2)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import loans, reviews
from tests.bot.test_changing_ones_mind import borrowed
from tests.talking import Person



def renewed(service: Service, me: Person) -> list[str]:
    return [one.title for one in loans.of_reader(service.store.db, me.reader_id) if one.renewals]


# ---- books at home ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["围城续借", "續借《圍城》", "续借围城", "围城怎么续借", "我想把围城这本书续借一下", "renew 围城"])
@pytest.mark.parametrize("home", [("活着",), ("活着", "天龙八部")])
def test_a_book_that_is_not_at_home_renews_no_other(service: Service, me: Person, home: tuple[str, ...], said: str) -> None:
    borrowed(service, me, *home)
    answer = me.say(said)
    assert "《围城》不在您借着的书里" in answer and "续借哪一本" in answer
    assert renewed(service, me) == []


@pytest.mark.parametrize("said", ["活着还了，天龙八部续借", "天龙八部续借一下，活着我明天还", "活着丢了，还有天龙八部续借"])
def test_only_what_the_clause_names_is_renewed(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "活着", "天龙八部")
    me.say(said)
    assert renewed(service, me) == ["天龙八部"]


@pytest.mark.parametrize("said", ["续借", "全部续借", "我借的书都续借一下", "这些书能再续吗", "帮我续一个月吧", "活着和天龙八部，都续借"])
def test_all_are_renewed_where_none_is_named(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "活着", "天龙八部")
    me.say(said)
    assert sorted(renewed(service, me)) == ["天龙八部", "活着"]


# ---- an opinion with the name of its book ----------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["评《围城》：写得真好，想聊的打我电话13712345678", "评《围城》 写得真好", "写书评《围城》，写得真好"])
def test_a_review_in_one_line_is_kept(service: Service, me: Person, said: str) -> None:
    me.trusted()
    assert "书评收到了" in me.say(said)
    [kept] = reviews.of_reader(service.store.db, me.reader_id, 5)
    assert kept.title == "围城" and kept.text.startswith("写得真好")


def test_a_question_about_a_book_is_no_review(service: Service, me: Person) -> None:
    me.trusted().say("评《围城》：写得怎么样？")
    assert reviews.of_reader(service.store.db, me.reader_id, 5) == []


# ---- what happened to a book at home ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我的围城破了一页", "坏的是哪一本"), ("圍城被水泡了", "《围城》是收到时就这样吗"), ("收到的围城缺页", "坏的是哪一本"),
        ("围城看不完了", "续借好了 1 本"), ("围城我已经还了呀", "是哪一本还了"), ("围城多久到期", "您借着 2 本书"),
        ("围城找着了", "没有登记过丢失的书"), ("围城", "找到 1 种"), ("围城真好看", "《围城》"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_book_at_home_is_no_search(service: Service, me: Person, said: str, answered: str) -> None:
    borrowed(service, me, "围城", "活着")
    assert answered in me.say(said)
    assert "活着" not in renewed(service, me)


def test_a_lost_book_is_found_by_its_name(service: Service, me: Person) -> None:
    borrowed(service, me, "围城", "活着").say("围城丢了")
    assert "PF261120-1" in me.say("围城找到了") and "书找到了" in [b.label for r in me.heard[-1].buttons for b in r]


def test_what_is_not_at_home_is_still_looked_for(me: Person) -> None:
    me.trusted()
    assert "找到" in me.say("围城破了一页") or "您要找的是不是" in me.heard[-1].text
