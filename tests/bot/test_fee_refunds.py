"""运费可能要退: what may have been paid for books that the courier lost is given back by a librarian (A4-9)."""

from __future__ import annotations

import pytest

from bot import forgetting, notify
from bot.service import Service
from lending import fee_refunds, orders, parcels, tracking
from lending.errors import CannotChange
from lending.model import Fulfilment
from lending.orders import Order
from lending.tracking import Word
from tests.talking import Person, advance, pass_time


def told(service: Service, me: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return me.listen()


def lost(service: Service, me: Person) -> Order:
    """One book sent to the door for ¥3, and lost by the courier."""
    db, now = service.store.db, service.clock.now()
    with service.store.writing() as door:
        door.run("UPDATE readers SET name = '林书', phone = '13800000000', address = '春风路8号', zone = 'city'")
        title = door.value("SELECT MIN(title_id) FROM copies WHERE state = 'available'")
        door.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=me.reader_id, t=title)
    placed = orders.place(db, me.reader_id, Fulfilment.DELIVERY, None, "one", service.policy, now)
    advance(service, placed, "pick", "pack", "ship")
    told(service, me)
    (parcel,) = parcels.of_order(db, placed.id)
    pass_time(service, hours=2)
    now = service.clock.now()
    tracking.hear(db, parcel.tracking, [Word("lost", now)], "courier", service.policy, now)
    return orders.by_number(db, placed.number)


@pytest.mark.parametrize(("state", "said"), [("given", "退给您了"), ("not_paid", "没有付过，不用退")])
def test_what_was_paid_is_given_back_at_the_desk_and_the_reader_hears(service: Service, state: str, said: str) -> None:
    me = Person(service).trusted()
    order = lost(service, me)
    assert order.lost_fen == 300
    assert "要是已经付过，到任何一个馆的服务台退" in told(service, me)
    (refund,) = fee_refunds.open_ones(service.store.db)
    assert (refund.fen, refund.number, refund.reader_id) == (300, order.number, me.reader_id)
    fee_refunds.settle(service.store.db, refund.id, state, service.clock.now())
    heard = told(service, me)
    assert said in heard and order.number in heard and "¥3" in heard
    with pytest.raises(CannotChange):
        fee_refunds.settle(service.store.db, refund.id, "given", service.clock.now())


def test_who_is_forgotten_hears_of_it_first(service: Service) -> None:
    me = Person(service).trusted()
    order = lost(service, me)
    told(service, me)
    said = me.say("忘记我")
    assert "先别急着删" in said and f"运费 ¥3（要是付过），{order.number}" in said
    me.tap("不领了，照样删除")
    assert fee_refunds.open_ones(service.store.db) == []
    assert forgetting.given_up(service.store.db, me.reader_id, service.clock.now()) == []
