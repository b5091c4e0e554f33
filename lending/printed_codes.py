"""What a printed code carries (A2-13): a sign the place it hangs at, a label in a book that very copy."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from lending.catalogue import BY_BARCODE, spellings
from lending.database import Database, Row

MOST = 64  # characters a link may carry into a talk on Telegram
_PLAIN = re.compile(r"[0-9A-Za-z_-]+")
_COPY = re.compile(r"c(?P<how>[-_])(?P<said>[0-9A-Za-z_-]+)")


def of_point(point_id: int, machine: bool = False) -> str:
    """For a sign at a counter or locker; with `machine`, at the self-service machine that stands there."""
    return f"{'m' if machine else 'p'}{point_id}"


def of_copy(barcode: str) -> str:
    """For a label: the barcode as it is, or written in letters a link may have; '' where it is too long for a link."""
    if _PLAIN.fullmatch(barcode):
        made = f"c-{barcode}"
    else:
        made = f"c_{base64.urlsafe_b64encode(barcode.encode()).decode().rstrip('=')}"
    return made if len(made) <= MOST else ""


def barcode_in(carried: str) -> str:
    """The barcode a label's link carries; '' where it carries none."""
    found = _COPY.fullmatch(carried)
    if found is None or found["how"] == "-":
        return found["said"] if found else ""
    try:
        return base64.urlsafe_b64decode(found["said"] + "=" * (-len(found["said"]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


_LABELS = "SELECT c.barcode, c.call_number, t.title FROM copies c JOIN titles t ON t.id = c.title_id WHERE"


def copies_named(db: Database, barcodes: Sequence[str]) -> dict[str, Row]:
    """What a label says of the copy with each barcode, as that was asked for: barcode, call_number, title."""
    found = {one: db.one(f"{_LABELS} {BY_BARCODE}", **spellings(one)) for one in barcodes}
    return {one: row for one, row in found.items() if row}


def newest_copies(db: Database, point_id: int, limit: int) -> list[Row]:
    """The same of the copies that came to this branch last, in the order they came."""
    rows = db.all(
        f"{_LABELS} c.home_point_id = :p AND c.state <> 'withdrawn' ORDER BY c.id DESC LIMIT :n", p=point_id, n=limit
    )
    return rows[::-1]
