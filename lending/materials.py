"""What the library holds in another form than the printed book: e-books, audiobooks, journals, discs (A2-24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lending.database import Database
from lending.stock import named

MOST = 200  # titles that can be paged through
OTHER = "c.material <> 'book' AND c.state NOT IN ('lost', 'withdrawn')"  # as the index of them says


def held(db: Database) -> list[str]:
    """Every form there is beside the printed book, as the catalogue writes it."""
    rows = db.all(f"SELECT DISTINCT c.material FROM copies c WHERE {OTHER} ORDER BY c.material")
    return [row["material"] for row in rows]


def titles(db: Database, written: Iterable[str], among: Sequence[int] | None = None) -> list[int]:
    """Titles with a copy in a form written one of these ways, the best known first; only of `among`, in its order."""
    marks, values = named(written)
    rows = db.all(
        "SELECT DISTINCT t.id, t.popularity FROM copies c JOIN titles t ON t.id = c.title_id AND t.withdrawn = 0 "
        f"WHERE {OTHER} AND c.material IN ({marks}) ORDER BY t.popularity DESC, t.id",
        **values,
    )  # fmt: skip
    found = [row["id"] for row in rows]
    if among is None:
        return found[:MOST]
    known = set(found)
    return [one for one in among if one in known]
