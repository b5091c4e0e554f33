"""A title as the index knows it: plain bibliographic facts, no copies and no readers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One edition. `popularity` runs from 0 to 100; `revision` is the caller's counter of changes."""

    id: int
    title: str
    subtitle: str = ""
    volume: str = ""
    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    publisher: str = ""
    series: str = ""
    year: int | None = None
    isbn: str = ""
    clc: str = ""
    subjects: tuple[str, ...] = ()
    popularity: int = 0
    revision: int = 0
