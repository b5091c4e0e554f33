"""Narrowing lists: a publisher's spellings stand together (A7-5), and a branch's part of a great class is quick."""

from __future__ import annotations

import pytest

from bot import filter_words
from lending import catalogue, selection
from lending.catalogue import CopyEntry
from lending.database import Store
from lending.points import PointEntry, store_points
from lending.selection import Filters, Scope, Selected
from lending.stock import TitleEntry, store_titles
from search import forms

SANLIAN = ("生活·读书·新知三联书店", "三联书店", "北京：三联书店", "生活.读书.新知三联书店")
HOUSES = (*SANLIAN, SANLIAN[0], "上海三联书店", "译林出版社", "")


@pytest.fixture(autouse=True)
def _shelf(store: Store) -> None:
    """A title of each house, as catalogues write them, each at one of two branches."""
    with store.writing() as db:
        titles = [TitleEntry(f"书{n}", publisher=house, clc="I247.5", popularity=n) for n, house in enumerate(HOUSES)]
        ids = store_titles(db, titles).ids
        store_points(db, [PointEntry("zx", "branch", "中心馆"), PointEntry("tq", "branch", "听泉馆")])
        first, other = (point.id for point in catalogue.points(db))
        catalogue.store_copies(db, [CopyEntry(f"B{n}", n, other if n % 3 else first) for n in ids])


def _houses(store: Store) -> list[Filters]:
    found = selection.options(store.db, Scope(), Filters(), "publisher", forms.publisher)
    assert [option.n for option in found] == [5, 1, 1]
    return [option.filters for option in found]


def test_the_spellings_of_a_publisher_are_one_choice_under_the_commonest(store: Store) -> None:
    sanlian = _houses(store)[0]
    assert sanlian.publisher == SANLIAN[0] and set(sanlian.spellings) == set(SANLIAN[1:])
    assert selection.select(store.db, Scope(), sanlian).total == 5
    assert selection.select(store.db, Scope(ids=(1, 2, 3, 6, 7)), sanlian) == Selected([1, 2, 3], 3)
    assert Filters.of(sanlian.as_facts()) == sanlian
    assert selection.cleared(sanlian, "publisher") == Filters()


@pytest.mark.parametrize("said", ["只看三联", "三联书店的", "生活·读书·新知三联书店的", "只看北京三联书店"])
def test_asked_for_by_any_of_its_names_a_publisher_brings_all_its_spellings(store: Store, said: str) -> None:
    heard = filter_words.heard(said, Filters(), (), lambda: _houses(store), list, 2026)
    assert heard is not None and selection.select(store.db, Scope(), heard).total == 5


@pytest.mark.parametrize(
    ("words", "found"),
    [("三联", [5]), ("新知三联", [5]), ("三联书", [5, 1]), ("译", [1]), ("上海三联", [1]), ("火星", [])],
)
def test_words_find_the_very_house_or_all_that_hold_them(store: Store, words: str, found: list[int]) -> None:
    houses = selection.publishers_like(store.db, words, forms.publisher)
    assert [selection.select(store.db, Scope(), house).total for house in houses] == found


def test_a_narrowed_class_is_counted_and_shown_best_known_first(store: Store) -> None:
    literature, first = Scope(prefixes=("I",)), Filters(point_id=1)
    assert selection.select(store.db, literature, first) == Selected([6, 3], 2)
    assert selection.select(store.db, literature, first, 1) == Selected([6], 2)
    assert selection.select(store.db, literature, first, 0) == Selected([], 2)
    assert selection.select(store.db, Scope(prefixes=("K",)), first) == Selected([], 0)


def test_what_a_branch_has_is_read_from_the_index_alone(store: Store) -> None:
    """Of 97,000 titles in a class the copies' rows must not be read one by one, while others wait for their turn."""
    plan = store.db.all(
        "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM titles t WHERE t.withdrawn = 0 AND EXISTS (SELECT 1 FROM copies c "
        "WHERE c.title_id = t.id AND c.state NOT IN ('lost', 'withdrawn') AND c.point_id + 0 = 1)"
    )
    assert any("c USING COVERING INDEX copies_by_title" in row["detail"] for row in plan)
