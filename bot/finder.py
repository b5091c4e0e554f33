"""Between the catalogue and the index: keeps the index in step with the titles and asks it for readers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lending import catalogue
from lending.catalogue import Title
from lending.database import Store
from search.document import Document
from search.errors import IndexDamaged, IndexMissing
from search.index import Index, rebuild
from search.query import Filters

MOST = 50  # as many as a reader may page through


@dataclass(frozen=True, slots=True)
class Finding:
    """Title ids, best first, each with its other editions; `near` when nothing matched closely."""

    ids: tuple[int, ...] = ()
    near: bool = False
    editions: dict[int, tuple[int, ...]] = field(default_factory=dict)


def document(title: Title) -> Document:
    """What the index needs to know of a title."""
    return Document(
        title.id, title.title, title.subtitle, title.volume, title.authors, title.translators, title.publisher,
        title.series, title.year, title.isbn, title.clc, title.subjects, title.popularity, title.revision,
    )  # fmt: skip


class Finder:
    """The index behind one door. It is disposable: missing or damaged, it is built again from the catalogue."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._index: Index | None = None
        self._renewing = threading.Lock()

    def open(self, on_progress: Callable[[int], None] | None = None) -> None:
        """Open the index, or build it when there is none that can be read."""
        try:
            self._index = Index.open(self._folder)
        except (IndexMissing, IndexDamaged):
            self.rebuild(on_progress)
        self.catch_up()

    def rebuild(self, on_progress: Callable[[int], None] | None = None) -> int:
        """Build the index anew beside the old one and swap; returns how many titles it holds."""
        self._index = rebuild(self._folder, self._documents(0), on_progress)
        return self._index.count

    def _documents(self, revision: int) -> Iterator[Document]:
        return (document(title) for title in catalogue.changed_since(self._store.db, revision))

    def catch_up(self) -> bool:
        """Bring in what has changed in the catalogue since; False when there was nothing, or another is at it."""
        if self._index is None or not self._renewing.acquire(blocking=False):
            return False
        try:
            self._index.refresh()
            if catalogue.latest_revision(self._store.db) <= self._index.revision:
                return False
            gone = catalogue.withdrawn_since(self._store.db, self._index.revision)
            self._index.update(self._documents(self._index.revision), gone)
            return True
        finally:
            self._renewing.release()

    def find(self, text: str, clc: str = "") -> Finding:
        """Titles for a reader's words, best first."""
        if self._index is None:
            return Finding()
        results = self._index.search(text, limit=MOST, filters=Filters(clc=clc) if clc else None)
        return Finding(
            tuple(hit.id for hit in results.hits), results.near, {hit.id: tuple(hit.editions) for hit in results.hits}
        )
