"""The card for the kiosk, fetched in the talk."""

from __future__ import annotations

import re

import pytest

from bot.service import Service
from lending import cards
from tests.talking import Person


def number_in(text: str) -> str:
    found = re.search(r"(\d{4} ){3}\d", text)
    assert found, text
    return found.group().replace(" ", "")


def test_a_reader_fetches_a_card_and_later_another(me: Person, service: Service) -> None:
    me.say("自助机")
    assert "免押金" in me.tap("自助机用的卡")
    first = number_in(me.press("kiosk!"))
    assert cards.reader_of(service.store.db, first, service.card_key)[0].id == me.reader_id
    assert f"尾号 {first[-4:]}" in me.press("kiosk")
    second = number_in(me.press("kiosk!"))
    assert cards.reader_of(service.store.db, first, service.card_key)[1], "the first is blocked"
    assert not cards.reader_of(service.store.db, second, service.card_key)[1]


@pytest.mark.parametrize("said", ["自助机用的卡", "自助机领卡", "领一张自助机的卡", "自助借书机的卡", "kiosk card", "my self checkout card"])
def test_the_card_is_asked_for_by_its_name(me: Person, said: str) -> None:
    assert "扫一张卡" in me.say(said)
    assert number_in(me.tap("领一张卡"))


def test_where_the_machines_stand_is_still_answered_with_places(me: Person) -> None:
    assert "中心馆" in me.say("自助机在哪里")
