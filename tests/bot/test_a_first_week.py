"""What readers ran into who had never seen the service: a book asked for beside a wish, one's own number, one's own books."""

from __future__ import annotations

import pytest

from lending import cart, holds
from tests.talking import Person, pass_time


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
        ("我忘了去拿怎么办", "为您保留 3 天"), ("忘记去取会扣分吗", "为您保留 3 天"), ("现在有吗", "是哪一本呢"), ("有没有", "是哪一本呢"),
        ("書整爛咗點算", "没有这样一本借着的书"), ("我本書爛咗", "没有这样一本借着的书"),
        ("harry poter", "《哈利·波特与魔法石》"), ("pride and predjudice", "《傲慢与偏见》"),
    ],
)  # fmt: skip
def test_what_was_searched_in_vain_is_answered(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_whether_the_book_on_show_is_there_is_no_question_about_credit(me: Person) -> None:
    me.trusted().say("围城")
    assert "可借 6 本" in me.say("现在有吗") and me.action("借这本")


def test_who_thinks_better_of_cancelling_keeps_the_order(me: Person) -> None:
    me.trusted().say("围城")
    me.tap("借这本")
    me.say("1")
    me.tap("确认下单")
    me.say("取消订单")
    assert "审核通过 《围城》" in me.say("算了不取消")
    assert me.last_order().state == "approved"


def test_who_asks_for_fines_hears_of_those_first(me: Person) -> None:
    assert me.say("罚款多少").startswith("不收逾期费。")
    assert me.say("邮费多少").startswith("书柜取书")


def test_a_promised_answer_that_is_late_is_not_promised_again(me: Person) -> None:
    assert "前答复您。" in me.say("转人工")
    pass_time(me.service, days=40)
    me.listen()
    told = me.say("转人工")
    assert "我们没做到，对不起" in told and "；11月" not in told


def test_how_many_a_child_may_have_is_told_to_whoever_borrows_for_them(me: Person) -> None:
    me.say("给孩子办卡")
    me.say("小宝 2017年3月")
    me.tap("同意：孩子借书")
    me.tap("替小宝办")
    assert "一次可借 2 本，现在占用 0 本。" in me.say("能借几本")
