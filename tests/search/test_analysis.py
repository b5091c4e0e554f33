"""Folding, cutting and spelling of text."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import analysis, authors, isbn, pinyin
from search.query import understand

SAME = [
    ("圍城", "围城"),
    ("ＰＹＴＨＯＮ　３", "python 3"),
    ("三體", "三体"),
    ("活著", "活着"),
    ("錢鍾書", "钱钟书"),
    ("黒い雨", "黑い雨"),
    ("高興死了！！！", "高兴死了"),
    ("三体Ⅱ", "三体2"),
    ("三体II", "三体2"),
    ("一九八四", "1984"),
    ("哈利·波特", "哈利 波特"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_title_have_one_key(one: str, other: str) -> None:
    assert analysis.key(one) == analysis.key(other)


@pytest.mark.parametrize(("one", "other"), [("名著", "名着"), ("乾隆", "干隆"), ("C++", "C"), ("一二三四五", "12345")])
def test_what_only_looks_alike_stays_apart(one: str, other: str) -> None:
    assert analysis.key(one) != analysis.key(other)


@given(st.text())
def test_normalising_never_raises_and_twice_is_once(text: str) -> None:
    once = analysis.normalise(text)
    assert analysis.normalise(once) == once


@given(st.text(max_size=60))
def test_any_text_can_be_understood(text: str) -> None:
    query = understand(text)
    assert " " not in query.title
    assert isbn.isbn13(text) == "" or len(isbn.isbn13(text)) == 13


def test_any_chinese_text_folds_the_same_alone_and_in_company() -> None:
    """A part of a title must fold as the whole title does, or it would not be found in it."""
    chance = random.Random(7)
    for _ in range(200):
        text = "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(6)).replace("著", "")
        assert analysis.key(text) == "".join(map(analysis.key, text))


def test_single_digits_and_letters_are_kept() -> None:
    """B6: jieba's own analyser drops the 2 and the X."""
    assert analysis.units(analysis.normalise("裹在2号连衣裙")) == list("裹在2号连衣裙")
    assert "x" in analysis.words(analysis.normalise("嫌疑人X的献身"))


def test_pinyin_reads_words_and_not_only_characters() -> None:
    assert analysis.syllables("重庆森林") == ["chong", "qing", "sen", "lin"]
    assert analysis.initials(analysis.syllables("三体2")) == "st2"


@pytest.mark.parametrize("typed", ["wéi chéng", "wei'cheng", "WEICHENG", "ｗｅｉｃｈｅｎｇ"])
def test_pinyin_with_tones_or_apostrophes_is_the_same_pinyin(typed: str) -> None:
    assert understand(typed).latin == "weicheng"


def test_letters_are_cut_into_as_few_syllables_as_possible() -> None:
    assert pinyin.split_pinyin("qianzhongshu") == ("qian", "zhong", "shu")
    assert pinyin.split_pinyin("python") == ()


@pytest.mark.parametrize(
    "typed",
    ["7-02-002475-0", "978-7-02-002475-9", "ISBN：9787020024759", "９７８７０２００２４７５９", "isbn 7020024750"],
)
def test_every_way_to_write_an_isbn_is_one(typed: str) -> None:
    assert isbn.query_isbn(typed) == "9787020024759"


@pytest.mark.parametrize("typed", ["9787020024758", "7020024751", "1984", "10019-3968", "978", "三体 9787536692930"])
def test_what_is_no_isbn_is_none(typed: str) -> None:
    assert isbn.query_isbn(typed) == ""


@pytest.mark.parametrize(
    "raw",
    [
        "[哥伦比亚] 加西亚·马尔克斯",
        "（哥）加夫列尔·加西亚·马尔克斯 著",
        "加西亚．马尔克斯",
        "加西亚?马尔克斯",
        "賈西亞·馬奎斯",
    ],
)
def test_one_writer_under_many_spellings_is_one(raw: str) -> None:
    """司汤达/斯汤达/斯当达 and their like; nationality, role and corrupted dots are not part of a name."""
    assert authors.names(raw)[0] == "加西亚马尔克斯"


def test_variants_of_a_name_have_one_form() -> None:
    assert {authors.names(raw) for raw in ("司汤达", "斯汤达", "斯当达", "（法）斯当达著")} == {("司汤达",)}
    assert authors.names("陀斯妥耶夫斯基") == authors.names("陀思妥耶夫斯基")


def test_a_row_of_words_for_who_made_it_is_read_at_once() -> None:
    """Each 编著 was read as one word and as two: a filter by such an author took minutes."""
    began = time.process_time()
    assert authors.names("编著" * 32 + "x")
    assert time.process_time() - began < 10, "else it is minutes or hours"
    assert authors.names("鲁迅编著")[0] == "鲁迅"
