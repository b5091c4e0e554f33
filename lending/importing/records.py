"""What a reader of files hands on: a title with its copies, and what had to be left out of it."""

from __future__ import annotations

from dataclasses import dataclass

from lending.importing.problems import Place, Problem
from lending.stock import TitleEntry


@dataclass(frozen=True)
class CopyFacts:
    """A copy as the file has it; `branch` is a point's code or name. Without a barcode one is made."""

    barcode: str = ""
    branch: str = ""
    call_number: str = ""
    shelf: str = ""
    material: str = "book"


@dataclass(frozen=True)
class Record:
    """One title out of a file. `entry.source_id` is the file's own number; `warnings` say what was left out."""

    place: Place
    entry: TitleEntry
    copies: tuple[CopyFacts, ...] = ()
    warnings: tuple[Problem, ...] = ()
