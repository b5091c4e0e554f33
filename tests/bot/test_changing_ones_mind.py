"""Long talks as readers hold them: a mind changed in the middle, half a memory, a price asked in every state, a
question that answers a question (C2, C3)."""

from __future__ import annotations

import pytest

from bot.meaning import meant
from bot.service import Service
from lending import cart, catalogue, holds, wishes
from tests.talking import Person, advance, pass_time


def titles_in_cart(service: Service, me: Person) -> list[str]:
    held = catalogue.titles(service.store.db, cart.items(service.store.db, me.reader_id))
    return sorted(title.title for title in held.values())


def borrowed(service: Service, me: Person, *titles: str) -> Person:
    """With these books at home."""
    me.trusted()
    for title in titles:
        me.say(f"借《{title}》")
    me.tap("云栖站")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    me.listen()
    return me


# ---- what is half remembered, or said beside something else ----------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("我想找一本书，名字记不全了，好像叫什么百年孤什么", "百年孤"),
        ("作者叫卡夫什么", "卡夫"),
        ("明天就要交读后感，活着还有吗", "活着"),
        ("有没有讲养生的书，不要太难", "养生"),
        ("不不，还是活着", "活着"),
        ("取消三体，换成球状闪电", "球状闪电"),
        ("老师要求看的夏洛的网", "夏洛的网"),
        ("wo xiang jie santi", "san ti"),
    ],
)
def test_a_book_is_found_in_what_stands_around_it(service: Service, said: str, query: str) -> None:
    intent = meant(service, said)
    assert (intent.name, intent.slots.get("query")) == ("search", query)


def test_the_book_that_is_named_is_added_not_the_one_on_show(service: Service, me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("等一下，我再加一本活着")
    assert "《活着》" in me.heard[-1].text and titles_in_cart(service, me) == ["围城"]


@pytest.mark.parametrize("said", ["对不起，我爱你", "你好，旧时光", "借我一生，还你一世"])
def test_a_title_with_a_comma_stays_whole(service: Service, said: str) -> None:
    assert meant(service, said).slots["query"] == said


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("zenme huanshu", "return_books"),
        ("wo de shu ne", "show_loans"),
        ("wo de dingdan", "show_orders"),
        ("zen me huan su", "return_books"),  # an s for an sh
        ("zhuan ren gong", "escalate"),
    ],
)
def test_a_command_typed_in_pinyin(service: Service, said: str, intent: str) -> None:
    assert meant(service, said).name == intent


@pytest.mark.parametrize("said", ["what a long book", "he can", "san ti", "weicheng"])
def test_no_command_is_heard_in_other_letters(service: Service, said: str) -> None:
    assert meant(service, said).name == "search"


@pytest.mark.parametrize("said", ["怎么让他帮我", "你们那里冷不冷呀", "我有老年证，可以优惠吗"])
def test_what_is_not_understood_is_said_so_and_no_chance_book_is_offered(me: Person, said: str) -> None:
    me.trusted()
    answer = me.say(said)
    assert "没听懂" in answer or "还不会答" in answer
    labels = [button.label for row in me.heard[-1].buttons for button in row]
    assert labels[:2] == ["转人工", "帮助"] and not me.heard[-1].cards


# ---- a mind is changed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["那活着不要了", "等下，活着不要了", "算了，活着不要了"])
def test_a_book_is_taken_out_and_wanted_again(service: Service, me: Person, said: str) -> None:
    me.trusted().say("借《活着》")
    me.say("借《围城》")
    assert "移出了《活着》" in me.say(said)
    assert "《活着》放进借书车了" in me.say("算了还是要吧")
    assert titles_in_cart(service, me) == ["围城", "活着"]


def test_a_place_in_the_queue_is_left_and_wanted_again(service: Service, me: Person) -> None:
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = (SELECT id FROM titles WHERE title = '围城')")
    me.say("预约《围城》")
    assert "不再等《围城》" in me.say("不等了")
    assert "预约好了：《围城》" in me.say("还是等吧")
    assert len(holds.of_reader(service.store.db, me.reader_id)) == 1


def test_the_place_of_the_one_hold_on_show_is_changed_by_its_name(service: Service, me: Person) -> None:
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = (SELECT id FROM titles WHERE title = '围城')")
    me.say("预约《围城》")
    me.say("改到竹影科技园取")
    [hold] = holds.of_reader(service.store.db, me.reader_id)
    assert hold.point_id == service.store.db.value("SELECT id FROM points WHERE name LIKE '竹影科技园%'")


@pytest.mark.parametrize("said", ["就去柜台拿", "那我去柜台拿不要钱吧", "自取免费吧"])
def test_the_counter_by_other_words(me: Person, said: str) -> None:
    me.trusted().say("借《活着》")
    assert "到哪个馆取" in me.say(said)


def test_a_place_alone_beside_the_price_is_the_new_place(me: Person) -> None:
    me.trusted().say("借《活着》")
    me.say("云栖站")
    assert "取书：竹影科技园智能借书柜" in me.say("竹影科技园")


def test_the_same_place_as_last_time(service: Service, me: Person) -> None:
    borrowed(service, me, "活着").say("借《围城》")
    assert "取书：云栖站智能借书柜" in me.say("还是上次那个地方")


def test_a_mind_changed_without_a_comma(me: Person) -> None:
    me.trusted().say("借《活着》")
    assert "先放下" in me.say("我改主意了不要了")


def test_whoever_leaves_with_books_in_the_cart_hears_that_nothing_is_ordered(me: Person) -> None:
    me.trusted().say("借《活着》")
    assert "还没有下单" in me.say("好了就这样")


# ---- what it costs, and when -----------------------------------------------------------------------------------------


def test_a_price_asked_in_every_state(me: Person) -> None:
    me.trusted()
    assert "借书车里这" not in me.say("多少钱")
    me.say("借《活着》")
    assert "借书车里这 1 本：送到家 ¥3，还书上门取件 ¥3" in me.say("多少钱")
    me.say("云栖站")
    assert "借书车里这 1 本" in me.say("一共多少钱")
    assert "取书：云栖站智能借书柜" in me.say("确认下单")
    me.tap("确认下单")
    assert f"订单 {me.last_order().number}：¥0" in me.say("多少钱")


@pytest.mark.parametrize("said", ["几天能到", "什么时候备好", "能不能提前到明天早上", "周日能取吗"])
def test_when_the_books_in_the_cart_would_be_ready(me: Person, said: str) -> None:
    me.trusted().say("借《活着》")
    assert "现在下单，11月21日（周六） 10:00 前备好" in me.say(said)


# ---- an address ------------------------------------------------------------------------------------------------------


def test_an_address_without_its_district_is_not_asked_for_twice(me: Person) -> None:
    me.trusted().say("借《活着》")
    me.tap("送到家")
    assert "送到哪个区" in me.say("王小明 13800001234 解放路12号3幢201")
    assert "送到 王小明 13800001234 听泉区 解放路12号3幢201" in me.tap("听泉区")


def test_where_somebody_lives_is_no_book(me: Person) -> None:
    me.trusted()
    assert "送到哪个区" in me.say("我家住在解放路12号3幢")


def test_what_was_told_is_forgotten_with_the_question(me: Person) -> None:
    me.trusted().say("借《活着》")
    me.tap("送到家")
    me.say("王小明 13800001234 解放路12号3幢201")
    me.say("自取")
    me.say("送到家")
    assert "请写：收件人、手机号" in me.tap("听泉区")


# ---- books at home ---------------------------------------------------------------------------------------------------


def test_one_of_two_is_renewed_only_when_it_is_clear_which(service: Service, me: Person) -> None:
    borrowed(service, me, "活着", "天龙八部")
    assert "续借哪一本" in me.say("那本能续吗")
    assert "续借哪一本" in me.say("续借《红楼梦》")
    answer = me.say("天龙八部续借")
    assert "续借好了 1 本" in answer and "《天龙八部》续到" in answer


def test_a_lost_or_handed_on_book_is_known_by_its_bare_name(service: Service, me: Person) -> None:
    borrowed(service, me, "活着", "天龙八部")
    assert "《活着》的转借码" in me.say("活着转借给小红")
    me.tap("不转了")
    me.say("天龙八部弄丢了")
    assert [button.label for button in me.heard[-1].buttons[0]] == ["《天龙八部》"]


def test_a_review_is_asked_for_the_books_at_home(service: Service, me: Person) -> None:
    borrowed(service, me, "活着", "天龙八部")
    pass_time(service, days=1)
    me.say("算了")
    with service.store.writing() as db:
        db.run("UPDATE conversations SET memory = seal('{}')")
    assert "写哪一本的书评" in me.say("读完了，写个评价")
    assert "《活着》" in me.tap("《活着》")


def test_who_fetches_and_who_brings_back(me: Person) -> None:
    me.trusted()
    for said in ("我老公去拿行不行", "我儿子去取可以吗", "孩子他爸去拿可以不"):
        assert "不用本人来" in me.say(said)
    assert "放到任何一个都行" in me.say("我出差了，能让同事帮我还吗")


# ---- questions that were left ----------------------------------------------------------------------------------------


def test_a_question_left_for_another_matter_takes_no_later_words(service: Service, me: Person) -> None:
    me.trusted().say("荐购")
    me.say("我的借阅")
    me.say("她叫小红")
    assert not wishes.of_reader(service.store.db, me.reader_id, 5)


def test_a_sentence_is_no_wish_before_it_is_confirmed(service: Service, me: Person) -> None:
    me.trusted().say("荐购")
    assert "要荐购的书名是" in me.say("有人投诉过吗")
    assert not wishes.of_reader(service.store.db, me.reader_id, 5)


def test_a_childs_name_and_month_may_come_one_after_the_other(me: Person) -> None:
    me.trusted().say("给孩子办卡")
    assert "还差一个称呼" in me.say("2018年5月")
    assert "小明 的同意书" in me.say("小明")


def test_nothing_half_told_of_one_child_is_taken_for_another(me: Person) -> None:
    me.trusted().say("给孩子办卡")
    me.say("2018年5月")
    me.say("算了")
    me.say("给孩子办卡")
    assert "还差出生年月" in me.say("小红")


def test_a_complaint_is_never_thanked_for(me: Person) -> None:
    me.trusted()
    assert "已为您转人工" in me.say("你们服务态度不好")
