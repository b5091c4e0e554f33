"""Four stories from the circulation desk, as a librarian would tell them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import notify
from bot.service import Service
from lending import (
    case_records,
    cases,
    closings,
    credit,
    holds,
    loans,
    locker_reports,
    lockers,
    missing_copies,
    orders,
)
from lending.case_effects import Given
from lending.catalogue import point
from lending.loans import Loan
from lending.model import OrderState, library_day
from tests.talking import Person, advance, open_sample, pass_time


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    return open_sample(prepared, tmp_path / "data")


def reader(service: Service, name: str) -> Person:
    """Somebody who may borrow."""
    return Person(service, name).trusted()


def only_one_copy(service: Service, title: str) -> None:
    """The library owns this title once."""
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id IN (SELECT id FROM titles WHERE title = :t) "
            "AND id NOT IN (SELECT MIN(c.id) FROM copies c JOIN titles t ON t.id = c.title_id WHERE t.title = :t)",
            t=title,
        )


def in_hand(service: Service, who: Person) -> Loan:
    """The reader's one loan."""
    (loan,) = loans.of_reader(service.store.db, who.reader_id)
    return loan


def takes_home(service: Service, who: Person, title: str) -> Loan:
    """Orders to a locker, and fetches it."""
    who.say(title)
    who.tap("借这本")
    who.tap("云栖站智能借书柜")
    who.tap("确认下单")
    advance(service, who.last_order(), "pick", "pack", "load", "collect")
    who.listen()
    return in_hand(service, who)


def news(service: Service, who: Person) -> str:
    """What the reader hears once the library has had its say."""
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    return who.listen()


def scan(service: Service, barcode: str, at: int = 1) -> None:
    """A book goes over the returns desk of a branch."""
    loans.check_in(service.store.db, barcode, at, service.policy, service.clock.now())


def test_an_order_with_a_missing_copy_that_nobody_fetched(service: Service) -> None:
    """E3, A9-5, B4: ordered, one copy missing, the rest into the locker, not collected, and back into circulation."""
    db, lin = service.store.db, reader(service, "lin")
    for title in ("围城", "活着"):
        only_one_copy(service, title)

    # 林书 orders two books to a locker. It costs nothing, and the library says by when it will be ready.
    lin.say("围城")
    lin.say("把第1本放进借书车")
    lin.say("活着")
    lin.tap("借这本")
    lin.tap("云栖站智能借书柜")
    assert "收到了" in lin.tap("确认下单")
    order = advance(service, lin.last_order(), "pick")

    # The librarian walks to the shelf with the pick list: 《活着》 is not there, and there is no other copy.
    missing = next(book for book in orders.books(db, order.id) if book["title"] == "活着")
    missing_copies.report(
        db, order.number, missing["copy_id"], "lost", "staff:小信", service.policy, service.clock.now()
    )
    said = news(service, lin)
    assert "《活着》在架上没有找到，对不起" in said and "其余 1 本照常" in said and "排第 1 位" in said

    # The rest goes on. The door of the locker closes, and only now is she told; with the code and until when.
    order = advance(service, order, "pack")
    assert "取书码" not in lin.listen()
    locker, now = point(db, order.point_id or 0), service.clock.now()
    locker_reports.hear(db, locker.code, 1, "loaded", {"order": order.number}, now, service.policy, now)
    notify.tell(service.store, service.policy, now)
    assert f"取书码 {lin.last_order().pickup_code}" in lin.listen()

    # Nobody comes: reminded kindly, then kept at the counter nearby, and then the book goes back to the others.
    pass_time(service, days=1)
    assert "还在" in lin.listen()
    pass_time(service, days=3)
    assert "服务台" in lin.listen() and lin.last_order().state is OrderState.AT_COUNTER
    pass_time(service, days=service.policy.lockers.counter_days + 3)
    assert "没关系，想看随时再借" in lin.listen() and lin.last_order().state is OrderState.CANCELLED
    assert credit.balance(db, lin.reader_id) == service.policy.ledger.start, "not collecting costs no points"
    assert [box["label"] for box in lockers.to_empty(db)], "and somebody is to take the book out of the box"

    # The book can be lent again, and the missing one turns up on a trolley: it is kept for her, who is first in line.
    held = db.value("SELECT state FROM copies WHERE id = (SELECT copy_id FROM order_items WHERE ended_as = '')")
    assert held == "available"
    scan(service, missing["barcode"])
    assert "您等的《活着》回来了" in news(service, lin)


def test_a_queue_for_one_copy_and_a_book_handed_from_friend_to_friend(service: Service) -> None:
    """B2-16, B2-19, F-7: three readers, one copy; the queue is respected, and without a queue friends may hand on."""
    db = service.store.db
    only_one_copy(service, "围城")
    an, bo, chen = (reader(service, name) for name in ("an", "bo", "chen"))
    loan = takes_home(service, an, "围城")

    # 安 wants to hand it to 陈, face to face. 陈 sees what it means before saying yes; both agree.
    code = re.search(r"转借码：(\S{4}-\S{4})", an.say("转借"))
    assert code
    assert "由您负责归还" in chen.say(code[1])
    chen.tap("我要接过来")
    assert "书交到手上以后再点确认" in news(service, an)
    an.tap("书已交到对方手上")
    assert "转到您名下了" in news(service, chen)
    assert loans.of_reader(db, an.reader_id) == [] and in_hand(service, chen).barcode == loan.barcode

    # 博 and then 安 get in line. From now on the book may not skip them, and 陈 is told why.
    for place, who in ((1, bo), (2, an)):
        who.say("围城")
        assert f"第 {place} 位" in who.tap("预约这本")
    assert "有 2 人在等" in chen.say("我的借阅")
    assert "转借码" not in chen.say("转借《围城》")
    assert "在等" in chen.say("续借"), "nor renewed while others wait"

    # 陈 brings it back to any branch: it is 博's. He lets it lapse, and it is 安's, who fetches it.
    scan(service, loan.barcode)
    assert "回来了" in news(service, bo) and an.listen() == ""
    pass_time(service, days=service.policy.promise.hold_days + 2)
    assert "过期了" in bo.listen()
    assert "回来了" in news(service, an)
    an.tap("借这本")
    an.tap("云栖站智能借书柜")
    an.tap("确认下单")
    assert holds.of_reader(db, an.reader_id) == [] and an.last_order().state is OrderState.APPROVED


def test_a_book_lost_paid_for_and_found_again(service: Service) -> None:
    """A6-8, A2-12: believed, assessed, paid, and made good when the book turns up after all."""
    db, wen = service.store.db, reader(service, "wen")
    loan = takes_home(service, wen, "围城")
    start = credit.balance(db, wen.reader_id)

    # 文 has lost it and says so. From this moment nothing counts as late, and nobody duns him.
    assert "不算超期" in wen.say("我把《围城》弄丢了")
    (case,) = case_records.open_ones(db, wen.reader_id)

    def decide(step: str) -> str:
        given, now = Given("按原价", 3900, ""), service.clock.now()
        cases.advance(db, case.number, step, "staff:小信", service.policy, now, given)
        notify.tell(service.store, service.policy, now)
        return wen.listen()

    # A librarian looks at it: the price, the points, and two ways to put it right. He pays.
    charged = decide("charge")
    assert "付书价 ¥39" in charged and "申诉" in [b.label for row in wen.heard[-1].buttons for b in row]
    assert credit.balance(db, wen.reader_id) < start
    wen.tap("按书价赔")
    assert "¥39 收到了" in decide("take_money")
    assert loans.of_reader(db, wen.reader_id) == []

    # A month later the book comes out from behind the sofa and goes into the nearest return desk.
    pass_time(service, days=30)
    wen.listen()
    before = credit.balance(db, wen.reader_id)
    scan(service, loan.barcode)
    said = news(service, wen)
    assert "好消息" in said and "退您 ¥39" in said
    assert before < credit.balance(db, wen.reader_id) <= start
    state = db.value("SELECT state FROM copies WHERE barcode = :b", b=loan.barcode)
    assert state == "available", "and the book is lent again"


def test_a_typhoon_closes_the_library_on_the_day_books_are_due(service: Service) -> None:
    """B2-9: dates move and readers are told at once; taken back, they are as before; no closed day counts as late."""
    db, mei = service.store.db, reader(service, "mei")
    loan = takes_home(service, mei, "围城")
    due = library_day(loan.due_at)
    pass_time(service, days=loan.days_left(service.clock.now()) - 1)
    mei.listen()

    # The evening before, the city says that nobody should go out for two days.
    now = service.clock.now()
    typhoon = closings.declare(
        db, None, due, due + timedelta(days=1), "台风", "staff:小信", service.policy, now, emergency=True
    )
    notify.tell(service.store, service.policy, now)
    said = mei.listen()
    assert "闭馆（台风）" in said and "不算超期" in said
    assert library_day(in_hand(service, mei).due_at) > due + timedelta(days=1)
    assert "闭馆" in mei.say("明天开门吗")

    # On the closed days nothing is late and no points go.
    before = credit.balance(db, mei.reader_id)
    pass_time(service, days=2)
    assert credit.balance(db, mei.reader_id) == before and "超期" not in mei.listen()

    # It passed by after all. Taken back now, what was closed stays uncounted, and she still has fair days to come.
    closings.take_back(db, typhoon, "staff:小信", service.policy, service.clock.now())
    left = in_hand(service, mei).days_left(service.clock.now())
    assert left >= 0
    scan(service, loan.barcode)
    assert "收到" in news(service, mei) and credit.balance(db, mei.reader_id) >= before
