"""Small numbers as readers write them (2, ２, ②, 二, 两, 第二十一, second) turned into integers; places that are
counted from the end (最后一本, 倒数第二个, 中间那本) into numbers below zero."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_WORDS = {word: n for words in (_CARDINALS, ORDINALS) for n, word in enumerate(words, 1)} | {"a": 1, "an": 1}

NUMBER = r"(?:\d{1,2}|[②-⑳]|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
CARDINAL = "(?:" + "|".join(sorted(_CARDINALS, key=len, reverse=True)) + ")"
ORDINAL = "(?:" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + ")"


COUNTER = "[本个项条号场部单份]"
MIDDLE = -1000  # stands for the one in the middle
FROM_END = rf"(?:倒数 ?第 ?{NUMBER}|(?:最后|最末|最下[面边]|最底下|末尾|最?中间)的?(?:[那这]?一|[那这])?)"
NTH = rf"(?:第 ?{NUMBER}|{FROM_END}(?= ?{COUNTER}))"
LAST_BUT_ONE = "(?:(?:second|next)[ -]to[ -](?:the )?last|last but one|second last)"
FROM_END_EN = f"(?:last|final|bottom|middle|{LAST_BUT_ONE})"
_FROM_END_EN = {"last": -1, "final": -1, "bottom": -1, "middle": MIDDLE}
_FIRST_NUMBER = re.compile(NUMBER)
T = TypeVar("T")


def place(text: str) -> int | None:
    """Which place `text` says, as far as it is one of FROM_END or their like in English: -1 for the last, MIDDLE; a
    number said before that as itself (第二)."""
    if text.isascii():
        return _FROM_END_EN.get(text, -2)
    if "中间" in text:
        return MIDDLE
    if text.startswith(("第", "倒")):
        found = _FIRST_NUMBER.search(text)
        n = to_int(found[0]) if found else None
        return -n if n and text[0] == "倒" else n
    return -1


def nth(things: Sequence[T], n: int) -> T | None:
    """The n-th (from 1), counted from the end below zero; None where there is none, or none in the middle."""
    if n == MIDDLE:
        return things[len(things) // 2] if len(things) % 2 else None
    at = n - 1 if n > 0 else len(things) + n
    return things[at] if n and 0 <= at < len(things) else None


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
