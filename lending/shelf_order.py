"""The order in which one comes past books, going along the shelves: row 2 before row 10."""

from __future__ import annotations

import re

from lending.database import Row


def along(book: Row) -> tuple[object, ...]:
    """A copy's place by `shelf`, `call_number` and `barcode`; the class is a decimal, what follows it is not."""
    cls, *rest = re.split("[/ ]", book["call_number"], maxsplit=1)
    return by_value(book["shelf"]), cls, by_value("".join(rest)), book["barcode"]


def by_value(text: str) -> list[str | int]:
    """Its numbers count by their value."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]
