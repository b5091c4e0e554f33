"""`make bench`: every part in turn, then one table. Ratios only: each figure is measured against a peer in its own run.

The parts about a whole catalogue need a big file of titles: SHUXIN_BOOKS=books.jsonl.gz make bench. With SHUXIN_INDEX
naming a folder too, those about finding share one index instead of building each its own.
"""

from __future__ import annotations

import os

from bench import (
    flash,
    importing,
    indexing,
    openness,
    orders,
    photos,
    search_growth,
    search_quality,
    search_speed,
    sending,
    web,
)
from bench.table import show

ALWAYS = (orders, web, flash, sending, photos, openness)
WITH_BOOKS = (importing, indexing, search_quality, search_speed, search_growth)


def main() -> int:
    """0 when every goal is met."""
    parts = (*ALWAYS, *WITH_BOOKS) if os.environ.get("SHUXIN_BOOKS") else ALWAYS
    found = []
    for part in parts:
        print(f"—— {part.__name__}", flush=True)
        found += part.measure()
    met = show(found)
    if len(parts) == len(ALWAYS):
        print("\nLeft out, for SHUXIN_BOOKS names no file of titles: importing, indexing, finding.")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
