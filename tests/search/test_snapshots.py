"""What one commit takes over from the last: a change costs what it changes, not what the index holds."""

from __future__ import annotations

from pathlib import Path

from search.document import Document
from search.index import Index, rebuild

BOOKS = [Document(number, f"第{number}本书", revision=number) for number in range(1, 201)]


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    index = rebuild(tmp_path, BOOKS)
    before = index._snapshot.segments[0]
    index.update([Document(500, "新书", revision=500)], withdrawn=[7])
    after = index._snapshot.segments[0]
    assert after.terms is before.terms
    assert len(after.gone - before.gone) == 1
    assert not before.gone  # who is searching the old snapshot still sees what it saw


def test_few_and_many_ids_are_found_where_they_stand(tmp_path: Path) -> None:
    index = rebuild(tmp_path, BOOKS)
    index.update([Document(7, "换了名字", revision=500)], withdrawn=[8])
    snapshot = index._snapshot
    for ids in ({7}, {1, 7, 8, 200, 999}, set(range(1, 150)), {72057594037927936}, {0}):
        found = {snapshot.row(place).id for place in snapshot.places(ids)}
        assert found == {number for number in ids if 1 <= number <= 200 and number != 8}


def test_another_process_sees_the_same_after_many_commits(tmp_path: Path) -> None:
    index, other = rebuild(tmp_path, BOOKS), Index.open(tmp_path)
    for number in range(300, 330):
        index.update([Document(number, f"补第{number}种", revision=number)], withdrawn=[number - 250])
        other.refresh()
    fresh = Index.open(tmp_path)
    for text in ("补第310种", "第60本书", "第100本书"):
        assert index.search(text).hits == other.search(text).hits == fresh.search(text).hits
    assert index.count == other.count == fresh.count == 200
