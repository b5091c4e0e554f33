"""How finding grows with the catalogue: from ten thousand titles to a million, drawn as docs/search-growth.svg.

    python -m bench.search_growth FILE [SVG]

Beyond the file's own titles, new ones are recombined: the first half of one title with the second half of another, the
author of a third. Times are processor time of one thread, so that a busy machine does not bend the line.
"""

from __future__ import annotations

import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from bench import books
from bench.search_questions import draw
from bench.table import Figure, show
from search import analysis
from search.document import Document
from search.index import Index, rebuild

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_EACH = 40


class Point(NamedTuple):
    """Milliseconds of processor time at one size, and megabytes on disk."""

    titles: int
    p50: float
    p95: float
    p99: float
    megabytes: float


def measure(drawing: Path | None = None) -> list[Figure]:
    """Build and ask at every size; how much slower the greatest is than the least."""
    documents = list(books.documents(books.path()))
    texts = [question.text for question in draw(documents, "B", _EACH)]
    analysis.warm()
    points = []
    for size in SIZES:
        points.append(_point(size, documents, texts))
        print(points[-1], flush=True)
    if drawing:
        drawing.write_text(_svg(points), encoding="utf-8")
    least, most = points[0], points[-1]
    grown = most.titles / least.titles
    return [
        Figure(f"p50 at {grown:.0f} x the titles, to p50", most.p50 / least.p50, goal=grown, at_most=True),
        Figure(f"p95 at {grown:.0f} x the titles, to p95", most.p95 / least.p95, goal=grown, at_most=True),
    ]


def catalogue(size: int, documents: list[Document]) -> Iterator[Document]:
    """`size` documents: the best-known real ones evenly thinned, or all of them and recombined ones."""
    if size <= len(documents):
        step = len(documents) / size
        yield from (documents[int(n * step)] for n in range(size))
        return
    yield from documents
    chance = random.Random(size)
    for number in range(len(documents) + 1, size + 1):
        one, other, third = chance.choices(documents, k=3)
        title = one.title[: max(1, len(one.title) // 2)] + other.title[len(other.title) // 2 :]
        yield replace(one, id=number, title=title, authors=third.authors, isbn="", popularity=0, revision=number)


def _point(size: int, documents: list[Document], texts: list[str]) -> Point:
    with tempfile.TemporaryDirectory() as folder:
        index = rebuild(Path(folder), catalogue(size, documents))
        took = _times(index, texts)
        written = sum(file.stat().st_size for file in Path(folder).glob("build-*/*"))
    cuts = quantiles(took, n=100)
    return Point(size, cuts[49], cuts[94], cuts[98], written / 1e6)


def _times(index: Index, texts: list[str]) -> list[float]:
    for text in texts[::10]:
        index.search(text)
    took = []
    for text in texts:
        started = time.thread_time()
        index.search(text)
        took.append(1000 * (time.thread_time() - started))
    return took


# ---- the drawing -------------------------------------------------------------------------------------------------

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 360, 52, 64, 64, 56
_FONT = 'font-family="sans-serif" font-size="13"'
_INK, _PALE = "#22201c", "#ddd6c8"
_LINES = (("p99", "#b3392c", -9), ("p95", "#22201c", 19), ("p50", "#5a7d5a", -9))  # and where its figures stand
_STEP = 5  # milliseconds between two lines across


def _svg(points: list[Point]) -> str:
    """Titles across, each step ten times the last but one; milliseconds up from nothing."""
    top = _STEP * (int(max(point.p99 for point in points) / _STEP) + 1)
    across = [_across(point.titles, points) for point in points]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" {_FONT}>',
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#faf8f3"/>',
        f'<text x="{_LEFT}" y="26" font-size="16" fill="{_INK}">Processor time of one answer, in milliseconds</text>',
        *_grid(top),
        *_labels(across, points),
    ]
    for name, colour, beside in _LINES:
        at = [(x, _up(getattr(point, name), top)) for x, point in zip(across, points, strict=True)]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in at)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        for (x, y), point in zip(at, points, strict=True):
            lines.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="{colour}"/>')
            value = f"{getattr(point, name):.1f}"
            lines.append(f'<text x="{x:.0f}" y="{y + beside:.0f}" text-anchor="middle" fill="{colour}">{value}</text>')
        lines.append(f'<text x="{_WIDE - 16}" y="{at[-1][1] + 4:.0f}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _across(titles: int, points: list[Point]) -> float:
    least, most = math.log(points[0].titles), math.log(points[-1].titles)
    return _LEFT + 24 + (math.log(titles) - least) / (most - least) * (_WIDE - _LEFT - _RIGHT - 48)


def _up(milliseconds: float, top: float) -> float:
    return _HIGH - _BOTTOM - milliseconds / top * (_HIGH - _TOP - _BOTTOM)


def _grid(top: int) -> Iterator[str]:
    for value in range(0, top + 1, _STEP):
        y = _up(value, top)
        yield f'<path d="M{_LEFT} {y:.0f}H{_WIDE - _RIGHT}" stroke="{_PALE}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end" fill="{_INK}">{value}</text>'


def _labels(across: list[float], points: list[Point]) -> Iterator[str]:
    for x, point in zip(across, points, strict=True):
        yield f'<text x="{x:.0f}" y="{_HIGH - 34}" text-anchor="middle" fill="{_INK}">{point.titles:,}</text>'
    yield f'<text x="{_LEFT}" y="{_HIGH - 12}" fill="{_INK}">titles in the catalogue: {_grown(points)}</text>'


def _grown(points: list[Point]) -> str:
    least, most = points[0], points[-1]
    return (
        f"{most.titles / least.titles:.0f} times as many take {most.p50 / least.p50:.1f} (p50), "
        f"{most.p95 / least.p95:.1f} (p95) and {most.p99 / least.p99:.1f} (p99) times as long"
    )


if __name__ == "__main__":
    show(measure(Path(sys.argv[2]) if len(sys.argv) > 2 else None))
