"""A card opens one account; its number stands nowhere in the store (A11-5)."""

from __future__ import annotations

import pytest
from stdnum import luhn

from lending import cards, privacy
from lending.cards import CardTaken
from lending.errors import UnknownThing
from tests.lending.world import World

KEY = b"a key of the tests"


def test_a_card_is_told_once_and_opens_the_account(world: World) -> None:
    reader = world.reader()
    number = cards.issue(world.db, reader, KEY, world.now)
    assert len(number) == cards.DIGITS and luhn.is_valid(number)
    found, blocked = cards.reader_of(world.db, f"{number[:4]} {number[4:]}", KEY)
    assert (found.id, blocked) == (reader, False)
    assert number not in str(world.everything())
    with pytest.raises(UnknownThing):
        cards.reader_of(world.db, number, b"another key")


def test_a_new_card_ends_the_one_before(world: World) -> None:
    reader = world.reader()
    first = cards.issue(world.db, reader, KEY, world.now)
    second = cards.issue(world.db, reader, KEY, world.now)
    assert [cards.reader_of(world.db, number, KEY)[1] for number in (first, second)] == [True, False]
    assert [card["tail"] for card in cards.of_reader(world.db, reader)] == [second[-4:]]


def test_a_citizens_card_belongs_to_one_account(world: World) -> None:
    first, second = world.reader(), world.reader()
    assert world.link_card(first, "杭A-00123", KEY)
    assert not world.link_card(first, "杭a00123", KEY)
    with pytest.raises(CardTaken):
        world.link_card(second, "杭A00123", KEY)


def test_a_blocked_card_can_be_linked_again(world: World) -> None:
    reader = world.reader()
    world.link_card(reader, "A1", KEY)
    assert cards.block(world.db, "A1", KEY, world.now).id == reader
    assert cards.reader_of(world.db, "A1", KEY)[1]
    assert world.link_card(reader, "A1", KEY)
    assert not cards.reader_of(world.db, "A1", KEY)[1]


def test_forgetting_a_reader_forgets_their_cards(world: World) -> None:
    reader = world.reader()
    number = cards.issue(world.db, reader, KEY, world.now)
    assert privacy.everything(world.db, reader)["cards"][0]["tail"] == number[-4:]
    privacy.forget(world.db, reader)
    with pytest.raises(UnknownThing):
        cards.reader_of(world.db, number, KEY)
