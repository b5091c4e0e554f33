"""The peers that finding is measured against: SQLite FTS5 and tantivy, both over jieba's words, ranked by their bm25.

tantivy is no part of the service: `pip install -r bench/requirements.txt` brings it; without it,
its column is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from search import analysis
from search.document import Document

tantivy: Any = import_module("tantivy") if find_spec("tantivy") else None

Ask = Callable[[str], list[int]]
MOST = 10


def peers(documents: list[Document]) -> dict[str, Ask]:
    """Each peer by name, filled with the documents."""
    found = {"SQLite FTS5 + jieba": fts5(documents)}
    if tantivy is not None:
        found["tantivy + jieba"] = in_rust(documents)
    return found


def _texts(documents: list[Document]) -> Iterator[tuple[int, str]]:
    for document in documents:
        text = f"{document.title} {' '.join(document.authors)} {document.isbn}"
        yield document.id, " ".join(analysis.words(analysis.normalise(text)))


def fts5(documents: list[Document]) -> Ask:
    """SQLite's own full text search, in memory."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("create virtual table titles using fts5(text)")
    database.executemany("insert into titles (rowid, text) values (?, ?)", _texts(documents))
    match = f"select rowid from titles where text match ? order by rank limit {MOST}"

    def ask(text: str) -> list[int]:
        words = " ".join(f'"{word}"' for word in analysis.words(analysis.normalise(text)))
        return [row[0] for row in database.execute(match, (words,))] if words else []

    return ask


def in_rust(documents: list[Document]) -> Ask:
    """tantivy, in memory; the words of a question are joined by AND, as FTS5 does."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace")
    builder.add_integer_field("id", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(64_000_000, 1)
    for number, text in _texts(documents):
        writer.add_document(tantivy.Document(text=text, id=number))
    writer.commit()
    index.reload()
    searcher, schema = index.searcher(), index.schema

    def ask(text: str) -> list[int]:
        words = analysis.words(analysis.normalise(text))
        terms = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "text", word)) for word in words]
        if not terms:
            return []
        hits = searcher.search(tantivy.Query.boolean_query(terms), MOST).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return ask
