"""孩子借书: a parent adds a child or answers a child's code, agrees in their own chat, and hears for it (D-12, B2-11)."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest

from bot import linking, outbox, reach
from bot.events import Photo, Reply
from bot.service import Service
from lending import credit, deeds, holds, loans, mandates, minors, orders, readers
from lending.model import library_day
from lending.orders import Order
from tests.bot.test_family import code, told
from tests.talking import Person, advance, pass_time

JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def parent(service: Service) -> Person:
    return Person(service, "parent").trusted()


@pytest.fixture
def child(service: Service) -> Person:
    """A child with a chat of their own, who has never borrowed."""
    return Person(service, "child")


def added(service: Service, parent: Person) -> int:
    """小明, who has no chat."""
    parent.say("给孩子办卡")
    said = parent.say("小明 2014年5月")
    assert "小明 的同意书" in said and "○ 借书" in said
    return mandates.children_of(service.store.db, parent.reader_id, service.clock.now())[0]


def borrow_for(service: Service, parent: Person, child_id: int) -> None:
    parent.say("替小明借")
    parent.say("围城")
    parent.say("借第1本")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    parent.press(f"as:{child_id}:w:counter:{branch}")
    parent.say("确认")


def test_a_parent_adds_a_child_agrees_and_borrows_for_it(service: Service, parent: Person) -> None:
    """ "替孩子借": the loan is the child's, the words come to the parent, marked for whom."""
    small = added(service, parent)
    assert "✓ 借书" in parent.tap("同意：孩子借书")
    borrow_for(service, parent, small)
    assert "收到了" in parent.heard[-1].text and parent.heard[-1].text.startswith("【替小明】")
    order = service.store.db.value("SELECT number FROM orders WHERE reader_id = :r", r=small)
    assert order
    advance(service, _order(service, small), "pick", "pack", "shelve", "collect")
    assert [one.title for one in loans.of_reader(service.store.db, small)]
    assert loans.of_reader(service.store.db, parent.reader_id) == []
    said = parent.listen()
    assert "【替小明】" in said and "借到了" in said and "家长替您" not in said


def _order(service: Service, reader_id: int) -> Order:
    return orders.of_reader(service.store.db, reader_id)[0]


def test_a_child_is_called_as_before_when_a_parcel_is_for_the_parent(service: Service, parent: Person) -> None:
    """Two children with one address would both be called like who takes the parcel in."""
    added(service, parent)
    parent.tap("同意：孩子借书")
    parent.say("替小明借")
    parent.say("围城")
    parent.say("借第1本")
    parent.tap("送到家")
    parent.tap("听泉区")
    assert "送到 王芳 13812345678" in parent.say("王芳 13812345678 春风路8号3单元201")
    assert parent.tap("确认下单").startswith("【替小明】")
    parent.say("换回自己")
    assert "您是小明的监护人" in parent.say("我的家人")
    assert "现在替小明办" in parent.say("替小明借")



def test_b2_11_a_childs_reminder_comes_to_the_parent_and_renews_the_childs_book(
    service: Service, parent: Person
) -> None:
    """B2-11: not to nobody, not to the wrong account."""
    small = added(service, parent)
    parent.tap("同意：孩子借书")
    borrow_for(service, parent, small)
    advance(service, _order(service, small), "pick", "pack", "shelve", "collect")
    parent.say("换回自己")
    pass_time(service, days=service.policy.lending.loan_days - 3)
    said = parent.listen()
    assert "【替小明】" in said and "快到期" in said
    before = loans.of_reader(service.store.db, small)[0].due_at
    assert "续到" in parent.tap("续借")
    assert loans.of_reader(service.store.db, small)[0].due_at > before


def test_a_child_is_reached_where_the_guardian_is(service: Service, parent: Person) -> None:
    """B2-28: nobody telephones a child whose words come to the parent."""
    small, now = added(service, parent), service.clock.now()
    assert reach.unheard(service.store.db, small, now) == ""
    with service.store.writing() as db:
        db.run("UPDATE contacts SET reachable = 0")
    assert reach.unheard(service.store.db, small, now) == "refused"
    with service.store.writing() as db:
        db.run("DELETE FROM mandates")
    assert reach.unheard(service.store.db, small, now) == "none"


def test_without_consent_nothing_is_borrowed_and_the_way_is_named(service: Service, parent: Person) -> None:
    small = added(service, parent)
    borrow_for(service, parent, small)
    assert "家长先同意" in str([reply.text for reply in parent.heard])
    assert service.store.db.value("SELECT COUNT(*) FROM orders") == 0


def test_a_child_says_so_and_is_asked_nothing_of_any_bureau(service: Service, parent: Person, child: Person) -> None:
    """The whole way of a child with a chat: birth month, a code, the parent's yes in the parent's chat."""
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    child.say("围城")
    child.say("借第1本")
    child.tap("到馆自取")
    child.press(f"w:counter:{branch}")
    assert "我未满 18 岁" in str(child.heard[-1].buttons)
    assert "不留生日" in child.tap("我未满")
    said = child.say("2014年5月")
    assert "先请爸爸妈妈同意" in said
    assert service.store.db.one("SELECT until, noted_by FROM minors") == {"until": "2032-05-31", "noted_by": "reader"}
    assert "请您做监护人" in parent.say(code(said))
    parent.tap("愿意")
    told(service, child)
    child.tap("是，同意")
    assert "监护人" in told(service, parent)
    parent.tap("看看要同意什么")
    parent.tap("同意：孩子借书")
    assert "家长同意您借书了" in told(service, child)
    assert readers.reader(service.store.db, child.reader_id).standing == "ladder"
    assert "不查任何信用分" in child.press("credit:yes")
    assert service.store.db.value("SELECT COUNT(*) FROM credit_checks") == 0


def test_consent_is_taken_back_and_asked_for_again(service: Service, parent: Person, child: Person) -> None:
    small = _family(service, parent, child)
    parent.press(f"mc:{small}:borrow:no")
    assert "不同意借新书" in told(service, child)
    assert "家长先同意" in child.press("why")
    assert "已经请家长" in child.say("请家长同意")
    assert "想借书，等您同意" in told(service, parent)


def _family(service: Service, parent: Person, child: Person) -> int:
    child.say("我未满18岁")
    parent.say(code(child.say("2014年5月12日")))
    parent.tap("愿意")
    told(service, child)
    child.tap("是，同意")
    told(service, parent)
    parent.press(f"mc:{child.reader_id}:borrow:yes")
    told(service, child)
    return child.reader_id


def test_guesses_and_reviews_need_a_consent_of_their_own(service: Service, parent: Person, child: Person) -> None:
    small = _family(service, parent, child)
    assert "家长先同意" in child.press("guess:on")
    parent.press(f"mc:{small}:more:yes")
    assert "家长先同意" not in child.press("guess:on")
    parent.press(f"mc:{small}:more:no")
    assert not readers.reader(service.store.db, small).guess_for


def test_what_a_parent_does_is_told_to_a_child_with_a_chat(service: Service, parent: Person, child: Person) -> None:
    small = _family(service, parent, child)
    parent.press(f"act:{small}")
    parent.say("围城")
    parent.say("借第1本")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    parent.press(f"as:{small}:w:counter:{branch}")
    parent.say("确认")
    assert "家长替您下了订单" in told(service, child)


def test_grown_up_the_child_is_told_and_the_parent_reaches_nothing_more(
    service: Service, parent: Person, child: Person
) -> None:
    child.say("我未满18岁")
    parent.say(code(child.say("2008年12月1日")))
    parent.tap("愿意")
    told(service, child)
    child.tap("是，同意")
    parent.press(f"mc:{child.reader_id}:borrow:yes")
    pass_time(service, days=11)
    assert "由您自己做主" in child.listen()
    assert "到期，自动结束" in parent.listen()
    assert "授权已经结束了" in parent.press(f"act:{child.reader_id}")
    assert minors.minor_until(service.store.db, child.reader_id) is None


def test_a_parent_deletes_a_childs_data_and_nothing_gone_is_named_again(
    service: Service, parent: Person, child: Person
) -> None:
    """The law gives the guardian that right; the child hears of it, once, and without a title (A11-5)."""
    small = _family(service, parent, child)
    db = service.store.db
    taken = db.value("SELECT title_id FROM copies LIMIT 1")
    with service.store.writing() as door:
        door.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=taken)
    holds.place(db, small, taken, service.clock.now())
    parent.press(f"act:{small}")
    parent.say("删除我的数据")
    assert "删好了" in parent.tap("确定删除")
    assert [one.what for one in deeds.of_reader(db, small)] == ["erased"]
    assert told(service, child) == "家长替您删除了资料。"
    assert mandates.guardian_of(db, small, service.clock.now()) is None
    assert minors.is_minor(db, small, service.clock.now())


@pytest.fixture
def lent(service: Service, parent: Person) -> int:
    """小明, with 《围城》 at home; the parent goes on for them."""
    small = added(service, parent)
    parent.tap("同意：孩子借书")
    borrow_for(service, parent, small)
    advance(service, _order(service, small), "pick", "pack", "shelve", "collect")
    parent.listen()
    return small


def test_what_is_said_and_shown_for_a_childs_appeal_belongs_to_it(service: Service, parent: Person, lent: int) -> None:
    line = credit.lines(service.store.db, lent)[0].id
    parent.press(f"as:{lent}:appeal:{line}")
    assert "放进申诉" in parent.say("不是孩子的错，书本来就旧")
    parent.send(parent.event(photo=Photo(JPEG)))
    assert "照片收到了，放进申诉" in parent.listen()
    parent.say("换回自己")
    parent.send(parent.event(photo=Photo(JPEG)))
    assert "申诉" not in parent.listen(), "now a picture is one's own"


def test_a_picture_of_a_childs_book_belongs_to_its_case(service: Service, parent: Person, lent: int) -> None:
    parent.say("书破了")
    parent.tap("借的时候弄的")
    parent.send(parent.event(photo=Photo(JPEG)))
    assert "照片收到了，放进个案" in parent.listen()
    loan = loans.of_reader(service.store.db, lent)[0].id
    parent.press(f"as:{lent}:back:{loan}")
    parent.send(parent.event(photo=Photo(JPEG)))
    assert "照片收到了" in parent.listen()
    kept = service.store.db.all("SELECT about, reader_id FROM evidence_photos ORDER BY id")
    assert [(row["about"], row["reader_id"]) for row in kept] == [("case", lent), ("check", lent)]


def test_a_locker_that_stays_shut_is_not_looked_for_among_ones_own(parent: Person, lent: int) -> None:
    """What is answered for a child is about the child."""
    assert "没有授权给您" in parent.say("柜门没开")
    assert "是哪一本还了" in parent.say("放进书柜了还显示在借")


def test_what_is_about_oneself_is_not_marked_as_the_childs(service: Service, parent: Person, lent: int) -> None:
    """ "可以替您" under 【替小明】 would say that it is the child who gave it."""
    parent.say("替小明办")
    for said in ("我的家人", "谁能替我办", "给孩子办卡"):
        assert not parent.say(said).startswith("【替"), said
    said = parent.say("小红 2015年1月")
    assert said.startswith("小红 的同意书"), "and a second child is added meanwhile"
    assert not parent.say("让我妈帮我取书").startswith("【替")
    offered = parent.tap("选好了")
    assert offered.startswith("授权码")
    assert parent.say("我的借阅").startswith("【替小明】"), "and on for the child"


def test_a_change_of_mind_is_for_the_child_too(service: Service, parent: Person) -> None:
    small = added(service, parent)
    parent.tap("同意：孩子借书")
    parent.say("替小明借")
    parent.say("围城")
    parent.say("借第1本")
    assert parent.say("书柜").startswith("【替小明】"), "which of them"
    parent.tap("到馆自取")
    said = parent.say("改成竹影科技园")
    assert said.startswith("【替小明】") and "请确认，共 1 本：《围城》" in said
    parent.say("确认")
    assert _order(service, small).fulfilment == "locker"


def test_a_child_without_a_chat_is_forgotten_with_the_guardian_and_never_left_with_books(
    service: Service, parent: Person
) -> None:
    """Nobody could be reminded of its books or ask for its data any more, and they are the parent's own address."""
    small = added(service, parent)
    parent.tap("同意：孩子借书")
    borrow_for(service, parent, small)
    advance(service, _order(service, small), "pick", "pack", "shelve", "collect")
    parent.say("换回自己")
    said = parent.say("删除我的数据")
    assert "小明还有 1 本书" in said and "再说一声" in said
    assert mandates.guardian_of(service.store.db, small, service.clock.now()) == parent.reader_id
    loan = loans.of_reader(service.store.db, small)[0]
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    assert "小明没有自己的聊天，资料一起删掉" in parent.say("删除我的数据")
    assert "删好了" in parent.tap("确定删除")
    assert readers.reader(service.store.db, small).name == ""
    assert minors.is_minor(service.store.db, small, service.clock.now())


def test_a_child_with_a_chat_stays_when_the_guardian_goes(service: Service, parent: Person, child: Person) -> None:
    small = _family(service, parent, child)
    with service.store.writing() as db:
        db.run("UPDATE readers SET name = seal('小红') WHERE id = :r", r=small)
    assert "没有自己的聊天" not in parent.say("删除我的数据")
    assert "删好了" in parent.tap("确定删除")
    assert readers.reader(service.store.db, small).name == "小红"
    assert "先请爸爸妈妈同意" in child.say("请家长同意")


def test_another_parents_child_is_nobodys_business(service: Service, parent: Person, child: Person) -> None:
    small = added(service, parent)
    child.trusted()
    for press in (f"mc:{small}", f"mc:{small}:borrow:yes", f"act:{small}"):
        assert "授权已经结束了" in child.press(press)
    assert minors.given(service.store.db, small) == {}


@pytest.mark.parametrize("said", ["明天", "2014年13月", "今年", "2031年5月"])
def test_an_unreadable_birthday_is_asked_again(child: Person, said: str) -> None:
    child.say("我是小学生")
    assert "没看明白" in child.say(said)
    assert "先请爸爸妈妈" in child.say("2015-03")


def test_a_grown_reader_is_told_so(child: Person) -> None:
    child.say("我未满18岁")
    assert "已经成年" in child.say("1990年1月")


@pytest.mark.parametrize("said", ["我12岁", "我今年9岁", "我是未成年人", "我还没满18岁", "i am under 18", "我未成年"])
def test_a_child_is_heard(child: Person, said: str) -> None:
    assert "哪年哪月出生" in child.say(said)


def test_a_grown_age_is_no_matter(child: Person) -> None:
    assert "哪年哪月出生" not in child.say("我32岁")


def test_a_child_adds_no_children_and_a_parent_not_too_many(service: Service, parent: Person, child: Person) -> None:
    _family(service, parent, child)
    assert "要成年人来做" in child.say("给孩子办卡")
    for n in range(service.policy.minors.children - 1):
        parent.say("给孩子办卡")
        parent.say(f"小{n} 2015年{n + 1}月")
    assert f"最多 {service.policy.minors.children} 位" in parent.say("给孩子办卡")


# ---- in a parent's own words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我孩子叫小明，2016年3月生的", "小明"), ("她叫朵朵，2018年12月3日出生", "朵朵"), ("小明 2014年5月", "小明"),
        ("女儿，名字叫朵朵，生于2016年3月", "朵朵"), ("我家宝宝 2020年3月", "宝宝"), ("2016年3月 生生", "生生"),
        ("小明是2016年3月出生的", "小明"),
    ],
)  # fmt: skip
def test_a_childs_name_is_heard_without_the_words_around_it(parent: Person, said: str, name: str) -> None:
    parent.say("给孩子办卡")
    assert parent.say(said).startswith(f"{name} 的同意书")


@pytest.mark.parametrize("said", ["2016年3月生的", "我孩子2016年3月生的"])
def test_without_a_name_it_is_asked_for(parent: Person, said: str) -> None:
    parent.say("给孩子办卡")
    assert "还差一个称呼" in parent.say(said)
    assert "小明 的同意书" in parent.say("小明 2016年3月")


def test_what_a_parent_asks_meanwhile_is_answered_and_the_question_stands(parent: Person) -> None:
    parent.say("给孩子办卡")
    said = parent.say("我要给孩子借书")
    assert "卡办好了就能替 TA 借书" in said and "怎么称呼孩子" in said
    assert "授权家人" in parent.say("我家里人借的书我能看到吗")
    assert "丢失与破损" in parent.say("弄坏了要赔吗")
    assert "小明 的同意书" in parent.say("小明 2016年3月")


def test_whether_a_child_may_borrow_is_answered_with_the_way_to_it(parent: Person) -> None:
    assert "家长同意一次" in parent.say("我女儿10岁能借吗")
    assert "怎么称呼孩子" in parent.tap("给孩子办卡")


def test_a_guardian_who_would_borrow_for_their_mother_does_not_act_for_the_child(
    service: Service, parent: Person
) -> None:
    added(service, parent)
    assert "现在替" not in parent.say("帮我妈借")
    assert "现在替小明办" in parent.say("替孩子借")


WRONG = ["我填错了生日", "生日填错了", "出生年月写错了怎么办", "我不是未成年人", "我已经成年了", "I'm not a minor"]


@pytest.mark.parametrize("said", WRONG)
def test_a_mistyped_birthday_is_led_to_the_desk_with_what_to_bring(child: Person, said: str) -> None:
    child.say("我是初中生")
    child.say("2014年5月")
    assert "身份证" in child.say(said) and "转人工" in str(child.heard[-1].buttons)


def test_who_is_no_child_here_is_told_so(parent: Person) -> None:
    assert "没有记成未成年" in parent.say("我不是未成年人")


def test_a_parent_who_mistyped_is_led_to_the_desk_too(service: Service, parent: Person) -> None:
    added(service, parent)
    assert "户口本" in parent.say("孩子生日填错了")


@pytest.mark.parametrize("said", ["生日", "生日快乐", "我的年龄", "未成年人保护法"])
def test_other_words_on_birthdays_are_searched(parent: Person, said: str) -> None:
    assert "身份证" not in parent.say(said)


def _growing(service: Service, parent: Person, days: int) -> int:
    """A child of the parent's without a chat, who is grown up in so many days."""
    now = service.clock.now()
    with service.store.writing() as db:
        small = readers.join(db, "zh_Hans", now, called="小明")
        credit.open_ledger(db, small.id, service.policy, now)
        mandates.note_minor(db, small.id, library_day(now) + timedelta(days=days), "reader", now)
        mandates.appoint(db, small.id, parent.reader_id, now, tell=False)
    return small.id


def test_before_a_child_without_a_chat_is_grown_up_the_parent_can_hand_the_record_over(
    service: Service, parent: Person
) -> None:
    """On the day itself the parent's power ends: who has no chat then would have nobody (D-12)."""
    small = _growing(service, parent, service.policy.minors.grown_notice_days + 3)
    pass_time(service, days=2)
    assert "成年" not in parent.listen()
    pass_time(service, days=1)
    said = parent.listen()
    assert "小明" in said and "成年" in said and "服务台" in said
    (join,) = re.findall(r"LJ \d{4} \d{4}", parent.tap("要一个连接码"))
    grown = Person(service, "grown")
    grown.say(join)
    grown.tap("连上")
    assert grown.reader_id == small
    pass_time(service, days=1)
    assert "成年" not in parent.listen(), "once"


def test_a_child_with_a_chat_needs_no_record_handed_over(service: Service, parent: Person, child: Person) -> None:
    small, now = _family(service, parent, child), service.clock.now()
    with service.store.writing() as db:
        mandates.note_minor(db, small, library_day(now) + timedelta(days=9), "reader", now)
    parent.listen()
    pass_time(service, days=1)
    assert "成年" not in parent.listen()


def test_a_childs_name_is_looked_for_at_once_among_thousands_of_commas(parent: Person) -> None:
    parent.say("给孩子办卡")
    began = time.process_time()
    parent.say("小明" + "," * 1_200 + "x，2020年5月")
    assert time.process_time() - began < 10, "else it is minutes or hours"


def test_a_child_whose_only_chat_refuses_us_is_reached_through_the_guardian(
    service: Service, parent: Person, child: Person
) -> None:
    """B2-28: also what was on its way there; what answers the child's own words stays between the two of us."""
    small = _family(service, parent, child)
    with service.store.writing() as db:
        db.run("UPDATE contacts SET channel = 'telegram' WHERE reader_id = :r", r=small)
    parent.press(f"act:{small}")
    parent.say("围城")
    parent.say("借第1本")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    parent.press(f"as:{small}:w:counter:{branch}")
    parent.say("确认")
    advance(service, _order(service, small), "pick", "pack", "shelve")
    pass_time(service, minutes=10)
    with service.store.writing() as db:
        outbox.put(db, "telegram", "child", Reply("自己问的"), service.clock.now())
    parent.listen()
    with service.store.writing() as db:
        linking.blocked(db, "telegram", "child", service.clock.now)
    said = told(service, parent)
    assert "【替" in said and "放到取书架了" in said and "自己问的" not in said
    left = service.store.db.all("SELECT key FROM outbox WHERE channel = 'telegram' AND state = 'queued'")
    assert left == [{"key": None}], "the child's own, set aside by the sender"
    since = service.clock.now() - timedelta(days=1)
    assert reach.unheard(service.store.db, small, since) == "guardian"
    advance(service, _order(service, small), "collect")
    assert "【替" in told(service, parent)
    with service.store.writing() as db:
        db.run("UPDATE contacts SET reachable = 1")
    assert reach.unheard(service.store.db, small, since) == ""
