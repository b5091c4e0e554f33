"""International standard book numbers: ten or thirteen digits, with or without hyphens, to one form."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

_LOOKS = re.compile(r"(?:isbn(?:[\s\-‐‑]*1[03](?=[\s:：]))?[\s:：\-]*)?([\dxX][\d\sxX\-‐‑–—－]{7,24})", re.IGNORECASE)
_DIGITS = "0123456789X"
_SIZES = range(9, 15)  # digits of an ISBN with one too few or too many


def isbn13(text: str) -> str:
    """The thirteen digits of an ISBN-10 or ISBN-13 with a right check digit, else ''."""
    digits = re.sub(r"[^0-9X]", "", text.upper())
    if len(digits) == 13 and digits.isdigit():
        return digits if check13(digits[:12]) == digits[12] else ""
    if len(digits) == 10 and digits[:9].isdigit() and _check10(digits[:9]) == digits[9]:
        return "978" + digits[:9] + check13("978" + digits[:9])
    return ""


def query_isbn(text: str) -> str:
    """The ISBN when the whole text is one ('ISBN 978-7-…', full width or not), else ''."""
    return isbn13(_digits(text))


def nearly(text: str) -> tuple[str, ...]:
    """The ISBNs of which a text is one with a digit wrong, missing, doubled or swapped; () for anything else."""
    digits = _digits(text)
    if len(digits) not in _SIZES:
        return ()
    pairs = [(digits[:at], digits[at:]) for at in range(len(digits) + 1)]
    swapped = (head + tail[1] + tail[0] + tail[2:] for head, tail in pairs if len(tail) > 1)
    without = (head + tail[1:] for head, tail in pairs if tail)
    other = (head + digit + tail[1:] for head, tail in pairs if tail for digit in _DIGITS)
    more = (head + digit + tail for head, tail in pairs for digit in _DIGITS)
    meant = filter(None, map(isbn13, chain(swapped, other, more, without)))
    return tuple(dict.fromkeys((digits, *meant)))  # a catalogue may hold the damaged one itself


def _digits(text: str) -> str:
    found = _LOOKS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return re.sub(r"[^0-9X]", "", found[1].upper()) if found else ""


def check13(first: str) -> str:
    """The thirteenth digit for the first twelve."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first)) % 10)


def _check10(first: str) -> str:
    rest = -sum(int(digit) * (10 - place) for place, digit in enumerate(first)) % 11
    return "X" if rest == 10 else str(rest)
