"""What stood there stands on while something else is asked; and a question is no book, and nothing is done by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import escalations
from bot.service import Service
from lending import cart, holds, loans
from tests.bot.test_linking import lend
from tests.talking import Person


def labels(me: Person) -> list[str]:
    return [button.label for row in me.heard[-1].buttons for button in row]


def choosing_a_way(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("借")
    assert any(label.startswith("云栖站") for label in labels(me))


# ---- what stood there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["书柜要钱吗", "怎么还书", "几天能到"])
@pytest.mark.parametrize("said", ["那书柜呢", "行那书柜", "那行就书柜吧", "就去那里拿"])
def test_the_ways_stand_while_something_is_asked(me: Person, asked: str, said: str) -> None:
    choosing_a_way(me)
    me.say(asked)
    assert "怎么取" in me.say(said) and any(label.startswith("云栖站") for label in labels(me))


@pytest.mark.parametrize("said", ["还是第二个吧", "第二个", "那第二个", "the second one"])
def test_the_second_way_is_chosen_after_a_question(me: Person, said: str) -> None:
    choosing_a_way(me)
    me.say("怎么还书")
    assert "取书：云栖站智能借书柜" in me.say(said)
    assert "取书：云栖站智能借书柜" in me.say(said), "the yes that waits is not what is counted along"


@pytest.mark.parametrize("said", ["就去那里拿", "那就去那里取吧", "放那里吧"])
def test_there_is_where_was_asked_about(me: Person, said: str) -> None:
    choosing_a_way(me)
    me.say("云栖站的书柜晚上开吗")
    assert "取书：云栖站智能借书柜" in me.say(said)


def test_an_order_that_waits_for_its_yes_is_put_again(me: Person) -> None:
    choosing_a_way(me)
    me.say("第二个")
    me.say("最晚几点去拿")
    assert "取书：云栖站智能借书柜" in me.say("好的下单") and "SX" in me.say("确认")


def test_the_books_stand_while_something_is_asked(me: Person) -> None:
    me.trusted().say("余华的书")
    second = labels(me)[1]
    me.say("怎么还书")
    assert second in me.say("还是第二个吧")


def test_what_is_called_off_stands_no_longer(me: Person) -> None:
    choosing_a_way(me)
    me.say("算了")
    assert "取书：" not in me.say("第二个")


# ---- the first one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["第一个", "the first one", "那第一个吧", "第一本"])
def test_an_ordinal_presses_no_menu(service: Service, me: Person, said: str) -> None:
    me.trusted().say("魑魅魍魉饕餮龘靐")
    assert "荐购这本" in labels(me)
    assert "荐购收到" not in me.say(said)
    assert service.store.db.value("SELECT COUNT(*) FROM wishes") == 0


def test_the_first_one_is_looked_at_and_not_taken(service: Service, me: Person) -> None:
    me.trusted().say("余华的书")
    first = labels(me)[0]
    assert first in me.say("第一个")
    assert first in me.say("the first one") and not cart.items(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["第二个再来几本", "刚才第一个是啥来着"])
def test_who_asks_has_taken_nothing(service: Service, me: Person, said: str) -> None:
    me.trusted().say("余华的书")
    me.say(said)
    assert not cart.items(service.store.db, me.reader_id)


def test_another_book_that_is_described_is_not_the_one_on_show(service: Service, me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("借")
    assert "《宇宙》" in me.say("还有那本讲宇宙的也要") and len(cart.items(service.store.db, me.reader_id)) == 1


@pytest.mark.parametrize("said", ["那就这本吧，最快今天能拿到不", "就要第一个 明天能拿到吗"])
def test_taken_and_asked_when(service: Service, me: Person, said: str) -> None:
    me.trusted().say("《围城》")
    answer = me.say(said)
    assert "放进借书车了" in answer and "前可取" in answer


@pytest.mark.parametrize("said", ["那就这本吧", "就这本"])
def test_this_one_takes_the_book_that_stands_there(service: Service, me: Person, said: str) -> None:
    me.trusted().say("余华的书")
    me.say("第一个")
    assert "放进借书车了" in me.say(said)
    assert "放进借书车了" not in me.say(said), "the ways stand there now"


def test_a_shortened_title_beside_a_known_one(me: Person) -> None:
    assert "您要的 2 种" in me.say("白夜行和嫌疑人都要") and "《嫌疑人X的献身》" in labels(me)


def test_besides_this_one(me: Person) -> None:
    me.say("余华的书")
    me.say("第一个")
    assert "换一本" in me.say("除了这本还有呢")


# ---- a question is no book -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["有几个人在看", "你们这里谁说了算啊", "能不能打八折"])
def test_a_question_without_an_answer_goes_to_a_person_with_its_words(service: Service, me: Person, said: str) -> None:
    me.trusted()
    assert "像是一句问话" in me.say(said) or "已为您转人工" in me.heard[-1].text
    assert not me.heard[-1].cards and labels(me)[0] in ("转人工", "我的借阅")
    me.say("转人工")
    asked = escalations.open_of(service.store.db, me.reader_id)
    assert asked is not None and asked.about == said


@pytest.mark.parametrize("between", ["围城", "> 帮助"])
def test_only_the_last_question_is_handed_on(service: Service, me: Person, between: str) -> None:
    me.trusted().say("你们这里冷不冷呀能开空调不能")
    me.say("能不能打八折")
    me.press("i:help") if between.startswith(">") else me.say(between)
    me.say("转人工")
    asked = escalations.open_of(service.store.db, me.reader_id)
    assert asked is not None and asked.about == ""


@pytest.mark.parametrize("said", ["wifi密码多少", "wifi密码是多少", "馆里能打印吗", "有自习室没", "附近停车方便吗", "厕所在几楼"])
def test_what_the_house_has_is_asked_of_a_librarian(service: Service, me: Person, said: str) -> None:
    assert "这里没有记" in me.trusted().say(said) and labels(me) == ["附近网点", "转人工"]
    me.tap("转人工")
    asked = escalations.open_of(service.store.db, me.reader_id)
    assert asked is not None and asked.about == said


@pytest.mark.parametrize("said", ["我能在家还书吗", "可以叫快递来收吗", "能上门收吗"])
def test_books_are_fetched_at_home(me: Person, said: str) -> None:
    assert "快递到家里来取，一本 ¥" in me.trusted().say(said)


def test_a_call_for_a_person_holds_its_words(service: Service, me: Person) -> None:
    said = "转人工 《三体》第二册什么时候有？"
    assert "已为您转人工" in me.trusted().say(said)
    asked = escalations.open_of(service.store.db, me.reader_id)
    assert asked is not None and asked.about == said


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("有没有带拼音的", "书目里没有写"), ("有点短 有没有长一点的", "页数多的在前"), ("那我在外地怎么还书", "再远就送不到了"),
        ("那先把这单退了", "可以取消的订单"), ("现在能删了吗", "确定删除吗"), ("书有一页破了", "没有这样一本借着的书"),
    ],
)  # fmt: skip
def test_each_has_its_answer(me: Person, said: str, answered: str) -> None:
    me.trusted().say("余华的书")
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("买了会告诉我吗", "我都告诉您"), ("多久能买到", "由馆员定")])
def test_a_wish_is_asked_after(me: Person, said: str, answered: str) -> None:
    me.trusted().say("五年高考三年模拟")
    assert answered in me.say(said)


# ---- how -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("怎么续借", "可续借 1 次，每次 15 天"), ("怎么续借啊", "可续借 1 次，每次 15 天"), ("how do i renew my books", "每次 15 天"),
        ("怎么预约", "为您留 3 天"), ("怎么预约这本书", "为您留 3 天"), ("怎么转借", "一年最多转 2 次"), ("怎么还书", "任何一个都行"),
    ],
)  # fmt: skip
def test_how_is_told_with_its_numbers(service: Service, me: Person, said: str, number: str) -> None:
    me.trusted().say("围城")
    assert number in me.say(said) and "没有借着的书" not in me.heard[-1].text
    assert not holds.of_reader(service.store.db, me.reader_id), "nothing is done by asking"


def test_asking_how_renews_nothing(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "可续借 1 次" in me.say("怎么续借") and "全部续借" in labels(me)
    assert [one.renewals for one in loans.of_reader(service.store.db, me.reader_id)] == [0]


@pytest.mark.parametrize(("times", "days", "rule"), [(0, 15, "不能续借"), (1, 7, "可续借 1 次，每次 7 天")])
def test_what_was_told_with_a_book_is_told_when_asked_also_under_a_stricter_rule(
    service: Service, me: Person, times: int, days: int, rule: str
) -> None:
    """B2-12, docs/decisions.md 103: the button renews, so the words may not say that nothing can be."""
    lend(service, me.trusted())
    lending = service.policy.lending
    assert (lending.renewals, lending.renewal_days) == (1, 15)
    stricter = replace(lending, renewals=times, renewal_days=days)
    me.service = replace(service, policy=replace(service.policy, lending=stricter, pools=()))
    said = me.say("怎么续借")
    assert "照借的时候说好的：可续借 1 次，每次 15 天。" in said and "全部续借" in labels(me)
    assert f"新借的书照现在的规则：{rule}" in said
    assert "转人工" not in said and "说「续借」" in said


# ---- lines that were taken for titles, or for something to be done --------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我想借书但是没有卡", "不用办卡"), ("我妈七十多了 她也想借", "家人可以替您办事"), ("我来替她下单行吗", "家人可以替您办事"),
        ("借过的书能查到吗", "借着的书"), ("书卡在柜子里拿不出来", "核对是不是这个书柜"), ("算了都不要", "先放下"),
    ],
)  # fmt: skip
def test_is_no_title(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_asking_for_another_records_no_wish(service: Service, me: Person) -> None:
    me.trusted().say("人民的名义有吗")
    assert "荐购收到" not in me.say("没有的话有类似的吗")
    assert service.store.db.value("SELECT COUNT(*) FROM wishes") == 0


def test_a_day_asked_for_is_told_of_the_cart(me: Person) -> None:
    choosing_a_way(me)
    assert "现在下单" in me.say("周六能送到吗")


def test_a_complaint_is_taken_back(me: Person) -> None:
    me.trusted().say("我要投诉")
    assert "馆员会结束这个请求" in me.say("算了不投诉了")
