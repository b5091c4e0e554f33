"""为啥 · 备好没 · where do I get it: a question that names nothing is about what was shown last (bot/handlers/halves.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import acting, escalations, half_asked
from bot.service import Service
from lending import cart, credit, events, holds, loans
from lending.model import OrderState
from tests.bot.test_healing import paused
from tests.bot.test_holding import Lent, join
from tests.bot.test_holding import lent as lent
from tests.bot.test_linking import lend
from tests.lending.happenings import plan
from tests.talking import Person, advance, pass_time

TITLES = (Path(__file__).parent / "titles.txt").read_text("utf8").splitlines()


def follow(me: Person, *lines: str) -> str:
    """The answer to the last of them."""
    return [me.say(line) for line in lines][-1]


def ordered(me: Person) -> Person:
    """With 三体 on its way to a locker."""
    me.trusted().say("三体")
    for label in ("借这本", "云栖站", "确认下单"):
        me.tap(label)
    return me


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("为啥", "why"), ("那为什么呢", "why"), ("怎么还没轮到我", "why"), ("咋还没送来", "why"), ("还没好啊", "why"), ("點解", "why"), ("why not", "why"),
        ("大概几点", "when"), ("到几号", "when"), ("那什么时候能好", "when"), ("when will it be ready", "when"), ("要多久", "long"), ("還要等幾耐", "long"),
        ("how long will it take", "long"), ("多少钱", "price"), ("贵不贵", "price"), ("how much is it", "price"), ("在哪取", "where"), ("去哪拿啊", "where"),
        ("喺邊度攞", "where"), ("where do I get it", "where"), ("谁说的", "who"), ("who says so", "who"), ("怎么补", "mend"), ("那咋办", "mend"),
        ("what can I do now", "mend"), ("还能改吗", "change"), ("可以换时间吗", "change"), ("can I still change it", "change"), ("备好没", "ready"),
        ("好了吗", "ready"), ("得未", "ready"), ("is it ready yet", "ready"), ("能不能快点", "sooner"), ("可以快一点吗", "sooner"), ("any faster", "sooner"),
        ("什么意思", "means"), ("what does that mean", "means"), ("没看懂", "means"),
    ],
)  # fmt: skip
def test_what_is_asked(said: str, what: str) -> None:
    assert half_asked.question(said) == what


@pytest.mark.parametrize(
    "said", ["好了", "到了", "换一本", "哪本", "取消", "为什么要读书", "多少页", "几点开门", "还有吗", "书在哪个馆", "the one", "why we sleep", "谢谢你们", "能续吗"]
)
def test_what_says_more_or_is_no_question_is_none(said: str) -> None:
    assert half_asked.question(said) == ""


def test_hardly_a_title_is_such_a_question() -> None:
    assert [title for title in TITLES if half_asked.question(title)] == ["怎么办？"]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("为啥", "接下来馆员从书架上取书"), ("怎么还没好", "承诺 11月21日（周六） 10:00 前备好"), ("大概几点", "10:00 前备好"), ("备好没", "审核通过"),
        ("要多久", "10:00 前备好"), ("在哪取", "云栖站智能借书柜"), ("还能改吗", "下单以后换不了"), ("能不能快点", "写的是最晚的时间"), ("多少钱", "：¥0"),
        ("什么意思", "接下来馆员从书架上取书"), ("那咋办", "10:00 前备好"), ("那什么时候开始算借期", "从取到书"), ("取消了会不会扣分", "也不扣分"), ("can my wife collect it", "不用本人来"), ("可以取消吗现在", "也不扣分"),
        ("可以帮我多加一本吗", "能加"), ("在几楼", "云栖站智能借书柜"), ("能帮我催催吗", "写的是最晚的时间"), ("听日攞得唔得", "保留 3 天"), ("我落錯單點算", "确定取消"), ("where do I get it", "云栖站智能借书柜"), ("how long", "10:00 前备好"),
        ("can I change it", "下单以后换不了"), ("why", "接下来馆员从书架上取书"), ("喺邊度攞", "云栖站智能借书柜"),
    ],
)  # fmt: skip
def test_of_an_order(me: Person, said: str, answered: str) -> None:
    assert answered in ordered(me).say(said)
    assert answered in me.say(said), "and once more: it is still what was shown"
    assert me.last_order().state is OrderState.APPROVED


def test_of_what_the_library_said_by_itself(me: Person) -> None:
    ordered(me).say("百年孤独")
    advance(me.service, me.last_order(), "pick", "pack", "load")
    me.listen()
    assert "取书码" in me.say("到几号") and "24 小时都能取" in me.say("在哪取")


def test_what_was_shown_is_forgotten_when_the_talk_goes_elsewhere(me: Person) -> None:
    ordered(me).say("围城")
    assert "您问的是哪一件" in me.say("备好没")
    assert "10:00 前备好" in (me.tap("我的订单"), me.say("备好没"))[1]
    me.say("谢谢")
    assert "10:00 前备好" in me.say("备好没")


def test_of_nothing_it_is_asked_and_a_person_hears_the_question(me: Person) -> None:
    assert "您问的是哪一件" in me.trusted().say("为啥")
    me.tap("转人工")
    found = escalations.open_of(me.service.store.db, me.reader_id)
    assert found and "为啥" in found.about


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("到几号", "12月30日（周三） 到期"), ("为啥", "有人预约的书不能续借"), ("那咋办", "可续借 1 次"), ("多少钱", "续借不收费"), ("在哪还", "放到任何一个都行"),
        ("谁说的", "谁都能看"), ("什么意思", "可续借 1 次，每次 15 天"), ("还能改吗", "可续借 1 次"), ("when", "12月30日"), ("是从哪天开始算的", "从取到书"), ("下班后还能还吗", "放到任何一个都行"), ("明天还算不算超期", "12月30日"),
    ],
)  # fmt: skip
def test_of_a_loan(service: Service, me: Person, said: str, answered: str) -> None:
    lend(service, me.trusted())
    assert answered in follow(me, "我的借阅", said)
    assert not loans.of_reader(service.store.db, me.reader_id)[0].renewals


def test_what_is_to_be_fetched_is_not_what_is_at_home(service: Service, me: Person) -> None:
    lend(service, ordered(me))
    me.say("我的借阅")
    assert "云栖站" in (said := me.say("在哪取")) and "不用回到借出的馆" not in said
    assert "不用回到借出的馆" in follow(me, "我的借阅", "在哪还")


def test_of_a_loan_that_is_late(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    pass_time(service, days=43)
    assert "今天还" in follow(me, "我的借阅", "那咋办")
    assert "还回来马上就能再借" in follow(me, "我的借阅", "还了马上就能借吗")
    assert "还回来马上就能再借" in follow(me, "我的借阅", "会影响我以后借书吗")
    assert "没有要交的钱" in follow(me, "我的借阅", "还了是不是就没事了") and "没有要交的钱" in me.say("昨天忘了还今天还行吗")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("怎么还没轮到", "按预约的先后轮"), ("要多久", "大约还要"), ("轮到我没", "排第 1 位"), ("在哪取", "换取书点"), ("能不能快点", "提不到前面"), ("那咋办", "请馆里再买一本"), ("取消会不会扣分", "不扣分"), ("暂停了会丢位置吗", "位置给您留着"), ("does cancelling lose my place", "随时可以取消"), ("can i switch to another branch", "到了以后在哪里取"), ("约错了", "随时可以取消"), ("为什么要等四十多天", "按预约的先后轮"), ("可以同时预约别的吗", "预约这本"), ("催一催借走的人还书呗", "提不到前面"), ("别人能帮我取吗", "不用本人来"), ("我不想等了", "什么都没动"), ("我等不下去了", "什么都没动"),
        ("how much longer", "排第 1 位"),
    ],
)  # fmt: skip
def test_of_a_hold(lent: Lent, said: str, answered: str) -> None:
    service, _, me, _ = lent
    join(me)
    text = follow(me, "我的预约", said)
    assert answered in text or any(answered in button.label for row in me.heard[-1].buttons for button in row)
    assert len(holds.of_reader(service.store.db, me.reader_id)) == 1


@pytest.mark.parametrize("said", ["为啥", "要赔多少", "那咋办", "要多久", "有结果没", "谁看", "什么时候出结果", "要多久才知道结果", "多久给我答复", "买旧的书赔可以不", "怎么付钱", "how much do i have to pay", "我再找找"])
def test_of_a_case(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    assert "馆员在看" in follow(me, "书丢了", said)


@pytest.mark.parametrize(
    ("said", "answered"), [("怎么补", "志愿者服务"), ("要多久", "志愿者服务"), ("谁说的", "哪一条您觉得不对"), ("什么意思", "起始分是 100 分")]
)
def test_of_points(service: Service, me: Person, said: str, answered: str) -> None:
    lend(service, me.trusted())
    assert answered in follow(me, "我的信用", said)


def test_of_one_line_of_points_its_rule(service: Service, me: Person) -> None:
    credit.post(service.store.db, me.trusted().reader_id, "overdue", "loan:1", service.policy, service.clock.now())
    me.say("我的信用")
    me.tap("第 1 条")
    assert "依据：" in me.say("为啥")


def test_of_an_activity(service: Service, me: Person) -> None:
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    events.make(service.store.db, plan(name="月亮故事会", point_id=branch), service.policy, service.clock.now())
    assert "15:00–17:00" in follow(me, "报名故事会", "到几点了啊大概") or "15:00–17:00" in me.say("几点")
    assert "云栖市图书馆中心馆" in me.say("在哪") and "您报好了，1 位" in me.say("还能改吗")


def test_of_a_rule(me: Person) -> None:
    me.trusted()
    assert "谁都能看" in follow(me, "超期一天扣几分", "谁说的")
    assert "每位读者的起始分" in follow(me, "超期一天扣几分", "什么意思")
    assert "记住这几条就够了" in follow(me, "借阅规则", "看不懂")


def test_of_an_order_being_made(service: Service, me: Person) -> None:
    me.trusted().say("三体")
    me.tap("借这本")
    me.tap("云栖站")
    for said in ("多少钱", "大概几点", "在哪取"):
        assert "请确认，共 1 本" in me.say(said)
    assert "确认下单以前都能改" in me.say("还能改吗")
    assert "收到了" in me.tap("确认下单")


def test_of_the_ways_that_stand_there(me: Person) -> None:
    me.trusted().say("三体")
    me.tap("借这本")
    for said in ("怎么办", "什么意思", "怎么拿"):
        assert "怎么取？" in me.say(said)


def test_of_a_librarians_answer(service: Service, me: Person) -> None:
    me.trusted().say("转人工，我的书能放门卫吗")
    found = escalations.open_of(service.store.db, me.reader_id)
    assert found
    escalations.answer(service.store.db, found.number, "馆员", "不行。", service.clock.now())
    me.listen()
    assert "这是馆员答复您的" in me.say("为啥")
    me.tap("转人工")
    assert "为啥" in str(service.store.db.all("SELECT legible(text) AS text FROM escalation_lines"))


def test_of_a_refusal(service: Service) -> None:
    me = paused(service, "default")
    me.say("三体")
    me.tap("借这本")
    assert "暂停" in me.tap("云栖站")
    for said in ("为啥", "那咋办", "要多久"):
        assert "自动恢复" in me.say(said)
    lend_first = me.press("r:999:0")
    assert lend_first in me.say("什么意思"), "what was said, once more, with a person beside it"


def test_a_rule_told_in_between_does_not_end_it(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "馆员在看" in follow(me, "书丢了", "要我赔吗", "多久有结果")


def test_a_question_is_no_yes(me: Person) -> None:
    ordered(me).say("取消订单")
    assert "10:00 前备好" in me.say("好了没")
    follow(me, "取消订单", "围城", "好了没")
    assert me.last_order().state is OrderState.APPROVED


def test_a_book_that_is_called_so_is_a_press_away(me: Person) -> None:
    answer = ordered(me).say("为什么")
    assert "接下来馆员从书架上取书" in answer and "要找的是《为什么" in answer
    assert "《为什么" in me.tap("看这本书")
    me.say("围城")
    assert "《为什么" in me.say("为什么"), "after another book the title is what is meant"


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("荐购《量子烹饪学》", "多久有答复"), "由馆员定"), (("费用", "谁定的"), "写在明处"), (("今日免费配送", "几点开始"), "下一场"),
        (("大篷车什么时候来", "停多久"), "08:30-11:00"), (("找一本讲黑洞的书", "哪里能借到"), "P145.8"), (("转人工 书能送到养老院吗", "谁在看"), "还在处理中"),
        (("超期一天扣几分", "那怎么补"), "志愿者服务"), (("我的信用", "咋涨"), "每借一册书加 1 分"),
    ],
)  # fmt: skip
def test_of_other_things(me: Person, lines: tuple[str, ...], answered: str) -> None:
    assert answered in follow(me.trusted(), *lines)


def test_asking_what_being_late_brings_reports_no_damage(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "超期" in follow(me, "我的借阅", "晚了咋办")


def test_for_another_only_what_the_mandate_shows(service: Service) -> None:
    """What was half asked for oneself is not answered with the other's books."""
    me = ordered(Person(service, "me"))
    me.say("我的订单")
    shown = service.store.db.value("SELECT legible(memory) FROM conversations WHERE reader_id = :r", r=me.reader_id)
    assert '"about":[["order"' in shown.replace(" ", "")
    assert "about" in acting.PERSONAL


# ---- after a list, on the way to an order, in a question -------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("科幻小说", "only liu cixin"), "其中刘慈欣的"), (("科幻小说", "只要刘慈欣的"), "其中刘慈欣的"), (("刘慈欣", "只要余华的吧"), "这些书里没有余华的"),
        (("刘慈欣", "the newest one"), "新出版的在前：\n\n1. 《时间移民》"), (("能不能一直续",), "可续借 1 次"), (("续一次多几天",), "每次 15 天"),
        (("还书", "放几本进去"), "看书的厚薄"), (("他要是没还算谁的",), "您算还了，对方算借了"),
    ],
)  # fmt: skip
def test_known_misses(me: Person, lines: tuple[str, ...], answered: str) -> None:
    assert answered in follow(me.trusted(), *lines)
    assert escalations.open_of(me.service.store.db, me.reader_id) is None


def test_the_branch_is_not_the_locker_called_after_it(me: Person) -> None:
    me.trusted().say("三体")
    me.tap("借这本")
    assert "取书：云栖市图书馆中心馆（" in me.say("中心馆取")


def test_the_address_of_last_time(me: Person) -> None:
    ordered(me).say("围城")
    me.tap("借这本")
    assert "取书：云栖站智能借书柜" in me.say("还是上次的地方")
    with me.service.store.writing() as db:
        db.run("UPDATE readers SET name = '林书', phone = '13800000000', address = '春风路8号', zone = 'city'")
    assert "送到 林书" in me.say("地址还是上次的")


@pytest.mark.parametrize("said", ["为啥只能续一次", "怎么只能续一次"])
def test_nothing_is_renewed_by_asking_why(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    assert "可续借 1 次" in me.say(said)
    assert not loans.of_reader(service.store.db, me.reader_id)[0].renewals


@pytest.mark.parametrize("said", ["第一本拿得到吗", "第二本借得到吗", "能拿到第三本吗", "我要不要借第一本呢", "能放几本书进去"])
def test_a_question_never_fills_the_cart(me: Person, said: str) -> None:
    follow(me.trusted(), "东野圭吾", said)
    assert not cart.items(me.service.store.db, me.reader_id)
