"""A number or name that stands on no title page still means one work; what sounds nearly so is heard."""

from __future__ import annotations

import pytest

from search import mishearing, other_names
from search.index import Index
from search.query import understand


def test_a_number_names_a_volume_that_bears_a_name_of_its_own() -> None:
    assert other_names.titles("哈利波特#3") == ("哈利波特与阿兹卡班的囚徒",)
    assert other_names.titles("哈利波特#8") == ()
    assert "哈利波特与密室" in understand("哈利·波特 第二部").known
    assert understand("罗琳 哈利波特2").named == [("哈利波特2", ["哈利波特#2", "哈利波特与密室"])]


def test_a_nickname_names_a_work_alone_and_beside_its_author() -> None:
    assert understand("西瓜书").known == ("机器学习",)
    assert understand("周志华 西瓜书").named == [("西瓜书", ["机器学习"])]


def test_a_character_is_read_in_all_its_ways_and_misheard_in_a_few() -> None:
    assert "shuihuzhuan" in mishearing.spellings(list("水虎传"))
    assert "biancheng" in mishearing.spellings(list("边陈"))
    assert mishearing.spellings(list("挪威的森林")) == []
    assert mishearing.spellings(["c", "语"]) == []


@pytest.mark.parametrize(("typed", "wanted"), [("围陈", "围城"), ("维城", "围城"), ("编程", "Python编程")])
def test_a_slip_is_heard_but_a_word_is_taken_as_it_stands(
    index: Index, titles: dict[int, str], typed: str, wanted: str
) -> None:
    assert titles[index.search(typed).hits[0].id] == wanted


def test_the_beginning_of_a_number_is_not_the_number(index: Index, titles: dict[int, str]) -> None:
    """龙王传说2 is not 龙王传说25; 19 alone may still become 1984."""
    found = {titles[hit.id]: hit.why for hit in index.search("龙王传说2").hits}
    assert found.get("龙王传说") != "prefix"
    assert titles[index.search("19").hits[0].id] == "1984"
