"""How often the right title comes first, by kind of question, on a big file; and the same of SQLite FTS5 with jieba.

    python -m bench.search_quality FILE [A|B] [-v]      -v prints every question whose first answer is wrong

What is asked stands in search_questions.py and search_slips.py, what counts as right in search_judging.py. Points and
budgets were tuned on half A alone; half B shares no book with it and is what is reported. Of the questions written by
hand (kept beside the search tests) every second one belongs to each half, and those of by_hand_tuned.tsv to A.
SHUXIN_INDEX=FOLDER keeps the index there from run to run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import books, table
from bench.search_judging import Verdict, judge, names
from bench.search_peers import Ask, fts5
from bench.search_questions import Kinds, author, draw, main_title
from bench.search_slips import SLIPS
from bench.table import Figure
from search import analysis
from search.document import Document
from search.errors import IndexProblem
from search.index import Index, rebuild

EACH = 100
SETS = Path(__file__).parents[1] / "tests" / "search"
HAND, TUNED_BY_HAND = SETS / "by_hand.tsv", SETS / "by_hand_tuned.tsv"
_ALL = "all"
TUNED = {"A": "that was", "B": "never"}
Marks = dict[str, list[tuple[bool, bool, bool, bool]]]  # by kind: first right, right in ten, strict, anything at all
Shares = dict[str, tuple[float, ...]]  # the same as shares of one


def main() -> None:
    """Of the half named on the command line, B unless it is A."""
    table.show(measure("A" if "A" in sys.argv[2:] else "B"))


def measure(half: str = "B") -> list[Figure]:
    """The shares of `half`, as goals, and how often more the first answer is right than the peer's."""
    documents = list(books.documents(books.path()))
    analysis.warm()
    with index_folder() as folder:
        index = built(folder, documents)
        ask = lambda text: [hit.id for hit in index.search(text, 10).hits]  # noqa: E731
        ours = show("書信", run(ask, documents, half, tell="-v" in sys.argv))
        slips = show("書信, mistyped", run(ask, documents, half, SLIPS, tell="-v" in sys.argv))
    theirs = show("SQLite FTS5 + jieba", run(fts5(documents), documents, half))
    return [*_figures(ours, theirs, half), *_mistyped(slips)]


def _figures(ours: Shares, theirs: Shares, half: str) -> list[Figure]:
    worst = min((share[0], kind) for kind, share in ours.items() if kind != _ALL)
    return [
        Figure("right title first", ours[_ALL][0], goal=0.98, note=f"the half {TUNED[half]} tuned on"),
        Figure("right title first, worst kind", worst[0], goal=0.95, note=worst[1]),
        Figure("right title in the first ten", ours[_ALL][1], goal=0.998),
        Figure("right title first, to FTS5 + jieba", ours[_ALL][0] / theirs[_ALL][0], goal=1.3),
    ]


def _mistyped(slips: Shares) -> list[Figure]:
    worst = min((share[0], kind) for kind, share in slips.items() if kind != _ALL)
    return [
        Figure("mistyped or put otherwise: first", slips[_ALL][0], goal=0.95),
        Figure("mistyped or put otherwise: first, worst kind", worst[0], note=worst[1]),
        Figure("mistyped or put otherwise: in the first ten", slips[_ALL][1], goal=0.99),
    ]


@contextmanager
def index_folder() -> Iterator[Path]:
    """The folder named by SHUXIN_INDEX, which stays from run to run, or one that is gone afterwards."""
    if kept := os.environ.get("SHUXIN_INDEX"):
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="shuxin-bench-") as folder:
        yield Path(folder)


def built(folder: Path, documents: list[Document]) -> Index:
    """The index of all documents, built if the folder holds no such one."""
    try:
        kept = Index.open(folder)
    except IndexProblem:
        return rebuild(folder, documents)
    return kept if kept.count == len(documents) else rebuild(folder, documents)


def run(ask: Ask, documents: list[Document], half: str, kinds: Kinds | None = None, tell: bool = False) -> Marks:
    """Ask everything and mark every answer; `tell`: print each question whose first answer is wrong.

    `kinds` other than the twenty are asked without those written by hand.
    """
    by_id = {document.id: document for document in documents}
    fame = _fame(documents)
    marks: Marks = defaultdict(list)
    for question in draw(documents, half, EACH, kinds):
        found = [by_id[number] for number in ask(question.text)]
        verdicts = [judge(question, document, fame.get(author(question.meant), 0)) for document in found]
        _mark(marks, question.kind, question.text, verdicts, found, tell)
    for text, wanted in () if kinds else by_hand(half):
        found = [by_id[number] for number in ask(text)]
        _mark(marks, "by hand", text, [Verdict(*[_titled(document, wanted)] * 2) for document in found], found, tell)
    return marks


def by_hand(half: str) -> Iterable[tuple[str, set[str]]]:
    """(what is typed, keys of the titles that are right): every second line for each half, and the tuned set for A."""
    for line in _lines(HAND)[half == "B" :: 2] + (_lines(TUNED_BY_HAND) if half == "A" else []):
        text, wanted = line.split("\t")
        yield text, set(map(analysis.key, wanted.split("|")))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def _titled(document: Document, wanted: set[str]) -> bool:
    return not wanted.isdisjoint({analysis.key(document.title), analysis.key(main_title(document))})


def _fame(documents: list[Document]) -> dict[str, int]:
    best: dict[str, int] = defaultdict(int)
    for document in documents:
        for name in names(document):
            best[name] = max(best[name], document.popularity)
    return best


def _mark(marks: Marks, kind: str, text: str, verdicts: list[Verdict], found: list[Document], tell: bool) -> None:
    first = verdicts[0] if verdicts else Verdict(right=False, strict=False)
    marks[kind].append((first.right, any(verdict.right for verdict in verdicts), first.strict, bool(found)))
    if tell and not first.right:
        print("   ", kind, "|", text, "|", [document.title for document in found[:3]])


def show(name: str, marks: Marks) -> Shares:
    """Print the table by kind; returns (first, ten, strict, answered) of each kind and of all."""
    shares = {}
    print(f"\n{name:24}  first    ten  strict  answered")
    together = [mark for found in marks.values() for mark in found]
    for kind, found in (*marks.items(), (_ALL, together)):
        shares[kind] = tuple(sum(column) / len(found) for column in zip(*found, strict=True))
        first, ten, strict, answered = shares[kind]
        print(f"{kind:24}  {first:.3f}  {ten:.3f}   {strict:.3f}  {answered:.3f}  ({len(found)})")
    return shares


if __name__ == "__main__":
    main()
