"""What is typed on a phone, short and with slips: half sentences, changed minds, complaints, and who they call for (C2)."""

from __future__ import annotations

import pytest

from bot import escalations
from bot.service import Service
from lending import cart, events, mandates
from lending.model import library_day
from tests.bot.test_halves import follow, ordered
from tests.bot.test_linking import lend
from tests.lending.happenings import plan
from tests.talking import Person, advance


def happenings(service: Service) -> None:
    """On Saturday, Sunday and the Tuesday after."""
    with service.store.writing() as db:
        for days, name in ((1, "周六故事会"), (2, "成人读书会"), (4, "绘本故事会")):
            events.make(db, plan(days=days, name=name), service.policy, service.clock.now())


# ---- nobody is called, and nothing done, by likeness -------------------------------------------------------------------


def test_why_only_once_is_told_and_calls_nobody(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "可续借 1 次，每次 15 天" in me.say("凭什么只让续一次")
    assert escalations.open_of(service.store.db, me.reader_id) is None


@pytest.mark.parametrize(
    ("said", "answered"), [("无语 那三体呢", "《三体》"), ("无语 那斗破苍穹呢", "没有找到「斗破苍穹」")]
)
def test_a_book_asked_for_with_a_sigh_calls_nobody(service: Service, me: Person, said: str, answered: str) -> None:
    assert answered in me.say(said)
    assert escalations.open_of(service.store.db, me.reader_id) is None


def test_the_book_named_last_goes_out_of_the_cart(service: Service, me: Person) -> None:
    follow(me.trusted(), "围城和活着都要")
    me.tap("2 本都借")
    assert "围城" in me.say("少一本 围城不要了")
    assert len(cart.items(service.store.db, me.reader_id)) == 1
    assert escalations.open_of(service.store.db, me.reader_id) is None


@pytest.mark.parametrize("said", ["短一点", "簡單一點的", "简单点的", "something easier"])
def test_a_list_is_asked_for_shorter_books_not_larger_letters(service: Service, me: Person, said: str) -> None:
    answer = follow(me, "鲁迅", said)
    assert "大字" not in answer and ("页数少的在前" in answer or "书目里没有写" in answer)
    assert not service.store.db.value("SELECT plain FROM readers WHERE id = :r", r=me.reader_id)


def test_whether_it_was_cancelled_is_only_told(service: Service, me: Person) -> None:
    ordered(me)
    follow(me, "活着")
    me.tap("借这本")
    assert "您的订单" in me.say("剛剛那個真的取消了嗎")
    assert len(cart.items(service.store.db, me.reader_id)) == 1


# ---- leaning on an order ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["明天行不行", "周四才能去拿行吗", "is tomorrow ok"])
def test_a_day_for_an_order_on_its_way(me: Person, said: str) -> None:
    answer = follow(ordered(me), "我的订单", said)
    assert "为您保留 3 天" in answer or "承诺" in answer
    assert "《三体》" in answer


@pytest.mark.parametrize("said", ["明天才有空", "明天行不行", "过两天再去拿"])
def test_a_day_for_what_waits(service: Service, me: Person, said: str) -> None:
    advance(service, ordered(me).last_order(), "pick", "pack", "load")
    me.listen()
    assert "保留到" in me.say(said) and me.action("多留 2 天")


@pytest.mark.parametrize("said", ["可以改到别的柜子不", "能换个近一点的柜子吗", "可以改到别的地方吗"])
def test_another_place_for_an_order(me: Person, said: str) -> None:
    assert "下单以后换不了取书的方式和地址" in follow(ordered(me), "我的订单", said)


def test_who_goes_themselves_hears_where(service: Service, me: Person) -> None:
    advance(service, ordered(me).last_order(), "pick", "pack", "load")
    me.listen()
    assert "取书码" in me.say("那我自己去取，在哪里")


# ---- activities by day ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "there", "not_there"),
    [
        (("周末有什么活动",), ("周六故事会", "成人读书会"), "绘本故事会"), (("周末有什么活动", "星期六的"), ("周六故事会",), "成人读书会"),
        (("活动", "下周二呢"), ("绘本故事会",), "成人读书会"), (("今天有活动吗",), ("没有排活动", "周六故事会", "绘本故事会"), "接下来的活动。"),
        (("any events this weekend",), ("周六故事会", "成人读书会"), "绘本故事会"), (("活动", "帮我报两个人"), ("一次最多",), "报好了"),
    ],
)  # fmt: skip
def test_activities_of_the_days_that_are_named(
    service: Service, me: Person, lines: tuple[str, ...], there: tuple[str, ...], not_there: str
) -> None:
    happenings(service)
    answer = follow(me.trusted(), *lines)
    assert all(one in answer for one in there) and not_there not in answer
    assert library_day(service.clock.now()).isoformat() == "2026-11-20"


# ---- whose, and which book -------------------------------------------------------------------------------------------------


def test_how_many_a_child_may_have_is_told_of_the_child(service: Service, me: Person) -> None:
    follow(me.trusted(), "给孩子办卡", "小宝 2017年3月")
    me.tap("同意：孩子借书")
    assert mandates.of_reader(service.store.db, me.reader_id, service.clock.now())
    assert "小宝一次可借 2 本，现在占用 0 本。" in me.say("小宝能借几本")


@pytest.mark.parametrize(
    ("said", "author"), [("hemmingway", "海明威"), ("dostoevski", "陀思妥耶夫斯基"), ("cunshangchunshu", "村上春树"), ("by agatha christie?", "阿加莎"),
                         ("i want the three body problem", "刘慈欣")]
)  # fmt: skip
def test_names_from_abroad_with_a_slip(me: Person, said: str, author: str) -> None:
    answer = me.say(said)
    assert author in answer and "没有完全对上" not in answer


def test_a_word_is_no_name_with_another_first_letter(me: Person) -> None:
    assert "戈尔丁" not in me.say("holding")


def test_ages_are_said_once_not_to_be_recorded(me: Person) -> None:
    me.say("我想给孩子找书，9岁")
    said = [one.text for one in me.heard if "书目里没有写" in one.text or "没有标适合几岁" in one.text]
    assert len(said) == 1


def test_the_book_just_asked_about_is_taken(service: Service, me: Person) -> None:
    follow(me.trusted(), "白夜行", "还有别的版本吗", "那就这本吧")
    assert len(cart.items(service.store.db, me.reader_id)) == 1


def test_the_book_that_was_spoken_of_a_while_ago_is_shown_again(service: Service, me: Person) -> None:
    follow(me.trusted(), "围城", "字会不会太小")
    assert "《围城》" in me.say("那就它了") and me.action("借这本")


@pytest.mark.parametrize("said", ["换", "再换", "换个别的类似的"])
def test_another_than_the_book_on_show(me: Person, said: str) -> None:
    answer = follow(me.trusted(), "白夜行", said)
    assert "没有找到" not in answer and "《白夜行》" not in answer.split("\n\n", 1)[-1]


# ---- said beside ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("有冇粵語書", "没有找到「"), ("我想退出唔用", "没有年费，也没有押金要退"), ("哈哈谢谢机器人", "不客气"), ("谢谢小同志", "不客气"), ("再说吧", "先放下"),
        ("actually no", "先放下"), ("hello在吗", "您好"), ("圖書館今天有開嗎", "开放时间"), ("開到幾點", "开放时间"), ("可以在裡面唸書嗎", "座位"),
        ("可以宅配嗎", "借书车"), ("可以延幾次", "可续借 1 次"),
    ],
)  # fmt: skip
def test_said_beside(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_another_day_of_the_same_hours(me: Person) -> None:
    assert "11月22日（周日）的开放时间" in follow(me, "圖書館今天有開嗎", "那禮拜天勒")


def test_who_waits_for_a_person_and_is_in_a_hurry_is_heard(service: Service, me: Person) -> None:
    assert "知道您着急" in follow(me.trusted(), "转人工", "急")
    waiting = escalations.open_of(service.store.db, me.reader_id)
    assert waiting is not None
    assert [one["text"] for one in escalations.lines(service.store.db, waiting.id) if one["text"] == "急"] == ["急"]


def test_another_kind_of_book_is_not_the_one_on_show(service: Service, me: Person) -> None:
    follow(me.trusted(), "围城", "对了再加一本绘本")
    assert not cart.items(service.store.db, me.reader_id)


def test_asking_whether_one_may_calls_nobody(service: Service, me: Person) -> None:
    me.say("可唔可以攞多幾日")
    assert escalations.open_of(service.store.db, me.reader_id) is None


@pytest.mark.parametrize(("said", "author"), [("tolkein", "托尔金"), ("liu cixin maybe", "刘慈欣")])
def test_more_names_with_slips(me: Person, said: str, author: str) -> None:
    assert author in me.say(said)


@pytest.mark.parametrize("said", ["那我接完孩子去拿", "放学去拿", "改天再去拿可以吗", "im not free till friday"])
def test_when_one_will_come(service: Service, me: Person, said: str) -> None:
    advance(service, ordered(me).last_order(), "pick", "pack", "load")
    me.listen()
    assert "保留到" in me.say(said)
