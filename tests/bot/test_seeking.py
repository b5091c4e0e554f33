"""书架上没找到, and what those who wait hear when the last copy is gone: said kindly, once, with a way out (E3)."""

from __future__ import annotations

import pytest

from bot.handlers import seeking
from bot.service import Service
from lending import copy_states, holds, loans, unfound
from lending.model import LIBRARY_ZONE
from tests.talking import Person, pass_time

TITLE = 10  # 围城


def only_at(service: Service, point: int) -> str:
    """All copies but one at this point are lent; its barcode."""
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=TITLE)
        return str(
            db.value(
                "UPDATE copies SET state = 'available', point_id = :p "
                "WHERE id = (SELECT MIN(id) FROM copies WHERE title_id = :t) RETURNING barcode",
                t=TITLE, p=point,
            )
        )  # fmt: skip


def searches(service: Service) -> list[unfound.Search]:
    return unfound.open_ones(service.store.db)


@pytest.mark.parametrize(
    "said",
    [
        "书架上找不到这本书", "你们说在馆我没找到", "架子上没有这本书啊", "系统说在馆可是架子上没有", "这本书不在架上",
        "说好在架的书找不到", "怎么找都找不到这本书，明明显示可借", "I can't find this book on the shelf",
        "it is not on the shelf", "去了架上，没看到", "書架上找不到這本書",
    ],
)  # fmt: skip
def test_the_book_on_show_is_meant_and_the_branch_is_asked(me: Person, service: Service, said: str) -> None:
    me.say("围城")
    me.tap("详情")
    me.say(said)
    assert "《围城》" in me.heard[-1].text and not searches(service)
    answer = me.tap("云栖市图书馆中心馆")
    assert "馆员会去云栖市图书馆中心馆的架上找《围城》" in answer and "从别的馆给您备" in answer
    (search,) = searches(service)
    assert (search.title_id, search.said) == (TITLE, 1)


@pytest.mark.parametrize("said", ["《围城》书架上没有", "围城书架上没有", "书架上没找到围城", "架上没有《围城》这本书"])
def test_the_book_is_named(me: Person, service: Service, said: str) -> None:
    only_at(service, 1)
    assert "架上找《围城》" in me.say(said)
    assert "不收运费" in me.heard[-1].text, "no other branch has it: an order looks again"
    assert len(searches(service)) == 1


def test_book_and_branch_are_named(me: Person, service: Service) -> None:
    assert "馆员会去听泉区分馆的架上找《围城》" in me.say("我在听泉区分馆没找到围城")
    said = me.say("我在听泉区分馆没找到三体")
    assert "《三体》现在不在听泉区分馆的架上" in said and len(searches(service)) == 1


def test_two_readers_make_one_task(me: Person, service: Service) -> None:
    only_at(service, 1)
    me.say("围城书架上没有")
    assert "已经有读者说过" in Person(service, "other").trusted().say("围城书架上没有")
    assert [search.said for search in searches(service)] == [2]


def test_where_no_book_is_known_it_is_asked(me: Person, service: Service) -> None:
    only_at(service, 1)
    assert "是哪一本" in me.say("书架上找不到这本书")
    assert "架上找《围城》" in me.say("围城")


def test_what_is_not_said_to_stand_there_makes_no_task(me: Person, service: Service) -> None:
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=TITLE)
    assert "已经不在架了" in me.say("《围城》书架上没有") and "预约这本" in str(me.heard[-1].buttons)
    assert not searches(service)


@pytest.mark.parametrize("action", ["nf:10:999", "nf:999999:1", "nf:x:1", "nf:10", "rebuy:999999"])
def test_forged_presses_do_nothing(me: Person, service: Service, action: str) -> None:
    me.say("你好")
    assert me.press(action)
    assert not searches(service)


@pytest.mark.parametrize(
    "said",
    [
        "书架上有什么书",
        "我家书架上没有位置了",
        "我把书放到书架上了没有登记",
        "暂存架上没有书",
        "取书架上没有我的书",
        "书找不到了",
    ],
)
def test_other_shelves_and_lost_books_are_something_else(me: Person, service: Service, said: str) -> None:
    me.say("围城")
    me.say(said)
    assert "架上找" not in me.heard[-1].text and "您是在哪里找的" not in me.heard[-1].text
    assert not searches(service)


def test_its_patterns_are_quick_on_long_lines() -> None:
    for part in ("书架上", "在馆", "找不到", "我在馆", "明明"):
        assert seeking.THERE.search(part * 400) is None or part
        assert seeking.BEFORE_SHELF.match(part * 400) is None or part


# ---- what came of it -------------------------------------------------------------------------------------------------


def settle(service: Service, name: str, *barcodes: str) -> None:
    (search,) = searches(service)
    unfound.settle(service.store.db, search.id, name, "王", service.policy, service.clock.now(), barcodes)


def test_found_it_is_told_where_once(me: Person, service: Service) -> None:
    barcode = only_at(service, 1)
    assert "都告诉您一声" in me.say("围城书架上没有")
    settle(service, "found")
    pass_time(service, minutes=1)
    heard = me.listen()
    where = service.store.db.one("SELECT call_number, shelf FROM copies WHERE barcode = :b", b=barcode)
    assert where and "您在云栖市图书馆中心馆没找到的《围城》，馆员去看过了，书在架上" in heard
    assert where["call_number"] in heard and "借这本" in str(me.heard[-1].buttons)
    pass_time(service, days=1)
    assert "没找到的" not in me.listen()


def test_missing_there_is_another_way(me: Person, service: Service) -> None:
    barcode = only_at(service, 1)
    me.say("围城书架上没有")
    settle(service, "missing", barcode)
    pass_time(service, minutes=1)
    heard = me.listen()
    assert "馆员也没有找到" in heard and "预约这本" in str(me.heard[-1].buttons)
    assert "预约" in me.trusted().tap("预约这本")


def test_missing_here_it_is_named_where_it_stands(me: Person, service: Service) -> None:
    barcode = only_at(service, 1)
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'available', point_id = 2 "
               "WHERE id = (SELECT MAX(id) FROM copies WHERE title_id = :t)", t=TITLE)  # fmt: skip
    me.say("围城书架上没有")
    me.tap("云栖市图书馆中心馆")
    settle(service, "missing", barcode)
    pass_time(service, minutes=1)
    assert "听泉区分馆还有" in me.listen() and "借这本" in str(me.heard[-1].buttons)


def test_the_last_one_missing_can_be_bought_anew(me: Person, service: Service, last: str) -> None:
    me.say("围城书架上没有")
    settle(service, "missing", last)
    pass_time(service, minutes=1)
    assert "最后一册" in me.listen()
    assert "荐购收到：《围城》" in me.tap("请馆里再买一本")


def test_what_turned_up_before_it_was_told_is_not_missing(me: Person, service: Service) -> None:
    barcode = only_at(service, 1)
    me.say("围城书架上没有")
    settle(service, "missing", barcode)
    copy_states.step(service.store.db, barcode, "find", "王", service.policy, service.clock.now())
    pass_time(service, minutes=1)
    assert "书在架上" in me.listen()


def test_who_has_ordered_it_meanwhile_hears_nothing_of_the_shelf(me: Person, service: Service) -> None:
    barcode = only_at(service, 1)
    me.trusted().say("围城书架上没有")
    copy = service.store.db.value("SELECT id FROM copies WHERE barcode = :b", b=barcode)
    with service.store.writing() as db:
        loans.lend(db, copy, TITLE, me.reader_id, service.policy, service.clock.now())
    settle(service, "missing", barcode)
    pass_time(service, minutes=1)
    assert "没找到的" not in me.listen()


def test_it_is_not_told_at_night(me: Person, service: Service) -> None:
    only_at(service, 1)
    me.say("围城书架上没有")
    evening = service.clock.now().astimezone(LIBRARY_ZONE)
    pass_time(service, minutes=(23 - evening.hour) * 60 - evening.minute)
    settle(service, "found")
    pass_time(service, minutes=5)
    assert "没找到的" not in me.listen()
    pass_time(service, hours=10)
    assert "没找到的《围城》" in me.listen()


# ---- whoever waits ---------------------------------------------------------------------------------------------------


def miss(service: Service, barcode: str) -> None:
    copy_states.step(service.store.db, barcode, "miss", "王", service.policy, service.clock.now())


@pytest.fixture
def last(service: Service) -> str:
    """The only copy of 围城 that there is."""
    barcode = only_at(service, 1)
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND barcode <> :b", t=TITLE, b=barcode)
    return barcode


def test_the_last_copy_gone_is_told_once_with_ways_out(me: Person, service: Service, last: str) -> None:
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE barcode = :b", b=last)
    holds.place(service.store.db, me.reader_id, TITLE, service.clock.now())
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'available' WHERE barcode = :b", b=last)
    miss(service, last)
    pass_time(service, hours=1)
    heard = me.listen()
    assert "最后一册" in heard and "排第 1 位" in heard
    pass_time(service, hours=1)
    assert "最后一册" not in me.listen()
    assert "荐购收到：《围城》" in me.tap("请馆里再买一本")


def test_found_before_anybody_was_told_nobody_hears_of_it(me: Person, service: Service, last: str) -> None:
    me.trusted()
    with service.store.writing() as db:
        holds.join(db, me.reader_id, TITLE, service.clock.now())
    miss(service, last)
    copy_states.step(service.store.db, last, "find", "王", service.policy, service.clock.now())
    pass_time(service, hours=1)
    heard = me.listen()
    assert "最后一册" not in heard and "您等的《围城》回来了" in heard


def test_whose_kept_copy_is_gone_is_told_in_one_message(me: Person, service: Service) -> None:
    me.trusted()
    first = only_at(service, 1)
    with service.store.writing() as db:
        holds.join(db, me.reader_id, TITLE, service.clock.now())
    holds.serve_waiting(service.store.db, service.policy, service.clock.now())
    pass_time(service, hours=1)
    assert "您等的《围城》回来了" in me.listen()
    miss(service, first)
    pass_time(service, minutes=1)
    heard = me.listen()
    assert "请先别为它跑一趟" in heard and "排第 1 位" in heard and "看相近的书" in str(me.heard[-1].buttons)


def test_another_copy_takes_its_place_in_the_same_message(me: Person, service: Service) -> None:
    me.trusted()
    first = only_at(service, 1)
    with service.store.writing() as db:
        holds.join(db, me.reader_id, TITLE, service.clock.now())
    holds.serve_waiting(service.store.db, service.policy, service.clock.now())
    pass_time(service, hours=1)
    me.listen()
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'available' WHERE id = (SELECT MAX(id) FROM copies WHERE title_id = :t)", t=TITLE
        )
    miss(service, first)
    pass_time(service, hours=1)
    heard = me.listen()
    assert "换了另一册" in heard and "回来了" not in heard


def test_a_title_without_a_copy_says_so_and_can_be_asked_for(me: Person, service: Service, last: str) -> None:
    miss(service, last)
    assert "馆里现在一册也没有" in me.trusted().say("围城")
    assert "可以荐购" in me.say("预约《围城》")
