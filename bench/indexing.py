"""How fast a whole catalogue is indexed, as a ratio to jieba cutting the same text alone; and the peak of memory.

Each figure is the median of several runs (SHUXIN_RUNS, three by default), every run in a process of its own, timed by
its processor time, so that a busy machine does not bend the ratio.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import jieba

from bench import books
from bench.table import Figure, show
from search import analysis
from search.document import Document
from search.index import rebuild


def measure() -> list[Figure]:
    """Each side in its own process, in turn."""
    catalogue = books.path()
    ours, theirs = [], []
    for _ in range(int(os.environ.get("SHUXIN_RUNS", "3"))):
        ours.append(_run(catalogue, "index"))
        theirs.append(_run(catalogue, "jieba"))
    speed, peer = median(rate for rate, _ in ours), median(rate for rate, _ in theirs)
    return [
        Figure("indexing, of the speed of jieba alone", speed / peer),
        Figure("indexing, titles a processor second", speed),
        Figure("indexing, peak MB", median(peak for _, peak in ours)),
    ]


def index(catalogue: Path) -> tuple[float, float]:
    """(titles a processor second, peak MB) of a full build; reading the JSON lines is counted on both sides."""
    analysis.warm()
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        count = rebuild(Path(folder), books.documents(catalogue)).count
        return count / (time.process_time() - started), _peak()


def cut(catalogue: Path) -> tuple[float, float]:
    """The same of jieba cutting title, subtitle and authors of every line."""
    jieba.initialize()
    started = time.process_time()
    count = sum(1 for document in books.documents(catalogue) if jieba.lcut(_text(document)))
    return count / (time.process_time() - started), _peak()


def _text(document: Document) -> str:
    return f"{document.title} {document.subtitle} {' '.join(document.authors)}"


def _run(catalogue: Path, side: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.indexing", str(catalogue), side], stdout=subprocess.PIPE, text=True, check=True
    )
    rate, peak = done.stdout.split()
    return float(rate), float(peak)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(*{"index": index, "jieba": cut}[sys.argv[2]](Path(sys.argv[1])))
    else:
        show(measure())
