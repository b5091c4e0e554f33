"""How often the right title comes first, and how fast: eleven kinds of question, a hundred each, on a big file.

Books are drawn with a fixed seed from the 30,000 best-known that have an author. An answer is right when it has the
same title, or the same main title when only that was asked (an ISBN: that very edition; an author: a book by them).
A bent question that happens to be another book's title is not asked. FTS5 with jieba is asked the same, as the peer.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

import opencc

from bench import books
from bench.table import Figure, show
from search import analysis, authors
from search.document import Document
from search.index import rebuild

_EACH = 100
_KNOWN = 30_000
_Question = tuple[str, str, Document]
_Ask = Callable[[str], list[int]]


def measure() -> list[Figure]:
    """Build and ask."""
    documents = list(books.documents(books.path()))
    questions = draw(documents)
    analysis.warm()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        index = rebuild(Path(folder), documents)
        print(f"{index.count} titles indexed in {time.perf_counter() - started:.0f} s")
        table = {document.id: document for document in documents}
        ours = report("書信", lambda text: [hit.id for hit in index.search(text, 10).hits], questions, table)
        theirs = report("SQLite FTS5 + jieba", peer(documents), questions, table)
    return [Figure("finding: first hit right", ours), Figure("finding: first hit right, of the peer", ours / theirs)]


def draw(documents: list[Document]) -> list[_Question]:
    """(kind, text, the book that was meant)"""
    chance = random.Random(20261120)
    known = sorted(documents, key=lambda document: -document.popularity)[:_KNOWN]
    fit = [document for document in known if document.authors and len(_han(document.title)) >= 2]
    homophones = _homophones(fit)
    taken = {analysis.key(_head(document) or document.title) for document in documents}
    questions: list[_Question] = []
    for kind, ask in _KINDS.items():
        pool = iter(chance.sample(fit, len(fit)))
        found = (
            (kind, text, document)
            for document in pool
            if (text := ask(document, chance, homophones)) and not (kind in _BENT and analysis.key(text) in taken)
        )
        questions += islice(found, _EACH)
    return questions


def _han(title: str) -> str:
    return "".join(character for character in title if analysis.has_han(character))


def _head(document: Document) -> str:
    """The title without what stands in brackets or behind a colon: what people type."""
    head = document.title.split("：")[0].split(":")[0].split("（")[0].split("(")[0].strip()
    return head if len(_han(head)) == len(head) >= 2 else ""


def _author(document: Document) -> str:
    name = authors.names(document.authors[0])
    return name[0] if name and analysis.has_han(name[0]) else ""


def _part(document: Document, chance: random.Random, _: dict[str, str]) -> str:
    head = _head(document)
    size = max(3, len(head) * 2 // 3)
    start = chance.randint(0, max(0, len(head) - size))
    return head[start : start + size] if len(head) >= 5 else ""


def _slip(document: Document, chance: random.Random, homophones: dict[str, str]) -> str:
    head = _head(document)
    places = [place for place, character in enumerate(head) if len(homophones[_sound(character)]) > 1]
    if len(head) < 3 or not places:
        return ""
    place = chance.choice(places)
    others = [other for other in homophones[_sound(head[place])] if other != head[place]]
    return head[:place] + chance.choice(others) + head[place + 1 :]


def _dropped(document: Document, chance: random.Random, _: dict[str, str]) -> str:
    head = _head(document)
    place = chance.randrange(1, len(head)) if len(head) >= 4 else 0
    return head[:place] + head[place + 1 :] if place else ""


def _reordered(document: Document, chance: random.Random, _: dict[str, str]) -> str:
    cut = analysis.words(analysis.normalise(_head(document)))
    turned = cut[1:] + cut[:1]
    return " ".join(turned) if len(cut) >= 2 and turned != cut else ""


def _author_and_title(document: Document, *_: object) -> str:
    return f"{_author(document)} {_head(document)}" if _author(document) and _head(document) else ""


def _initials(document: Document, *_: object) -> str:
    head = _head(document)
    return analysis.initials(analysis.syllables(analysis.normalise(head))) if len(head) >= 4 else ""


def _sound(character: str) -> str:
    return analysis.syllables(character)[0]


def _homophones(documents: Iterable[Document]) -> dict[str, str]:
    """Characters that occur in titles, by how they sound."""
    by_sound: dict[str, str] = {}
    for character in sorted({character for document in documents for character in _han(document.title)}):
        sound = _sound(character)
        by_sound[sound] = by_sound.get(sound, "") + character
    return by_sound


_TRADITIONAL = opencc.OpenCC("s2t").convert
_KINDS: dict[str, Callable[[Document, random.Random, dict[str, str]], str]] = {
    "exact title": lambda document, *_: document.title,
    "author + title": _author_and_title,
    "part of a title": _part,
    "traditional": lambda document, *_: _TRADITIONAL(_head(document)),
    "pinyin": lambda document, *_: "".join(analysis.syllables(analysis.normalise(_head(document)))),
    "initials": _initials,
    "homophone slip": _slip,
    "dropped character": _dropped,
    "author": lambda document, *_: _author(document),
    "isbn": lambda document, *_: document.isbn,
    "words in another order": _reordered,
}

_BENT = {"part of a title", "homophone slip", "dropped character", "words in another order"}


def right(kind: str, found: Document, meant: Document) -> bool:
    """Whether the answer is what was asked for."""
    if kind == "isbn":
        return found.isbn == meant.isbn
    if kind == "author":
        return _author(meant) in [name for raw in found.authors for name in authors.names(raw)]
    title, wanted = analysis.key(found.title), analysis.key(meant.title)
    if title == wanted:
        return True
    head = analysis.key(_head(meant))
    return kind != "exact title" and bool(head) and head in (title, analysis.key(_head(found)))


def report(name: str, ask: _Ask, questions: list[_Question], table: dict[int, Document]) -> float:
    """Print a table by kind; returns the share of right first answers."""
    took, firsts, misses = [], [], "-v" in sys.argv
    print(f"\n{name:24} first  ten")
    for kind in _KINDS:
        first, ten = [], []
        for _, text, meant in (question for question in questions if question[0] == kind):
            started = time.perf_counter()
            answers = ask(text)
            took.append(1000 * (time.perf_counter() - started))
            good = [right(kind, table[answer], meant) for answer in answers]
            first.append(bool(good) and good[0])
            ten.append(any(good))
            if misses and not first[-1]:
                print("   ", text, "|", meant.title, "|", [table[answer].title for answer in answers[:3]])
        print(f"{kind:24} {sum(first) / len(first):.2f}  {sum(ten) / len(ten):.2f}   ({len(first)})")
        firsts += first
    share = sum(firsts) / len(firsts)
    print(f"{'all':24} {share:.3f}   p50 {median(took):.1f} ms, p95 {quantiles(took, n=20)[-1]:.1f} ms")
    return share


def peer(documents: list[Document]) -> _Ask:
    """SQLite FTS5 over jieba's words, ranked by its own bm25."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table titles using fts5(text)")
    rows = ((document.id, f"{document.title} {' '.join(document.authors)} {document.isbn}") for document in documents)
    cut = ((number, " ".join(analysis.words(analysis.normalise(text)))) for number, text in rows)
    database.executemany("insert into titles (rowid, text) values (?, ?)", cut)
    match = "select rowid from titles where text match ? order by rank limit 10"

    def ask(text: str) -> list[int]:
        words = " ".join(f'"{word}"' for word in analysis.words(analysis.normalise(text)))
        return [row[0] for row in database.execute(match, (words,))]

    return ask


if __name__ == "__main__":
    show(measure())
