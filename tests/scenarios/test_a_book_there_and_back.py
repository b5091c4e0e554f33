"""The whole service as one story, told by a reader on each channel and a librarian at the desk."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import notify
from bot.service import Service
from lending import clock, loans, orders, readers
from lending.orders import Order
from tests.scenarios.conftest import Librarian, Voice


def later(service: Service, **parts: float) -> None:
    """The clock is moved, as on the demo page."""
    clock.move(service.store.db, timedelta(**parts))
    notify.tick(service.store, service.policy, service.clock.now())


def newest_order(service: Service) -> Order:
    """The order placed last."""
    return orders.board(service.store.db, tuple(orders.OrderState))[-1]


def move_on(librarian: Librarian, service: Service, number: str, *steps: str) -> None:
    """At the order board: one press for each step."""
    for step in steps:
        state = orders.by_number(service.store.db, number).state
        librarian.post(f"/admin/orders/{number}/step", step=step, state=state, back=f"/admin/orders/{number}")


def test_a_reader_finds_borrows_is_reminded_renews_returns_and_asks_a_person(
    voice: Voice, librarian: Librarian, service: Service
) -> None:
    """A1-1, A4-8, A7-2, A9, B2-5, C5: from the first word to the answer of a person."""
    # The first word, and a search in the reader's own spelling.
    assert "免押金、免办卡、线上借、送上门" in voice.say("你好")
    assert "《围城》" in voice.say("weicheng")
    assert "可借" in voice.say("1")

    # Two books for a locker; credit is explained before it is asked, the cost before it is agreed.
    voice.say("三体")
    assert "放进借书车" in voice.say("把第2本放进借书车")
    assert "怎么取" in voice.say("借《围城》")
    asked = voice.tap("云栖站智能借书柜")
    assert "是否达到 550 分" in asked and "看不到您的分数" in asked
    voice.tap("同意")
    assert "信用借阅开通了" in voice.tap("模拟：达到")
    quote = voice.tap("继续下单")
    assert "共 2 本" in quote and "费用：¥0" in quote
    placed = voice.say("确认")
    locker_order = re.search(r"SX\d{6}-\d+", placed)
    assert locker_order and "格口" in placed

    # One more, brought to the door.
    voice.say("活着")
    voice.say("借第1本")
    voice.tap("送到家")
    voice.tap("听泉区")
    quote = voice.say("李明 13800000000 春风路8号3单元201")
    assert "送书 ¥3" in quote and "春风路8号" in quote
    parcel_order = re.search(r"SX\d{6}-\d+", voice.tap("确认下单"))
    assert parcel_order and parcel_order.group() != locker_order.group()

    # The librarian packs; the reader sees it move, and gets the code.
    number = locker_order.group()
    assert number in librarian.get("/admin/orders")
    move_on(librarian, service, number, "pick", "pack", "load")
    later(service, minutes=service.policy.promise.tell_ready_minutes)  # until then it could be taken back (B2-20)
    heard = voice.hear("取书码")
    code = orders.by_number(service.store.db, number).pickup_code
    assert code in heard and "云栖站智能借书柜" in heard
    assert code in voice.say("我的订单到哪了") + voice.say("我的订单") + voice.tap(number)
    move_on(librarian, service, parcel_order.group(), "pick", "pack", "ship")
    voice.hear("正在路上")

    # Picked up and signed for: the loans start, with their due dates.
    orders.collect_with_code(service.store.db, code, service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    voice.hear("12月30日")
    move_on(librarian, service, parcel_order.group(), "sign")
    voice.hear("《活着》")
    assert "您借着 3 本书" in voice.say("我的借阅")

    # Time goes by: one reminder for all three, and the renewal is in it.
    later(service, days=37, hours=1)
    reminder = voice.hear("提醒您")
    assert all(title in reminder for title in ("《围城》", "《活着》", "黑暗森林"))
    assert "续借好了 3 本" in voice.tap("全部续借")

    # One comes back at another branch, over the librarian's scanner.
    reader = readers.reader(service.store.db, newest_order(service).reader_id)
    held = next(loan for loan in loans.of_reader(service.store.db, reader.id) if loan.title == "围城")
    elsewhere = service.store.db.value("SELECT id FROM points WHERE code = 'lt'")
    librarian.post("/admin/returns/point", point=str(elsewhere))
    assert "围城" in librarian.post("/admin/returns", barcode=held.barcode)
    voice.hear("已在莲塘街道书房归还")
    assert "您借着 2 本书" in voice.say("我的借阅")

    # A person is asked, from any state, and answers in the same chat.
    voice.say("借书车")
    asked = voice.say("转人工")
    escalation = re.search(r"RG\d{6}-\d+", asked)
    assert escalation and "09:00–18:00" in asked
    voice.say("还有一本在我妈妈家，她能替我还吗？")
    page = librarian.get(f"/admin/escalations/{escalation.group()}")
    assert "她能替我还吗" in page and "转人工" in page
    claimed = librarian.post(f"/admin/escalations/{escalation.group()}/claim")
    held_by = re.findall(r'name="held_by" value="([^"]*)"', claimed)[0]
    librarian.post(f"/admin/escalations/{escalation.group()}/answer", text="可以的，任何人都能还。", held_by=held_by)
    voice.hear("任何人都能还")
    assert "不客气" in voice.tap("解决了")
