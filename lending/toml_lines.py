"""Where in a TOML text a key stands, so that a wrong rule is refused with its line; `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"\s*([A-Za-z0-9_\-\"']+(?:\s*\.\s*[A-Za-z0-9_\-\"']+)*)\s*=(.*)$")
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


def lines(text: str) -> dict[Path, int]:
    """Each table's, key's and list item's first line, by path: ("ladder", "steps", 2) → 27. Lists count from 1.

    Knows what packs are written in: headers, lists of tables, keys on lines of their own, a list's items line by line.
    """
    found: dict[Path, int] = {}
    for path, number in _places(text):
        found.setdefault(path, number)
    return found


def _places(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    counts: dict[Path, int] = {}
    within: Path | None = None  # the list whose items stand on the following lines
    items = depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = QUOTED.sub('""', line).partition("#")[0]
        if within is not None:
            if bare.strip(" ],"):
                items += 1
                yield (*within, items), number
            depth += bare.count("[") - bare.count("]")
            within = within if depth > 0 else None
        elif header := HEADER.match(line):
            table = _keys(header[2])
            yield table, number
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = (*table, counts[table])
                yield table, number
        elif key := KEY.match(line):
            path = (*table, *_keys(key[1]))
            yield path, number
            depth = bare.partition("=")[2].count("[") - bare.partition("=")[2].count("]")
            within, items = (path, 0) if depth > 0 else (None, 0)


def _keys(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
