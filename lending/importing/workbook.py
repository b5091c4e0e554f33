"""XLSX read row by row; every sheet that has a column of titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from lending.importing.columns import fields_of
from lending.importing.problems import ImportRefused, Place, Problem
from lending.importing.records import Record
from lending.importing.source import Source
from lending.importing.tables import HEADER_WITHIN, row_record

Rows = Iterator[tuple[int, list[str]]]
MOST_ROWS = 1_048_576  # of a sheet; a row that says it stands further down would be filled up to with empty ones
LARGE, DENSE = 100_000_000, 100  # bytes; times: a table of the same row over and over is packed some tenfold


def read_workbook(source: Source) -> Iterator[Record | Problem]:
    """Every row of every sheet with a header. Raises ImportRefused when the file is no workbook or has no titles."""
    import openpyxl  # heavy, and few files are workbooks

    with source.open() as file:
        _look_inside(file)
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except Exception as error:  # openpyxl raises what it pleases on a broken file
            raise ImportRefused("broken_workbook") from error
        headings: list[str] = []
        readable = False
        for sheet in book.worksheets:
            rows = _rows(sheet)
            fields, seen = _header(rows)
            headings = headings or seen
            readable = readable or bool(fields)
            if fields:
                yield from _records(rows, fields, sheet.title)
        if not readable:
            raise ImportRefused("no_title_column", header=" | ".join(headings)[:80])


def _look_inside(file: IO[bytes]) -> None:
    """Refuse what unpacks to far more than a table could, before it does. Raises ImportRefused."""
    try:
        parts = ZipFile(file).infolist()
    except (BadZipFile, OSError, ValueError) as error:
        raise ImportRefused("broken_workbook") from error
    if any(part.file_size > max(LARGE, DENSE * part.compress_size) for part in parts):
        raise ImportRefused("swollen_workbook")


def _rows(sheet: Any) -> Rows:
    """Numbered rows as texts; a sheet that breaks off raises BrokenSheet at the row."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # some programs write a wrong size into the file
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MOST_ROWS:
                raise ValueError(number)
            yield number, [_text(value) for value in row]
    except Exception as error:  # a damaged sheet ends where the damage begins
        raise BrokenSheet(number + 1) from error


class BrokenSheet(Exception):
    """The sheet cannot be read from that row on."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _header(rows: Rows) -> tuple[list[str], list[str]]:
    """The fields of the header's columns (empty when there is none within the first rows), and the first row seen."""
    first: list[str] = []
    try:
        for _, cells in islice(((number, cells) for number, cells in rows if any(cells)), HEADER_WITHIN):
            first = first or [cell for cell in cells if cell]
            if fields := fields_of(cells):
                return fields, first
    except BrokenSheet as error:
        raise ImportRefused("broken_workbook") from error
    return [], first


def _records(rows: Rows, fields: list[str], sheet: str) -> Iterator[Record | Problem]:
    above: Record | Problem | None = None
    try:
        for number, cells in rows:
            if any(cell.strip() for cell in cells):
                padded = cells + [""] * (len(fields) - len(cells))
                found = row_record(fields, padded, Place(line=number, sheet=sheet))
                if isinstance(found, Problem) and found.reason == "no_title" and above is not None:
                    found = replace(found, reason="merged_title")  # only the first row of merged cells has the words
                yield found
                above = found
    except BrokenSheet as error:
        yield Problem(Place(line=error.line, sheet=sheet), "truncated")
