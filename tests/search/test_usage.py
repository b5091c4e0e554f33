"""Counting what is searched, opened and missed: by the day, spellings together, nobody named (A11, A2-R, F-11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lending.database import Store
from search import usage

DAY = date(2026, 11, 20)


def test_spellings_of_a_query_count_together_by_the_day(store: Store) -> None:
    with store.writing() as db:
        for query in ("东野圭吾", "東野 圭吾", " 东野圭吾 ", "Python 编程", "python编程"):
            assert usage.record(db, "search", query, DAY)
        usage.record(db, "search", "东野圭吾", DAY - timedelta(days=1))
    assert usage.top(store.db, "search", DAY, DAY) == [("东野圭吾", 3), ("python编程", 2)]
    assert usage.top(store.db, "search", DAY - timedelta(days=1), DAY, limit=1) == [("东野圭吾", 4)]
    assert usage.top(store.db, "search", DAY - timedelta(days=1), DAY, least=3) == [("东野圭吾", 4)]


def test_kinds_are_kept_apart(store: Store) -> None:
    with store.writing() as db:
        usage.record(db, "click", "1234567", DAY)
        usage.record(db, "miss", "没有的书", DAY)
    assert usage.top(store.db, "click", DAY, DAY) == [("1234567", 1)]
    assert usage.top(store.db, "miss", DAY, DAY) == [("没有的书", 1)]
    assert usage.top(store.db, "search", DAY, DAY) == []


@pytest.mark.parametrize(
    "query",
    ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１", "张三 zhang@example.com", "张三＠例子",
     "9787020024759", "我叫张三住在文一西路想找一本上个月在你们城东馆看到过的讲怎么跟孩子说话的书封面是蓝色的",
     "!!!", ""],
)  # fmt: skip
def test_what_may_name_a_person_is_not_kept(store: Store, query: str) -> None:
    with store.writing() as db:
        assert not usage.record(db, "search", query, DAY)
        assert not usage.record(db, "miss", query, DAY)
    assert store.db.value("SELECT COUNT(*) FROM usage_counts") == 0


@pytest.mark.parametrize("line", ["我的书围城缺一页", "我叫李小明", "my name is smith", "咱家的书丢了"])
def test_a_miss_in_the_first_person_is_not_kept_but_a_title_found_is(store: Store, line: str) -> None:
    with store.writing() as db:
        assert not usage.record(db, "miss", line, DAY)
        assert line.count("我的书") == 0 or not usage.record(db, "search", line, DAY)
        assert usage.record(db, "search", "我们仨", DAY) and usage.record(db, "miss", "他们最幸福", DAY)


def test_latin_words_stay_apart_and_years_are_no_numbers(store: Store) -> None:
    with store.writing() as db:
        usage.record(db, "search", "The Old  Man", DAY)
        usage.record(db, "search", "1984", DAY)
    assert dict(usage.top(store.db, "search", DAY, DAY)) == {"the old man": 1, "1984": 1}
