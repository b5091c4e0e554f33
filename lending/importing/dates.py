"""The year in what people write as a date: 2005-8, 2008年1月, 20051101, 民国二十六年, 昭和60年, [1998]."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ERAS = {
    "民国": 1911, "民國": 1911, "民": 1911, "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
}  # fmt: skip
ERA = re.compile(
    r"(民国|民國|(?<!人)民(?=\s*\d)|明治|大正|昭和|平成|令和)\s*(?:(\d{1,3})|([元一二三四五六七八九十]{1,4}))"
)
COMPACT = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)")
PLAIN = re.compile(r"(?<!\d)(1[0-9]\d\d|20\d\d)(?!\d)")
TAIWAN = re.compile(r"^(\d{2,3})/\d{1,2}/\d{1,2}$")
HAN_YEAR = re.compile(r"([一二][〇○零Ｏ一二三四五六七八九]{3})年?")
HAN_DIGITS = {sign: max(0, at - 3) for at, sign in enumerate("〇○零Ｏ一二三四五六七八九")}
DATE_STUFF = re.compile(
    r"第\s*\S{1,3}\s*版|修订版|[\d年月日\s()（）\[\]\-./]|民国|[〇○零一二三四五六七八九十]+[年月日]"
)


@lru_cache(maxsize=8192)
def year_of(text: str) -> int | None:
    """The first year the text names, 1000 to 2099, or None."""
    found = HAN_YEAR.search(text)
    if found:
        return int("".join(str(HAN_DIGITS[sign]) for sign in found.group(1)))
    plain = unicodedata.normalize("NFKC", text)
    return _of_era(plain) or _of_digits(plain)


def _of_era(text: str) -> int | None:
    found = ERA.search(text)
    if found is None:
        return None
    number = int(found.group(2)) if found.group(2) else _han_number(found.group(3))
    return ERAS[found.group(1)] + number


def _han_number(text: str) -> int:
    """元 to 九十九."""
    tens, ten, ones = text.rpartition("十")
    number = 10 * (HAN_DIGITS.get(tens, 1) if ten else 0)
    return number + (1 if ones == "元" else HAN_DIGITS.get(ones, 0))


def _of_digits(text: str) -> int | None:
    taiwan = TAIWAN.match(text)
    if taiwan:
        return 1911 + int(taiwan.group(1))
    found = PLAIN.search(text) or COMPACT.search(text)
    return int(found.group(1)) if found else None


def is_date(text: str) -> bool:
    """Is there nothing in the text but an edition or a date ("第1版 (2007年3月1日)")?"""
    return not DATE_STUFF.sub("", text) and (year_of(text) is not None or "版" in text)
