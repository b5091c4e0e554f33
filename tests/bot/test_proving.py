"""和书柜说不清: said in plain words, believed at once, proved by the screen's code and by pictures (D-13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.events import Photo
from bot.handlers import proving
from bot.service import Service
from lending import claims, closings, door_claims, door_codes, evidence, loans, orders
from lending.model import library_day
from tests.talking import Person, advance, pass_time

JPEG = b"\xff\xd8\xff" + b"0" * 30
KEY = b"a key for tests"


@pytest.fixture
def desk(service: Service) -> Service:
    return replace(service, door_key=KEY)


@pytest.fixture
def reader(desk: Service) -> Person:
    """With 围城 in a locker."""
    person = Person(desk).trusted()
    person.say("围城")
    person.tap("借这本")
    person.tap("云栖站智能借书柜")
    person.tap("确认下单")
    advance(desk, person.last_order(), "pick", "pack", "load")
    person.listen()
    return person


def code(desk: Service, seq: int = 7) -> str:
    return door_codes.sign(door_codes.key_of(KEY, "g1"), "g1", seq, desk.clock.now())


@pytest.mark.parametrize(
    "said",
    [
        "柜子没开", "柜门打不开", "书柜开不了", "柜門沒開", "格口没打开", "柜子门没有开", "the locker did not open", "The door won't open",
        "The locker is empty", "the box was completely empty", "there is nothing in the locker", "my book isn't here, someone else's book is in the locker",
        "门开了里面没有书", "柜子里没有我的书", "柜子里是别人的书", "柜门打开里面是空的", "输了码没反应", "扫码没反应", "輸入取書碼沒有反應",
    ],
)  # fmt: skip
def test_a_shut_door_is_understood(said: str) -> None:
    assert proving.asked(said) and proving.SHUT.search(proving.fold(said))


@pytest.mark.parametrize(
    "said",
    [
        "我已经放进柜子了但没记上", "书放进去了没登记", "放到书柜里了还显示在借", "我還到書櫃了沒有登記",
        "I put it in the locker but it still shows on loan", "我已经放进去了但没记上",
    ],
)  # fmt: skip
def test_a_book_put_in_and_not_written_down_is_understood(said: str) -> None:
    assert proving.PUT_IN.search(proving.fold(said))


@pytest.mark.parametrize("said", ["nothing there", "it's empty", "里面没有书"])
def test_at_the_locker_a_word_is_enough(reader: Person, desk: Service, said: str) -> None:
    assert "已经请馆员去看" in reader.say(said)
    assert [one.said for one in door_claims.open_ones(desk.store.db)] == [said]


def test_nothing_there_after_looking_at_a_book_is_said_of_the_shelf(me: Person) -> None:
    me.say("围城")
    me.say("1")
    assert "让您白找了" in me.say("nothing there")


@pytest.mark.parametrize(
    "said", ["书柜在哪里", "放到借书车", "门", "围城", "图书馆几点开门", "柜子里的秘密", "还书放哪里"]
)
def test_what_is_something_else_stays_so(said: str) -> None:
    assert not proving.asked(said)


def test_who_stands_before_a_shut_door_is_believed_and_hears_when_it_opens(desk: Service, reader: Person) -> None:
    said = reader.say("柜子没开")
    assert "抱歉" in said and "不会过期" in said and "拍张照片" in said
    (claim,) = door_claims.open_ones(desk.store.db)
    assert claim.said == "柜子没开"
    shown = reader.press(f"order:{claim.number}")
    assert "取书时间先停住" in shown and "保留到" not in shown
    assert "凭证码对上了" in reader.say(code(desk))
    reader.send(reader.event(photo=Photo(JPEG)))
    assert "照片收到了" in reader.listen()
    assert len(evidence.of(desk.store.db, "door", claim.id)) == 1
    door_claims.settle(desk.store.db, claim.id, "mended", "馆员", desk.policy, desk.clock.now())
    pass_time(desk, minutes=1)
    said = reader.listen()
    assert "门修好了" in said and reader.last_order().pickup_code in said
    assert "抱歉" in reader.tap("柜门没开")


def test_what_was_to_be_said_in_the_morning_names_no_day_behind_a_door_that_stays_shut(
    desk: Service, reader: Person
) -> None:
    """A word about books nobody fetched and a date put off, both noted in the night before the door was claimed."""
    pass_time(desk, hours=37)
    db, order, now = desk.store.db, reader.last_order(), desk.clock.now()
    day = library_day(order.pickup_until or now)
    closings.declare(db, order.point_id, day, day, "检修", "馆员", desk.policy, now)
    reader.listen()
    door_claims.claim(db, reader.reader_id, order.number, "柜门没开", now)
    pass_time(desk, hours=12)
    assert reader.listen() == ""


def test_a_book_put_in_and_not_written_down_is_a_claim_with_a_proof(desk: Service, reader: Person) -> None:
    advance(desk, reader.last_order(), "collect")
    pass_time(desk, days=3)
    reader.listen()
    there = code(desk)
    pass_time(desk, hours=4)
    reader.say("我已经放进柜子了但没记上")
    assert "相信您" in reader.tap("《围城")
    assert "从那时起就不算超期" in reader.say(f"码是 {there}")
    reader.send(reader.event(photo=Photo(JPEG)))
    assert "照片收到了" in reader.listen()
    (check,) = claims.open_checks(desk.store.db)
    assert (
        len(evidence.of(desk.store.db, "check", check.id)) == len(door_codes.of(desk.store.db, "check", check.id)) == 1
    )
    assert claims.of_loan(desk.store.db, reader.reader_id, check.loan_id) == check


def test_a_code_that_comes_first_waits_for_what_it_is_about(desk: Service, reader: Person) -> None:
    assert "出了什么事" in reader.say(code(desk))
    assert "凭证码对上了" in reader.tap("柜门没开")


def test_a_code_nobody_made_is_said_to_be_so_and_no_reproach(desk: Service, reader: Person) -> None:
    wrong = code(desk)[:-8] + "22222222"
    assert "没有对上" in reader.say(wrong)
    reader.say("柜子没开")
    assert "拍张照片就行" in reader.say(wrong)
    other = Person(desk, "other").trusted()
    assert "已经不在" in other.press(f"door:{reader.last_order().number}") or "没有找到" in other.heard[-1].text


def test_a_picture_with_the_words_is_kept_at_once(desk: Service, reader: Person) -> None:
    reader.send(reader.event(text="柜子没开", photo=Photo(JPEG)))
    (claim,) = door_claims.open_ones(desk.store.db)
    assert len(evidence.of(desk.store.db, "door", claim.id)) == 1


def test_without_an_order_in_a_locker_the_books_on_the_list_are_offered(desk: Service, reader: Person) -> None:
    """B2-23: the machine says that it was opened, and the reader has nothing in hand."""
    advance(desk, reader.last_order(), "collect")
    reader.listen()
    assert "书没拿到却显示在借" in reader.say("柜子没开")
    assert "不算超期" in reader.tap("《围城")
    assert [one.stopped_as for one in loans.of_reader(desk.store.db, reader.reader_id)] == ["claimed"]


def test_of_two_orders_it_is_asked_which(desk: Service, reader: Person) -> None:
    reader.say("活着")
    reader.tap("借这本")
    reader.tap("云栖站智能借书柜")
    reader.tap("确认下单")
    advance(desk, reader.last_order(), "pick", "pack", "load")
    reader.listen()
    assert "是哪个订单" in reader.say("柜门没开")
    assert "不会过期" in reader.tap("SX")
    assert len(door_claims.open_ones(desk.store.db)) == 1
    assert len(orders.of_reader(desk.store.db, reader.reader_id, 5)) == 2


@pytest.mark.parametrize("title", ["门后什么都没有", "这里面没有书名", "空的空间", "条形码"])
def test_what_only_reads_like_a_locker_stays_a_search(title: str) -> None:
    assert not proving.asked(title)


@pytest.mark.parametrize("said", ["取书码是多少", "保留到什么时候", "放到什么时候", "什么时候之前要取", "我的订单"])
def test_whoever_stands_at_the_locker_is_told_code_place_and_time(reader: Person, said: str) -> None:
    told, placed = reader.say(said), reader.last_order()
    assert f"取书码 {placed.pickup_code}，保留到 11月23日（周一） 23:59" in told and "站前路 2 号" in told


def test_until_when_is_answered_where_nothing_waits(service: Service) -> None:
    assert "没有等您来取的书" in Person(service).say("保留到什么时候")
