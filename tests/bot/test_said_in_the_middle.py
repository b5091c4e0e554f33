"""到了喊我 · 码丢了咋办 · 都太远了: what is said next, in one's own words, by whoever is in the middle of something."""

from __future__ import annotations

import pytest

from bot import escalations, half_asked, meaning
from bot.handlers import halves
from bot.service import Service
from bot.understanding import understand
from lending import cart, case_records, holds, loans, orders
from lending.model import OrderState
from tests.bot.test_halves import ordered
from tests.bot.test_holding import Lent, join
from tests.bot.test_holding import lent as lent
from tests.talking import Person, advance, pass_time


def chosen(me: Person, *titles: str) -> Person:
    """With these in the cart, and the cart shown."""
    me.trusted()
    for title in titles:
        me.say(title)
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
    me.trusted().say("三体")
    me.tap("借这本")
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("咋还要钱", "费用：¥0"), ("不要钱吧", "费用：¥0"), ("没别的费用了吧", "费用：¥0"), ("等等，换个地方", "怎么取"), ("再加一本", "想再加哪一本"), ("是的没错", "收到了")])
def test_at_the_price(me: Person, said: str, answered: str) -> None:
    me.trusted().say("三体")
    for label in ("借这本", "云栖站"):
        me.tap(label)
    assert answered in me.say(said)


@pytest.mark.parametrize("yes", ["可以", "行", "好", "还行吧", "就这样", "是的没错", "没问题", "对的"])
def test_a_yes_is_no_question(yes: str) -> None:
    """A yes at the price must place the order, whatever else is asked there."""
    assert half_asked.question(yes) in ("", "liked") and "quote" not in [kind for kind, known in halves.TABLE.items() if half_asked.question(yes) in known]


@pytest.mark.parametrize("said", ["忘记我", "忘了我吧", "这本好看吗", "到时候提醒我还书", "再说吧", "电话"])
def test_what_means_something_else_is_no_question(said: str) -> None:
    assert half_asked.question(said) == ""


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
    me.trusted().say("哈利波特" if said == "好看不" else "三体在哪个馆")
    assert answered in me.say(said)
    assert not cart.items(me.service.store.db, me.reader_id)


def test_of_two_orders_the_one_of_that_day(me: Person, service: Service) -> None:
    ordered(me)
    pass_time(service, days=1)
    me.say("活着")
    for label in ("借这本", "云栖站", "确认下单"):
        me.tap(label)
    assert "《活着》" in me.say("取消周日那单") or "要取消哪一个" in me.heard[-1].text
    assert "要取消哪一个" in me.say("取消下周五那单")


# ---- another turn ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "kind"), [("书丢了怎么赔", "丢失"), ("书破了要赔多少钱", "破损"), ("三体丢了要赔多少", "丢失"), ("书弄湿了要赔吗", "破损")])
def test_what_a_loss_costs_is_told_with_its_price_and_is_registered_by_a_press(me: Person, said: str, kind: str) -> None:
    heard = at_home(me).say(said)
    assert "按书价是 ¥23" in heard and "还没有登记" in heard
    assert not case_records.open_ones(me.service.store.db, me.reader_id)
    me.tap(f"登记{kind}《三体》")
    assert case_records.open_ones(me.service.store.db, me.reader_id) or "收到时就这样" in me.heard[-1].text


@pytest.mark.parametrize("said", ["过几天再还书", "明天再去还", "无所谓续借", "看到有人清空我的资料", "等我看完再清空我的资料"])
def test_what_is_only_said_renews_and_hands_over_nothing(me: Person, said: str) -> None:
    heard = at_home(me).say(said)
    assert "续借好了" not in heard and "我们保存的您的资料" not in heard
    assert loans.of_reader(me.service.store.db, me.reader_id)[0].renewals == 0


def test_the_first_is_the_first_of_the_cart_that_stands_there(me: Person) -> None:
    """Whatever list was shown before."""
    me.trusted()
    for title in ("三体", "活着"):
        me.say(title)
        me.tap("借这本")
    me.say("刘慈欣")
    me.say("我的借书车")
    assert "《活着》已经在借书车里" in me.say("借第一个")


@pytest.mark.parametrize("said", ["书名看错了能换不", "能不能不扣", "急死了明天要用", "我儿子看得懂不"])
def test_nobody_is_called_by_what_is_hardly_like_a_call(me: Person, said: str) -> None:
    at_home(me).say(said)
    assert escalations.open_of(me.service.store.db, me.reader_id) is None


@pytest.mark.parametrize("said", ["叫个人来处理", "你们这是什么态度", "拿错书了这本不是我的", "能不能别扣分", "不好意思我住院了"])
def test_who_calls_in_other_words_is_heard_still(me: Person, said: str) -> None:
    at_home(me).say(said)
    assert escalations.open_of(me.service.store.db, me.reader_id) is not None


@pytest.mark.parametrize("said", ["家里没人收咋办", "这些都是一个人写的吗", "当天有事去不了咋办"])
def test_a_trouble_is_no_damage_because_of_how_it_is_asked(said: str) -> None:
    assert understand(said).name != "report_damaged"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("这么快就好了？", "审核通过"), ("叫我女儿去取", "取书码给谁，谁就能取"), ("娃放学顺路拿可以吧", "取书码给谁，谁就能取"), ("能不能再加一本进去", "能加"),
        ("我明天没空后天去行吗", "为您保留"), ("还要带身份证吗", "不用带证件"), ("急死了明天要用", "写的是最晚的时间"), ("没有收到", "您的订单"),
        ("放好了跟我讲一声哈", "我都在这里告诉您"), ("我不小心点快了能撤吗", "确定取消"), ("请我外孙代领行不行", "取书码给谁"), ("不会丢了吧", "写的是最晚的时间"),
    ],
)  # fmt: skip
def test_after_the_order_number_in_other_words(me: Person, said: str, answered: str) -> None:
    assert answered in ordered(me).say(said)
    assert me.last_order().state is OrderState.APPROVED


@pytest.mark.parametrize(
    ("said", "answered"),
    [("柜子在哪边", "取书码"), ("柜子在小区哪个角落", "取书码"), ("书櫃怎麼用", "输码就开"), ("放到哪天为止", "保留到"), ("叫我女儿去取", "取书码给谁"), ("已经拿到啦谢谢", "祝您读得开心"), ("码我删掉了咋整", "取书码"), ("我老伴去拿要说啥", "取书码给谁")],
)
def test_with_a_code_in_other_words(me: Person, said: str, answered: str) -> None:
    advance(me.service, ordered(me).last_order(), "pick", "pack", "load")
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我要英文的", "没有标明是英文的"), ("这几个有啥区别", "点书名就看得到"), ("哪个现在能拿", "只看：可借的"), ("头一本给我瞧瞧", "可借 6 本"), ("最后那本", "在细雨中呼喊"),
        ("都不太行", "再给我一点线索"), ("还是算了太长了", "先放下"), ("我妈不让", "先放下"), ("书名看错了能换不", "再给我一点线索"), ("就一本够了", "是哪一本"),
        ("不要龙族了", "没有《龙族》"), ("先放着等会再说", "先放下"),
    ],
)  # fmt: skip
def test_of_a_list(me: Person, said: str, answered: str) -> None:
    me.trusted().say("余华")
    assert answered in me.say(said)
    assert not cart.items(me.service.store.db, me.reader_id)


@pytest.mark.parametrize(("said", "answered"), [("能送到家不", "1 本 ¥3"), ("有英文的吗", "《三体》没有英文版")])
def test_on_a_card(me: Person, said: str, answered: str) -> None:
    me.trusted().say("三体")
    me.tap("《三体》")
    assert answered in me.say(said)


def test_a_book_is_taken_out_of_the_cart_by_its_name(me: Person) -> None:
    assert "移出了《活着》" in chosen(me, "活着", "三体").say("活着先拿掉")
    assert "移出了《三体》" in me.say("三体我妈买了不用借了")


@pytest.mark.parametrize(("said", "answered"), [("哪个不要钱", "怎么取"), ("哪个快", "怎么取"), ("家里没人收咋办", "下次可以选书柜")])
def test_choosing_among_the_ways(me: Person, said: str, answered: str) -> None:
    me.trusted().say("三体")
    me.tap("借这本")
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("不是还了吗", "您名下没有还没登记的书"), ("刚还的那本叫啥", "刘慈欣"), ("刚还的到账没", "现在没有借着的书"), ("扣我分了没有", "您的信用分"),
        ("再帮我借回来", "刘慈欣"), ("有没有跟那本差不多的", "和《三体》相近的书"), ("谢谢侬哦", "不客气"),
    ],
)  # fmt: skip
def test_after_bringing_a_book_back(me: Person, said: str, answered: str) -> None:
    loan = loans.of_reader(me.service.store.db, at_home(me).reader_id)[0]
    loans.check_in(me.service.store.db, loan.barcode, 1, me.service.policy, me.service.clock.now())
    pass_time(me.service, minutes=20)
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [("知道了明天还", "还到任何一个馆或书柜都行"), ("以后不能借了？", "现在就能借"), ("不是还了吗", "我们去书架上找"), ("能不能不扣", "每本每天 -1 分"), ("续续续", "续借好了"), ("过两天去还可以哇", "您借着 1 本书"), ("看得慢多给点时间呗", "续借好了")],
)
def test_of_a_reminder_in_other_words(me: Person, said: str, answered: str) -> None:
    at_home(me)
    pass_time(me.service, days=38)
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("今天还还来得及吗", "已超期"), ("会影响我信用吗", "扣了"), ("完蛋了怎么办😭", "今天还"), ("补救一下还行不", "今天还"), ("我不是故意的呀", "没关系"), ("马上去还", "已超期")])
def test_of_what_is_overdue(me: Person, said: str, answered: str) -> None:
    at_home(me)
    pass_time(me.service, days=45)
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("再补充一句", "直接写"), ("有人吗", "还在处理中"), ("几点有人上班", "人工服务时间"), ("算了不用了自己搞定了", "馆员会结束"), ("还有一个事", "直接写"), ("没事啦我弄懂了", "馆员会结束")])
def test_while_a_person_is_awaited(me: Person, said: str, answered: str) -> None:
    me.trusted().say("转人工")
    assert answered in me.say(said)


@pytest.mark.parametrize(("said", "answered"), [("要赔好多钱哦", "按书价的"), ("可不可以慢慢还", "和您一起想办法"), ("什么时候要给", "看完答复您"), ("续借", "说一声「书找到了」"), ("能不能不扣", "按书价的")])
def test_with_a_loss_registered(me: Person, said: str, answered: str) -> None:
    at_home(me).say("书丢了")
    assert answered in me.say(said)


def test_waiting_in_a_queue_in_other_words(lent: Lent) -> None:
    _service, _owner, me, _loan = lent
    join(me)
    assert "按先后轮" in me.say("能插个队吗急用")
    assert "为您留 3 天" in me.say("排到了我不在家咋办")
    me.say("我的预约")
    assert "我马上在这里告诉您" in me.say("到货了喊我一下哈")


def test_what_is_checked_is_asked_before_consenting(service: Service) -> None:
    """查信用是查什么 at the gate is about the question to be asked, not about the points of somebody who has none yet."""
    me = Person(service)
    me.say("围城")
    me.say("借")
    me.tap("竹影")
    for said in ("查信用是查什么", "信用查什么", "你们查我什么"):
        assert "只问“是否达到”" in me.say(said), said
    me.tap("不查信用")
    assert "收到了" in me.tap("确认下单")
    me.say("什么时候能拿")
    assert "下单以后换不了" in me.say("太远了")
    assert "还没有馆员看过" in me.say("谁查了我的资料")


@pytest.mark.parametrize(("asked", "yes"), [("要钱吗", "好的"), ("几点开门", "嗯"), ("几天能到", "那好吧"), ("你好", "行")])
def test_a_nod_after_a_question_goes_on_with_the_order_being_made(service: Service, asked: str, yes: str) -> None:
    """A question is no end: what the order waits for is put once more, and nothing is done by the nod."""
    me = Person(service)
    me.say("借《围城》")
    assert "免押金、免办卡" in me.tap("中心馆南门")
    me.say(asked)
    assert "第一次借书，选一种方式开通" in me.say(yes)
    me.tap("不查信用")
    me.say("算了")
    me.say("去下单")
    me.say(asked)
    assert "这 1 本怎么取" in me.say(yes)
    assert not orders.of_reader(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["算了就这本吧", "算了，还是这本", "得了就它吧"])
def test_this_one_after_looking_around_is_no_calling_off(service: Service, said: str) -> None:
    me = Person(service).trusted()
    me.say("借《边城》")
    me.say("还有别的版本吗")
    assert "怎么取" in me.say(said)
