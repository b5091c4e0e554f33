"""A reader's address in one message: name, number and place in any order, in Chinese or English (A4-11, C5-8)."""

from __future__ import annotations

import pytest

from bot.service import Service
from bot.texts import Words
from tests.talking import Person

WRITTEN = {
    "李明 13800000000 春风路8号3单元201": ("李明", "春风路8号3单元201"),
    "春风路8号3单元201 李明 13800000000": ("李明", "春风路8号3单元201"),
    "李明，13800000000，春风路8号，3单元201": ("李明", "春风路8号 3单元201"),
    "李明 13800000000 春风路8号，3单元201": ("李明", "春风路8号 3单元201"),
    "李明\n13800000000\n春风路8号 3单元201": ("李明", "春风路8号 3单元201"),
    "听泉区 李明 13800000000 春风路8号": ("李明", "春风路8号"),
    "听泉区 欧阳小明 春风路8号 13800000000": ("欧阳小明", "春风路8号"),
    "听泉区，李明，13800000000，春风路8号": ("李明", "春风路8号"),
    "Li Ming, 13800000000, Room 201, 8 Chunfeng Road": ("Li Ming", "Room 201 8 Chunfeng Road"),
    "Christopher Smith 13800000000 Room 201, 8 Chunfeng Road": ("Christopher Smith", "Room 201 8 Chunfeng Road"),
}


def asked_for_the_address(service: Service) -> Person:
    me = Person(service).trusted()
    me.say("围城")
    for label in ("借这本", "送到家", "听泉区"):
        me.tap(label)
    return me


@pytest.mark.parametrize("text", WRITTEN)
def test_name_and_place_are_told_apart(service: Service, text: str) -> None:
    name, place = WRITTEN[text]
    assert f"记下了：{name} 13800000000 听泉区 {place}\n" in asked_for_the_address(service).say(text) + "\n"


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_the_example_we_give_is_one_we_understand(service: Service, language: str) -> None:
    """What stands in the quotation marks of the question can be sent as it is."""
    words = Words(language)
    asked = words(
        "地址还差一点：请在一条消息里写上收件人、手机号和详细地址，例如「李明 13800000000 春风路8号3单元201」。"
    )
    example = asked.split("「" if language != "en" else "“")[1].split("」" if language != "en" else "”")[0]
    said = asked_for_the_address(service).say(example)
    assert "记下了：李明 " in said or "记下了：Li Ming " in said


def test_an_address_kept_from_other_rules_is_asked_for_anew_and_stops_nothing_else(service: Service) -> None:
    """A4-11: the library has changed its rules, and the zone it kept is none of theirs."""
    me = asked_for_the_address(service)
    me.say("李明 13800000000 春风路8号")
    with service.store.writing() as db:
        db.run("UPDATE readers SET zone = 'province'")
    assert "怎么取" in me.say("借《三体》")
    assert "哪个区" in me.tap("送到家")
    me.say("听泉区")
    assert "请确认" in me.say("李明 13800000000 春风路8号")
