"""Checksums: each segment carries those of its files and one over itself, so that a flipped byte is noticed at open."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

from search.codec import TitleSegment

_PIECE = 1 << 22  # bytes read at once


def seal(folder: Path, segments: Iterable[TitleSegment]) -> None:
    """Before a commit: sum up the files of new segments, and sign every segment as it stands."""
    for segment in segments:
        segment.sums = segment.sums or {path.name: _sum(path) for path in _files(folder, segment)}
        segment.signed = _signature(segment)


def check(folder: Path, segment: TitleSegment, files: bool) -> None:
    """OSError when a segment is not as it was committed; `files` reads them all (about 1 GB/s)."""
    if segment.signed != _signature(segment):
        raise OSError(f"segment {segment.segid} is not as it was committed")
    for name, expected in segment.sums.items() if files else ():
        if _sum(folder / name) != expected:
            raise OSError(f"{name} is not as it was written")


def _files(folder: Path, segment: TitleSegment) -> list[Path]:
    return sorted(folder.glob(f"{segment.segment_id()}.*"))


def _sum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            total = crc32(piece, total)
    return total


def _signature(segment: TitleSegment) -> int:
    parts: tuple[Any, ...] = (
        segment.segment_id(), segment.doc_count_all(), sorted(segment.deleted_docs()), segment.revision, segment.posted,
        sorted(segment.sums.items()),
    )  # fmt: skip
    return crc32(repr(parts).encode())
