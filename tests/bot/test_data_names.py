"""Names that stand in data are said in the reader's language, so that an English page has no Chinese label."""

from __future__ import annotations

import re

import pytest

from bot import books
from bot.data_names import NAMES
from bot.texts import Words
from lending import holidays
from lending.policy import load_policy, packs
from tests.talking import Person

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_holiday_has_its_name(year: int) -> None:
    assert {one.name for one in holidays.year(year).values()} <= set(NAMES)


@pytest.mark.parametrize("pack", sorted(packs()))
def test_zones_tiers_pools_and_amnesties_have_their_names(pack: str) -> None:
    policy = load_policy(pack)
    names = {zone.name for zone in policy.fees.zones} | {one.name for one in policy.fees.campaigns}
    names |= {tier.name for tier in policy.tiers} | {pool.name for pool in policy.pools}
    assert names | {one.name for one in policy.amnesties} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_english_says_them_without_chinese(name: str) -> None:
    assert not HAN.search(Words("en")(name))


def test_a_shelf_is_named_in_the_readers_language() -> None:
    assert books.shelf_place(Words("en"), "3楼B区 19架") == "floor 3, area B, rack 19"
    assert books.shelf_place(Words("zh_Hant"), "3楼B区 19架") == "3樓B區 19架"
    assert books.shelf_place(Words("en"), "特藏室") == "特藏室"


def test_an_english_talk_says_no_chinese_of_its_own(me: Person) -> None:
    me.trusted().say("English")
    before = len(me.heard)
    said = [me.say(text) for text in ("hello", "fees", "rules", "branches", "home delivery", "my credit", "help")]
    me.say('borrow "围城"')
    said.append(me.say("home delivery"))
    labels = [button.label for reply in me.heard[before:] for row in reply.buttons for button in row]
    assert [text for text in [*said, *labels] if HAN.search(re.sub("《.*?》|“.*?”", "", text))] == []
