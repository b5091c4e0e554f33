"""Between the catalogue and the index: keeps the index in step with the titles and asks it for readers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from bot.folding import letters
from lending import catalogue
from lending.catalogue import Title
from lending.database import Store
from search.document import Document
from search.errors import IndexBusy, IndexDamaged, IndexMissing
from search.index import Index, rebuild
from search.query import Filters, Results

log = logging.getLogger(__name__)

MOST = 50  # as many as a reader may page through
WIDEST = 160  # as many as the index judges
T = TypeVar("T")
RECENT = 1024  # questions whose findings are kept until the index changes: what many read, many ask for


@dataclass(frozen=True, slots=True)
class Finding:
    """Title ids, best first, each with its other editions; `near` when nothing matched closely.

    `author` when the words are the name of whoever wrote the first. `names` are those of the first, in letters: its
    title, that with the subtitle, its authors; a turn asks for them a dozen times.
    """

    ids: tuple[int, ...] = ()
    near: bool = False
    editions: dict[int, tuple[int, ...]] = field(default_factory=dict)
    author: bool = False
    names: tuple[str, ...] = ()


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
        self._torn = False  # a search has met damage
        self._recent: _Recent | None = None

    def open(self, on_progress: Callable[[int], None] | None = None) -> None:
        """Open the index, or build it when there is none that can be read; then bring in what has changed since."""
        try:
            self._index = Index.open(self._folder)
        except (IndexMissing, IndexDamaged):
            self.rebuild(on_progress)
        else:
            with suppress(IndexBusy):  # who keeps it busy brings in the same changes
                self.catch_up()

    def rebuild(self, on_progress: Callable[[int], None] | None = None) -> int:
        """Build the index anew beside the old one and swap; returns how many titles it holds.

        What the catalogue goes through meanwhile is brought in afterwards. IndexBusy when another rebuild is at work.
        """
        index = self._build(on_progress)
        self.catch_up()
        return index.count

    def _build(self, on_progress: Callable[[int], None] | None = None) -> Index:
        latest = catalogue.latest_revision(self._store.db)
        self._index = built = rebuild(self._folder, self._documents(0, latest), on_progress)
        self._torn = False
        return built

    def _documents(self, revision: int, latest: int) -> Iterator[Document]:
        """Titles changed after `revision` up to `latest`; one that is changed again while we read comes next time."""
        found = catalogue.changed_since(self._store.db, revision)
        return (document(title) for title in takewhile(lambda title: title.revision <= latest, found))

    def catch_up(self) -> bool:
        """Bring in what has changed in the catalogue since; False when there was nothing, or another is at it.

        An index that is lost or damaged is built again. IndexBusy when another process keeps it for long.
        """
        if self._index is None or not self._renewing.acquire(blocking=False):
            return False
        try:
            with suppress(IndexMissing, IndexDamaged):
                if not self._torn:
                    return self._update(self._index)
            log.warning("the index is damaged; building it again")
            self._build()
            return True
        finally:
            self._renewing.release()

    def _update(self, index: Index) -> bool:
        index.refresh()
        since, latest = index.revision, catalogue.latest_revision(self._store.db)
        if latest < since:  # the store was put back to an earlier day
            raise IndexDamaged(self._folder, "it knows more than the catalogue")
        if latest == since:
            return False
        gone = catalogue.withdrawn_since(self._store.db, since)
        index.update(self._documents(since, latest), gone, revision=latest)
        return True

    def find(self, text: str, clc: str = "") -> Finding:
        """Titles for a reader's words, best first. Who meets a damaged index has it built again first."""
        if self._index is None:
            return Finding()
        filters = Filters(clc=clc) if clc else None
        try:
            return self._remembered(self._index)(text, filters)
        except IndexDamaged:
            self._torn = True
            if not self.catch_up():  # another is at it
                return Finding()
            return self._remembered(self._index)(text, filters)

    def recall(self, work: Callable[[str], T], text: str) -> T:
        """What `work` makes of a reader's words, from memory until the index changes; the same work at every call."""
        if self._index is None:
            return work(text)
        known = self._recent_of(self._index).known
        if (found := known.get(text)) is None:
            if len(known) >= RECENT:
                known.clear()
            found = known[text] = work(text)
        made: T = found
        return made

    def _remembered(self, index: Index) -> Callable[[str, Filters | None], Finding]:
        """Searching, with what was asked lately answered from memory; empty again when the index has changed."""
        return self._recent_of(index).find

    def _recent_of(self, index: Index) -> _Recent:
        recent, changes = self._recent, index.changes
        if recent is None or recent.index is not index or recent.changes != changes:
            recent = self._recent = _Recent(index, changes, self._searching(index), {})
        return recent

    def _searching(self, index: Index) -> Callable[[str, Filters | None], Finding]:
        @lru_cache(RECENT)
        def find(text: str, filters: Filters | None) -> Finding:
            return self._finding(index.search(text, limit=MOST, filters=filters))

        return find

    def _finding(self, results: Results) -> Finding:
        if not results.hits:
            return Finding(near=results.near)
        first, editions = results.hits[0], {hit.id: tuple(hit.editions) for hit in results.hits}
        names: tuple[str, ...] = ()
        for title in catalogue.titles(self._store.db, [first.id]).values():
            names = tuple(map(letters, (title.title, title.title + title.subtitle, *title.authors)))
        return Finding(tuple(editions), results.near, editions, first.why == "author", names)

    def by_fields(self, title: str, author: str) -> tuple[int, ...]:
        """Every edition that fits words of the title and the author's name (either may be ''), best first.

        An author whom the catalogue writes otherwise is looked for among the words. A damaged index finds nothing and
        is left to `catch_up`, for this only adds to an answer.
        """
        if self._index is None:
            return ()
        try:
            found = self._index.search(title, limit=WIDEST, filters=Filters(author=author))
            if author and (found.near or not found.hits):
                found = self._index.search(f"{title} {author}".strip(), limit=WIDEST)
        except IndexDamaged:
            self._torn = True
            return ()
        return () if found.near else tuple(edition for hit in found.hits for edition in hit.editions)


@dataclass(frozen=True, slots=True)
class _Recent:
    """What was found lately in an index as it was after so many changes."""

    index: Index
    changes: int
    find: Callable[[str, Filters | None], Finding]
    known: dict[str, Any]
