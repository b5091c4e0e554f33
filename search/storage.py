"""Index files mapped into memory: reads by position, which threads can share (Whoosh's own files seek, then read)."""

from __future__ import annotations

from io import BytesIO
from mmap import ACCESS_READ, mmap
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile


class MappedFile(StructFile):
    """A file for reading. It is let go with its last reader, never under one."""

    def __init__(self, path: str, name: str) -> None:
        with open(path, "rb") as file:
            whole = file.read(1) and mmap(file.fileno(), 0, access=ACCESS_READ)
        self._bytes: Any = whole or b""
        super().__init__(whole or BytesIO(), name=name)

    def get(self, position: int, length: int) -> bytes:
        """`length` bytes from `position` on; fewer at the end of the file."""
        return self._bytes[position : position + length]

    def close(self) -> None:
        """Nothing: a snapshot may still be read by a search that began before a newer one came."""


class MappedStorage(FileStorage):
    """Whoosh's folder of files, read through MappedFile."""

    def open_file(self, name: str, **options: Any) -> MappedFile:
        """See FileStorage."""
        return MappedFile(self._fpath(name), name)
