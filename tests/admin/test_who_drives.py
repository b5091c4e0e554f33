"""送书路线: who drives a round, that it was driven, and what a press on an old page does (D 36)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

import pytest

from lending import credit, orders, parcels
from lending.database import Store
from lending.model import Fulfilment
from lending.rules import Round
from tests import small_desk
from tests.admin.conftest import Hand

EVENING = Round("周五送书", ("春风路",), (5,), time(18), time(20), "", 9)
DAY = "2026-11-20"


@pytest.fixture
def hands(store: Store, now: datetime) -> tuple[Hand, Hand]:
    """小王 and the chief, and this evening's round with two parcels."""
    policy = replace(small_desk.POLICY, parcels=replace(small_desk.POLICY.parcels, rounds=(EVENING,)))
    small_desk.furnish(store)
    app = small_desk.application(store, small_desk.StoodStill(store, now), policy)
    with store.writing() as db:
        small_desk.stock(db)
        for n in (1, 2):
            who = small_desk.reader(db, f"读者{n}", f"1380000000{n}", now)
            made = small_desk.order(db, who, (n,), Fulfilment.DELIVERY, now)
            for step in ("pick", "pack"):
                orders.advance(db, made.id, step, "library", policy, now)
        small_desk.reader(db, "张老师", "13800000009", now)
    small_desk.librarians(store.db, now)
    wang, chief = Hand(app), Hand(app)
    wang.sign_in("wang")
    chief.sign_in()
    return wang, chief


def press(hand: Hand, what: str, **form: str) -> str:
    hand.get(f"/admin/rounds?day={DAY}")
    answer = hand.post("/admin/rounds/driver", day=DAY, round="周五送书", what=what, **form)
    return answer.get_data(as_text=True)


def drive_id(store: Store) -> str:
    return str(store.db.value("SELECT MAX(id) FROM drives"))


def test_a_volunteer_takes_drives_and_earns(hands: tuple[Hand, Hand], store: Store) -> None:
    wang, chief = hands
    assert "R000003" in press(wang, "take", reader="r000003")
    page = wang.read(f"/admin/rounds?day={DAY}")
    assert "不开了" in page and ">开完了</button>" not in page, "not before every stop has been answered"
    wang.post("/admin/rounds/out", day=DAY, round="周五送书")
    for one in parcels.in_states(store.db, ["out_for_delivery"]):
        wang.post(f"/admin/rounds/{one.id}", day=DAY, what="signed")
    assert "开完了，谢谢。志愿服务 +" in press(wang, "finish", drive=drive_id(store), note="签收单在夹子里")
    line = credit.lines(store.db, 3, 1)[0]
    assert (line.event, line.actor, line.evidence) == ("volunteer", "staff:wang", "周五送书 签收单在夹子里")
    assert "送到 2 站" in wang.read(f"/admin/rounds?day={DAY}")
    assert "刚刚变了" in press(wang, "finish", drive=drive_id(store))
    assert "要另一位同事来点" in press(wang, "undo", drive=drive_id(store))
    assert "收回了：-" in press(chief, "undo", drive=drive_id(store))
    assert "记谁开这一班" in chief.read(f"/admin/rounds?day={DAY}")
    assert "记谁开送书班次" in chief.read("/admin/colleagues")


def test_a_colleague_drives_and_gives_it_up(hands: tuple[Hand, Hand], store: Store) -> None:
    wang, chief = hands
    assert "由小王开" in press(chief, "take", colleague="小王")
    assert "刚刚变了" in press(chief, "take", colleague="小信")
    old = drive_id(store)
    assert "可以换别人开" in press(chief, "release", drive=old)
    press(wang, "take", colleague="小信")
    assert "刚刚变了" in press(wang, "release", drive=old), "an old page's button is about another drive"
    assert store.db.value("SELECT colleague FROM drives WHERE state = 'taken'") == "小信"


@pytest.mark.parametrize(
    "form",
    [
        {"what": "take", "reader": "R999999"}, {"what": "take", "colleague": "路人"}, {"what": "take"},
        {"what": "fly", "colleague": "小王"}, {"what": "take", "colleague": "小王", "round": "没有的班"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_changes_nothing(
    hands: tuple[Hand, Hand], store: Store, form: dict[str, str]
) -> None:
    wang, _chief = hands
    wang.get("/admin/rounds")
    answer = wang.post("/admin/rounds/driver", **({"day": DAY, "round": "周五送书"} | form))
    assert answer.status_code == 422 and "请核对读者号" in answer.get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM drives") == 0


def test_the_order_page_and_the_board_name_the_library_s_own_round_and_no_courier(hands: tuple[Hand, Hand]) -> None:
    """A10-2."""
    wang, _ = hands
    number = "SX261120-0001"
    page, board = wang.read(f"/admin/orders/{number}"), wang.read("/admin/orders")
    assert "周五送书 11月20日（周五） 18:00" in page and f"/admin/rounds?day={DAY}" in page
    assert "交给送书班次" in page and board.count("交给送书班次") == 2
    assert "快递" not in page and "交给快递" not in board
    answer = wang.post(f"/admin/orders/{number}/step", step="ship", state="packed", back=f"/admin/orders/{number}")
    shipped = answer.get_data(as_text=True)
    assert "运输中" in shipped and "一站一站地说" in shipped and "快递自己报告" not in shipped
