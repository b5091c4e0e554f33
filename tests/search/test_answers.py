"""What an answer consists of: editions, pages, filters, nearness; and questions that are none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from search.document import Document
from search.index import Index, rebuild
from search.query import Filters


def test_editions_of_one_work_are_one_hit_and_the_known_one_leads(index: Index, library: list[Document]) -> None:
    hit = index.search("围城").hits[0]
    editions = [document.id for document in library if document.title == "围城"]
    assert sorted(hit.editions) == editions
    assert hit.editions[0] == hit.id == max(editions, key=lambda number: library[number - 1].popularity)


def test_an_isbn_means_that_edition_alone(index: Index) -> None:
    results = index.search("978-7-02-002475-9")
    assert [(hit.why, len(hit.editions)) for hit in results.hits] == [("isbn", 1)]


def test_volumes_are_different_works(index: Index, library: list[Document]) -> None:
    hits = index.search("龙王传说").hits
    assert {library[hit.id - 1].volume for hit in hits} == {"24", "25"}
    assert library[index.search("龙王传说25").hits[0].id - 1].volume == "25"


def test_an_authors_books_come_best_known_first(index: Index, library: list[Document]) -> None:
    hits = index.search("东野圭吾").hits
    fame = [library[hit.id - 1].popularity for hit in hits]
    assert {hit.why for hit in hits} == {"author"}
    assert len(fame) == 4
    assert fame == sorted(fame, reverse=True)


def test_when_nothing_matches_the_nearest_titles_are_named_as_such(index: Index, titles: dict[int, str]) -> None:
    results = index.search("挪威的树林")
    assert titles[results.hits[0].id] == "挪威的森林"
    assert index.search("白与黑").near
    assert not index.search("红和黑").near  # a particle swapped


def test_pages_follow_one_another_without_gap_or_repeat(index: Index) -> None:
    whole = [hit.id for hit in index.search("的", limit=100).hits]
    paged = [hit.id for offset in range(0, len(whole), 3) for hit in index.search("的", limit=3, offset=offset).hits]
    assert len(whole) > 6
    assert paged == whole
    assert index.search("的", limit=3).total == len(whole)


def test_a_subject_finds_books_that_do_not_name_it_in_the_title(tmp_path: Path) -> None:
    """R-10: readers look for 绘本 and 儿童; titles that say so come first."""
    shelf = [
        Document(1, "好饿的毛毛虫", subjects=("绘本", "儿童文学"), popularity=90),
        Document(2, "绘本之力"),
        Document(3, "城南旧事"),
    ]
    results = rebuild(tmp_path, shelf).search("繪本")
    assert [(hit.id, hit.why) for hit in results.hits] == [(2, "prefix"), (1, "subject")]


def test_filters_narrow_and_alone_they_open_a_shelf(index: Index, titles: dict[int, str]) -> None:
    assert {titles[hit.id] for hit in index.search("编程", filters=Filters(clc="TP")).hits} == {
        "Python编程",
        "和孩子一起玩编程",
    }
    shelf = index.search("", filters=Filters(clc="I247"))
    assert [titles[hit.id] for hit in shelf.hits] == ["活着", "三体"]
    assert index.search("三体", filters=Filters(publisher="三联")).total == 0
    assert len(index.search("围城", filters=Filters(publisher="人民文学出版社")).hits[0].editions) == 1
    assert (
        index.search("围城", filters=Filters(year_from=2000)).hits[0].editions != index.search("围城").hits[0].editions
    )
    assert [titles[hit.id] for hit in index.search("", filters=Filters(author="汪曾祺")).hits] == ["人间草木", "受戒"]
    assert {hit.id for hit in index.search("", filters=Filters(ids=frozenset({5, 6}))).hits} == {5, 6}
    assert index.search("飘", filters=Filters(ids=frozenset({6}))).hits == []


@pytest.mark.parametrize(
    "nothing",
    ["", "   ", "！？。…", "😀🎉", "\x00\x01\xff", "\ud800", "\u200b\ufeff", "[]()*?:^~", "༼ つ ◕_◕ ༽つ" * 50],
)
def test_what_says_nothing_is_answered_with_nothing_or_little(index: Index, nothing: str) -> None:
    results = index.search(nothing)
    assert results.total == len(results.hits) <= 1


@pytest.mark.parametrize(
    "huge",
    ["围城" * 50_000, "a" * 100_000, "的" * 100_000, "1" * 100_000, " " * 99_999 + "飘", "\n".join(["三体"] * 9000)],
)
def test_a_hundred_thousand_characters_are_answered_at_once(index: Index, huge: str) -> None:
    started = time.perf_counter()
    index.search(huge)
    assert time.perf_counter() - started < 0.5


def test_a_search_of_an_empty_index_finds_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert rebuild(tmp_path_factory.mktemp("none"), []).search("围城").hits == []
