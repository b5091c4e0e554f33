"""中图法 and the everyday shelves."""

from __future__ import annotations

import pytest

from search import browse


def test_there_are_22_main_classes_and_18_everyday_shelves() -> None:
    """A2-19."""
    assert [shelf.code for shelf in browse.main_classes()] == list("ABCDEFGHIJKNOPQRSTUVXZ")
    assert len(browse.everyday_shelves()) == 18
    assert browse.everyday_shelves()[0].name == "文学"


@pytest.mark.parametrize(
    ("code", "shelf"),
    [
        ("K825.6", "K81"),
        ("G634.6", "G4"),
        ("O211", "O1"),
        ("K87", "K85"),
        ("I247.57", "I2"),
        ("i565.44", "I3/7"),
        ("D75", "D73/77"),
        ("A49", "A49"),
        ("TP312/123", "TP"),
        ("P62", "P5"),
        ("H82", "H81"),
        ("K", "K"),
        ("KX", "K"),
        ("F495", "F49"),
    ],
)
def test_a_class_mark_finds_its_second_level_by_the_longest_prefix(code: str, shelf: str) -> None:
    """The first two characters are not enough: K825, G634 and O211 are filed elsewhere."""
    assert browse.classify(code).code == shelf


@pytest.mark.parametrize("code", ["", "  ", "9", "W", "书"])
def test_what_is_no_class_mark_stands_nowhere(code: str) -> None:
    assert browse.classify(code) is browse.NOWHERE
    assert browse.everyday_shelf(code) is browse.NOWHERE


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("K825.6", "传记"),
        ("K206", "历史"),
        ("K204.1", "国学/古籍"),
        ("TP312", "计算机与互联网"),
        ("TN929", "电子与通信"),
        ("J41", "摄影"),
        ("J22", "艺术"),
        ("TS972.12", "烹饪/美食"),
        ("TS976.31", "育儿/家教"),
        ("R161", "健身与保健"),
        ("R52", "医学"),
        ("G883", "健身与保健"),
        ("G84", "体育/运动"),
        ("P1-49", "科普读物"),
    ],
)
def test_an_everyday_shelf_gathers_several_classes(code: str, name: str) -> None:
    assert browse.everyday_shelf(code).name == name


def test_every_prefix_leads_back_to_its_shelf_and_has_an_english_name() -> None:
    for main in browse.main_classes():
        assert main.english
        for child in browse.children(main.code):
            assert child.english
            assert all(browse.classify(prefix) == child for prefix in child.prefixes)


def test_no_prefix_belongs_to_two_everyday_shelves() -> None:
    prefixes = [prefix for shelf in browse.everyday_shelves() for prefix in shelf.prefixes]
    assert len(prefixes) == len(set(prefixes))
