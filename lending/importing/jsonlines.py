"""JSON Lines, plain or gzipped: an object a line, its keys named as a table's headings would be; or one array."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from lending.importing.columns import field_of
from lending.importing.problems import ImportRefused, Place, Problem
from lending.importing.records import Record
from lending.importing.rows import record_of
from lending.importing.source import BLANK, Source

LONGEST_LINE = 1 << 20
LARGEST = 64 << 20  # bytes of a file that is read whole
SPACE = "\ufeff\x00\x1a \t\r\n"
BETWEEN = SPACE + "[,]"  # what parts the objects of an array, or stands around them
BEFORE = re.compile(f"[{re.escape(BETWEEN)}]*")


def read_json_lines(source: Source) -> Iterator[Record | Problem]:
    """Every object as a record or a problem: one a line, or all in one array, or each printed over many lines.

    Raises ImportRefused for what is no lines and too large to be held whole.
    """
    with source.open() as file:
        first = file.readline(LONGEST_LINE)
        while first and not first.strip(BLANK):
            first = file.readline(LONGEST_LINE)
    if not _stands_alone(first):
        with source.open() as file:
            whole = file.read(LARGEST + 1)
        text = whole.decode(source.encoding(), "replace") if len(whole) <= LARGEST else ""
        if not text and first.lstrip(BLANK).startswith(b"["):
            raise ImportRefused("big_json")
        if text and _next(text, 0) is not None:
            yield from _one_after_another(text)
            return
    with source.open() as file:
        for number in count(1):
            line = file.readline(LONGEST_LINE)
            if not line:
                return
            if line.strip(BLANK):
                yield _record(line, Place(line=number))


def _stands_alone(line: bytes) -> bool:
    try:
        return isinstance(json.loads(_decoded(line).strip(SPACE)), dict)
    except (ValueError, RecursionError):
        return False


def _one_after_another(text: str) -> Iterator[Record | Problem]:
    """The objects of an array, or those that stand one below the other; what is broken ends it."""
    at = line = 0
    while found := _next(text, at):
        value, begins, ends = found
        line += text.count("\n", at, begins)
        yield _of_value(value, Place(line=line + 1), text[begins:ends])
        line += text.count("\n", begins, ends)
        at = ends
    if rest := text[at:].strip(BETWEEN):
        yield Problem(Place(line=line + 1), "bad_json", {}, rest[:80])


def _next(text: str, at: int) -> tuple[Any, int, int] | None:
    """The next value behind what parts them, where it begins and ends; None where there is none."""
    begins = BEFORE.match(text, at)
    try:
        value, ends = json.JSONDecoder().raw_decode(text, begins.end() if begins else at)
    except (ValueError, RecursionError):
        return None
    return value, begins.end() if begins else at, ends


def _record(line: bytes, place: Place) -> Record | Problem:
    text = _decoded(line).strip(SPACE)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Problem(place, "bad_json", {}, text)
    return _of_value(found, place, text)


def _of_value(found: Any, place: Place, text: str) -> Record | Problem:
    if not isinstance(found, dict):
        return Problem(place, "not_an_object", {}, text)
    try:
        return record_of(_cells(found), place)
    except RecursionError:  # lists in lists in lists: to be read, but not to be taken apart
        return Problem(place, "bad_json", {}, text)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


def _cells(found: dict[str, Any]) -> dict[str, Any]:
    """The object's values by field, the first of several keys for one field."""
    cells: dict[str, Any] = {}
    for key, value in found.items():
        if key == "copies" and isinstance(value, list):
            cells["copies_list"] = [_cells(one) for one in value if isinstance(one, dict)]
        elif field := field_of(key):
            cells.setdefault(field, value)
    return cells
