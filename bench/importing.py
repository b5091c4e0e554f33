"""A whole catalogue imported: rows a second and peak memory (Linux), against jieba cutting the same titles alone.

python -m bench.importing PATH        a file of titles in any format `flask import` reads
SHUXIN_BOOKS=PATH python -m bench.importing
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jieba

from bench.table import Figure, show
from lending.importing import Record, read

ROUNDS = 3
IMPORT = """
import re, sys, time
from pathlib import Path
from lending.database import Store
from lending.importing import load
from lending.migrations import migrations
store = Store(Path(sys.argv[2]) / "shuxin.db")
with store.writing() as db:
    migrations.apply(db)
start = time.perf_counter()
report = load(store, Path(sys.argv[1]))
seconds = time.perf_counter() - start
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # ru_maxrss would count the parent's too
print(report.read, seconds, int(peak.group(1)) / 1024)
"""


def imported(path: Path) -> tuple[int, float, float]:
    """One import into a fresh store: rows, seconds, peak memory in MB. In a process of its own, for the peak."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", IMPORT, str(path), folder]
        rows, seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(rows), float(seconds), float(peak)


def cutting(titles: list[str]) -> float:
    """Seconds jieba takes to cut every title."""
    start = time.perf_counter()
    for title in titles:
        jieba.lcut(title)
    return time.perf_counter() - start


def measure() -> list[Figure]:
    """Three rounds, each an import and a cutting one after the other; the medians."""
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SHUXIN_BOOKS", "")
    if not named or not Path(named).is_file():
        sys.exit("Name a file of titles as the argument or in SHUXIN_BOOKS.")
    path = Path(named)
    jieba.initialize()
    titles = [found.entry.title for found in read(path) if isinstance(found, Record)]
    rates, peaks, ratios = [], [], []
    for _ in range(ROUNDS):
        rows, seconds, peak = imported(path)
        cut = cutting(titles)
        rates.append(rows / seconds)
        peaks.append(peak)
        ratios.append(seconds / cut)
        print(f"{rows} rows in {seconds:.1f} s, peak {peak:.0f} MB; jieba alone {cut:.1f} s: {seconds / cut:.2f} ×")
    rate, peak, ratio = map(statistics.median, (rates, peaks, ratios))
    return [
        Figure("importing, of the time jieba takes to cut the titles", ratio),
        Figure("importing, rows a second", rate),
        Figure("importing, peak MB", peak),
    ]


if __name__ == "__main__":
    show(measure())
