"""CSV and TSV as they are: any delimiter, stray carriage returns, NULs, quotes that never close, shifted columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import IO

from lending.importing.columns import field_of, fields_of
from lending.importing.problems import ImportRefused, Place, Problem
from lending.importing.records import Record
from lending.importing.rows import record_of
from lending.importing.source import Source

DELIMITERS = (",", "\t", ";", "|", "，")
HEADER_WITHIN = 10  # lines with something in them, the header among them: a library's name, a date of export
EMPTY = "".join(DELIMITERS) + " \t\ufeff"  # what a line without any cell is made of
LONGEST_LINE = 1 << 20  # signs; one without end is read in pieces, which are no rows
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"))  # of formulas
CELL_LINES = 40  # a quoted cell may run over as many lines; more means the quote is a stray one

Lines = Iterator[tuple[int, str]]


def read_table(source: Source) -> Iterator[Record | Problem]:
    """Every row below the header as a record or a problem."""
    encoding = source.encoding()
    newline = _newline(source.head(), encoding)
    with source.open() as file:
        lines = _lines(file, encoding, newline)
        top = list(islice((one for one in lines if one[1].strip(EMPTY)), HEADER_WITHIN))
        at, delimiter, fields = _header(top)
        rest = chain(top[at + 1 :], lines)
        for number, cells in _rows(rest, delimiter, len(fields)):
            if any(cell.strip() for cell in cells):
                yield row_record(fields, cells, Place(line=number))


def _lines(file: IO[bytes], encoding: str, newline: str) -> Lines:
    """Numbered lines without their ends; NULs and stray carriage returns are gone."""
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE), ""), 1):
        yield number, line.rstrip("\r\n").replace("\x00", "").replace("\r", " ")


def _newline(head: bytes, encoding: str) -> str:
    """Lines end at LF alone, so that a stray CR breaks nothing; only a file without any LF is one of CRs."""
    text = head.decode(encoding, "replace")
    return "\r" if "\n" not in text and "\r" in text else "\n"


def _header(top: list[tuple[int, str]]) -> tuple[int, str, list[str]]:
    """Which line is the header, its delimiter, and the fields of its columns. Raises ImportRefused."""
    best: tuple[int, int, str, list[str]] = (0, 0, "", [])
    for last, line in _whole(top):
        for delimiter in DELIMITERS:
            fields = fields_of(split(line.lstrip("\ufeff"), delimiter))
            known = sum(bool(field) for field in fields)
            if known > best[0]:
                best = (known, last, delimiter, fields)
    if not best[0]:
        raise ImportRefused("no_title_column", header=top[0][1].strip()[:80] if top else "")
    return best[1:]


def _whole(top: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Each of these lines as a row, with the place where it ends: a quoted heading may hold line ends."""
    for at, (_, line) in enumerate(top):
        taken = _closing(line, top[at + 1 :], iter(())) if line.count('"') % 2 else 0
        yield at + taken, "\n".join(text for _, text in top[at : at + taken + 1])


def split(line: str, delimiter: str) -> list[str]:
    """The cells of one whole row."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _rows(lines: Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin at; a quoted cell may hold line ends."""
    waiting: list[tuple[int, str]] = []
    while True:
        number, line = waiting.pop(0) if waiting else next(lines, (0, ""))
        if not number:
            return
        if line.count('"') % 2 == 0:
            yield number, split(line, delimiter)
            continue
        taken = _closing(line, waiting, lines)
        cells = split("\n".join([line, *(text for _, text in waiting[:taken])]), delimiter) if taken else []
        if len(cells) == width:
            del waiting[:taken]
            yield number, cells
        else:  # a stray quote: the line stands alone and the quote is an ordinary sign
            yield number, line.split(delimiter)


def _closing(line: str, waiting: list[tuple[int, str]], lines: Lines) -> int:
    """How many of the next lines belong to the row until its quotes are even; 0 when they never are."""
    quotes = line.count('"')
    for at in range(CELL_LINES):
        if at == len(waiting):
            waiting.extend(islice(lines, 1))
        if at == len(waiting):
            return 0
        quotes += waiting[at][1].count('"')
        if quotes % 2 == 0:
            return at + 1
    return 0


def row_record(fields: list[str], cells: list[str], place: Place) -> Record | Problem:
    """A record from a row's cells under the header's fields; a row with too many cells has slipped and stays out."""
    facts = {"found": len(cells), "expected": len(fields)}
    if any(cell.strip() for cell in cells[len(fields) :]):
        return Problem(place, "columns", facts, " | ".join(cells))
    found: dict[str, str] = {}
    warnings: list[Problem] = []
    for field, cell in zip(fields, cells, strict=False):
        if field and cell in ERRORS:
            warnings.append(Problem(place, "error_cell", {"value": cell}))
        elif field and cell and not found.get(field):
            found[field] = cell
    if len(found) > 1 and all(field_of(cell) == field for field, cell in found.items()):
        return Problem(place, "header_again")
    if "barcode" in fields:  # one row a copy: the row's number is not the title's
        found.pop("id", None)
    record = record_of(found, place)
    if isinstance(record, Problem):
        return record
    if len(cells) < len(fields):
        warnings.append(Problem(place, "short_row", facts, record.entry.title))
    return Record(place, record.entry, record.copies, (*record.warnings, *warnings))
