"""What readers type, and the title that must come first (B6: the queries on which plain Whoosh and jieba failed)."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.index import Index

_LINES = (Path(__file__).parent / "judged.tsv").read_text(encoding="utf-8").splitlines()[1:]
JUDGED = [tuple(line.split("\t")) for line in _LINES]


@pytest.mark.parametrize(("typed", "wanted"), JUDGED)
def test_the_title_that_was_meant_comes_first(index: Index, titles: dict[int, str], typed: str, wanted: str) -> None:
    """B6."""
    results = index.search(typed)
    assert [titles[hit.id] for hit in results.hits[:1]] == [wanted]
