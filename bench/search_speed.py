"""How fast an answer is: the whole way from the text to ten titles with what can be borrowed, and what the peers take.

    python -m bench.search_speed FILE

Every question of every kind (half B of search_questions.py) is asked of each engine in turn, so that a busy machine is
busy for all. Then: several threads at once, one while the index is brought up to date, the start of a fresh process to
its first answer, and memory. The peers only find numbers; ours also reads titles and availability from SQLite.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from bench import books
from bench.search_peers import peers
from bench.search_quality import EACH, built, index_folder
from bench.search_questions import draw
from bench.table import Figure, show
from lending import catalogue
from lending.database import Store
from lending.migrations import migrations
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from search import analysis
from search.document import Document
from search.index import Index

_BATCH = 2_000
_COMMITS = 20  # a second, at most, while the index changes; the service makes one
_SECONDS = 1.0  # that threads are kept busy in a round
_ROUNDS = 7
Whole = Callable[[str], object]


def measure() -> list[Figure]:
    """Fill the store and the peers, then ask."""
    documents = list(books.documents(books.path()))
    analysis.warm()
    with (
        index_folder() as kept,
        tempfile.TemporaryDirectory() as folder,
        _store(Path(folder) / "library.db", documents) as store,
    ):
        index = built(kept, documents)
        texts = [question.text for question in draw(documents, "B", EACH)]
        asked: dict[str, Whole] = {"書信": _whole(index, store), **peers(documents)}
        took = _take_turns(asked, texts)
        figures = list(_percentiles(took["書信"])) + list(_ratios(took))
        figures += _side_by_side(asked["書信"], texts, index)
        figures += _from_cold(kept)
    return figures


@contextmanager
def _store(path: Path, documents: list[Document]) -> Iterator[Store]:
    """A library with every title and two copies of each, whose ids are the documents'."""
    store = Store(path, synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db)
    point = store.db.value("SELECT id FROM points LIMIT 1") or _point(store)
    for start in range(0, len(documents), _BATCH):
        chunk = documents[start : start + _BATCH]
        with store.writing() as db:
            ids = store_titles(db, [_entry(document) for document in chunk]).ids
            store_copies(db, [CopyEntry(f"{number}-{n}", number, point) for number in ids for n in (1, 2)])
    yield store
    store.close()


def _point(store: Store) -> int:
    with store.writing() as db:
        db.conn.execute("INSERT INTO points (code, kind, name) VALUES ('P', 'branch', '总馆')")
    return int(store.db.value("SELECT id FROM points LIMIT 1"))


def _entry(document: Document) -> TitleEntry:
    return TitleEntry(
        document.title, authors=document.authors, publisher=document.publisher, year=document.year,
        popularity=document.popularity, source_id=f"bench:{document.id}",
    )  # fmt: skip


def _whole(index: Index, store: Store) -> Whole:
    """Normalise, fetch, judge, group, then titles and availability of ten."""

    def ask(text: str) -> object:
        ids = [hit.id for hit in index.search(text, 10).hits]
        return catalogue.titles(store.db, ids), catalogue.availability(store.db, ids)

    return ask


def _take_turns(asked: dict[str, Whole], texts: list[str]) -> dict[str, list[float]]:
    """Milliseconds of every question, engine by engine, question by question; the first round only warms."""
    took: dict[str, list[float]] = {name: [] for name in asked}
    for text in texts[:: len(texts) // 50]:
        for ask in asked.values():
            ask(text)
    for text in texts:
        for name, ask in asked.items():
            started = time.perf_counter()
            ask(text)
            took[name].append(1000 * (time.perf_counter() - started))
    return took


def _percentiles(took: list[float]) -> Iterator[Figure]:
    cuts = quantiles(took, n=100)
    for name, value, goal in (("p50", cuts[49], 5), ("p95", cuts[94], 15), ("p99", cuts[98], 30)):
        yield Figure(f"an answer, {name}, ms", value, goal=goal, at_most=True, note=f"{len(took)} questions")


def _ratios(took: dict[str, list[float]]) -> Iterator[Figure]:
    ours = quantiles(took["書信"], n=100)
    for name, theirs in took.items():
        if name == "書信":
            continue
        cuts = quantiles(theirs, n=100)
        for share in (50, 95, 99):
            note = f"theirs {cuts[share - 1]:.2f} ms"
            yield Figure(f"p{share} to {name}", ours[share - 1] / cuts[share - 1], note=note)


def _side_by_side(ask: Whole, texts: list[str], index: Index) -> list[Figure]:
    """Answers a second of 1, 2 and 4 threads, and of one while a writer commits changes, round after round."""
    commits = [0]
    rounds = []
    for _ in range(_ROUNDS):
        quiet, two, four = (_rate(ask, texts, threads) for threads in (1, 2, 4))
        with _changing(index, commits):
            rounds.append((quiet, two / quiet, four / quiet, _rate(ask, texts, 1) / quiet))
    alone, two, four, busy = (median(column) for column in zip(*rounds, strict=True))
    note = f"{commits[0] / _SECONDS / _ROUNDS:.0f} commits a second beside it"
    return [
        Figure("answers a second, one thread", alone),
        Figure("answers a second, 2 threads to one", two),
        Figure("answers a second, 4 threads to one", four),
        Figure("one thread while the index changes, to quiet", busy, note=note),
    ]


@contextmanager
def _changing(index: Index, commits: list[int]) -> Iterator[None]:
    """A writer beside what is done meanwhile; `commits` counts its commits."""
    done = threading.Event()

    def write() -> None:
        while not done.wait(2 / _COMMITS):
            number = 10_000_000 + commits[0]
            index.update([Document(number, f"新书第{number}号", revision=number)])
            index.update([], withdrawn=[number])
            commits[0] += 2

    writer = threading.Thread(target=write)
    writer.start()
    yield
    done.set()
    writer.join()


def _rate(ask: Whole, texts: list[str], threads: int) -> float:
    end = time.perf_counter() + _SECONDS

    def work(turn: int) -> int:
        done = 0
        while time.perf_counter() < end:
            ask(texts[(turn * 977 + done * 7) % len(texts)])
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads))) / _SECONDS


def _from_cold(folder: Path) -> list[Figure]:
    """A fresh process: seconds from its start to its first answer, and what it then holds."""
    runs = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench.search_speed", "cold", folder], stdout=subprocess.PIPE, text=True, check=True
        )
        runs.append((time.perf_counter() - started, *map(float, done.stdout.split())))
    seconds, opening, peak, own = (median(column) for column in zip(*runs, strict=True))
    return [
        Figure("cold start to first answer, s", seconds, note=f"opening and checking the index {opening:.2f} s"),
        Figure("memory of a searching process, MB", peak, note=f"{own:.0f} of it its own, the rest mapped files"),
    ]


def _cold(folder: Path) -> None:
    started = time.perf_counter()
    index = Index.open(folder)
    opening = time.perf_counter() - started
    analysis.warm()
    assert index.search("钱钟书 围城").hits
    print(opening, *_megabytes())


def _megabytes() -> tuple[float, float]:
    """At most held so far, and of it now what is not a mapped file. (getrusage would count our parent's memory.)"""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024, int(status["RssAnon"].split()[0]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["cold"]:
        _cold(Path(sys.argv[2]))
    else:
        show(measure())
