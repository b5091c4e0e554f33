"""How the index lies on disk: Whoosh's segments, columns and term dictionary, with postings as plain runs of numbers.

Whoosh's own posting blocks are pickled and zipped 128 at a time and read one document at a time. Our fields know only
"occurs", so a list of documents is stored as it is used: 32-bit numbers that a query maps straight from the file.
"""

from __future__ import annotations

import secrets
import struct
from array import array
from collections.abc import Iterable, Iterator
from typing import Any
from zlib import crc32

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3Segment, W3TermInfo, W3TermsReader
from whoosh.filedb.filetables import HashWriter
from whoosh.matching import ListMatcher
from whoosh.reading import TermNotFound
from whoosh.system import pack_ushort

_ONE = struct.Struct("<I")  # the single document of a rare term, kept beside the term
_RUN = struct.Struct("<QI")  # where a longer list starts in the postings file, and how many documents it has
_LENGTHS = struct.Struct("!ii")  # of a key and its value, as HashReader expects them
_CRC = 1  # Whoosh's number for the cheap hash

Grouped = Iterable[tuple[str, bytes, "array[int]"]]


class TitleSegment(W3Segment):
    """A segment that also carries, durable with the commit, the highest document revision and what proves it whole.

    `posted` is the size of its postings, `sums` the checksums of its files, `signed` one over itself (see seals.py).
    """

    revision: int = 0
    posted: int = 0
    signed: int = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sums: dict[str, int] = {}


class TitleCodec(W3Codec):
    """Whoosh's third codec with our postings."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> TitleSegment:
        """Named by the system's randomness: Whoosh would use `random`, which a seeded process repeats."""
        return TitleSegment(self, indexname, segid=secrets.token_hex(8))

    def field_writer(self, storage: Any, segment: Any) -> PostingWriter:
        """See W3Codec."""
        return PostingWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> PostingReader:
        """See W3Codec."""
        name = segment.make_filename(W3Codec.TERMS_EXT)
        if storage.file_length(segment.make_filename(W3Codec.POSTS_EXT)) != segment.posted:
            raise OSError(f"the postings of {name} are not as long as they were written")
        postings = segment.open_file(storage, W3Codec.POSTS_EXT)
        return PostingReader(self, storage.open_file(name), storage.file_length(name), postings)


class _Bucket:
    """(hash, position) pairs of one of the dictionary's 256 tables, 16 bytes each instead of a tuple of objects."""

    def __init__(self) -> None:
        self._flat = array("Q")

    def append(self, pair: tuple[int, int]) -> None:
        self._flat.extend(pair)

    def __len__(self) -> int:
        return len(self._flat) // 2

    def __iter__(self) -> Iterator[tuple[int, int]]:
        flat = iter(self._flat)
        return zip(flat, flat, strict=True)


class PostingWriter(W3FieldWriter):
    """Writes each term with all its documents at once."""

    def __init__(self, codec: TitleCodec, storage: Any, segment: Any) -> None:
        super().__init__(codec, storage, segment)
        file = self._tindex.dbfile
        file.seek(0)  # the kind of hash stands in the header, which is written already: begin again
        HashWriter.__init__(self._tindex, file, hashtype=_CRC)
        self._tindex.buckets = [_Bucket() for _ in range(256)]
        self._tindex.extras["fieldmap"] = self._fieldmap

    def add_postings(self, schema: Any, lengths: Any, items: Grouped) -> None:
        """`items` come in the order of (field, term), the documents of a term ascending.

        Does what the dictionary's own `add` does, without asking the file for its position at every term.
        """
        fields, index, postings = self._fieldmap, self._tindex, self._postfile
        file, buckets, places = index.dbfile, index.buckets, array("q")
        where, listed = file.tell(), postings.tell()
        for field, term, documents in items:
            key = pack_ushort(fields.setdefault(field, len(fields))) + term
            if len(documents) == 1:
                value = _ONE.pack(documents[0])
            else:
                value = _RUN.pack(listed, len(documents))
                data = documents.tobytes()
                postings.write(data)
                listed += len(data)
            hashed = crc32(key)
            buckets[hashed & 255].append((hashed, where))
            places.append(where)
            file.write(_LENGTHS.pack(len(key), len(value)) + key + value)
            where += _LENGTHS.size + len(key) + len(value)
        index.index.array = places
        self._segment.posted = listed


class PostingReader(W3TermsReader):
    """Reads what PostingWriter wrote; positional reads only, so threads may share it."""

    def count(self, field: str, term: bytes) -> int:
        """In how many documents of this segment the term stands (deleted ones included)."""
        value = self._tindex.get(self._keycoder(field, term))
        return 0 if value is None else self._size(value)

    def documents(self, field: str, term: bytes) -> array[int]:
        """The segment's numbers of the documents that hold the term, ascending; empty when none does."""
        value = self._tindex.get(self._keycoder(field, term))
        return array("I") if value is None else self._read(value)

    def prefixed(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, array[int]]]:
        """Every term that starts with `prefix`, in order, with its documents."""
        start = self._keycoder(field, prefix)
        for stored, value in self._tindex.items_from(start):
            if not stored.startswith(start):
                return
            yield bytes(stored[2:]), self._read(value)

    def _size(self, value: bytes) -> int:
        return 1 if len(value) == _ONE.size else int(_RUN.unpack(value)[1])

    def _read(self, value: bytes) -> array[int]:
        if len(value) == _ONE.size:
            return array("I", _ONE.unpack(value))
        where, size = _RUN.unpack(value)
        documents = array("I")
        documents.frombytes(self._postfile.get(where, size * documents.itemsize))
        return documents

    def term_info(self, fieldname: str, tbytes: bytes) -> W3TermInfo:
        """See W3TermsReader; Whoosh asks this when it merges segments."""
        documents = self.documents(fieldname, tbytes)
        if not documents:
            raise TermNotFound(f"No term {fieldname}:{tbytes!r}")
        info = W3TermInfo()
        info._df, info._weight, info._minid, info._maxid = len(documents), len(documents), documents[0], documents[-1]
        return info

    def frequency(self, fieldname: str, tbytes: bytes) -> int:
        """See W3TermsReader."""
        return self.count(fieldname, tbytes)

    doc_frequency = frequency

    def matcher(self, fieldname: str, tbytes: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """See W3TermsReader."""
        return ListMatcher(self.documents(fieldname, tbytes), format=format_, scorer=scorer)
