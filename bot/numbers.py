"""Small numbers as readers write them (2, ２, ②, 二, 两, 第二十一, second) turned into integers."""

from __future__ import annotations

import unicodedata

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_WORDS = {word: n for words in (_CARDINALS, ORDINALS) for n, word in enumerate(words, 1)} | {"a": 1, "an": 1}

NUMBER = r"(?:\d{1,2}|[②-⑳]|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
CARDINAL = "(?:" + "|".join(sorted(_CARDINALS, key=len, reverse=True)) + ")"
ORDINAL = "(?:" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + ")"


def to_int(text: str) -> int | None:
    """The number `text` spells, 0 to 99 in Chinese, or None when it spells none."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) == 1 and unicodedata.numeric(text, -1.0) > 0 and text not in _DIGITS:
        return int(unicodedata.numeric(text))
    if text.isdecimal():
        return int(text)
    return _from_chinese(text)


def _from_chinese(text: str) -> int | None:
    tens, ten, ones = text.partition("十")
    if any(part and part not in _DIGITS for part in (tens, ones)) or not text:
        return None
    if not ten:
        return _DIGITS[tens]
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
