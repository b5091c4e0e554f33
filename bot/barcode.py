"""The barcodes on a photo, read by a process of its own: no picture can harm or hold up the one that serves."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from bot.picture_limits import BOOKLAND, MOST_BYTES
from search.isbn import isbn13

log = logging.getLogger(__name__)

WALL_SECONDS = 5.0
AT_ONCE = 2  # pictures being read; the others wait for their turn, and not for ever
ROOT = Path(__file__).parents[1]
PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # no token and no secret goes with it

_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read. `problem` is "", "empty", "too_large", "format", "damaged" or "busy"."""

    isbn: str = ""  # thirteen digits
    others: tuple[str, ...] = ()  # other barcodes: a copy's own may be among them
    problem: str = ""


def scan(picture: bytes) -> Scan:
    """Every barcode on a photo (JPEG, PNG or WebP); never raises, and takes at most twice `WALL_SECONDS` (F-1)."""
    if not picture:
        return Scan(problem="empty")
    if len(picture) > MOST_BYTES:
        return Scan(problem="too_large")
    if not _turns.acquire(timeout=WALL_SECONDS):
        return Scan(problem="busy")
    try:
        return _scan(picture)
    finally:
        _turns.release()


def _scan(picture: bytes) -> Scan:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot.barcode_reader"],
            input=picture, capture_output=True, timeout=WALL_SECONDS, cwd=ROOT, env=_surroundings(), check=True,
        )  # fmt: skip
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        log.warning("a picture took too long")
        return Scan(problem="busy")
    except OSError as error:  # no process, no file to be had now: nothing is known of the picture
        log.warning("a picture was not looked at: %s", error.strerror)
        return Scan(problem="busy")
    except (subprocess.SubprocessError, ValueError) as error:
        log.warning("a picture could not be read: %s", type(error).__name__)
        return Scan(problem="damaged")
    books = [text for kind, text in found["codes"] if kind == "EAN13" and text.startswith(BOOKLAND) and isbn13(text)]
    others = tuple(text for _kind, text in found["codes"] if text not in books)
    return Scan(books[0] if books else "", others, found["problem"])


def _surroundings() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}
