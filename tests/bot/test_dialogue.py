"""The talk as (said, answered) pairs: what a reader writes, and what must stand in the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import dialogue, outbox
from bot.events import ACTION_BYTES
from bot.service import Service
from bot.understanding import INTENTS
from lending import credit, loans, orders
from tests.talking import Person, advance, pass_time

Pairs = list[tuple[str, str]]

TALKS: dict[str, Pairs] = {
    "the first word states the four promises (A1-1)": [("你好", "免押金、免办卡、线上借、送上门")],
    "searching by title, traditional, pinyin, author, ISBN, one character": [
        ("围城", "《围城》"),
        ("圍城", "《围城》"),
        ("weicheng", "《围城》"),
        ("钱钟书", "钱锺书"),
        ("飘", "《飘》"),
        ("家", "巴金"),
        ("三体", "刘慈欣"),
        ("围成", "《围城》"),
    ],
    "a number shows the book, another borrows it": [
        ("三体", "1. 《三体》"),
        ("1", "分类 I247"),
        ("借第1本", "怎么取"),
        ("借书车", "《三体》"),
    ],
    "words of a button work like the button": [("三体", "三体"), ("借第1本", "怎么取"), ("送到家", "选一种方式开通")],
    "the threshold is said before consent (A7-2)": [("开通信用借阅", "是否达到 550 分")],
    "nothing found leads on (C3)": [("zzqqxxyyww kkjjhh", "荐购")],
    "paging": [("文学类", "《"), ("下一页", "《"), ("上一页", "《"), ("上一页", "第一页")],
    "算了 ends whatever was begun": [
        ("三体", "三体"),
        ("借第1本", "怎么取"),
        ("算了", "先放下"),
        ("借书车", "《三体》"),
    ],
    "languages": [("English", "English"), ("繁體", "繁體中文"), ("简体中文", "简体中文")],
    "rules and fees come from the policy (B2-12)": [("借阅规则", "一次最多 20 本"), ("运费", "6 本 ¥6／¥6，分 2 个包裹")],
    "what is not there yet is said truthfully, with a person to ask": [
        ("活动", "馆员"),
        ("转借", "没有能转借的书"),
        ("书评", "是哪一本"),
        ("我的预约", "没有预约"),
        ("我的订单", "还没有订单"),
        ("我的借阅", "没有借着的书"),
        ("续借", "没有借着的书"),
        ("书丢了", "没有这样一本"),
        ("申诉", "没有扣分"),
        ("我的信用", "您的信用分：100"),
        ("提前5天提醒我", "到期前 5 天提醒您"),
        ("提前20天提醒我", "到期前 20 天提醒您"),
        ("提前60天提醒我", "最早只能提前 30 天提醒，就按 30 天记下了"),
        ("别提醒我", "不再提醒"),
        ("附近的图书馆", "云栖市图书馆中心馆"),
        ("荐购《不存在的一本书》", "荐购收到"),
        ("新书", "最近出版"),
        ("热门", "最知名的书"),
        ("随便推荐一本", "还没有遇到它的读者"),
        ("导出我的数据", "【信用记录】1 条"),
        ("删除我的数据", "确定删除吗"),
        ("谢谢", "不客气"),
        ("再见", "再见"),
        ("帮助", "怎么用"),
    ],
}


@pytest.mark.parametrize("pairs", TALKS.values(), ids=TALKS.keys())
def test_said_and_answered(me: Person, pairs: Pairs) -> None:
    """Each line is answered with what is promised."""
    for said, answered in pairs:
        assert answered in me.say(said), (said, me.heard[-1].text)


def test_every_intent_has_its_handler_and_an_answer_with_a_way_on(service: Service) -> None:
    """All the names of the design are handled; no handler is silent (A12-2)."""
    assert set(INTENTS) == set(dialogue.INTENTS) - {"start_ladder", "ask_guardian"}
    for number, intent in enumerate(INTENTS):
        person = Person(service, f"p{number}")
        assert person.press(f"i:{intent}").strip(), intent


def test_borrowing_takes_three_taps_after_a_search(service: Service) -> None:
    """A1-14, A10-17: borrow, where, confirm."""
    me = Person(service).trusted()
    me.say("围城")
    me.taps = 0
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    assert "订单 SX" in me.tap("确认下单")
    assert me.taps == 3


def test_the_cost_is_said_before_confirming(service: Service) -> None:
    """A4-8: there and back, from the policy."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("送到家")
    me.tap("听泉区")
    quote = me.say("李明 13800000000 春风路8号3单元201")
    assert "送书 ¥3" in quote and "取件 ¥3" in quote and "春风路8号" in quote


def test_confirm_pressed_twice_is_one_order(service: Service) -> None:
    """B2-2."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    action = me.action("确认下单")
    first, second = me.press(action), me.press(action)
    assert me.last_order().number in first and me.last_order().number in second
    assert service.store.db.value("SELECT COUNT(*) FROM orders") == 1


def test_an_old_confirm_button_says_so_and_shows_the_cart_as_it_is(service: Service) -> None:
    """C2: a stale button never does something else."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    old = me.action("确认下单")
    me.say("活着")
    me.tap("借这本")
    assert "已过期" in me.press(old)
    assert service.store.db.value("SELECT COUNT(*) FROM orders") == 0
    assert me.heard[-1].buttons[0][0].label == "确认下单"


def test_the_last_copy_gone_between_card_and_checkout(service: Service) -> None:
    """B2-1: the second reader is told at once and can wait for it."""
    first, second = Person(service, "a").trusted(), Person(service, "b").trusted()
    for person in (first, second):
        person.say("三体")
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id IN (SELECT id FROM titles WHERE title = '三体') AND id NOT IN (SELECT MIN(c.id) FROM copies c JOIN titles t ON t.id = c.title_id WHERE t.title = '三体')"
        )
    for person in (first, second):
        person.tap("借这本")
        person.tap("云栖站智能借书柜")
    assert "收到了" in first.tap("确认下单")
    assert "刚刚被别的读者借走了" in second.tap("确认下单")
    assert "排第 1 位" in second.tap("预约这本")


def test_a_reader_without_a_score_starts_on_the_ladder(service: Service) -> None:
    """A7-8, D-2: two books now, and the next step is named."""
    me = Person(service)
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    said = me.tap("不查信用")
    assert "一次可借 2 本" in said and "按时还 2 次" in said and "请确认" in said
    me.tap("确认下单")
    for title in ("活着", "三体"):
        me.say(title)
        me.tap("借这本")
    refused = me.tap("云栖站智能借书柜")
    assert "一次可以借 2 本" in refused and "就能一次借 4 本" in refused


@pytest.mark.parametrize(
    ("answer", "said"),
    [("模拟：达到", "信用借阅开通了"), ("模拟：未达到", "您现在就能借 2 本"), ("模拟：无法评估", "这不是拒绝")],
)
def test_the_bureau_says_yes_no_or_cannot_tell(me: Person, answer: str, said: str) -> None:
    """B3.1: three answers, and every one leads on."""
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("同意")
    assert said in me.tap(answer)
    assert "请确认" in me.tap("继续下单")


def test_a_refusal_names_every_reason_and_a_way_out(service: Service) -> None:
    """D-4: frozen and over the limit and overdue, all at once."""
    me = Person(service).trusted()
    _borrow(service, me, "围城")
    pass_time(service, days=39 + 120)  # more than a hundred points, with closed days and 春节 between
    me.say("活着")
    me.tap("借这本")
    refused = me.tap("云栖站智能借书柜")
    assert "1. 您的信用分是" in refused and "2. 有 1 本书超期了" in refused
    assert {"i:return_books", "i:escalate"} <= {b.action for row in me.heard[-1].buttons for b in row}


def _borrow(service: Service, me: Person, title: str) -> None:
    me.say(title)
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    me.listen()


def test_one_reminder_for_all_books_with_actions_inside(service: Service) -> None:
    """B2-5, C5-6: one message at ten in the morning; renewing from it moves the dates."""
    me = Person(service).trusted()
    _borrow(service, me, "围城")
    _borrow(service, me, "活着")
    pass_time(service, days=37)
    said = me.listen()
    assert said.count("提醒您") == 1 and "《围城》" in said and "《活着》" in said
    pass_time(service, minutes=1)
    assert me.listen() == ""
    assert "续借好了 2 本" in me.tap("全部续借")
    pass_time(service, days=3)
    assert me.listen() == "", "the old due date's reminders have fallen away (B2-6)"


def test_a_number_said_after_a_reminder_counts_in_the_reminder(service: Service) -> None:
    """A book that was late before stands first among all loans, and not in a reminder that is about another."""
    me = Person(service).trusted()
    _borrow(service, me, "围城")
    with service.store.writing() as db:
        db.run("UPDATE loans SET due_at = '2026-12-25T15:59:59Z'")
    _borrow(service, me, "活着")
    pass_time(service, days=36)
    assert "1. 《围城》" in me.listen()
    pass_time(service, days=1)
    assert "1. 《活着》" in me.listen()
    assert "《活着》续到" in me.say("续借第1本")


@pytest.mark.parametrize(("before", "said"), [(0, "按馆里的规则，《围城》不能续借"), (1, "《围城》已经续借过 1 次，到上限了")])
def test_where_the_rules_renew_nothing_any_more_it_is_said_as_it_is(service: Service, before: int, said: str) -> None:
    """B5 常州 renews nothing; a loan that was told of none, or of one it has had."""
    me = Person(service, "a").trusted()
    _borrow(service, me, "围城")
    for _time in range(before):
        assert "续借好了" in me.say("续借")
    none = replace(service.policy.lending, renewals=0)
    me.service = replace(service, policy=replace(service.policy, lending=none, pools=()))
    with service.store.writing() as db:
        db.run("UPDATE loans SET told_renewals = :n", n=before)
    assert said in me.say("续借")


def test_a_renewal_refused_names_the_rule(service: Service) -> None:
    """B2-25: the limit is reached; others wait; borrowing is stopped. Each by name, with something to do."""
    me, other = Person(service, "a").trusted(), Person(service, "b").trusted()
    _borrow(service, me, "围城")
    for _time in range(service.policy.lending.renewals):
        assert "续借好了" in me.say("续借")
    assert f"已经续借过 {service.policy.lending.renewals} 次" in me.say("续借")
    assert me.action("怎么还书") and me.action("转人工")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    other.say("围城")
    other.tap("预约这本")
    assert "有 1 位读者在等" in me.say("续借") and me.action("怎么还书")
    other.say("取消预约")
    with service.store.writing() as db:
        db.run("UPDATE loans SET renewals = 0")
        for n in range(3):
            credit.post(db, me.reader_id, "lost", f"other:{n}", service.policy, service.clock.now())
    assert f"还有 {service.policy.freeze.days} 天恢复" in me.say("续借") and me.action("我的信用")


def test_a_book_returned_elsewhere_stays_there_and_the_reader_hears_it(service: Service) -> None:
    """A2-6, C5-11."""
    me = Person(service).trusted()
    _borrow(service, me, "围城")
    held = loans.of_reader(service.store.db, me.reader_id)[0]
    elsewhere = service.store.db.value("SELECT id FROM points WHERE code = 'lt'")
    loans.check_in(service.store.db, held.barcode, elsewhere, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    assert "已在莲塘街道书房归还。书会留在那里继续流通。按时归还" in me.listen()


def test_asking_for_a_person_works_from_any_state_and_does_not_stop_self_help(service: Service) -> None:
    """C3, A12-2: a number, the hours, the promised time; the talk goes on."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("送到家")
    me.tap("听泉区")
    said = me.say("转人工")
    assert "编号 RG261120-1" in said and "09:00–18:00" in said and "12:00 前答复您" in said
    assert "《活着》" in me.say("活着")
    assert "还在处理中" in me.say("人工")


def test_every_button_fits_the_weakest_channel(me: Person) -> None:
    """Telegram's 64 bytes, three to a row, words on every one (C1, C2)."""
    for pairs in TALKS.values():
        for said, _answered in pairs:
            me.say(said)
    for reply in me.heard:
        assert len(reply.text) <= 4096
        for row in reply.buttons:
            assert len(row) <= 3, row
            for button in row:
                assert len(button.action.encode()) <= ACTION_BYTES
                assert any(letter.isalnum() for letter in button.label)


def test_the_same_event_twice_is_answered_once(me: Person, service: Service) -> None:
    """A channel delivers again; the reader hears it once."""
    event = me.event(text="围城")
    assert me.send(event).new
    assert not me.send(event).new
    assert len(outbox.after(service.store.db, me.channel, me.address, 0)) == 1


def _order_six(service: Service, me: Person) -> str:
    for title in ("围城", "活着", "三体", "小王子", "百年孤独", "平凡的世界"):
        me.say(title)
        me.say("把第1本放进借书车")
    me.say("去下单")
    me.tap("云栖站智能借书柜")
    return me.tap("确认下单")


def test_a_large_order_waits_for_a_person_and_is_approved(service: Service) -> None:
    """A10-13, E1-10: 待审核 with a clock, 审核通过 told with the new promise."""
    me = Person(service).trusted()
    assert "要请馆员看一下" in _order_six(service, me)
    assert "待审核" in me.say("我的订单")
    advance(service, me.last_order(), "approve")
    assert "审核通过" in me.listen()


def test_a_refused_order_says_why_and_lets_the_books_go(service: Service) -> None:
    """A10-13: 审核不通过（原因）."""
    me = Person(service).trusted()
    _order_six(service, me)
    order = me.last_order()
    orders.advance(
        service.store.db, order.id, "refuse", "馆员", service.policy, service.clock.now(), "书柜放不下六本，请分两次借"
    )
    pass_time(service, seconds=1)
    assert "书柜放不下六本，请分两次借" in me.listen()
    assert service.store.db.value("SELECT COUNT(*) FROM copies WHERE state <> 'available'") == 0
    assert service.store.db.value("SELECT COUNT(*) FROM boxes WHERE state <> 'free'") == 0


def test_several_of_a_list_are_borrowed_at_once(me: Person) -> None:
    me.say("三体")
    assert "《三体》《三体Ⅲ：死神永生》放进借书车了。\n这 2 本怎么取" in me.say("就借第一个和第三个")


def test_of_several_each_that_cannot_come_along_is_named(me: Person, service: Service) -> None:
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = (SELECT id FROM titles WHERE title = '三体')")
    me.say("三体")
    said = me.say("第1本、第2本和第9本都要")
    assert "《三体Ⅱ：黑暗森林》放进借书车了" in said and "没有第 9 本" in said and "《三体》" in said
    assert "没有第 8 本" in me.say("借第8本和第9本")
