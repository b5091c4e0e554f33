"""The index as it stood at one commit: what a search reads, never changing under it."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from copy import copy
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from whoosh.columns import NumericColumn
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from search.codec import PostingReader, TitleSegment
from search.seals import check
from search.terms import Row, unpack
from search.writer import NUMBER, POPULARITY, ROW, SCHEMA, YEAR, revision_of

_FEW = 64  # ids looked for one by one


class Segment:
    """One of Whoosh's segments with the columns a query needs."""

    def __init__(self, reader: SegmentReader, base: int) -> None:
        self._reader, self.base = reader, base
        self.size: int = reader.doc_count_all()
        self.terms: PostingReader = reader._terms
        self.gone = frozenset(reader.segment().deleted_docs())
        self._rows = self._column("row", ROW)
        self.popularity = self._whole("popularity", POPULARITY)

    def again(self, segment: TitleSegment, base: int) -> Segment:
        """The same files after another commit: what is gone may be more, where it stands another place."""
        later = copy(self)
        later.base, later.gone = base, frozenset(segment.deleted_docs())
        return later

    def _column(self, name: str, column: Any) -> Any:
        return self._reader._perdoc.column_reader(name, column)

    def _whole(self, name: str, column: NumericColumn) -> array[int]:
        """A column of numbers at once (Whoosh reads them one by one, 150 ms for 300,000)."""
        reader = self._column(name, column)
        numbers: array[int] = array(reader._typecode)
        numbers.frombytes(reader._dbfile.get(reader._basepos, reader._count * numbers.itemsize))
        if sys.byteorder == "little":
            numbers.byteswap()
        numbers.extend([0] * (self.size - len(numbers)))  # Whoosh leaves out a tail of defaults
        return numbers

    def documents(self, field: str, term: str) -> array[int] | list[int]:
        """Documents with the term, without those deleted."""
        found = self.terms.documents(field, term.encode())
        return [number for number in found if number not in self.gone] if self.gone else found

    def row(self, number: int) -> Row:
        """All that is known of a document."""
        return unpack(self._rows[number])

    @cached_property
    def numbers(self) -> array[int]:
        """Document ids in the order of the segment."""
        return self._whole("number", NUMBER)

    def places(self, ids: AbstractSet[int]) -> Iterator[int]:
        """Where these document ids stand, without those deleted: a few are looked for in C, many in one pass."""
        if len(ids) > _FEW:
            found = (number for number, held in enumerate(self.numbers) if held in ids)
        else:
            found = (number for wanted in ids for number in self._places(wanted))
        return (number for number in found if number not in self.gone)

    def _places(self, wanted: int) -> Iterator[int]:
        size = self.numbers.itemsize
        pattern, at = array("q", [wanted]).tobytes(), -1
        while (at := self._packed.find(pattern, at + 1)) >= 0:
            if at % size == 0:
                yield at // size

    @cached_property
    def _packed(self) -> bytes:
        return self.numbers.tobytes()

    @cached_property
    def years(self) -> array[int]:
        """Years of publication in the order of the segment, 0 when unknown."""
        return self._whole("year", YEAR)


class Snapshot:
    """All segments of one commit."""

    def __init__(self, index: FileIndex, before: Snapshot | None = None) -> None:
        """What `before` has read already is taken over. Raises OSError and the like when torn."""
        info = index._read_toc()
        known = before._by_name if before else {}
        for segment in info.segments:
            check(Path(index.storage.folder), segment, files=segment.segid not in known)
        self.generation: int = info.generation
        self.revision = revision_of(info.segments)
        bases = accumulate((segment.doc_count_all() for segment in info.segments), initial=0)
        self._by_name: dict[str, Segment] = {
            segment.segid: known[segment.segid].again(segment, base)
            if segment.segid in known
            else Segment(SegmentReader(index.storage, SCHEMA, segment, generation=info.generation), base)
            for segment, base in zip(info.segments, bases, strict=False)
        }
        self.segments = list(self._by_name.values())
        self._bases = [segment.base for segment in self.segments]
        self.count = sum(segment.size - len(segment.gone) for segment in self.segments)

    def count_of(self, field: str, term: str) -> int:
        """In how many documents a term stands, roughly (deleted ones are counted until they are merged away)."""
        return sum(segment.terms.count(field, term.encode()) for segment in self.segments)

    @property
    def popularity(self) -> Callable[[int], int]:
        """Of the title at a place, 0 to 100, without reading the row; asked for thousands, so without a detour."""
        return self._popularity if len(self.segments) > 1 else self.segments[0].popularity.__getitem__

    def _popularity(self, place: int) -> int:
        segment = self._at(place)
        return segment.popularity[place - segment.base]

    def row(self, place: int) -> Row:
        """All that is known of the title at a place."""
        segment = self._at(place)
        return segment.row(place - segment.base)

    def _at(self, place: int) -> Segment:
        return self.segments[bisect_right(self._bases, place) - 1]

    def years(self) -> Iterator[tuple[int, int]]:
        """Each title's year (0 when unknown) and place."""
        for segment in self.segments:
            for number, year in enumerate(segment.years):
                if number not in segment.gone:
                    yield year, segment.base + number

    def places(self, ids: AbstractSet[int]) -> Iterator[int]:
        """Where in the whole index (base + number) these document ids stand."""
        for segment in self.segments:
            for number in segment.places(ids):
                yield segment.base + number
