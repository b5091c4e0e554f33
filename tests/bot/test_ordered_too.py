"""What is ordered is taken from a shelf as well: the reader hears at once, and takes it out of the order or keeps both."""

from __future__ import annotations

import pytest

from bot import notify
from bot.service import Service
from lending import checkouts, orders
from lending.database import writing
from lending.model import OrderState
from tests.talking import Person, advance


@pytest.fixture
def reader(service: Service) -> Person:
    """With 活着 and 围城 ordered to a counter."""
    person = Person(service).trusted()
    for title in ("活着", "围城"):
        person.say(f"把{title}加入借书车")
    person.say("下单")
    person.press("w:counter:1")
    person.tap("确认下单")
    return person


def take(service: Service, reader: Person) -> str:
    """Another copy of 活着 is found in the branch, and taken at the kiosk; what the reader hears."""
    with writing(service.store.db) as db:
        title = db.value("SELECT i.title_id FROM order_items i JOIN titles t ON t.id = i.title_id "
                         "WHERE t.title = '活着' ORDER BY i.order_id DESC LIMIT 1")  # fmt: skip
        point = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
        db.run("INSERT INTO copies (title_id, barcode, point_id, home_point_id) VALUES (:t, 'MORE1', :p, :p)",
               t=title, p=point)  # fmt: skip
    checkouts.check_out(service.store.db, "MORE1", reader.reader_id, service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    return reader.listen()


def titles(service: Service, reader: Person) -> list[str]:
    return [book["title"] for book in orders.books(service.store.db, reader.last_order().id)]


def test_one_tap_takes_it_out_of_the_order(service: Service, reader: Person) -> None:
    number = reader.last_order().number
    said = take(service, reader)
    assert f"《活着》您刚刚已经借到了，订单 {number} 里还有一册" in said and "别的书照旧" in said
    said = reader.tap("拿出来")
    assert f"《活着》从订单 {number} 里拿出来了" in said and "其余 1 本" in said
    assert titles(service, reader) == ["围城"]
    assert "已经不在订单" in reader.tap("拿出来")
    shown = reader.press(f"order:{number}")
    assert "从这一单里拿出来了：《活着》" in shown and "没有找到" not in shown


@pytest.mark.parametrize("words", ["拿出来吧", "拿出来", "拿出来，只要一册"])
def test_it_is_said_in_words_too(service: Service, reader: Person, words: str) -> None:
    take(service, reader)
    assert "拿出来了" in reader.say(words)
    assert titles(service, reader) == ["围城"]


@pytest.mark.parametrize("words", ["都留着", "都留着吧。"])
def test_or_both_are_kept(service: Service, reader: Person, words: str) -> None:
    take(service, reader)
    assert "照旧" in reader.say(words)
    assert len(titles(service, reader)) == 2


def test_the_order_itself_offers_it_too(service: Service, reader: Person) -> None:
    """Also to whoever has written of something else meanwhile, and names the book."""
    take(service, reader)
    reader.say("你好")
    assert reader.last_order().number in reader.say("把活着从订单里拿出来")
    assert "拿出来了" in reader.tap("《活着》已有一册，拿出来")


def test_packed_it_is_only_said(service: Service, reader: Person) -> None:
    advance(service, reader.last_order(), "pick", "pack")
    said = take(service, reader)
    assert "「已打包」，单独拿不出来了" in said
    assert not any(button.label.startswith("拿出来") for row in reader.heard[-1].buttons for button in row)


def test_packed_between_the_telling_and_the_press(service: Service, reader: Person) -> None:
    take(service, reader)
    advance(service, reader.last_order(), "pick", "pack")
    assert "已打包" in reader.tap("拿出来")
    assert len(titles(service, reader)) == 2


def test_an_order_of_it_alone_is_cancelled(service: Service) -> None:
    person = Person(service).trusted()
    person.say("活着")
    person.tap("借这本")
    person.press("w:counter:1")
    person.tap("确认下单")
    assert "里面只有这一本" in take(service, person)
    assert "已取消" in person.tap("取消这个订单")
    assert person.last_order().state is OrderState.CANCELLED
    assert "已取消" in person.tap("取消这个订单")
