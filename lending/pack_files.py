"""Reads a pack's file; one that is no UTF-8 or no TOML is refused with its line, and with what was probably meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lending.ledger_rules import PolicyError

AT_LINE = re.compile(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)")
WIDE = str.maketrans("“”‘’＝，：［］｛｝", "\"\"''=,:[]{}")  # what a Chinese keyboard gives for TOML's signs


def read(path: Path) -> str:
    """The file's text; a byte order mark before it does no harm."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path.name}: not written in utf-8 (GBK?): save it as UTF-8 and try again") from error


def parsed(path: Path, text: str) -> dict[str, Any]:
    """What the text says."""
    if not text.strip():
        raise PolicyError(f'{path.name}: empty; begin with inherits = "default", name and version')
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path.name}:{_told(str(error), text.splitlines())}") from error


def _told(error: str, lines: list[str]) -> str:
    found = AT_LINE.fullmatch(error)
    reason, number = (found[1], int(found[2] or len(lines))) if found else (error, 1)
    line = lines[min(number, len(lines)) - 1]
    wide = "; write \" ' = , [ ] as on an English keyboard" if line.translate(WIDE) != line else ""
    return f"{number}: {reason}: {line.strip()[:60]}{wide}"


def like(said: str, known: Iterable[str]) -> str:
    """The nearest of the words there are, for whoever slipped on a key."""
    near = difflib.get_close_matches(said, [str(one) for one in known], 1, 0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
