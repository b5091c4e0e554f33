"""International standard book numbers: ten or thirteen digits, with or without hyphens, to one form."""

from __future__ import annotations

import re
import unicodedata

_LOOKS = re.compile(r"(?:isbn[\s:：]*(?:1[03][\s:：]+)?)?([\dxX][\d\sxX\-‐‑–—－]{8,24})", re.IGNORECASE)


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
    found = _LOOKS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return isbn13(found[1]) if found else ""


def check13(first: str) -> str:
    """The thirteenth digit for the first twelve."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(first)) % 10)


def _check10(first: str) -> str:
    rest = -sum(int(digit) * (10 - place) for place, digit in enumerate(first)) % 11
    return "X" if rest == 10 else str(rest)
