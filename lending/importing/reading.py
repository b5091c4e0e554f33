"""Any file of titles, its format told by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lending.importing.iso2709 import read_iso2709
from lending.importing.jsonlines import read_json_lines
from lending.importing.marcxml import read_marcxml
from lending.importing.problems import Place, Problem
from lending.importing.records import Record
from lending.importing.source import Source
from lending.importing.tables import read_table
from lending.importing.workbook import read_workbook

READERS: dict[str, Callable[[Source], Iterator[Record | Problem]]] = {
    "table": read_table,
    "xlsx": read_workbook,
    "jsonl": read_json_lines,
    "iso2709": read_iso2709,
    "xml": read_marcxml,
}


def read(path: Path | Source) -> Iterator[Record | Problem]:
    """Records and problems in the file's order, a few at a time. Raises ImportRefused when nothing can be read."""
    source = path if isinstance(path, Source) else Source(path)
    place = Place()
    for found in READERS[source.kind()](source):
        place = found.place
        yield found
    if source.cut:
        yield Problem(place, "truncated")
