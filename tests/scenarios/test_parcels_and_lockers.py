"""Two stories: a parcel left at a pick-up point, and books in a locker that went offline and that nobody fetched."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import notify
from bot.service import Service
from lending import loans, locker_reports, lockers, parcels, tracking
from lending.catalogue import point
from lending.model import OrderState
from lending.tracking import Word
from tests.talking import Person, advance, open_sample, pass_time


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    return open_sample(prepared, tmp_path / "data")


@pytest.fixture
def lin(service: Service) -> Person:
    """林书, who may borrow."""
    return Person(service, "lin").trusted()


def courier(service: Service, me: Person, state: str, place: str = "") -> None:
    """The courier tells of the newest order's parcel, now."""
    (parcel,) = parcels.of_order(service.store.db, me.last_order().id)
    word = Word(state, service.clock.now(), place)
    tracking.hear(service.store.db, parcel.tracking, [word], "courier", service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())


def test_a_parcel_that_was_left_at_a_pick_up_point(service: Service, lin: Person) -> None:
    """A1-8, B4, E3: told step by step by the reader, the librarian and the courier."""
    # 林书 wants a book at home. It costs what the rules say, and is asked before.
    lin.say("活着")
    lin.say("借第1本")
    lin.tap("送到家")
    lin.tap("听泉区")
    assert "送书" in lin.say("林书 13800000000 春风路8号3单元201")
    lin.tap("确认下单")

    # The librarian packs it: from now on it has a number, and may still be called back.
    advance(service, lin.last_order(), "pick", "pack")
    (parcel,) = parcels.of_order(service.store.db, lin.last_order().id)
    lin.listen()
    asked = lin.tap("看这个订单")
    assert parcel.tracking in asked and "等快递来取" in asked

    # The courier fetches it; the order moves by itself, and so does the answer to "where is it".
    pass_time(service, hours=3)
    courier(service, lin, "collected")
    assert "已交给快递" in lin.listen()
    pass_time(service, hours=18)
    courier(service, lin, "out_for_delivery", "听泉区营业部")
    assert "今天送到" in lin.listen()
    where = lin.say("我的快递到哪了")
    assert "正在派送" in where and "听泉区营业部" in where

    # Nobody was at home; it lies in a shop. That is not delivered, and nothing runs yet.
    pass_time(service, hours=4)
    courier(service, lin, "at_pickup_point", "春风路驿站 3-2-118")
    assert "春风路驿站" in lin.listen()
    assert loans.of_reader(service.store.db, lin.reader_id) == []

    # Three days later the library asks; 林书 has just fetched it and says so. Saying it twice changes nothing.
    pass_time(service, days=3)
    assert "您取到了吗" in lin.listen()
    got = lin.action("我拿到了")
    assert "借期从现在算起" in lin.press(got)
    lin.press(got)
    (loan,) = loans.of_reader(service.store.db, lin.reader_id)
    assert (loan.started_at, loan.title) == (service.clock.now(), "活着")

    # The courier's own word comes a day late, and twice. It is the same book, and the same loan.
    pass_time(service, days=1)
    courier(service, lin, "signed")
    courier(service, lin, "signed")
    assert loans.of_reader(service.store.db, lin.reader_id) == [loan]


def test_a_locker_that_was_offline_and_books_that_nobody_fetched(service: Service, lin: Person) -> None:
    """A9-3 … A9-6, B4, B2-23, D-13: any locker, capacity said first, the ladder, and no argument."""
    db, machine = service.store.db, 0

    def report(code: str, event: str, **facts: str) -> str:
        nonlocal machine
        machine += 1
        now = service.clock.now()
        return locker_reports.hear(db, code, machine, event, facts, now, service.policy, now).state

    # Only lockers with room are offered, with the number of free boxes.
    lin.say("围城")
    offered = lin.say("借第1本")
    label = next(b.label for reply in reversed(lin.heard) for row in reply.buttons for b in row if "¥0" in b.label)
    assert re.search(r"空 \d+ 格", label), (offered, label)
    lin.press(lin.action(label))
    assert "格口" in lin.tap("确认下单")
    order = lin.last_order()
    code = point(db, order.point_id or 0).code
    advance(service, order, "pick", "pack")

    # The door closes on the book, the locker says so, the code comes.
    assert report(code, "loaded", order=order.number) == "done"
    notify.tell(service.store, service.policy, service.clock.now())
    assert lin.last_order().pickup_code in lin.listen()

    # A day passes, and another: reminded twice, kindly. Then a librarian has the number to call.
    for _ in range(2):
        pass_time(service, hours=24)
        assert "还在" in (said := lin.listen()) and "不扣分" in said

    # The box's time is over: the books go to a counter. The box is not free before somebody empties it.
    pass_time(service, days=2)
    told = lin.listen()
    assert "服务台" in told and "慢慢来" in told
    moved = lin.last_order()
    assert moved.state is OrderState.AT_COUNTER and point(db, moved.point_id or 0).kind == "branch"
    (box,) = lockers.to_empty(db)
    assert report(code, "emptied", box=box["label"]) == "done"
    assert lockers.to_empty(db) == []

    # 林书 comes to the counter after all, and brings the book back to another locker weeks later, which is offline.
    advance(service, moved, "collect")
    (loan,) = loans.of_reader(db, lin.reader_id)
    lin.listen()
    pass_time(service, days=5)
    other = next(room for room in lockers.with_room(db, 1) if room["code"] != code)
    assert other["name"] in lin.say("怎么还书")
    put_in = service.clock.now()
    pass_time(service, days=1)  # its network is back a day later; the return counts from the door
    now = service.clock.now()
    heard = locker_reports.hear(
        db, str(other["code"]), 7, "returned", {"barcode": loan.barcode, "box": "S01"}, put_in, service.policy, now
    )
    assert heard.state == "done" and heard.missing == (1, 2, 3, 4, 5, 6)
    notify.tell(service.store, service.policy, now)
    assert "收到" in lin.listen()
    returned = db.value("SELECT returned_at FROM loans WHERE id = :id", id=loan.id)
    assert returned == put_in.strftime("%Y-%m-%dT%H:%M:%SZ") and put_in < now - timedelta(hours=23)
