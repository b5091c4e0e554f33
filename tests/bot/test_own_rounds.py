"""What a reader hears of a parcel that the library's own people bring: no word of a courier (A10-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import notify
from bot.service import Service
from lending import parcels, rounds, tracking
from lending.database import writing
from lending.parcels import Parcel
from lending.tracking import Word
from tests.talking import Person, advance, pass_time


@pytest.fixture
def reader(service: Service) -> Person:
    person = Person(service).trusted()
    for said in ("活着", "借这本", "送到家"):
        person.say(said) if said == "活着" else person.tap(said)
    person.say("张华，13800001111，晴岚区稻香镇稻香路8号3幢502室")
    person.tap("确认下单")
    advance(service, person.last_order(), "pick", "pack")
    pass_time(service, hours=8)
    person.listen()
    return person


def parcel(service: Service, reader: Person) -> Parcel:
    [one] = parcels.of_order(service.store.db, reader.last_order().id)
    return one


def test_when_they_come_is_said_as_soon_as_it_is_known(service: Service) -> None:
    """A10-2: a fixed time is of use to who hears of it before the van is at the door; and who cannot be there says so."""
    me = Person(service).trusted()
    for said in ("活着", "借这本", "送到家"):
        me.say(said) if said == "活着" else me.tap(said)
    me.say("张华，13800001111，晴岚区稻香镇稻香路8号3幢502室")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack")
    told = me.listen()
    assert "书已打包好" in told and "11月20日（周五） 18:00–20:00 送到" in told and me.action("转人工")
    assert "18:00–20:00 送到" in me.say("到哪了")


def word(service: Service, reader: Person, state: str, *, put_off: bool = False) -> str:
    """A word about the parcel from whoever drives, and what the reader hears."""
    service.clock.moment += timedelta(minutes=1)  # type: ignore[attr-defined]
    one, now = parcel(service, reader), service.clock.now()
    with writing(service.store.db) as db:
        tracking.hear(db, one.tracking, [Word(state, now)], "馆员", service.policy, now)
        if put_off:
            rounds.put_off(db, service.policy, one.id, now)
    notify.tell(service.store, service.policy, now)
    return reader.listen()


def test_the_library_s_own_people_are_no_courier(service: Service, reader: Person) -> None:
    waiting = reader.press(f"order:{reader.last_order().number}")
    assert "等出发 · 馆里的送书员 11月20日（周五） 18:00–20:00 送到" in waiting and "快递" not in waiting
    said = word(service, reader, "out_for_delivery")
    assert "出发了：《活着》\n馆里的送书员 11月20日（周五） 18:00–20:00 送到" in said
    assert "今天送到" in said and "快递" not in said


def test_nobody_met_hears_when_they_come_again(service: Service, reader: Person) -> None:
    """Not that a courier had trouble at a place nobody knows."""
    word(service, reader, "out_for_delivery")
    said = word(service, reader, "problem", put_off=True)
    assert "没有遇到您" in said and "馆里的送书员 11月21日（周六） 18:00–20:00 送到" in said
    assert "不扣分" in said and "快递" not in said


def test_a_courier_who_names_no_place_is_not_given_one(service: Service, reader: Person) -> None:
    with writing(service.store.db) as db:
        db.run("UPDATE parcels SET round = '', round_at = NULL")
    assert "快递留言的地方" not in word(service, reader, "problem") + word(service, reader, "returning")


def test_a_lost_parcel_of_ours_is_not_put_on_a_courier(service: Service, reader: Person) -> None:
    word(service, reader, "out_for_delivery")
    said = word(service, reader, "lost")
    assert "由图书馆承担" in said and "快递" not in said


@pytest.mark.parametrize("words", ["没有收到", "没收到", "我还没收到", "包裹没有收到", "书没送来", "it has not come"])
def test_that_it_has_not_come_is_believed_whenever_it_is_said(service: Service, reader: Person, words: str) -> None:
    """The question was asked in the morning; in between the reader has asked where it is."""
    pass_time(service, days=2)
    reader.say("到哪了")
    assert "改在下一班送" in reader.say(words)
    assert (parcel(service, reader).round_at or service.clock.now()) > service.clock.now() - timedelta(hours=1)
    assert "改在下一班送" not in reader.say(words), "the next one has not been there yet"


def test_the_order_itself_takes_that_word_too(service: Service, reader: Person) -> None:
    number = reader.last_order().number
    reader.press(f"order:{number}")
    labels = [button.label for row in reader.heard[-1].buttons for button in row]
    assert "没有收到" not in labels, "its hour is still to come"
    pass_time(service, days=2)
    reader.press(f"order:{number}")
    assert "改在下一班送" in reader.tap("没有收到")
