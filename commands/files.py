"""Files that a command leaves behind: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write it; it has its name once it is whole and on the disk, for nobody else to read.

    Raises OSError naming `file`; nothing is left then.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        yield part
        _keep(part)
        part.rename(file)
        _keep(file.parent)
    except OSError as error:  # the one of a full disk names no file
        raise OSError(error.errno, error.strerror, str(file)) from error
    finally:
        part.unlink(missing_ok=True)


def _keep(path: Path) -> None:
    """A file's content, or a folder's names, last too."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
