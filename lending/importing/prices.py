"""A price in fen, when it is one in 人民币; other currencies are no price to a Chinese library."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
OURS = re.compile(r"CNY|RMB|人民币|[¥元圆块]")
FOREIGN = re.compile(r"[A-Za-z$£€₩円]|日元|美元|英镑|欧元|[台臺港韩]|新台币|NT")
REMARK = re.compile(r"\([^)]*\)")
DEAREST = 10_000_000


@lru_cache(maxsize=8192)
def price_fen(text: str) -> int | None:
    """39.00元, CNY 39, ￥39, 128.00元（全三册） → fen; NT$, USD, 円 … → None."""
    plain = REMARK.sub(" ", unicodedata.normalize("NFKC", text))
    if FOREIGN.search(OURS.sub("", plain.upper())):
        return None
    found = NUMBER.search(plain)
    if found is None or len(found.group()) > 12:
        return None
    fen = round(float(found.group().replace(",", "")) * 100)
    return fen if 0 < fen <= DEAREST else None


def is_price(text: str) -> bool:
    """Does the text look like a price, whatever the currency?"""
    plain = unicodedata.normalize("NFKC", text).strip()
    marked = bool(OURS.search(plain.upper()) or FOREIGN.search(plain) or "." in plain)
    return bool(re.fullmatch(r"\D{0,8}\d[\d,.]*\D{0,8}(\(.*)?", plain)) and (marked or len(plain) < 4)
