"""The index of titles in a folder: open it, search it, bring it up to date, or build it anew beside the living one."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import struct
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from whoosh.index import EmptyIndexError, FileIndex, create_in

from search.document import Document
from search.errors import IndexDamaged, IndexMissing, IndexProblem
from search.finding import find
from search.locks import holding
from search.query import Filters, Results
from search.snapshot import Snapshot
from search.storage import MappedStorage
from search.terms import entry
from search.writer import SCHEMA, TitleWriter

FORMAT = "5"  # raised when what is stored changes; an older index is then built again
_CURRENT = "current"  # the file that names the living build: '<folder> <format>'
_WRITE_WAIT = 30.0
_BUILD_WAIT = 0.0
_TORN = (OSError, EOFError, struct.error, ValueError, IndexError, KeyError)  # what reading a torn file raises
_STEP = 1_000  # titles between two calls of on_progress


class Index:
    """Safe to search from many threads: a search reads one snapshot, a refresh only puts a newer in its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._refreshing = threading.Lock()
        self.changes = 0  # how often it has changed under our eyes: what was found before may be found otherwise now
        self._build, self._snapshot = _read(folder)

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Open what is there. Raises IndexMissing or IndexDamaged; the cure of both is `rebuild`."""
        return cls(folder)

    def search(self, text: str, limit: int = 10, offset: int = 0, filters: Filters | None = None) -> Results:
        """The titles meant by `text`, best first. Any text at all is answered; only IndexDamaged is raised."""
        try:
            return find(self._snapshot, text, limit, offset, filters)
        except _TORN as trouble:
            raise IndexDamaged(self._folder, f"reading failed ({trouble!r}); build the index again") from trouble

    def refresh(self) -> bool:
        """See what others have committed since; True when there was something. Cheap when there was not."""
        with self._refreshing:
            if self._is_latest():
                return False
            self._build, self._snapshot = _read(self._folder, self._build, self._snapshot)
            self.changes += 1
            return True

    def _is_latest(self) -> bool:
        build = _current(self._folder)
        try:
            latest = _index(self._folder / build).latest_generation()
            return (build, latest) == (self._build, self._snapshot.generation)
        except (EmptyIndexError, *_TORN):  # a writer tidied away what was just listed, or it is damaged: reading tells
            return False

    def update(self, documents: Iterable[Document], withdrawn: Iterable[int] = (), revision: int = 0) -> None:
        """Put documents in (in place of those with the same id) and take others out, in one commit.

        `revision` says how far the caller's changes go when the newest change was a withdrawal. Waits for another
        writer, at most half a minute (IndexBusy).
        """
        latest = {document.id: document for document in documents}
        gone = set(withdrawn)
        with holding(self._folder, "write", _WRITE_WAIT):
            self.refresh()
            writer = TitleWriter(_index(self._folder / self._build))
            try:
                for place in self._snapshot.places(latest.keys() | gone):
                    writer.delete_document(place)
                for number in latest.keys() - gone:
                    writer.add(entry(latest[number]))
                writer.finish(max([revision, *(document.revision for document in latest.values())]))
            except BaseException:
                writer.give_up()
                raise
        self.refresh()

    @property
    def revision(self) -> int:
        """The highest document revision held; stored with the commit that brought it."""
        return self._snapshot.revision

    @property
    def count(self) -> int:
        """How many titles can be found."""
        return self._snapshot.count


def rebuild(folder: Path, documents: Iterable[Document], on_progress: Callable[[int], None] | None = None) -> Index:
    """Build beside the living index and swap at the end. Searching goes on meanwhile; a stop half-way changes nothing.

    Updates committed to the old build meanwhile are not in the new one: its `revision` says from where to repeat them.
    `on_progress` is told how many titles are done. IndexBusy when another rebuild is at work.
    """
    try:
        _build(folder, documents, on_progress or (lambda done: None))
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as trouble:
        raise IndexProblem(
            folder, f"cannot be built ({trouble}); remove what stands there, it is made again from the catalogue"
        ) from trouble
    return Index.open(folder)


def _build(folder: Path, documents: Iterable[Document], on_progress: Callable[[int], None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with holding(folder, "build", _BUILD_WAIT):
        _clean(folder)
        name = f"build-{secrets.token_hex(6)}"
        try:
            (folder / name).mkdir()
            _fill(folder / name, documents, on_progress)
            with holding(folder, "write", _WRITE_WAIT):
                _point(folder, name)
                _clean(folder)
        except BaseException:
            _clean(folder)  # half a build would keep a full disk full
            raise


def _fill(build: Path, documents: Iterable[Document], on_progress: Callable[[int], None]) -> None:
    writer = TitleWriter(create_in(str(build), SCHEMA))
    done = revision = 0
    for done, document in enumerate(documents, 1):
        writer.add(entry(document))
        revision = max(revision, document.revision)
        if done % _STEP == 0:
            on_progress(done)
    on_progress(done)
    writer.finish(revision)


def _point(folder: Path, name: str) -> None:
    """Name the living build, at once or not at all."""
    beside = folder / f"{_CURRENT}.new"
    with beside.open("w") as file:
        file.write(f"{name} {FORMAT}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / _CURRENT)


def _clean(folder: Path) -> None:
    """Remove every build but the living one: the last, or one that was killed half-way."""
    try:
        living = _current(folder)
    except (IndexMissing, IndexDamaged):
        living = ""
    for build in folder.glob("build-*"):
        if build.name != living:
            shutil.rmtree(build, ignore_errors=True)


def _current(folder: Path) -> str:
    try:
        name, version = (folder / _CURRENT).read_text().split()
    except FileNotFoundError:
        raise IndexMissing(folder, "there is no search index here; build it") from None
    except (ValueError, OSError) as trouble:
        _let_starved_go(trouble)
        raise IndexDamaged(folder, f"its file '{_CURRENT}' cannot be read; build the index again") from trouble
    if version != FORMAT:
        raise IndexMissing(folder, f"the index is of format {version}, this program reads {FORMAT}; build it again")
    return name


def _index(build: Path) -> FileIndex:
    return FileIndex(MappedStorage(str(build)), schema=SCHEMA)


def _read(folder: Path, last: str = "", before: Snapshot | None = None) -> tuple[str, Snapshot]:
    """The living build and its last commit. A writer may tidy away files between two looks: look again."""
    trouble: Exception | None = None
    for _ in range(5):
        build = _current(folder)
        try:
            return build, Snapshot(_index(folder / build), before if build == last else None)
        except Exception as failure:  # whatever a torn file makes Whoosh raise
            trouble = failure
    _let_starved_go(trouble)
    raise IndexDamaged(folder, f"cannot be read ({trouble!r}); build the index again") from trouble


def _let_starved_go(trouble: Exception | None) -> None:
    """A process without files or memory to open with knows nothing of the index; building it again would cost it."""
    if isinstance(trouble, OSError) and trouble.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        raise trouble
