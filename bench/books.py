"""The measuring catalogue: a gzip file of JSON lines, named by the first argument or SHUXIN_BOOKS; not kept here."""

from __future__ import annotations

import gzip
import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from search.document import Document

_FAMOUS = 800_000  # ratings of the best-known book: popularity 100


def path() -> Path:
    """Where the file is, or an end with a clear line."""
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SHUXIN_BOOKS", "")
    if not named or not Path(named).is_file():
        sys.exit(
            "Name a books.jsonl.gz as the argument or in SHUXIN_BOOKS "
            "(one JSON object a line: title, authors, publisher, year, isbn, ratings_count)."
        )
    return Path(named)


def documents(books: Path) -> Iterator[Document]:
    """Each line as the index wants it; the line number is the id."""
    with gzip.open(books, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            yield _document(number, json.loads(line))


def _document(number: int, row: dict[str, Any]) -> Document:
    fame = math.log1p(row.get("ratings_count", 0)) / math.log1p(_FAMOUS)
    return Document(
        number,
        row["title"],
        subtitle=row.get("subtitle", ""),
        authors=tuple(row.get("authors", ())),
        translators=tuple(row.get("translators", ())),
        publisher=row.get("publisher", ""),
        year=row.get("year"),
        isbn=row.get("isbn", ""),
        clc=row.get("clc", ""),
        popularity=min(100, round(100 * fame)),
        revision=number,
    )
