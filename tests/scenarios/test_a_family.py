"""小林一家: a grandmother, her daughter, and a boy of twelve: one story of acting for each other (D-12, A10-3, A10-15)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import notify
from bot.service import Service
from lending import credit, loans, mandates, orders, readers
from tests.talking import Person, StillClock, advance, open_sample, pass_time


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    return open_sample(prepared, tmp_path / "data")


def hears(service: Service, who: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return who.listen()


def code(said: str) -> str:
    return re.findall(r"SQ \d{4} \d{4}", said)[0]


def counter(service: Service, who: Person, for_whom: str = "") -> None:
    """To the first branch's counter, and yes."""
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    who.press(f"{for_whom}w:counter:{branch}")
    who.say("确认")


def named(service: Service, who: Person, name: str) -> Person:
    with service.store.writing() as db:
        db.run("UPDATE readers SET name = seal(:n) WHERE id = :r", n=name, r=who.reader_id)
    return who


def test_grandmother_daughter_and_the_boy(service: Service) -> None:
    db = service.store.db
    grandmother = named(service, Person(service, "grandmother", language="zh-Hant").trusted(), "奶奶")
    daughter = named(service, Person(service, "daughter").trusted(), "小林")

    # 奶奶 borrows a book and asks her daughter to fetch it; she is asked for no password and gives none.
    grandmother.say("平凡的世界")
    grandmother.say("借第1本")
    counter(service, grandmother)
    order = grandmother.last_order()
    grandmother.say("讓我女兒幫我取書")
    given = code(grandmother.tap("選好了"))
    assert "代取" in daughter.say(given)
    daughter.tap("愿意")
    assert "小林 接受了" in hears(service, grandmother)
    grandmother.tap("是，同意")
    assert "奶奶 同意了" in hears(service, daughter)

    # The daughter sees what waits and its code, and nothing of what is at home.
    assert "还没有订单" in daughter.say("替奶奶取书") + daughter.say("我的订单")
    advance(service, order, "pick", "pack", "shelve")
    waiting = orders.by_number(db, order.number)
    assert order.number in daughter.say("我的订单")
    assert waiting.pickup_code in daughter.press(f"as:{grandmother.reader_id}:order:{order.number}")
    assert "没有授权您看借阅" in daughter.say("我的借阅")
    assert "孩子看了等您取的訂單" in grandmother.say("誰看過我的資料")
    advance(service, waiting, "collect")
    daughter.say("换回自己")

    # For the boy, who has no phone, she makes a card herself, agrees, and borrows in his name.
    daughter.say("给孩子办卡")
    daughter.say("小明 2014年5月")
    daughter.tap("同意：孩子借书")
    (boy,) = mandates.children_of(db, daughter.reader_id, service.clock.now())
    daughter.say("替小明借书")
    daughter.say("围城")
    daughter.say("借第1本")
    counter(service, daughter, f"as:{boy}:")
    (boys,) = orders.of_reader(db, boy)
    advance(service, boys, "pick", "pack", "shelve", "collect")
    assert "【替小明】" in daughter.listen()
    assert [one.title for one in loans.of_reader(db, boy)] == ["围城"]
    assert loans.of_reader(db, daughter.reader_id) == []
    assert credit.balance(db, boy) > service.policy.ledger.start  # the point for borrowing is his

    # 奶奶 has enough of it: over at once, and the daughter's next word does nothing.
    assert "不能再替您辦任何事" in grandmother.say("取消授權")
    assert "授权取消了" in hears(service, daughter)
    assert "授权已经结束了" in daughter.press(f"as:{grandmother.reader_id}:i:show_orders")

    # She takes her consent back during the exams; the book at home stays, nothing new is lent.
    daughter.press(f"mc:{boy}:borrow:no")
    daughter.press(f"as:{boy}:i:show_loans")
    daughter.say("活着")
    daughter.say("借第1本")
    counter(service, daughter, f"as:{boy}:")
    assert len(orders.of_reader(db, boy)) == 1
    assert len(loans.of_reader(db, boy)) == 1

    # The boy gets a phone of his own: a code joins it to his record, and from now on he hears for himself.
    daughter.press(f"mc:{boy}:borrow:yes")
    daughter.press(f"act:{boy}")
    link = re.findall(r"LJ \d{4} \d{4}", daughter.say("连接另一个聊天"))[0]
    phone = Person(service, "boy", "telegram")
    phone.say("你好")
    phone.say(link)
    phone.tap("连上")
    assert phone.reader_id == boy
    daughter.press(f"as:{boy}:i:renew")
    assert "家长替您续借了《围城》" in hears(service, phone)
    assert "不查任何信用分" in phone.press("credit:yes")

    # On the day he is grown up it is all his own.
    assert isinstance(service.clock, StillClock)
    service.clock.moment = datetime(2032, 5, 31, 2, 0, tzinfo=UTC)
    pass_time(service)
    assert "由您自己做主" in phone.listen()
    assert mandates.children_of(db, daughter.reader_id, service.clock.now()) == []
    assert readers.reader(db, boy).name == "小明"
