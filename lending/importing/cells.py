"""One cell's text made clean: spaces, invisible marks, HTML entities, labels, numbers and ISBNs."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

from stdnum import isbn as stdnum_isbn

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]"
)
TAGS = re.compile(r"</?(?:br|p|b|i|u|em|strong|span|font|div|a)\b[^<>]*>", re.IGNORECASE)
LABEL = re.compile(
    r"^(作者/译者|作者|译者|著者|责任者|出版社|出版者|出版信息|出版年|出版日期|书名|题名|定价|价格|页数|丛书|ISBN)\s*[：:]\s*"
)
LARGEST = 2**31
HYPHENS = re.compile(r"[\s\-‐‑‒–—―−－_.·]+")
ISBN_SHAPE = re.compile(r"(?<![\dA-Z])(?:97[89]\d{10}|\d{9}[\dX])(?![\dA-Z])")
SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?1[0-4]$")
UNIFIED = re.compile(r"^\(?\d{4,5}[·•.．\-]\s?\d{1,5}")


def clean(value: Any) -> str:
    """The value as one line of text without invisible marks, entities or doubled spaces."""
    if not value and value != 0:
        return ""
    text = _as_text(value)
    if text.isprintable() and "  " not in text and "&" not in text and "<" not in text:
        return text.strip()
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = TAGS.sub(" ", text)
    return " ".join(INVISIBLE.sub("", text).split())


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (bool, dict)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ";".join(_as_text(part) for part in value)
    return str(value)


def unlabelled(text: str) -> tuple[str, str]:
    """A label inside the cell ("作者：鲁迅") and the text without it."""
    found = LABEL.match(text) if "：" in text or ":" in text else None
    return (found.group(1), text[found.end() :].strip()) if found else ("", text)


def whole_number(value: Any) -> int | None:
    """The first whole number in the text ("139页", "000137", "(27人评价)"); None when there is none or it is absurd."""
    text = clean(value)
    if text.startswith("(少于"):
        return None
    found = re.search(r"\d+", text.replace(",", ""))
    if found is None or len(found.group()) > 10:
        return None
    number = int(found.group())
    return number if number < LARGEST else None


def isbn13(text: str) -> tuple[str, str]:
    """The first valid ISBN as 13 digits and "", or "" and what is wrong with it (a key of problems.WORDS)."""
    if not text:
        return "", ""
    plain = unicodedata.normalize("NFKC", text).upper().replace("ISBN", " ").strip(" :='\"")
    if SCIENTIFIC.match(plain):
        return "", "isbn_destroyed"
    if plain.endswith(".0"):
        plain = plain[:-2]
    for found in ISBN_SHAPE.findall(HYPHENS.sub("", plain)) or _ten_with_lost_zero(plain):
        if len(set(found)) > 2 and stdnum_isbn.is_valid(found):
            return str(stdnum_isbn.to_isbn13(found)), ""
    return "", "unified_number" if UNIFIED.match(plain) else "bad_isbn"


def _ten_with_lost_zero(plain: str) -> list[str]:
    """An ISBN-10 kept as a number loses its leading zero."""
    return ["0" + plain] if re.fullmatch(r"\d{8}[\dX]", plain) else []
