"""What can go wrong with the index, each with a line that says what to do about it."""

from __future__ import annotations

from pathlib import Path


class IndexProblem(Exception):
    """The index cannot be used as it is; it can always be built again from the database."""

    def __init__(self, folder: Path, trouble: str) -> None:
        super().__init__(f"{folder}: {trouble}")
        self.folder = folder


class IndexMissing(IndexProblem):
    """There is no index in the folder, or it was built by a version that stored it differently."""


class IndexDamaged(IndexProblem):
    """The index's files are there but cannot be read."""


class IndexBusy(IndexProblem):
    """Another writer held the index for longer than we were ready to wait."""
