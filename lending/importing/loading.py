"""From records to the store: in chunks, so that orders are not kept waiting, and so that twice is the same as once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from lending.database import Database, Store
from lending.importing.problems import Place, Problem
from lending.importing.reading import read
from lending.importing.records import CopyFacts, Record
from lending.importing.report import Report
from lending.importing.source import Source
from lending.points import point_by_code, points
from lending.records import keep_mended
from lending.stock import CopyEntry, TitleEntry, digest, fingerprint, named, source_key, store_copies, store_titles

CHUNK = 500  # an order placed meanwhile waits for one chunk; 1,000 doubles that wait, 250 doubles the import's time
PAUSE = 0.005  # seconds between chunks: orders placed meanwhile keep their pace

OnProgress = Callable[[int, float], None]


def load(
    store: Store,
    path: Path,
    on_progress: OnProgress | None = None,
    *,
    copies_at: str | None = None,
    source: str = "",
    gentle: bool = True,
    day: date | None = None,
) -> Report:
    """Import a file of titles and copies; loading it again changes nothing, and a load that was cut can be repeated.

    `on_progress(rows, fraction)` is called after every chunk. `copies_at` is a point's code: a title without any copy
    gets one there, and copies without a branch stand there. `source` names whose record numbers the file holds; bare
    numbers are not trusted without it, for two libraries count alike. `day` is when its new titles came in.
    Raises ImportRefused for a file that cannot be read, UnknownThing for a point that is not there, StoreUnwritable.
    """
    file = Source(path)

    def tell(rows: int) -> None:
        if on_progress:
            on_progress(rows, file.fraction())

    keeper = Keeper(store, copies_at, source, day)
    for _ in keeper.keep_all(read(file), gentle):
        tell(keeper.report.read)
    return keeper.report


class Keeper:
    """Keeps records chunk by chunk, remembering which titles the file has named and where copies may stand."""

    def __init__(self, store: Store, copies_at: str | None = None, source: str = "", day: date | None = None) -> None:
        self.report = Report()
        self._store = store
        self._source = source
        self._day = day
        self._fallback = point_by_code(store.db, copies_at).id if copies_at else None
        self._branches: dict[str, int] = {}
        for point in points(store.db):
            for name in (point.name_en, point.name, point.code):
                self._branches[name] = point.id
        self._seen: set[int] = set()

    def keep_all(self, found: Iterable[Record | Problem], gentle: bool) -> Iterator[None]:
        """Store everything, a chunk a transaction; yields after each."""
        stream = iter(found)
        while chunk := list(islice(stream, CHUNK)):
            self.report.read += len(chunk)
            for one in chunk:
                if isinstance(one, Problem):
                    self.report.refuse(one)
            self._keep([one for one in chunk if isinstance(one, Record)])
            yield
            if gentle:
                time.sleep(PAUSE)

    def _keep(self, records: list[Record]) -> None:
        """One transaction; what can be worked out before it is, for orders wait meanwhile."""
        entries = [self._named(record.entry) for record in records]
        settled = self._settled([source_key(entry) for entry in entries])
        for entry in entries:
            fingerprint(entry)
        with self._store.writing() as db:
            stored = store_titles(db, entries, settled, self._day)
            keep_mended(db, stored.renewed)
            self._keep_copies(db, list(zip(stored.ids, records, strict=True)))
        self.report.added += stored.added
        self.report.changed += stored.changed
        self.report.same += stored.same
        for record in records:
            for warning in record.warnings:
                self.report.warn(warning)

    def _named(self, entry: TitleEntry) -> TitleEntry:
        if not entry.source_id or ":" in entry.source_id:
            return entry
        return replace(entry, source_id=f"{self._source}:{entry.source_id}" if self._source else "")

    def _settled(self, keys: list[str]) -> set[str]:
        """Keys of earlier chunks; remembered as numbers of 8 bytes, for a file may hold millions."""
        numbers = {key: int.from_bytes(digest(key, 8), "big") for key in keys}
        settled = {key for key, number in numbers.items() if number in self._seen}
        self._seen.update(numbers.values())
        self.report.repeated += len(keys) - len(numbers) + len(settled)
        self.report.same -= len(settled)  # store_titles will count them as the same
        return settled

    def _keep_copies(self, db: Database, kept: list[tuple[int, Record]]) -> None:
        bare = {title_id for title_id, record in kept if not record.copies}
        if self._fallback is not None:
            bare -= _with_copies(db, bare)
        entries: dict[str, tuple[CopyEntry, Place]] = {}
        for title_id, record in kept:
            wanted = record.copies or ((CopyFacts(),) if self._fallback and title_id in bare else ())
            for entry in self._copies(title_id, record.place, wanted):
                first, _ = entries.setdefault(entry.barcode, (entry, record.place))
                if first.title_id != title_id:
                    self.report.warn(Problem(record.place, "barcode_taken", {"barcode": entry.barcode}))
        if self._fallback is None:
            placed = {entry.title_id for entry, _ in entries.values()}
            self.report.without_copies += len({title_id for title_id, _ in kept} - placed)
        stored = store_copies(db, [entry for entry, _ in entries.values()])
        self.report.copies_added += stored.added
        self.report.copies_changed += stored.changed
        self.report.withdrawn += stored.withdrawn
        for reason, barcodes in (("barcode_taken", stored.taken), ("placed_by_hand", stored.placed)):
            for barcode in barcodes:
                self.report.warn(Problem(entries[barcode][1], reason, {"barcode": barcode}))

    def _copies(self, title_id: int, place: Place, wanted: Iterable[CopyFacts]) -> Iterator[CopyEntry]:
        """Copies with their point; one that cannot be placed is told of. A barcode is made where there is none."""
        for number, facts in enumerate(wanted, 1):
            point_id = self._branches.get(facts.branch) if facts.branch else self._fallback
            point_id = point_id or self._fallback
            if point_id is None:
                reason = "unknown_branch" if facts.branch else "no_branch"
                self.report.warn(Problem(place, reason, {"branch": facts.branch}, facts.barcode))
                continue
            barcode = facts.barcode or f"SX{title_id:08d}-{point_id}-{number}"
            yield CopyEntry(barcode, title_id, point_id, facts.call_number, facts.shelf, facts.material)


def _with_copies(db: Database, title_ids: set[int]) -> set[int]:
    marks, values = named(title_ids)
    rows = db.all(f"SELECT DISTINCT title_id FROM copies WHERE title_id IN ({marks})", **values)
    return {row["title_id"] for row in rows}
