"""What readers ran into who had never seen the service: a book asked for beside a wish, one's own number, one's own books."""

from __future__ import annotations

import pytest

from lending import cart, holds
from tests.talking import Person


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("狼图腾有吗，没有的话帮我排队", "狼图腾"), ("homo deus 有吗 没有的话帮我排队", "未来简史"),
        ("有没有狼图腾，没有的话给我排上队", "狼图腾"),
    ],
)  # fmt: skip
def test_who_queues_for_a_book_gets_that_one_and_not_the_one_on_show(me: Person, said: str, title: str) -> None:
    with me.service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan'")
    me.trusted().say("活着")
    me.tap("详情")
    assert f"预约好了：《{title}》" in me.say(said)
    assert [one.title for one in holds.of_reader(me.service.store.db, me.reader_id)] == [title]


def test_a_queue_is_joined_for_the_one_on_show_where_no_other_is_named(me: Person) -> None:
    with me.service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan'")
    me.trusted().say("狼图腾")
    me.tap("详情")
    assert "预约好了：《狼图腾》" in me.say("没有的话帮我排队")


def test_how_many_books_is_told_as_this_reader_may_have(me: Person) -> None:
    """20 stands in the rules; whoever began without a score was told 20 and could have 2."""
    assert "马上借 2 本" in me.say("能借几本")
    me.say("活着")
    me.tap("借这本")
    me.say("1")
    me.say("我要 不查")
    assert me.say("能借几本啊").startswith("您一次可借 2 本，现在占用 0 本。")
    assert me.say("幾多本可以借").startswith("您一次可借 2 本")
    assert "您一次可借" not in me.say("借期多久")


@pytest.mark.parametrize("said", ["我有书想借给人", "我有書想借給人", "自己的书可以借出去吗", "家里有些书想给别人看"])
def test_a_book_of_ones_own_is_lent_and_none_of_ours_borrowed(me: Person, said: str) -> None:
    me.trusted().say("围城")
    assert "放上来漂流" in me.say(said)
    assert not cart.items(me.service.store.db, me.reader_id)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我有一本《平凡的世界》想放出来漂流", "怎么漂流"), ("给孩子办一个", "怎么称呼孩子"), ("给孩子办一张", "怎么称呼孩子"),
        ("我唔識點還書", "24 小时智能书柜"), ("點還書", "24 小时智能书柜"), ("想馆里买 香港三部曲", "想荐购哪本书"),
        ("harry poter", "《哈利·波特与魔法石》"), ("pride and predjudice", "《傲慢与偏见》"),
    ],
)  # fmt: skip
def test_what_was_searched_in_vain_is_answered(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)
