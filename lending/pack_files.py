"""Reads a pack's file; one that is no UTF-8 or no TOML is refused with its line, and with what was probably meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from lending.ledger_rules import PolicyError, Wrong

AT_LINE = re.compile(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)")
WIDE = str.maketrans("“”‘’＝，：［］｛｝", "\"\"''=,:[]{}")  # what a Chinese keyboard gives for TOML's signs


def read(path: Path) -> str:
    """The file's text; a byte order mark before it does no harm."""
    try:
        if path.is_fifo():  # it would be waited for
            raise PolicyError(str(path), "a pipe, not a file")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(str(path), error.strerror or "") from error
    except UnicodeDecodeError as error:
        reason = Wrong("not written in {coding} (GBK?): save it as UTF-8 and try again", coding="utf-8")
        raise PolicyError(path.name, reason) from error


def parsed(path: Path, text: str) -> Mapping[str, Any]:
    """What the text says; shared by all who ask."""
    if not text.strip():
        raise PolicyError(path.name, Wrong('empty; begin with inherits = "default", name and version'))
    try:
        return _tables(text)
    except tomllib.TOMLDecodeError as error:
        number, reasons = _told(str(error), text.splitlines())
        raise PolicyError(f"{path.name}:{number}", *reasons) from error
    except (ValueError, RecursionError) as error:  # Python reads no number of thousands of digits
        raise PolicyError(path.name, Wrong("a number too long or brackets too deep to be read")) from error


_tables = lru_cache(maxsize=64)(tomllib.loads)  # a pack is read again with each of those that lie over it


def _told(error: str, lines: list[str]) -> tuple[int, list[Wrong]]:
    found = AT_LINE.fullmatch(error)
    reason, number = (found[1], int(found[2] or len(lines))) if found else (error, 1)
    line = lines[min(number, len(lines)) - 1]
    wide = [Wrong("write \" ' = , [ ] as on an English keyboard")] if line.translate(WIDE) != line else []
    return number, [Wrong("{reason}: {line}", reason=reason, line=line.strip()[:60]), *wide]


def like(said: str, known: Iterable[str]) -> list[Wrong]:
    """The nearest of the words there are, for whoever slipped on a key."""
    near = difflib.get_close_matches(said, [str(one) for one in known], 1, 0.6)
    return [Wrong("did you mean {near!r}?", near=one) for one in near]
