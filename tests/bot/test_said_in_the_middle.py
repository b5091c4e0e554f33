"""到了喊我 · 码丢了咋办 · 都太远了: what is said next, in one's own words, by whoever is in the middle of something."""

from __future__ import annotations

import pytest

from bot import meaning
from bot.handlers import halves
from bot.service import Service
from lending import cart, holds, loans
from lending.model import OrderState
from tests.bot.test_halves import ordered
from tests.bot.test_holding import Lent, join
from tests.bot.test_holding import lent as lent
from tests.talking import Person, advance, pass_time


def chosen(me: Person, *titles: str) -> Person:
    """With these in the cart, and the cart shown."""
    me.trusted()
    for title in titles:
        me.say(f"借{title}")
        me.tap("借这本")
    me.say("我的借书车")
    return me


def at_home(me: Person) -> Person:
    """With 三体 at home."""
    advance(me.service, ordered(me).last_order(), "pick", "pack", "load", "collect")
    me.listen()
    return me


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("到了喊我", "我都在这里告诉您"), ("会打电话给我吗", "我都在这里告诉您"), ("好了微信我", "我都在这里告诉您"), ("取码呢", "取书码就发给您"),
        ("急用啊", "写的是最晚的时间"), ("有点慢哦", "写的是最晚的时间"), ("别忘了我哈", "写的是最晚的时间"), ("等等，换个地方", "下单以后换不了"),
        ("我不想等了", "确定取消"), ("不要了退掉", "确定取消"), ("搞错了不想要这本", "确定取消"), ("取消明天那单", "确定取消"), ("把明天的取消了", "确定取消"), ("不要三体了", "确定取消"), ("三体那单取消", "确定取消"),
        ("我在家门口等快递呢", "审核通过"), ("快递到哪里了", "审核通过"), ("今天会送来么", "审核通过"),
    ],
)  # fmt: skip
def test_after_the_order_number(me: Person, said: str, answered: str) -> None:
    assert answered in ordered(me).say(said)
    assert me.last_order().state is OrderState.APPROVED, "asked once more before anything is called off"


@pytest.mark.parametrize(
    ("said", "answered"),
    [("码发我一下", "取书码"), ("码丢了咋办", "取书码"), ("密码多少来着", "取书码"), ("打不开门", "柜门没开"), ("扫不出来", "柜门没开"), ("按了没反应", "柜门没开")],
)
def test_with_a_code(me: Person, said: str, answered: str) -> None:
    advance(me.service, ordered(me).last_order(), "pick", "pack", "load")
    assert answered in (me.listen(), me.say(said), [button.label for row in me.heard[-1].buttons for button in row])[1] + str(me.heard[-1])


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("多少本了", "借书车里有 2 本"), ("那个删掉", "移出《活着》"), ("不要这个了", "移出《活着》"), ("怎么送啊", "怎么取"), ("能不能送", "怎么取"),
        ("送家里", "送到哪个区"), ("第一个", "余华"), ("第二本", "江南"), ("不要龙族了", "移出了《龙族"),
    ],
)  # fmt: skip
def test_in_the_cart(me: Person, said: str, answered: str) -> None:
    """「第一个」 is the first of the cart and no locker that was offered before it."""
    heard = chosen(me, "活着", "龙族").say(said)
    assert answered in heard + str(me.heard[-1])
    assert "请确认" not in heard


@pytest.mark.parametrize(("said", "answered"), [("都太远了", "嫌远，可以送到家"), ("怎么都这么远", "嫌远，可以送到家"), ("最近那个是哪", "24 小时"), ("换个地方", "怎么取")])
def test_choosing_the_pick_up(me: Person, said: str, answered: str) -> None:
    me.trusted().say("借三体")
    me.tap("借这本")
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("咋还要钱", "费用：¥0"), ("不要钱吧", "费用：¥0"), ("没别的费用了吧", "费用：¥0"), ("等等，换个地方", "怎么取"), ("再加一本", "想再加哪一本"), ("是的没错", "收到了")])
def test_at_the_price(me: Person, said: str, answered: str) -> None:
    me.trusted().say("借三体")
    for label in ("借这本", "云栖站"):
        me.tap(label)
    assert answered in me.say(said)


@pytest.mark.parametrize("yes", ["可以", "行", "好", "还行吧", "就这样", "是的没错", "没问题", "对的"])
def test_a_yes_is_no_question(yes: str) -> None:
    """A yes at the price must place the order, whatever else is asked there."""
    assert halves.question(yes) in ("", "liked") and "quote" not in [kind for kind, known in halves.TABLE.items() if halves.question(yes) in known]


@pytest.mark.parametrize("said", ["忘记我", "忘了我吧", "这本好看吗", "到时候提醒我还书", "再说吧", "电话"])
def test_what_means_something_else_is_no_question(said: str) -> None:
    assert halves.question(said) == ""


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("这个还行", "写一句书评"), ("我弄湿了一点", "坏的是哪一本"), ("丢公交车上了", "丢的是哪一本"), ("还有没还的么", "您借着 1 本书"),
        ("不要记录我看过什么", "没人查得到是谁借的"), ("别老催我", "到期前 3 天提醒您"), ("我明天去", "您借着 1 本书"),
    ],
)  # fmt: skip
def test_with_a_book_at_home(me: Person, said: str, answered: str) -> None:
    at_home(me).say("我的借阅")
    assert answered in me.say(said)
    assert len(loans.of_reader(me.service.store.db, me.reader_id)) == 1


@pytest.mark.parametrize(
    ("said", "answered"),
    [("怎么办啊", "今天还"), ("超了几天", "已超期"), ("会扣分么", "已超期 2 天，扣了 2 分"), ("对不起忘了", "没关系"), ("不好意思啊拖了几天", "没关系")],
)
def test_of_a_reminder_after_weeks_of_silence(me: Person, said: str, answered: str) -> None:
    """What the library has just said stands, however long its reader had been away; what was said before is forgotten in time."""
    at_home(me)
    me.say("余华")
    pass_time(me.service, days=37)
    pass_time(me.service, days=5)
    assert "该还了" in me.listen()
    assert answered in me.say(said)


def test_what_was_told_is_forgotten_in_its_time_too(me: Person) -> None:
    service, kept = me.service, "SELECT legible(memory) FROM conversations WHERE reader_id = :r"
    at_home(me).say("余华")
    assert "活着" in str(service.store.db.value(kept, r=me.reader_id))
    pass_time(service, days=37)
    memory = str(service.store.db.value(kept, r=me.reader_id))
    assert "return_books" in memory and "活着" not in memory, "what was said before is kept no longer by it"
    (loan,) = loans.of_reader(service.store.db, me.reader_id)
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    pass_time(service, days=2)
    assert service.store.db.value(kept, r=me.reader_id) != "{}"
    pass_time(service, days=31)
    assert service.store.db.value(kept, r=me.reader_id) == "{}"


@pytest.mark.parametrize(
    ("said", "answered"),
    [("轮到我会说吗", "我马上在这里告诉您"), ("来了说一声", "我马上在这里告诉您"), ("先让给别人", "暂停多久"), ("换个馆拿", "在哪里取"), ("到了放哪里", "书到了，再选在哪里取")],
)
def test_waiting_for_a_book(lent: Lent, said: str, answered: str) -> None:
    service, _owner, me, _loan = lent
    join(me)
    assert answered in me.say(said)
    assert len(holds.of_reader(service.store.db, me.reader_id)) == 1


def test_a_book_no_longer_waited_for_is_called_by_its_name(lent: Lent) -> None:
    _service, _owner, me, _loan = lent
    join(me)
    assert "不再等《围城》" in me.say("不想等围城了")


@pytest.mark.parametrize(("said", "answered"), [("怎么没人理我", "还在处理中"), ("怎么还不回", "还在处理中"), ("刚才的问题解决了", "馆员会结束"), ("算了不用了", "馆员会结束"), ("不用了我自己弄好了", "馆员会结束")])
def test_after_calling_a_person(me: Person, said: str, answered: str) -> None:
    me.trusted().say("转人工")
    assert answered in me.say(said)


@pytest.mark.parametrize("said", ["借活着要钱吗", "借这个要钱嘛", "换成英文要钱吗", "借书收费吗", "is it free to borrow"])
def test_yes_or_no_comes_before_the_fee_and_the_whole_table_is_a_press_away(me: Person, said: str) -> None:
    me.trusted().say("三体")
    heard = me.say(said)
    assert heard.startswith("借书不要钱") and "1 本 ¥3" in heard and "6 本" not in heard
    assert "6 本" in me.tap("费用")


def test_what_has_a_price_says_so_first(me: Person) -> None:
    assert chosen(me, "活着", "龙族").say("送到家要钱吗").startswith("送到家才有快递费：2 本 ¥3")


@pytest.mark.parametrize(("said", "shelf"), [("sci fi", "科幻"), ("science fiction", "科幻"), ("mystery novels", "推理"), ("Fantasy", "奇幻")])
def test_an_english_genre_is_its_shelf(me: Person, said: str, shelf: str) -> None:
    assert meaning.meant(me.service, said).slots == {"query": shelf}
    assert "没有找到" not in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("这个还行", "谢谢您告诉我"), ("急用啊", "您问的是哪一件")])
def test_chatter_after_nothing_brings_no_books(me: Person, said: str, answered: str) -> None:
    heard = me.trusted().say(said)
    assert answered in heard and "您要找的是不是" not in heard


@pytest.mark.parametrize(("said", "answered"), [("好看不", "哪一本"), ("有没有后面几部", "一套的"), ("别人还了告诉我一声", "现在就能借"), ("我孙子十岁能看不", "适合谁看")])
def test_of_a_book_on_show(me: Person, said: str, answered: str) -> None:
    me.trusted().say("哈利波特" if said == "好看不" else "借三体")
    assert answered in me.say(said)
    assert not cart.items(me.service.store.db, me.reader_id)


def test_of_two_orders_the_one_of_that_day(me: Person, service: Service) -> None:
    ordered(me)
    pass_time(service, days=1)
    me.say("借活着")
    for label in ("借这本", "云栖站", "确认下单"):
        me.tap(label)
    assert "《活着》" in me.say("取消周日那单") or "要取消哪一个" in me.heard[-1].text
    assert "要取消哪一个" in me.say("取消下周五那单")
