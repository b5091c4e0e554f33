"""The file itself: unzipped if need be, its format told by its first bytes, its place known for progress."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lending.importing.problems import ImportRefused

PEEK = 65_536
CHUNK = 1 << 20
BLANK = b"\x00\x1a \t\r\n\xef\xbb\xbf"  # what may stand before the first line: byte order mark, spaces, empty lines
ISO_2709 = re.compile(rb"^[\s\x00\x1a]*\d{5}[\x20-\x7e]{19}(?:[0-9A-Za-z]{3}[\d ]{9})*")
ARRAY = re.compile(rb"\[\s*[{\[]")  # and not a heading in brackets
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class _Unzipped(io.RawIOBase):
    """The inside of a gzip; one that is cut or damaged simply ends there, and the source knows."""

    def __init__(self, raw: IO[bytes], source: Source) -> None:
        self._file = gzip.GzipFile(fileobj=raw)
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._file.read1(len(buffer))
        except (EOFError, OSError, zlib.error):
            self._source.cut = True
            return 0
        buffer[: len(found)] = found
        return len(found)


class Source:
    """A file to be read from its beginning, and how much of it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.size = self._size()
        self._raw: IO[bytes] | None = None
        self._furthest = 0.0
        self.cut = False  # has a gzip turned out to be cut or damaged? What came before it has been read

    def _size(self) -> int:
        if not self.path.exists():
            raise ImportRefused("no_file")
        if self.path.is_dir():
            raise ImportRefused("directory")
        size = self.path.stat().st_size
        if size == 0:
            raise ImportRefused("empty_file")
        return size

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes for the one reading that counts as progress."""
        with self._unzipped() as file:
            yield file
        self._furthest = 1.0

    @contextmanager
    def _unzipped(self) -> Iterator[IO[bytes]]:
        try:
            raw = self.path.open("rb")
        except OSError as error:
            raise ImportRefused("unreadable", detail=error.strerror or str(error)) from error
        with raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            self._raw = raw
            yield io.BufferedReader(_Unzipped(raw, self), CHUNK) if zipped else raw

    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1; never goes back."""
        if self._raw is not None and not self._raw.closed:
            self._furthest = max(self._furthest, min(1.0, self._raw.tell() / self.size))
        return self._furthest

    def head(self) -> bytes:
        """The first bytes, unzipped; of a file that begins with very many empty lines, those where something stands."""
        with self._unzipped() as file:
            head = more = file.read(PEEK)
            while more and not head.strip(BLANK):
                head = more = file.read(PEEK)
        if self.cut and not head:
            raise ImportRefused("unreadable", detail="gzip")
        return head

    def kind(self) -> str:
        """'xlsx', 'iso2709', 'xml', 'jsonl' or 'table'; raises ImportRefused for what is none of them."""
        head = self.head()
        if not head.strip(BLANK):
            raise ImportRefused("empty_file")
        if head.startswith(b"PK\x03\x04"):
            return "xlsx"
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise ImportRefused("old_xls")
        if ISO_2709.match(head) and b"\x1e" in head:
            return "iso2709"
        start = _readable(head)
        if start.startswith(b"<"):
            return "xml"
        if start.startswith(b"{") or ARRAY.match(start):
            return "jsonl"
        if _binary(head):
            raise ImportRefused("binary")
        return "table"

    def encoding(self) -> str:
        """By its mark, else UTF-8 if (nearly) all of it is, else GB18030. A cut or damaged place does not decide."""
        with self._unzipped() as file:
            head = file.read(4)
            for mark, name in BOMS:
                if head.startswith(mark):
                    return name
            good, bad = _utf8_counts(head, file)
        return "utf-8" if bad * 10 <= good else "gb18030"


def _readable(head: bytes) -> bytes:
    """The beginning without byte order mark and space, UTF-16 as UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def _utf8_counts(head: bytes, file: IO[bytes]) -> tuple[int, int]:
    """Characters beyond ASCII that are right in UTF-8, and places that are wrong."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    chunk = head
    while chunk:
        if not chunk.isascii() or bad:
            text = decoder.decode(chunk)
            wrong = text.count("\ufffd")
            bad += wrong
            good += sum(1 for sign in text if sign > "\x7f") - wrong
        chunk = file.read(CHUNK)
    return good, bad


def _binary(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    control = sum(head.count(byte) for byte in range(32) if byte not in b"\t\r\n\x1a\x1e\x1f\x00")
    return control * 50 > len(head) or head.count(0) * 10 > len(head)
