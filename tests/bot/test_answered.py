"""A question of ours answered in one's own words, and words beside the question (A9-5, C5-4, A3-33)."""

from __future__ import annotations

import pytest

from bot.answering import meant
from bot.service import Service
from lending import case_records, cases, holds, loans, orders, readers, sign_ups
from lending.case_effects import Given
from tests.bot.test_attending import made
from tests.bot.test_returning import borrower
from tests.talking import Person


def count(service: Service, table: str) -> int:
    return int(service.store.db.value(f"SELECT COUNT(*) FROM {table}"))


def ordered(me: Person) -> Person:
    me.trusted().say("借三体")
    me.tap("云栖站")
    me.say("确认下单")
    me.say("取消订单")
    return me


@pytest.mark.parametrize("said", ["嗯，取消吧", "取消掉", "对的不要了", "没错，取消它", "係，取消", "yes cancel it please", "yes please cancel"])
def test_an_order_is_cancelled_by_a_yes_in_other_words(service: Service, me: Person, said: str) -> None:
    """取消掉 left it standing: the opposite of what was said."""
    assert "已取消" in ordered(me).say(said)
    assert me.last_order().state is orders.OrderState.CANCELLED


@pytest.mark.parametrize("said", ["不是，我点错了", "先留着吧", "還是留著好了", "别取消", "不用取消了", "唔好取消住", "别别别", "no keep it", "no i want it", "don't cancel", "看错了不是要取消这个", "取消吗", "取消要多久"])
def test_an_order_stays_where_it_is_not_said(me: Person, said: str) -> None:
    ordered(me).say(said)
    assert me.last_order().state is not orders.OrderState.CANCELLED


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("本来就破的", cases.ARRIVED), ("拿来就这样了", cases.ARRIVED), ("不是我弄的", cases.ARRIVED), ("收到嗰陣已經係咁", cases.ARRIVED),
        ("借來時就有了", cases.ARRIVED), ("刚拿到就发现了", cases.ARRIVED), ("借的时候就有个口子", cases.ARRIVED), ("唔關我事", cases.ARRIVED), ("不小心洒了水", cases.DAMAGED), ("狗咬的", cases.DAMAGED), ("it was like that when I got it", cases.ARRIVED), ("我不小心弄的", cases.DAMAGED),
        ("我家娃撕的", cases.DAMAGED), ("是我弄坏的", cases.DAMAGED), ("my fault, sorry", cases.DAMAGED),
    ],
)  # fmt: skip
def test_how_a_book_came_to_harm(service: Service, said: str, kind: str) -> None:
    """A6-7."""
    reader = borrower(service)
    reader.say("书破了")
    reader.say(said)
    (case,) = case_records.open_ones(service.store.db, reader.reader_id)
    assert case.kind == kind


@pytest.mark.parametrize("said", ["不记得了", "哪个都不是"])
def test_harm_that_is_not_told_is_asked_about_once_more(service: Service, said: str) -> None:
    reader = borrower(service)
    reader.say("书破了")
    assert "没有认出来" in reader.say(said) and reader.heard[-1].buttons[0][0].label == "收到时就这样"
    assert not case_records.open_ones(service.store.db, reader.reader_id)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("我重新买一本还你们", "replacing"), ("买本新的", "replacing"), ("I'll buy a new one", "replacing"), ("i will replace it", "replacing"), ("算我赔", "paying"),
        ("照价赔吧", "paying"), ("賠錢就好", "paying"), ("just charge me", "paying"), ("要赔钱吗", "assessed"), ("我考虑一下", "assessed"),
    ],
)  # fmt: skip
def test_made_good_as_the_reader_says(service: Service, said: str, state: str) -> None:
    """A2-12."""
    reader = borrower(service)
    reader.say("书丢了")
    (case,) = case_records.open_ones(service.store.db, reader.reader_id)
    db, now = service.store.db, service.clock.now()
    cases.advance(db, case.number, "charge", "staff:小信", service.policy, now, Given("看过了", 3900, "B-NEW"))
    reader.say("我的借阅")
    reader.tap(case.number)
    reader.say(said)
    assert case_records.by_number(db, case.number).state.value == state


@pytest.mark.parametrize("said", ["我不想让你们查我的信用", "先来那个不用授权的吧", "選第二個好了", "the one without checking please"])
def test_the_way_without_a_bureau(me: Person, said: str) -> None:
    me.say("借三体")
    me.tap("云栖站")
    assert "不查信用。您现在一次可借" in me.say(said)


@pytest.mark.parametrize("said", ["行吧那就查吧", "都可以你看着办", "開信用唔該"])
def test_a_bureau_is_asked_by_its_own_words_alone(service: Service, me: Person, said: str) -> None:
    """A3-33."""
    me.say("借三体")
    me.tap("云栖站")
    me.say(said)
    assert me.action("同意，查一下信用")
    assert readers.reader(service.store.db, me.reader_id).standing != "trusted"


@pytest.mark.parametrize("said", ["还没想好", "不荐了", "我想想", "那本讲鲸鱼的", "随便买点科幻", "something about whales", "你们决定", "下次再说", "忘了书名", "三联出的那本讲宋朝的", "not sure yet", "nothing"])
def test_nothing_is_suggested_of_words_that_name_no_book(service: Service, me: Person, said: str) -> None:
    me.trusted().say("荐购")
    me.say(said)
    assert not count(service, "suggestions")


def test_a_name_is_suggested_still(service: Service, me: Person) -> None:
    me.trusted().say("荐购")
    assert "荐购收到" in me.say("鲸鱼海图志") and count(service, "suggestions") == 1


@pytest.mark.parametrize("said", ["算了下次再说", "怎么写", "写什么", "没啥好说的", "让我想想怎么说", "不想写了", "点错了", "不会写", "没时间", "不发了"])
def test_no_review_of_words_that_are_none(service: Service, me: Person, said: str) -> None:
    me.trusted().say("三体")
    me.say("1")
    me.say("写书评")
    me.say(said)
    assert not count(service, "reviews")


@pytest.mark.parametrize("said", ["没啥好说的，就是好看", "怎么写得这么好", "太长了，看得累"])
def test_an_opinion_is_kept_still(service: Service, me: Person, said: str) -> None:
    me.trusted().say("三体")
    me.say("1")
    me.say("写书评")
    assert "书评收到了" in me.say(said)


@pytest.mark.parametrize("said", ["ok la", "okk", "sure why not", "可以的没问题", "嗯呢", "是的呢", "那就這樣囉", "看起来没错", "走起", "下吧", "ok就它了", "yep go for it"])
def test_an_order_is_agreed_to(service: Service, me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.tap("云栖站")
    assert "收到了" in me.say(said) and orders.of_reader(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["嗯嗯可是呢", "好吗", "hmm not sure", "拱墅那边的"])
def test_an_order_is_not_agreed_to(service: Service, me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.tap("云栖站")
    me.say(said)
    assert not orders.of_reader(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["城西的", "拱墅那边的", "靠江边的"])
def test_what_is_no_answer_has_the_question_once_more_and_suggests_nothing(service: Service, me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.say("到馆自取")
    heard = me.say(said)
    assert f"「{said}」" in heard and "没有认出来" in heard
    me.say("1")
    assert "云栖市图书馆中心馆" in me.heard[-1].text and not count(service, "suggestions")


@pytest.mark.parametrize(("said", "answered"), [("围城", "《围城》"), ("借围城", "《围城》放进"), ("有没有讲鲸鱼的书", "鲸"), ("我的借阅", "没有借着的书"), ("《不存在的书》", "找到 4 种")])
def test_a_new_wish_gets_through(me: Person, said: str, answered: str) -> None:
    me.trusted().say("借三体")
    me.say("到馆自取")
    heard = me.say(said)
    assert answered in heard and "没有认出来" not in heard


def test_what_was_not_known_can_be_suggested_in_words(service: Service, me: Person) -> None:
    me.trusted().say("借三体")
    me.say("到馆自取")
    me.say("鲸鱼海图志")
    assert "《鲸鱼海图志》" in me.say("荐购")


@pytest.mark.parametrize(("said", "place"), [("竹影的就行", "竹影区分馆"), ("大篷车也行", "阅读大篷车"), ("少儿馆吧", "萤火少儿馆"), ("就第一个好了", "中心馆")])
def test_which_branch(me: Person, said: str, place: str) -> None:
    me.trusted().say("借三体")
    me.say("到馆自取")
    heard = me.say(said)
    assert "请确认" in heard and place in heard


def test_a_house_is_no_locker_called_after_it(me: Person) -> None:
    me.trusted().say("借三体")
    assert "取书：云栖市图书馆中心馆（" in me.say("中心馆吧")


@pytest.mark.parametrize("said", ["我住翠苑那边", "学校宿舍行吗"])
def test_the_address_may_be_written_after_words_that_name_no_district(me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.say("送到家")
    assert "没有认出来" in me.say(said)
    assert "竹影区的详细地址" in me.say("竹影区")


@pytest.mark.parametrize("said", ["换个区", "选错区了"])
def test_another_district_is_nobodys_name(me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.say("送到家")
    me.say("竹影区")
    assert "送到哪个区" in me.say(said)


@pytest.mark.parametrize(("said", "days"), [("提前一个星期", 7), ("三天前提醒就行", 3), ("five days before", 5)])
def test_reminders_so_many_days_before(service: Service, me: Person, said: str, days: int) -> None:
    me.trusted().say("提醒设置")
    me.say(said)
    assert readers.reader(service.store.db, me.reader_id).remind_days == days


@pytest.mark.parametrize("said", ["全关掉", "關掉啦", "turn them all off"])
def test_reminders_turned_off(service: Service, me: Person, said: str) -> None:
    me.trusted().say("提醒设置")
    me.say(said)
    assert not readers.reader(service.store.db, me.reader_id).reminders_on


@pytest.mark.parametrize(("said", "language"), [("英文吧", "en"), ("廣東話", "zh_Hant"), ("普通话就行", "zh_Hans")])
def test_a_language_by_its_other_names(service: Service, me: Person, said: str, language: str) -> None:
    me.trusted().say("换语言")
    me.say(said)
    assert readers.reader(service.store.db, me.reader_id).language == language


@pytest.mark.parametrize(("said", "erased"), [("嗯删吧", True), ("都删掉", True), ("删吗", False), ("点错了", False), ("唔好刪住", False), ("等一下，先导出", False)])
def test_data_are_erased_by_a_clear_yes_alone(service: Service, me: Person, said: str, erased: bool) -> None:
    me.trusted().say("删除我的数据")
    assert ("删好了" in me.say(said)) is erased


def test_after_words_that_were_not_understood_a_yes_agrees_to_nothing(me: Person) -> None:
    me.trusted().say("删除我的数据")
    assert "没有认出来" in me.say("那会删掉什么")
    assert "删好了" not in me.say("好的") and "删好了" in me.say("确定删除")


def test_a_yes_that_came_late_erases_nothing(me: Person) -> None:
    me.trusted().say("删除我的数据")
    me.say("我的借阅")
    assert "删好了" not in me.say("都删掉")


@pytest.mark.parametrize(("said", "people"), [("报吧", 1), ("就我一个", 1), ("mm I'll go", 1), ("我們兩個一齊去", 2), ("我和孩子两个人去", 2), ("报两个", 2), ("俾我報名", 1), ("给我留个位", 1), ("两大一小", 3), ("三个人", 3)])
def test_so_many_come_to_the_event_on_show(service: Service, me: Person, said: str, people: int) -> None:
    """F-8."""
    me.press(f"ev:{made(service).id}")
    me.say(said)
    ((mine, _event),) = sign_ups.of_reader(service.store.db, me.reader_id, service.clock.now())
    assert mine.people == people


@pytest.mark.parametrize("said", ["给我报一个", "报两个"])
def test_so_many_of_several_events_is_none_of_them(service: Service, me: Person, said: str) -> None:
    """The first and the second of the list were signed up for."""
    made(service)
    made(service, "敦煌讲座：飞天", days=8)
    me.say("活动")
    me.say(said)
    assert not sign_ups.of_reader(service.store.db, me.reader_id, service.clock.now())


@pytest.mark.parametrize("said", ["两岁半", "上小学二年级", "女儿，五岁了", "2018年", "零八年的"])
def test_an_age_is_neither_a_name_nor_a_month(service: Service, me: Person, said: str) -> None:
    """两岁半 became what the child is called."""
    me.trusted().say("给孩子办卡")
    assert "哪年哪月出生" in me.say(said)
    assert "同意书" not in me.say("2019年5月") and "称呼" in me.heard[-1].text


@pytest.mark.parametrize("said", ["我闺女叫豆豆", "孩子叫豆豆今年八岁"])
def test_a_name_that_is_told_is_kept(service: Service, me: Person, said: str) -> None:
    me.trusted().say("给孩子办卡")
    me.say(said)
    assert "豆豆 的同意书" in me.say("2019年5月")


@pytest.mark.parametrize("said", ["抽吧", "我要抽"])
def test_a_draw_is_entered(me: Person, said: str) -> None:
    me.trusted().say("借三体")
    me.tap("今日免费配送")
    assert "您已报名" in me.say(said)


@pytest.mark.parametrize("said", ["我室友小李", "发给他了", "他点了吗"])
def test_words_beside_a_code_that_was_given_leave_it_there(service: Service, said: str) -> None:
    reader = borrower(service)
    reader.say("转借")
    assert "没有认出来" in reader.say(said) and reader.action("不转了")


def test_a_librarian_is_asked_to_note_it(me: Person) -> None:
    """A10-3."""
    me.trusted().say("来馆不方便")
    assert "没有认出来" not in me.say("帮我申请吧") and "请馆员登记" not in str(me.heard[-1].buttons)


@pytest.fixture
def waits(service: Service, me: Person) -> Person:
    """Someone who waits for a book that another has."""
    borrower(service, "other")
    title = loans.of_reader(service.store.db, Person(service, "other").reader_id)[0].title_id
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE title_id = :t AND state = 'available'", t=title)
    me.trusted().press(f"hold:{title}")
    return me


@pytest.mark.parametrize("said", ["听泉区分馆那个", "中心馆吧"])
def test_where_the_hold_is_fetched(service: Service, waits: Person, said: str) -> None:
    waits.tap("换取书点")
    waits.say(said)
    (mine,) = holds.of_reader(service.store.db, waits.reader_id)
    assert mine.point_id is not None


@pytest.mark.parametrize("said", ["过完年", "不知道", "等我出差回来"])
def test_a_rest_is_asked_about_until_it_is_told(service: Service, waits: Person, said: str) -> None:
    """两周 behind it was looked for as a book."""
    waits.tap("暂停")
    assert "几天、几周" in waits.say(said) and waits.action("14 天")
    assert "暂停到" in waits.say("两周")


def test_no_rest(service: Service, waits: Person) -> None:
    waits.tap("暂停")
    waits.say("不停了")
    assert not holds.of_reader(service.store.db, waits.reader_id)[0].rests_until


def test_of_two_buttons_that_words_may_stand_for_both_are_told() -> None:
    assert not meant(["cancel!:SX1", "order:SX1"], "第一个")
    assert meant(["ev+:1:1", "ev+:2:1"], "报吧") == ["ev+:1:1", "ev+:2:1"], "which is asked, not guessed"
