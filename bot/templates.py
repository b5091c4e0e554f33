"""A small language for what readers say: `[我要]续借{n}` has an optional part, `(a|b)` is a choice, `<name>` a named
fragment, `{n}` a slot. A template of few wordings becomes plain phrases, any other a regular expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from bot.numbers import CARDINAL, COUNTER, FROM_END, FROM_END_EN, LAST_BUT_ONE, NUMBER, ORDINAL

FEW = 1500  # wordings up to which listing them all is cheaper than matching

_CHOICE = (
    rf"(?:第 ?(?P<n>{NUMBER}|\d{{3,9}}(?= ?[本个]))(?: ?{COUNTER}(?: ?书)?)?|(?P<n2>{NUMBER}) ?{COUNTER}?"
    rf"|(?P<n6>{FROM_END}) ?{COUNTER}(?: ?书)?"
    rf"|(?:the )?(?P<n7>{FROM_END_EN}) (?:one|book|item|option|choice|result)|the (?P<n8>{FROM_END_EN})"
    rf"|(?P<n9>{LAST_BUT_ONE})"
    rf"|(?:the )?(?P<n3>{ORDINAL}|\d{{1,2}}(?:st|nd|rd|th))(?: one| book| item| option| choice| result)?"
    rf"|(?:number |no\.? ?|#)(?P<n4>{CARDINAL}|\d{{1,2}})|(?P<n5>{CARDINAL}))"
)
_ONE = rf"{NUMBER} ?{COUNTER}? ?书?"
_DAY = (
    r"(?:[这本]?下{0,2}个?(?:周|星期|礼拜)[一二三四五六日天末]|[今明]天|大?后天|[今明][早晚]|\d{1,2}月\d{1,2}[日号]|\d{1,2}[日号])"
)
_CLOCK = rf"(?:(?:\d{{1,2}}|{NUMBER}) ?(?:点钟?|时)(?: ?(?:半|[一三]刻|(?:\d{{1,2}}|{NUMBER}) ?分?))?|\d{{1,2}}:\d\d)"
_PART = r"(?:早上|早晨|上午|中午|下午|傍晚|晚上)"
_EN_DAY = (
    r"(?:(?:this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight)"
    r"(?: morning| afternoon| evening)?"
)
_EN_CLOCK = r"\d{1,2}(?:(?::\d\d)? ?(?:am|pm|o'?clock)|:\d\d)?"
_MARKED = r"《[^《》]{1,120}》"

# Every slot has a bound, and a template holds one free slot at most, so matching cannot run away.
SLOTS: Mapping[str, str] = {
    "n": _CHOICE,
    "many": rf"(?P<query>{_ONE}(?: ?(?:和|跟|与|及|、|,|还有|以及| ) ?(?:第 ?)?{_ONE}){{1,8}})",
    "book": rf"(?P<title>{_MARKED})",
    "title": rf"(?P<title>{_MARKED}|[^《》]{{1,80}}?)",
    "query": r"(?P<query>.{1,400}?)",
    "kind": r"(?P<query>[^《》的]{1,12}?|[a-z' -]{1,40}?)",
    "order": r"(?P<query>[a-z]{0,4}-?\d[\dx-]{2,24})",
    "place": r"(?P<place>[^《》,。 ]{2,12}?)",
    "point": r"(?P<place>[^《》,。 的]{1,10}?(?:馆|书房|书屋|站|柜|科技园|区|街道))",
    "spot": r"(?P<place>[a-z][a-z' -]{1,30})",
    "age": rf"(?:{NUMBER})",
    "moment": rf"(?:{_DAY} ?的? ?(?:{_PART})? ?(?:{_CLOCK})?|{_PART} ?(?:{_CLOCK})?|{_CLOCK})",
    "when": rf"(?:{_EN_DAY}(?: at {_EN_CLOCK})?|{_EN_CLOCK}(?: on)? {_EN_DAY}|{_EN_CLOCK})",
    "count": rf"(?P<count>{NUMBER}|{CARDINAL}|an?|半)",
}

_PIECE = re.compile(r"\{\w+\}|.", re.S)
_HAN = re.compile(r"[\u3400-\u9fff]")
_FRAGMENT = re.compile(r"<(\w+)>")
_GROUPS = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", " ": " "}


def fill(template: str, fragments: Mapping[str, str]) -> str:
    """`template` with every `<name>` replaced by that fragment in brackets. KeyError for an unknown name."""
    return _FRAGMENT.sub(lambda m: f"({fragments[m[1]]})", template)


def wordings(template: str) -> list[str] | None:
    """Every text the template allows, or None if it has a slot or allows too many."""
    if "{" in template:
        return None
    found, rest = _alternatives(template)
    if rest:
        raise ValueError(f"unbalanced template: {template}")
    return found if len(found) <= FEW else None


def _alternatives(text: str) -> tuple[list[str], str]:
    """The wordings up to the bracket that closes this group, and what follows; past FEW only their number matters."""
    done: list[str] = []
    now = [""]
    while text and text[0] not in ")]":
        head, text = text[0], text[1:]
        if head == "|":
            done, now = done + now, [""]
        elif head in "([":
            inner, text = _alternatives(text)
            choices = [*inner, ""] if head == "[" else inner
            now, text = list(islice((a + b for a in now for b in choices), FEW + 1)), text[1:]
        else:
            now = [a + head for a in now]
    return (done + now)[: FEW + 1], text


def expression(template: str) -> str:
    """The regular expression for a template; a blank may stand after any Han character."""
    parts = []
    for part in _PIECE.findall(template):
        if part in _GROUPS:
            parts.append(_GROUPS[part])
        elif part.startswith("{"):
            parts.append(SLOTS[part[1:-1]])
        else:
            parts.append(f"{part} ?" if _HAN.match(part) else re.escape(part))
    return "".join(parts)
