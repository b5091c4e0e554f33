"""书店新书 in the talk and at the desk: chosen, confirmed, sent, on loan (A2-4)."""

from __future__ import annotations

from bot.channels.webchat.intake import event_id
from bot.service import Service
from lending import holds, loans, purchases, readers, wishes
from lending.purchases import ShopBook
from tests.talking import Person, pass_time


def offered(service: Service) -> None:
    books = [ShopBook(0, "晓风", f"978000000000{n}", f"新书{n}", "某人", "新社", 2026, 4500) for n in range(3)]
    purchases.store_list(service.store.db, "晓风", books)


def test_chosen_confirmed_and_told_until_it_is_on_loan(service: Service) -> None:
    me = Person(service).trusted()
    offered(service)
    assert "先告诉我寄到哪里" in me.press("buy:1")
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    assert "每月 2 本，每本不超过 ¥100" in me.say("书店新书")
    assert "¥45，馆里付" in me.tap("选《新书0》")
    action = me.action("就要这本")
    assert "书店备货中" in me.press(action)
    assert "书店备货中" in me.press(action), "pressed twice"
    (bought,) = purchases.of_reader(service.store.db, me.reader_id)
    purchases.send(service.store.db, bought.id, "NB1", 1, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    assert "《新书0》寄出了" in me.listen()
    assert "《新书0》" in me.say("我的借阅")


def test_where_is_my_order_knows_of_it(service: Service) -> None:
    """C3: one message, also of what a shop sends; "no orders yet" would not be true."""
    me = Person(service).trusted()
    offered(service)
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    me.say("书店新书")
    me.tap("选《新书0》")
    me.tap("就要这本")
    for said in ("我的订单", "到哪了", "我买的新书呢"):
        answer = me.say(said)
        assert "《新书0》" in answer and "书店备货中" in answer and "还没有订单" not in answer
    (bought,) = purchases.of_reader(service.store.db, me.reader_id)
    purchases.send(service.store.db, bought.id, "NB1", 1, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    me.listen()
    answer = me.say("书还没到")
    assert "《新书0》" in answer and "寄出了" in answer
    assert me.action("转人工")
    pass_time(service, days=service.policy.purchases.travel_days + 1)
    assert "新书0" not in me.say("我的订单"), "it is at home by now and stands among the loans"


def test_its_days_on_the_way_are_not_of_the_loan(service: Service) -> None:
    """B5 常州: from the courier's sign-off. The rule's days of travel come on top, and are said before the yes."""
    me = Person(service).trusted()
    offered(service)
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    me.say("书店新书")
    told = me.tap("选《新书0》")
    assert "路上的 5 天不算" in told and "40 天" in told
    me.tap("就要这本")
    (bought,) = purchases.of_reader(service.store.db, me.reader_id)
    purchases.send(service.store.db, bought.id, "NB1", 1, service.policy, service.clock.now())
    (loan,) = loans.of_reader(service.store.db, me.reader_id)
    assert (loan.due_at - service.clock.now()).days == 45


def test_who_had_wished_for_it_hears_that_it_came_and_is_with_another_reader(service: Service) -> None:
    """A10-11: whichever way it was bought. The buyer, who wished for it too, hears once that it is on its way."""
    first, other, me = (Person(service, name).trusted() for name in ("first", "other", "me"))
    for who in (first, me, other):
        who.say("荐购《新书0》")
    offered(service)
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    me.say("书店新书")
    me.tap("选《新书0》")
    me.tap("就要这本")
    (bought,) = purchases.of_reader(service.store.db, me.reader_id)
    for who in (first, other, me):
        who.listen()
    purchases.send(service.store.db, bought.id, "NB1", 1, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    assert "《新书0》寄出了" in (mine := me.listen()) and "荐购" not in mine
    assert "现在不在架上" in (told := first.listen()) and "已经替您排上了" in told and "到馆了" not in told
    assert "想看可以预约" in other.listen() and "您排第 2 位" in other.tap("预约这本")
    assert holds.of_reader(service.store.db, me.reader_id) == []
    assert [one.state for one in wishes.of_reader(service.store.db, me.reader_id)] == ["arrived"]


def test_the_address_written_the_book_is_one_tap_away(service: Service) -> None:
    """The cart, which is empty, is no way back to it."""
    me = Person(service).trusted()
    offered(service)
    me.press("buy:2")
    me.tap("听泉区")
    assert "记下了：李明" in me.say("李明 13800000000 春风路8号")
    book = purchases.shop_book(service.store.db, 2)
    assert f"请馆里买《{book.title}》" in me.tap("选《")


def test_a_mind_can_be_changed_and_the_caps_are_said(service: Service) -> None:
    me = Person(service).trusted()
    offered(service)
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    for n in (0, 1):
        me.say("书店新书")
        me.tap(f"选《新书{n}》")
        me.tap("就要这本")
    me.say("书店新书")
    me.tap("选《新书2》")
    assert "已经选满 2 本" in me.tap("就要这本")
    me.say("书店新书")
    assert "《新书0》不买了" in me.tap("不要《新书0》了")
    assert "不在书店的书单上" in me.press("buy:999")


def test_two_books_can_be_chosen_on_the_page_whose_ids_begin_alike(service: Service) -> None:
    """B2-2: the same button again is the same purchase, another book is not."""
    me = Person(service, channel="web").trusted()
    offered(service)
    readers.set_delivery(service.store.db, me.reader_id, "李明", "13800000000", "春风路8号", "city")
    for n in (1, 2):
        me.send(me.event(press=f"buy:{n}", event_id=event_id(me.address, f"choose-{n}")))
        me.listen()
        for time in "ab":
            me.send(me.event(press=me.action("就要这本"), event_id=event_id(me.address, f"yes-{n}-{time}")))
            me.listen()
    bought = purchases.of_reader(service.store.db, me.reader_id)
    assert [one.shop_book_id for one in bought] == [2, 1]
