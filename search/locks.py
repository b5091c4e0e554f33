"""One writer at a time, however many threads and processes: a lock on a file, which ends with its holder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whoosh.util.filelock import FileLock, try_for

from search.errors import IndexBusy


@contextmanager
def holding(folder: Path, name: str, wait: float) -> Iterator[None]:
    """Hold the lock `name` of an index for the block; IndexBusy after `wait` seconds."""
    lock = FileLock(str(folder / f"{name}.lock"))
    if not try_for(lock.acquire, timeout=wait, delay=0.01):
        since = f" for more than {wait:g} s" if wait else ""
        raise IndexBusy(folder, f"another process or thread is at work on the index ({name}){since}")
    try:
        yield
    finally:
        lock.release()
