"""A card never shows an empty label: every subset of empty fields, in every language (A7-5)."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, combinations

import pytest

from bot import books
from bot.service import Service
from bot.texts import LANGUAGES, Words
from lending.catalogue import Availability, Place, Title
from lending.stock import TitleEntry, store_titles
from tests.talking import Person

WHOLE = Title(
    1, "围城", subtitle="汇校本", volume="上", authors=("钱锺书", "杨绛"), translators=("某译者",), series="文库",
    publisher="人民文学出版社", year=1991, isbn="9787020024759", clc="I246.5", subjects=("长篇小说",), pages=359,
)  # fmt: skip
EMPTY = Title(0, "")
FIELDS = ("subtitle", "volume", "authors", "translators", "publisher", "year", "isbn", "clc", "subjects")
SUBSETS = list(chain.from_iterable(combinations(FIELDS, n) for n in range(len(FIELDS) + 1)))
STOCKS = (
    Availability(1),
    Availability(1, 0, 2, (), 1),
    Availability(1, 2, 2, (Place(1, 2, "", ""),)),
    Availability(1, 1, 1, (Place(1, 1, "I246.5/8", "3 排"),)),
)
EMPTY_LABEL = re.compile(  # a label with nothing behind it, parts parted by nothing, words of the programme
    r"[:：](?:\n|$)|^ ?·|· ?(?:·|\n|$)|《》|《[^》]*(?: |：)》|None|\(\)|（）|、(?:、|\n|$)|  |^\s|\s$|\n\n", re.MULTILINE
)


def without(title: Title, empty: tuple[str, ...]) -> Title:
    """The record with those fields empty."""
    return replace(title, **{name: getattr(EMPTY, name) for name in empty})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subset_of_empty_fields_leaves_an_empty_label(language: str) -> None:
    _ = Words(language)
    for empty in SUBSETS:
        title = without(WHOLE, empty)
        for stock in STOCKS:
            card = books.card(_, title, stock)
            summary = books.summary(_, title, stock)
            for text in (summary, books.name(title), books.label(title), card.title):
                assert text and not EMPTY_LABEL.search(text), (empty, text)
            assert not EMPTY_LABEL.search(books.byline(title)), (empty, books.byline(title))
            assert all(part in summary for part in (*title.authors, title.publisher, str(title.year or "")))


def test_the_search_for_empty_labels_finds_them() -> None:
    for text in ("作者：", "作者：\n出版社", "钱锺书 · ", " · 1991", "钱锺书 ·  · 1991", "《》", "《围城：》", "《围城 》", "None", "甲、"):
        assert EMPTY_LABEL.search(text), text
    assert not EMPTY_LABEL.search("《围城 上：汇校本》\n钱锺书、杨绛 · 人民文学出版社 · 1991\n可借 2 本")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_card_in_the_talk_shows_only_what_is_known(service: Service, language: str) -> None:
    """Each field alone, none, and all of them."""
    subsets = [(), FIELDS, *((name,) for name in FIELDS), *(tuple(set(FIELDS) - {name}) for name in FIELDS)]
    entries = []
    for number, empty in enumerate(subsets):
        title = without(WHOLE, empty)
        entries.append(TitleEntry(
            f"无名之书{number}", title.subtitle, title.volume, title.authors, title.translators, "", title.publisher,
            title.year, title.isbn, title.clc, title.subjects, source_id=f"test:{number}",
        ))  # fmt: skip
    with service.store.writing() as db:
        ids = store_titles(db, entries).ids
    me = Person(service, language=language)
    me.say("你好")
    for title_id, empty in zip(ids, subsets, strict=True):
        said = me.press(f"t:{title_id}")
        assert "无名之书" in said and not EMPTY_LABEL.search(said), (empty, said)
