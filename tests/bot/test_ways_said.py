"""How to get the books, in one's own words, while that is what is asked (A9-5, C5-4)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import orders
from tests.talking import Person


@pytest.mark.parametrize("said", ["送到府上", "宅配", "那就寄到我们家里吧", "麻烦送货上门", "改宅配好了"])
def test_home_in_other_words(me: Person, said: str) -> None:
    me.trusted().say("借三体")
    assert "送到哪个区" in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("那就柜子好了", "这 1 本怎么取"), ("放蜂巢", "没有认出来"), ("哪个近", "要看您在哪里"), ("公司附近", "要看您在哪里"), ("我家楼下", "这 1 本怎么取"),
        ("放别的柜子", "这 1 本怎么取"), ("离翠苑近的柜子", "这 1 本怎么取"),
    ],
)  # fmt: skip
def test_what_names_no_place_has_the_ways_once_more(me: Person, said: str, answered: str) -> None:
    me.trusted().say("借三体")
    me.say("放蜂巢")
    heard = me.say(said)
    assert answered in heard and "这 1 本怎么取" in heard and me.action("云栖站")


def test_words_that_name_no_place_suggest_nothing_for_purchase(service: Service, me: Person) -> None:
    """Numbered, the answer 没有找到「离翠苑近的柜子」 had 荐购这本 as its first."""
    me.trusted().say("借三体")
    me.say("离翠苑近的柜子")
    me.say("1")
    assert not service.store.db.value("SELECT COUNT(*) FROM suggestions")
    me.say("确认下单")
    assert orders.of_reader(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["围城", "柜子里的秘密", "我家附近的便利店", "免费"])
def test_where_no_way_is_asked_for_a_book_is_looked_for(me: Person, said: str) -> None:
    assert "怎么取" not in me.say(said)


def test_a_book_is_still_found_where_the_ways_stand(me: Person) -> None:
    me.trusted().say("借三体")
    assert "《围城》" in me.say("围诚")
