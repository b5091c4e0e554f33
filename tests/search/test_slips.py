"""What readers mistype, and what catalogues have mangled: a letter, a digit, a tone, the end of a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import authors, isbn, pinyin
from search.document import Document
from search.index import Index, rebuild

BOOKS = (
    Document(1, "边城", authors=("沈从",), publisher="北岳文艺出版社", popularity=90),
    Document(2, "长河", authors=("沈从文",), popularity=53),
    Document(3, "物种起源", authors=("(英)达尔",), popularity=53),
    Document(4, "女巫", authors=("罗尔德·达尔",), popularity=70),
    Document(
        5, "黄金时代", authors=("王小波",), publisher="花城出版社", isbn="9787536025080", clc="I247.7", popularity=87
    ),
    Document(6, "平凡的世界", authors=("路遥",), publisher="北京十月文艺出版社", popularity=92),
    Document(7, "世界", authors=("南派三叔",), popularity=60),
    Document(8, "天龙八部", authors=("金庸",), popularity=87),
    Document(9, "A Hero Born", authors=("Jin Yong",), popularity=20),
    Document(10, "警犬汉克历险记", authors=("约翰·福尔摩斯",), popularity=30),
    Document(11, "福尔摩斯探案全集", authors=("柯南·道尔",), popularity=85),
    Document(12, "布谷鸟的蛋是谁的", authors=("东野圭吾",), popularity=60),
    Document(13, "挪威的森林", authors=("村上春树",), popularity=94),
    Document(14, "村上朝日堂", authors=("村上春树",), popularity=53),
    Document(15, "情人无泪", authors=("张小娴",), popularity=60),
    Document(16, "情人泪：岁月尽头", authors=("一度君华",), popularity=60),
    Document(17, "古董局中局I", authors=("马伯庸",), popularity=60),
    Document(19, "D", popularity=60),
    Document(20, "1984", authors=("奥威尔",), popularity=92),
    Document(21, "一九八〇年以后的日本电影", popularity=20),
    Document(18, "古董局中局II", authors=("马伯庸",), popularity=70),
)


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The titles above."""
    return rebuild(tmp_path_factory.mktemp("slips"), BOOKS)


def first(index: Index, typed: str) -> int:
    """The number of the first answer, 0 when there is none."""
    return next((hit.id for hit in index.search(typed).hits), 0)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("沈从文", 1), ("边城 沈从文", 1), ("沈从文的边城", 1), ("达尔文", 3), ("达尔", 4),
        ("huang2 jin1 shi2 dai4", 5), ("huanginshidai", 5), ("huangjinshidia", 5), ("haungjinshidai", 5),
        ("hero bron", 9), ("布谷niaodedanshisheide", 12),
        ("北京十月文艺 世界", 6), ("花城 时代", 5), ("黄金时代 2019", 5), ("黄金时代 花城出版社 1997年", 5),
        ("jinyong", 8), ("b g n d d s s d", 12), ("一九八", 20), ("1894", 20),
        ("福尔摩斯", 11), ("村上", 13), ("情无人泪", 15), ("古董局中局第1本", 17), ("古董局中局Ⅰ", 17),
        ("I247.7", 5), ("i247.7/1045", 5), ("ISBN-13: 978-7-5360-2508-0", 5), ("7-5360-2508-1", 5),
    ],
)  # fmt: skip
def test_the_book_is_found_all_the_same(slips: Index, typed: str, meant: int) -> None:
    assert first(slips, typed) == meant


@pytest.mark.parametrize("typed", ["9787536025081", "978753602508", "9787356025080", "97875360250800", "7536025080"])
def test_a_damaged_isbn_shows_the_book_as_near(slips: Index, typed: str) -> None:
    results = slips.search(typed)
    assert (first(slips, typed), results.near) == (5, True)


@pytest.mark.parametrize("typed", ["13812345678", "20261120", "1984", "围城 9787536025080", ""])
def test_other_numbers_are_no_damaged_isbn(slips: Index, typed: str) -> None:
    assert first(slips, typed) != 5 or "9787536025080" in typed


def test_a_right_isbn_that_nobody_has_finds_nothing(slips: Index) -> None:
    assert slips.search("9787020024759").hits == []


def test_only_whole_syllables_lose_their_tones() -> None:
    assert pinyin.strip_tones("she4 ji4 de") == "she ji de"
    assert pinyin.strip_tones("zhong1guo2") == "zhongguo"
    assert [pinyin.strip_tones(text) for text in ("java2 v5", "1q84", "mp3")] == ["java2 v5", "1q84", "mp3"]


def test_what_can_be_read_of_mistyped_pinyin_is_read() -> None:
    assert pinyin.readable("huanginshidai") == (("huang",), ("shi", "dai"))
    assert pinyin.split_pinyin("huanginshidai") == ()
    assert pinyin.readable("") == ()


def test_names_are_cut_only_where_a_role_was_seen() -> None:
    assert [authors.cut_short(name) for name in ("沈从文", "柏拉图", "钱钟书", "语文")] == ["沈从", "柏拉", "", ""]


def test_an_isbn_has_few_neighbours() -> None:
    near = isbn.nearly("9787536025081")
    assert "9787536025080" in near
    assert len(near) < 40
    assert isbn.nearly("三体") == ()


def test_a_class_mark_is_no_shelf_where_a_title_bears_it(tmp_path: Path) -> None:
    index = rebuild(tmp_path, [Document(1, "K2", popularity=3), Document(2, "登山", clc="K28", popularity=50)])
    assert first(index, "k2") == 1
