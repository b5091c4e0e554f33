"""ISO 2709, the exchange format of MARC: cut at 0x1D and read record by record, so that one bad record spoils no other.

The directory's lengths are often wrong in real files; the separators decide, the directory only names the fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO

from lending.importing.marc import Field, record_of
from lending.importing.marc8 import marc8_text
from lending.importing.problems import Place, Problem
from lending.importing.records import Record
from lending.importing.source import Source

Decoder = Callable[[bytes], str]
RECORD_END, FIELD_END, SUBFIELD = b"\x1d", b"\x1e", b"\x1f"
CHUNK = 1 << 16
LONGEST = 1 << 20
BETWEEN = b"\r\n\x00\x1a \t"
PAIRS = re.compile(rb"(?:[\x81-\xfe][\xa1-\xfe])+")


def read_iso2709(source: Source) -> Iterator[Record | Problem]:
    """Every record, or what is wrong with it and the byte it begins at."""
    with source.open() as file:
        for number, (offset, raw, whole) in enumerate(_raw_records(file), 1):
            place = Place(record=number, offset=offset)
            if not whole:
                reason = "truncated" if len(raw) <= LONGEST else "record_too_long"
                yield Problem(place, reason, {"limit": LONGEST}, raw[:80].decode("ascii", "replace"))
            else:
                yield _record(raw, place)


def _raw_records(file: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """(offset, bytes without 0x1D, is it whole); a record that never ends is given once and skipped."""
    buffer, offset, skipping = b"", 0, False
    while True:
        chunk = file.read(CHUNK)
        buffer += chunk
        *whole, buffer = buffer.split(RECORD_END)
        for raw in whole:
            stripped = raw.lstrip(BETWEEN)
            if stripped and not skipping:
                yield offset + len(raw) - len(stripped), stripped, True
            skipping = False
            offset += len(raw) + 1
        if len(buffer) > LONGEST:
            if not skipping:
                yield offset, buffer, False
            skipping, offset, buffer = True, offset + len(buffer), b""
        if not chunk:
            if buffer.strip(BETWEEN) and not skipping:
                yield offset, buffer.strip(BETWEEN), False
            return


def _record(raw: bytes, place: Place) -> Record | Problem:
    fields = _fields(raw)
    if not fields:
        return Problem(place, "bad_record", {}, raw[:80].decode("ascii", "replace"))
    decode = _decoder(raw, {tag for tag, _ in fields})
    return record_of([_field(tag, data, decode) for tag, data in fields], place)


def _fields(raw: bytes) -> list[tuple[str, bytes]]:
    """Tag and bytes of each field; empty when the record has no directory that names its fields."""
    directory, *parts = raw[24:].split(FIELD_END)
    if parts and not parts[-1].strip(BETWEEN):
        parts.pop()
    entries = [directory[at : at + 12] for at in range(0, len(directory), 12)]
    if not entries or len(entries) != len(parts) or not all(len(entry) == 12 for entry in entries):
        return []
    if all(entry[7:].isdigit() for entry in entries):  # the fields may stand in another order than the directory's
        entries.sort(key=lambda entry: int(entry[7:]))
    return [(entry[:3].decode("ascii", "replace"), part) for entry, part in zip(entries, parts, strict=True)]


def _field(tag: str, data: bytes, decode: Decoder) -> Field:
    """Subfields are decoded one by one: MARC-8 forgets its character set at each."""
    if tag < "010" or SUBFIELD not in data:
        return Field(tag, data=decode(data))
    parts = [part for part in data.split(SUBFIELD)[1:] if part]
    return Field(tag, subfields=tuple((chr(part[0]), decode(part[1:])) for part in parts))


def _utf8(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _gb18030(data: bytes) -> str:
    return data.decode("gb18030", "replace")


def _decoder(raw: bytes, tags: set[str]) -> Decoder:
    """How this record's bytes become text. The leader only counts for MARC21; CNMARC leaves it blank."""
    marc21 = "245" in tags and "200" not in tags
    if marc21 and raw[9:10] == b" " and b"\x1b" in raw:
        return marc8_text
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _utf8
    if marc21 and raw[9:10] == b"a":
        return _utf8
    high = sum(byte > 0x7F for byte in raw)
    paired = sum(len(run) for run in PAIRS.findall(raw))
    return marc8_text if marc21 and paired * 2 < high else _gb18030
