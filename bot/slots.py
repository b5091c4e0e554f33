"""What a matched template holds, cut out of the reader's own wording: titles, words to search, numbers, days."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.numbers import place, to_int
from bot.phrasebook import Rule, phrasebook
from bot.templates import SLOTS

Slots = Mapping[str, str | int]

_AROUND = " .,!?;:~…，。！？；：、“”\"'《》〈〉「」『』"
_BOOK_MARK = re.compile(r" ?的? ?《|》 ?")
_BEHIND_TITLE = re.compile(r" ?(?:这本书|那本书|这本|那本|这书|一书|the book|一下|吗|呢|吧|了)$")
_BEHIND_QUERY = re.compile(
    r" ?(?:(?:方面|相关|类|题材|主题|写)?的(?:书籍|图书|小说|作品|著作|绘本|图画书|书)(?:吗)?"
    r"|(?:这|那)一?本(?:书|小说)?|这书|一书"
    r"|可以借吗|能借吗| books?)$"
)
_BEFORE_QUERY = re.compile(r"^(?:一本|几本|一些|书名是|书名叫|名叫|叫做|叫|的(?![士确])|关于|有关|:|\|)? ?")
_NO_TITLE_TO_BUY = re.compile(  # "could you buy it", "some more english books": which one is asked
    "(?:[这那]一?(?:本书?|个|书)|它|it|this|that|them|one|another"
    "|(?:(?:some|any|more|other|another|new|english|foreign|chinese|children's|good) )*"
    "(?:books?|cop(?:y|ies)|titles?|ones?))"
)
_NO_PLACE = ("me", "here", "us", "我", "这", "你们", "我家", "家", "学校", "附近", "这附近")
_A_CHOICE = re.compile(SLOTS["n"])
_WEEK, _MONTH = re.compile("周|星期|礼拜|week"), re.compile("月|month")


def slots_of(rule: Rule, found: re.Match[str] | None, said: str, folded: str) -> Slots | None:
    """The slots of `rule` as it matched (None: a plain phrase); None when a slot holds nothing that could be meant."""
    slots: dict[str, str | int] = dict(rule.slots)
    groups = {k: v for k, v in found.groupdict().items() if v} if found else {}
    for name in groups:
        value = _value(rule, name, found, said)  # type: ignore[arg-type]
        if value is None or value == "":
            return None
        slots["days" if name == "count" else name.rstrip("23456789")] = value
    if rule.intent == "faq":
        slots["query"] = said
    if slots.get("language") == "zh_Hans" and _asks_traditional(said, folded):
        slots["language"] = "zh_Hant"
    return slots


def _value(rule: Rule, name: str, found: re.Match[str], said: str) -> str | int | None:
    own = said[slice(*found.span(name))]
    if name in ("n6", "n7", "n8", "n9"):
        return place(found[name])
    if name[0] == "n":
        number = to_int(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", found[name]))
        return number if name == "n" else number or None  # "第0本" counts along a list, "0" may be a title
    if name == "count":
        return _days(found)
    if name == "title" and rule.intent == "suggest_purchase":
        wished = found[name].strip()
        if len(wished) < 2 or _NO_TITLE_TO_BUY.fullmatch(wished):
            return None  # 荐购者
    if name == "title":
        return own[1:-1].strip() if found[name][0] == "《" else _bare_title(own, found[name])
    if rule.only and found[name].strip() not in rule.only:
        return None
    if name == "place" and found[name] in _NO_PLACE:
        return None
    return _words(own, found[name]) if rule.intent == "search" else own.strip(_AROUND)


def _bare_title(own: str, folded: str) -> str | None:
    """A title without book marks; None for a choice ("第2本") or a courtesy, which other templates read better."""
    if folded.startswith("的") or _A_CHOICE.fullmatch(folded.strip()) or phrasebook().leads.match(folded):
        return None
    return _BEHIND_TITLE.sub("", own.strip(_AROUND)).strip(_AROUND)


def _days(found: re.Match[str]) -> int | None:
    unit = 7 if _WEEK.search(found[0]) else 30 if _MONTH.search(found[0]) else 1
    if found["count"] == "半":
        return unit // 2 or None
    count = to_int(found["count"])
    return count * unit if count is not None else None


def _words(own: str, folded: str) -> str | None:
    """The words to search in what stood inside a wrapper, or None when nothing is left to search for."""
    own, folded = own.strip(), folded.strip()
    before = _BEFORE_QUERY.match(folded)
    start, end = before.end() if before else 0, len(folded)
    if behind := _BEHIND_QUERY.search(folded):
        end = behind.start() if behind.start() > start else end
    pairs = zip(own[start:end], folded[start:end], strict=True)
    marked = "".join(plain if plain in "《》" else char for char, plain in pairs)
    words = " ".join(_BOOK_MARK.sub(" ", marked).split()).strip(_AROUND)
    return words if any(char.isalnum() for char in words) else None


def _asks_traditional(said: str, folded: str) -> bool:
    """Whether 中文 is asked for in traditional characters, without naming the simplified ones."""
    return "简" not in folded and any(a != b and "\u3400" <= b <= "\u9fff" for a, b in zip(said, folded, strict=True))
