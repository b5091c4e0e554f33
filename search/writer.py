"""Writing titles into Whoosh segments: postings gathered by term in bounded memory, then laid down once in order."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, Schema
from whoosh.index import FileIndex, clean_files
from whoosh.writing import SegmentWriter

from search.codec import Grouped, TitleCodec, TitleSegment
from search.seals import seal
from search.terms import FIELDS, Entry

ROW, NUMBER, POPULARITY, YEAR = VarBytesColumn(), NumericColumn("q"), NumericColumn("B"), NumericColumn("h")
SCHEMA = Schema(
    row=COLUMN(ROW),
    number=COLUMN(NUMBER),
    popularity=COLUMN(POPULARITY),
    year=COLUMN(YEAR),
    **{field: ID() for field in FIELDS},
)
_RUN_POSTINGS = 3_000_000  # about 250 MB of gathered postings, then a sorted run goes to a temporary file
_CHUNK = 2_000


class PostingPool:
    """Documents by (field, term). Stands where Whoosh's own pool of single postings stood."""

    def __init__(self, limit: int = _RUN_POSTINGS) -> None:
        self._limit = limit
        self._runs: list[IO[bytes]] = []
        self._start()

    def _start(self) -> None:
        self._held = 0
        self._terms: dict[str, dict[str, array[int]]] = {field: defaultdict(partial(array, "I")) for field in FIELDS}

    def add_document(self, number: int, terms: dict[str, set[str]]) -> None:
        """Numbers ascend from call to call."""
        for field, values in terms.items():
            held = self._terms[field]
            for value in values:
                held[value].append(number)
            self._held += len(values)
        if self._held > self._limit:
            self._spill()

    def add_term(self, field: str, term: str, numbers: array[int]) -> None:
        """A whole list at once, from a segment that is being merged; its numbers follow all earlier ones."""
        self._terms[field][term].extend(numbers)

    def iter_postings(self) -> Iterator[tuple[str, bytes, array[int]]]:
        """(field, term, documents) in the order the dictionary wants."""
        if not self._runs:
            yield from self._sorted()
            return
        self._spill()
        by_term = groupby(merge(*map(_read_run, self._runs), key=itemgetter(0, 1)), key=itemgetter(0, 1))
        for (field, term), parts in by_term:
            documents = array("I")
            for _, _, part in parts:
                documents.extend(part)
            yield field, term, documents

    def cleanup(self) -> None:
        """Forget everything; the temporary files have no name and go with their handles."""
        for run in self._runs:
            run.close()
        self._runs = []
        self._start()

    def _sorted(self) -> Grouped:
        for field in sorted(self._terms):
            terms = self._terms[field]
            for term in sorted(terms):  # code points sort as their UTF-8 does
                yield field, term.encode(), terms[term]

    def _spill(self) -> None:
        run = tempfile.TemporaryFile()  # noqa: SIM115 - stays open until the postings are laid down
        chunk = []
        for item in self._sorted():
            chunk.append(item)
            if len(chunk) == _CHUNK:
                pickle.dump(chunk, run, pickle.HIGHEST_PROTOCOL)
                chunk = []
        pickle.dump(chunk, run, pickle.HIGHEST_PROTOCOL)
        pickle.dump(None, run)
        self._runs.append(run)
        self._start()


def _read_run(run: IO[bytes]) -> Iterator[tuple[str, bytes, array[int]]]:
    run.seek(0)
    while (chunk := pickle.load(run)) is not None:
        yield from chunk


class TitleWriter(SegmentWriter):
    """Whoosh's segment writer, fed with ready entries. One at a time: it holds the index's file lock until it ends."""

    def __init__(self, index: FileIndex, **options: Any) -> None:
        super().__init__(index, codec=TitleCodec(), compound=False, **options)
        self.pool = PostingPool()
        self.revision = max((segment.revision for segment in self.segments), default=0)

    def add(self, entry: Entry) -> None:
        """Add one title to the segment being written."""
        columns = self.perdocwriter
        columns.start_doc(self.docnum)
        columns.add_column_value("row", ROW, entry.row)
        columns.add_column_value("number", NUMBER, entry.id)
        columns.add_column_value("popularity", POPULARITY, entry.popularity)
        columns.add_column_value("year", YEAR, entry.year)
        columns.finish_doc()
        self.pool.add_document(self.docnum, entry.terms)
        self._added = True
        self.docnum += 1

    def finish(self, revision: int) -> None:
        """Commit, with the revision the index then stands at (never going back)."""
        self.revision = max(self.revision, revision)
        for segment in (*self.segments, self.newsegment):
            segment.revision = self.revision
        self.commit()

    def give_up(self) -> None:
        """Take away what was written, wherever it broke off: left there, it would keep a full disk full."""
        for step in (self._close_segment, self._finish, self._clean):
            with suppress(Exception):  # what still waits in a buffer finds no room either
                step()

    def _clean(self) -> None:
        living = FileIndex(self.storage, schema=SCHEMA)._read_toc()
        clean_files(self.storage, self.indexname, living.generation, living.segments)

    def _merge_segments(self, *options: Any) -> list[TitleSegment]:
        """Without those in which nothing is alive; one is kept when there is no other, for it knows the revision."""
        segments: list[TitleSegment] = self.segments
        self.segments: list[TitleSegment] = [segment for segment in segments if segment.doc_count()] or segments[:1]
        merged: list[TitleSegment] = super()._merge_segments(*options)
        return merged

    def _commit_toc(self, segments: list[TitleSegment]) -> None:
        seal(Path(self.storage.folder), segments)
        super()._commit_toc(segments)

    def add_postings_to_pool(self, reader: Any, startdoc: int, docmap: dict[int, int] | None) -> None:
        """Whoosh merges a segment into ours: take its terms over list by list."""
        terms = reader._terms
        for field, term in terms.terms():
            old = terms.documents(field, bytes(term))
            new = (
                [startdoc + number for number in old]
                if docmap is None
                else [docmap[number] for number in old if number in docmap]
            )
            if new:
                self.pool.add_term(field, bytes(term).decode(), array("I", new))


def revision_of(segments: list[TitleSegment]) -> int:
    """The revision that the last commit wrote."""
    return max((segment.revision for segment in segments), default=0)
