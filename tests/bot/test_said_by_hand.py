"""Lines as people write them by hand on a telephone, and what is to be read in the answer (C2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.service import Service
from lending import cart
from lending.ledger_rules import LateFee
from tests.bot.test_linking import lend
from tests.talking import Person, advance, pass_time


def in_cart(service: Service, me: Person) -> list[str]:
    titles = "SELECT title FROM titles WHERE id = :t"
    return [service.store.db.value(titles, t=one) for one in cart.items(service.store.db, me.reader_id)]


# ---- the cart: two wishes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["第二本去掉，剩下的下单", "去掉第二本，其余的都借了", "take out the second and order the rest", "把第二本去掉，然后下单"]
)
def test_out_with_one_and_the_rest_is_ordered(service: Service, me: Person, said: str) -> None:
    me.trusted().say("借三体、围城和活着")
    me.say("都要")
    second = in_cart(service, me)[1]
    answer = me.say(said)
    assert f"移出了《{second}》" in answer and "这 2 本怎么取" in answer.split("移出了")[1]


def test_one_that_is_not_there_is_said(service: Service, me: Person) -> None:
    me.trusted().say("借三体、围城和活着")
    me.say("都要")
    assert "没有第 9 本" in me.say("第九本去掉，剩下的下单") and len(in_cart(service, me)) == 3


def test_an_empty_cart_is_said_once(me: Person) -> None:
    assert me.trusted().say("第二本去掉，剩下的下单").count("借书车里还没有书") == 1


# ---- what is owed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["多少钱", "我要交多少", "我欠多少钱", "how much do i owe"])
def test_what_is_owed_now_and_how_it_grows(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    pass_time(service, days=43)
    me.listen()
    answer = me.say(said)
    assert "已超期 3 天，扣了 3 分" in answer and "没有要交的钱" in answer and "每天 -1 分" in answer
    assert "送到家" not in answer


def test_where_late_money_is_taken_it_is_told_up_to_now(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    pass_time(service, days=43)
    for fee, owed in ((LateFee(20, "B5"), "¥0.60"), (LateFee(20, "B5", cap_fen=40), "¥0.40")):
        me.service = replace(service, policy=replace(service.policy, late_fee=fee))
        answer = me.say("多少钱")
        assert f"逾期费约 {owed}" in answer and "超期每册每天收" in answer


@pytest.mark.parametrize("said", ["多少钱", "我要交多少"])
def test_where_nothing_is_owed_it_stays_the_talk_of_fees(me: Person, said: str) -> None:
    assert "送到家" in me.trusted().say(said)


@pytest.mark.parametrize("said", ["送到家多少钱", "快递费多少", "借一本书多少钱"])
def test_what_something_else_costs_is_still_told(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    pass_time(service, days=43)
    assert "超期了" not in me.say(said)


# ---- a book and its publisher --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("人民文学出版社的围城", "1. 《围城》\n钱锺书 · 人民文学出版社"),
        ("中华书局 史记", "1. 《史记"),
        ("有没有中华书局的史记", "1. 《史记"),
        ("史记，中华书局版", "1. 《史记"),
        ("我想借人民文学出版社的《围城》", "1. 《围城》"),
        ("中华书局的红楼梦", "这家出版社的版本馆里没有"),
        ("人民文学出版社的书", "· 人民文学出版社 ·"),
    ],
)
def test_title_and_publisher(me: Person, said: str, answered: str) -> None:
    answer = me.say(said)
    assert answered in answer and "没有完全对上" not in answer


# ---- the first of a list -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "n"),
    [("前两本", 2), ("前三本都要", 3), ("前两本都拿上", 2), ("就借前3本吧", 3), ("头两本给我", 2), ("the first two", 2), ("I'll take the first three please", 3)],
)
def test_the_first_of_the_list_are_taken(service: Service, me: Person, said: str, n: int) -> None:
    me.trusted().say("刘慈欣")
    assert "放进借书车了" in me.say(said)
    assert len(in_cart(service, me)) == n


def test_with_no_list_nothing_is_taken(service: Service, me: Person) -> None:
    me.trusted().say("前两本都要")
    assert not in_cart(service, me)


# ---- a kind word ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["哈哈你还挺聪明", "你好聪明呀", "真聪明", "这机器人还挺机灵的", "you're so smart"])
def test_a_kind_word_is_answered_kindly(me: Person, said: str) -> None:
    assert "谢谢夸奖" in me.say(said)


@pytest.mark.parametrize("said", ["聪明的投资者", "你好，旧时光"])
def test_a_book_that_reads_so_is_looked_for(me: Person, said: str) -> None:
    assert "谢谢夸奖" not in me.say(said)


# ---- another place instead of two ----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["望川馆和听泉馆几点开门", "望川馆和听泉馆有三体吗"])
def test_both_make_room_for_the_one_that_is_named(me: Person, asked: str) -> None:
    me.say(asked)
    answer = me.say("那竹影馆呢")
    assert "· 竹影区分馆" in answer and "· 听泉区分馆" not in answer and "· 望川区分馆" not in answer


# ---- in English ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("something on cooking", "烹饪"), ("any books about the sea", "《海洋与文明》"), ("do you have anything about space", "宇宙"),
        ("books on dinosaurs", "《暗物质与恐龙》"), ("i want a book on baking", "《从零开始学烘焙》"),
        ("To Live", "活着"),
    ],
)  # fmt: skip
def test_a_subject_in_english(me: Person, said: str, answered: str) -> None:
    answer = me.say(said)
    assert answered in answer and "馆里暂时没有找到" not in answer and "没有完全对上" not in answer


WHERE = ["where do I collect it", "where can i pick up my books?", "我的书去哪取", "去哪里拿书"]


@pytest.mark.parametrize("said", WHERE)
def test_where_it_is_fetched(service: Service, me: Person, said: str) -> None:
    me.trusted().say("围城")
    me.tap("借这本")
    me.tap("中心馆南门")
    me.tap("确认下单")
    assert "中心馆南门智能借书柜（" in (answer := me.say(said)) and "24 小时" in answer and "听泉区分馆" not in answer
    advance(service, me.last_order(), "pick", "pack", "load")
    me.listen()
    assert "取书码" in me.say(said)


def test_at_a_counter_its_hours_are_told(me: Person) -> None:
    me.trusted().say("围城")
    me.tap("借这本")
    me.tap("到馆自取")
    me.tap("望川区分馆")
    me.tap("确认下单")
    answer = me.say("where do I collect it")
    assert "望川区分馆（" in answer and "09:00-20:30" in answer


@pytest.mark.parametrize("said", WHERE)
def test_with_no_order_every_place_is_told(me: Person, said: str) -> None:
    assert "这些网点都能借" in me.trusted().say(said)


# ---- what other lines of the kind showed ---------------------------------------------------------------------------


def test_what_is_left_in_the_cart_is_brought(me: Person) -> None:
    me.trusted().say("借三体、围城和活着")
    me.say("都要")
    assert "送到哪个区" in me.say("剩下的送到家")


@pytest.mark.parametrize("said", ["就它，下单", "好了，结账"])
def test_a_short_command_at_the_end_is_heard(me: Person, said: str) -> None:
    me.trusted().say("围城")
    me.tap("借这本")
    assert "怎么取" in me.say(said)


def test_how_long_it_takes_is_answered_with_the_promise(me: Person) -> None:
    me.trusted().say("围城")
    me.tap("借这本")
    assert "前备好" in me.say("送到家要等几天？")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("两个娃，一个五岁一个上三年级，有啥合适的", "「少儿读物」"), ("余华写的那本讲福贵的", "1. 《活着》"), ("谢谢拉", "不客气"),
        ("我想接一本书", "是哪一本"), ("好了没有啊", "还没有订单"), ("算了等我闺女回来弄吧", "先放下"),
        ("do u have anything about china history in english", "「china history」"),
    ],
)  # fmt: skip
def test_what_was_looked_for_as_a_book(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


@pytest.mark.parametrize("said", ["哪个柜子离云栖站近", "哪个书柜离云栖站最近"])
def test_which_box_is_near(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "· 云栖站智能借书柜" in answer and "没有找到" not in answer and "望川区分馆" not in answer


@pytest.mark.parametrize("said", ["几天能送到", "快递要多久", "送到家大概要几天", "寄书一般多久"])
def test_how_soon_a_parcel_comes(service: Service, me: Person, said: str) -> None:
    """The library's own promise, and that the courier's days are not ours to promise; what it costs was not asked."""
    answer = me.say(said)
    assert f"下单后 {service.policy.promise.ready_hours} 小时内备好" in answer and "路上几天看快递" in answer
    assert "晴岚区由图书馆自己的班次送（18:00–20:00）" in answer and "¥" not in answer


@pytest.mark.parametrize("said", ["快递费要多少", "送到家多少钱"])
def test_what_a_parcel_costs_is_told_as_before(me: Person, said: str) -> None:
    assert "¥3" in me.say(said)


@pytest.mark.parametrize("said", ["要我赔吗", "用赔吗", "是不是要我赔"])
def test_whether_one_has_to_pay_calls_no_person(me: Person, said: str) -> None:
    assert "丢失与破损：" in (answer := me.say(said)) and "RG" not in answer


@pytest.mark.parametrize(("said", "place"), [("就云栖站吧", "云栖站智能借书柜"), ("那就竹影馆吧", "竹影区分馆"), ("那就中心馆南门那个", "中心馆南门智能借书柜")])
def test_a_place_pointed_at_is_that_place(me: Person, said: str, place: str) -> None:
    """Also where nothing is to be fetched: its hours, and no book that sounds like it."""
    answer = me.say(said)
    assert f"· {place}" in answer and answer.count("\n· ") == 1


def test_after_a_question_the_place_that_is_pointed_at_is_where_to_fetch(me: Person) -> None:
    """The ways stood there; a page of the list and a question came between."""
    me.trusted().say("有没有刘慈欣的")
    me.say("借第1本")
    me.tap("下一页")
    answer = me.say("快递要多久")
    assert "还没有下单" in answer and "路上几天看快递" in answer
    assert "取书：云栖站智能借书柜" in me.say("那就云栖站吧")
    assert "送到哪个区" in me.say("换成送到家")
    assert "到哪个馆取" in me.say("换成自取")
