"""JSON Lines, plain or gzipped: an object a line, its keys named as a table's headings would be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from lending.importing.columns import field_of
from lending.importing.problems import Place, Problem
from lending.importing.records import Record
from lending.importing.rows import record_of
from lending.importing.source import BLANK, Source

LONGEST_LINE = 1 << 20


def read_json_lines(source: Source) -> Iterator[Record | Problem]:
    """Every line as a record or a problem; empty lines are passed over."""
    with source.open() as file:
        for number in count(1):
            line = file.readline(LONGEST_LINE)
            if not line:
                return
            if line.strip(BLANK):
                yield _record(line, Place(line=number))


def _record(line: bytes, place: Place) -> Record | Problem:
    text = _decoded(line).strip("\ufeff\x00\x1a \t\r\n")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Problem(place, "bad_json", {}, text)
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
