"""Filters in words: how readers narrow a list ("只看中心馆的", "2010年以后的"), and how the list says it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.books import city_name, place_name
from bot.folding import clean, fold
from bot.numbers import to_int
from bot.texts import N_, Words, material
from lending import cities
from lending.catalogue import Point
from lending.cities import City
from lending.selection import FOREIGN, Filters
from search import forms

MATERIALS = {  # what readers call the catalogue's form of a copy
    "book": ("纸书", "纸质书", "纸质版", "图书", "printed books", "print"),
    "ebook": ("电子书", "电子版", "ebook", "ebooks", "e-book", "e-books"),
    "audiobook": ("有声书", "有声", "听书", "音频版", "音频", "audiobook", "audiobooks"),
    "journal": ("期刊", "杂志", "journal", "journals", "magazines"),
    "newspaper": ("报纸", "newspaper", "newspapers"),
    "disc": ("光盘", "影碟", "cd", "dvd", "discs"),
}
LANGUAGES = {  # the catalogue's code, what it is called, and what else readers call it; "英语书" is one to learn from
    "zh": (N_("中文"), ("中文", "chinese")),
    "en": (N_("英文"), ("英文", "英语", "english")),
    "ja": (N_("日文"), ("日文", "日语", "japanese")),
    "ko": (N_("韩文"), ("韩文", "韩语", "korean")),
    "fr": (N_("法文"), ("法文", "法语", "french")),
    "de": (N_("德文"), ("德文", "德语", "german")),
    "ru": (N_("俄文"), ("俄文", "俄语", "russian")),
    "es": (N_("西班牙文"), ("西班牙文", "西班牙语", "spanish")),
    FOREIGN: (
        N_("外文"),
        ("外文", "外国文字", "foreign", "foreign language", "a foreign language", "other languages", "other language"),
    ),
}
MINE = ("我的城市", "我们城市", "我这座城市", "本市", "本地", "my city", "in my city")
IN_CITY = re.compile(r" ?(?:市|城市)?(?:现在)?(?:在架|可借|能借|有|在馆)?$|^in ")  # around its name
AVAILABLE = ("可借", "能借", "在馆", "在架", "可以借", "现在可借", "现在能借", "借得到", "available", "available now")
ONLY = re.compile(r"^(?:我?只(?:想|要)?(?:看|要|找)|筛选|限定?|仅看|(?:show )?only |just ) ?(?:the )?")
OWNED = re.compile(r" ?(?:出版|馆藏|有|出|写|那里)?的(?:书|图书)?$|(?<=社)(?:出版|出)$|(?<=年)出版$| (?:books|ones)$")
YEAR = r"(?:1[5-9]|20)\d\d"
SINCE = re.compile(
    rf"({YEAR}) ?年?(?:以后|之后|以来|后|起|至今|及以后)|(?:after|since|from) ({YEAR})|({YEAR}) or (?:later|newer)"
)
UNTIL = re.compile(rf"({YEAR}) ?年?(?:以前|之前|前|及以前)|(?:before|until) ({YEAR})|({YEAR}) or (?:earlier|older)")
BETWEEN = re.compile(rf"({YEAR}) ?年?(?:到|至|-|~|–|—| to )({YEAR}) ?年?(?:之间)?")
DECADE = re.compile(r"((?:1[5-9]|20)\d)0(?:年代|s)")
LATELY = re.compile(
    r"(?:最?近|过去) ?(\d{1,2}|[一二两三四五六七八九十]+) ?年(?:内|以?来)?|(?:the )?last (\d{1,2}) years"
)
ONE = re.compile(rf"({YEAR}) ?年?")
A_PUBLISHER = re.compile(r"出版|社$|书店$|书局$|书馆$|press|books$|publish")
Years = tuple[int | None, int | None]
Choices = Callable[[], Iterable[Filters]]  # asked for only when they are needed


def begins(text: str) -> bool:
    """Whether it is said as a filter from the first word on."""
    return bool(ONLY.match(fold(clean(text))))


def heard(
    text: str, present: Filters, points: Iterable[Point], publishers: Choices, authors: Choices, year: int,
    mine: str = "",
) -> Filters | None:  # fmt: skip
    """`present` narrowed as the words ask; None when they are no filter.

    `year` is the present one, `mine` the reader's own city, '' for none.
    A branch, publisher, author or single year must be asked for as one ("只看…", "…的"): a bare name is a search.
    """
    core = fold(clean(text)).strip(" .,!?;")
    asked = ONLY.sub("", core)
    words = OWNED.sub("", asked).strip()
    said = words != core
    if words in AVAILABLE and (said or words.startswith("现在")):
        return replace(present, available=True)
    if span := years(words, year, single=said):
        return replace(present, year_from=span[0], year_to=span[1])
    if not said or len(words) < 2:
        return None
    if asked == core and not A_PUBLISHER.search(words):  # "只看三联" is one; "电影的" alone is not 中国电影出版社
        publishers = list
    known = list(points)
    if found := _city(words, cities.among(known), mine):
        return replace(present, city=found)
    return _name(words, present, known, publishers, authors)


def _city(words: str, known: Sequence[City], mine: str) -> str:
    """One of our cities by its whole name, or the reader's own; '' where there are none, and for a branch's name."""
    bare = IN_CITY.sub("", words).strip()
    if {words, bare} & set(MINE):
        return cities.own(known, mine)
    return next((one.name for one in known if bare and bare in (fold(one.name), fold(one.name_en))), "")


def _name(
    words: str, present: Filters, points: Iterable[Point], publishers: Choices, authors: Choices
) -> Filters | None:
    if form := next((code for code, said in MATERIALS.items() if words in said), ""):
        return replace(present, material=form)
    if tongue := next((code for code, (_name, said) in LANGUAGES.items() if words in said), ""):
        return replace(present, language=tongue)
    if found := point(words, points):
        return replace(present, point_id=found.id)
    if house := _house(words, list(publishers())):
        return replace(present, publisher=house.publisher, spellings=house.spellings)
    author = next((one.author for one in authors() if fold(one.author) == words), "")
    return replace(present, author=author) if author else None


def _house(words: str, houses: list[Filters]) -> Filters | None:
    """The very house under any of its names, else the first one of whose names holds the words."""
    form = forms.publisher(words)
    very = (house for house in houses if forms.publisher(house.publisher) == form)
    holding = (house for house in houses if any(words in fold(name) for name in (house.publisher, *house.spellings)))
    return next(very, None) or next(holding, None)


def years(words: str, present: int, single: bool = True) -> Years | None:
    """The years meant ("2010年以后" 2010–, "90年代" is not known); one year alone only if `single`."""
    if found := BETWEEN.fullmatch(words):
        first, last = sorted((int(found[1]), int(found[2])))
        return first, last
    if found := SINCE.fullmatch(words):
        return int(found[1] or found[2] or found[3]), None
    if found := UNTIL.fullmatch(words):
        return None, int(found[1] or found[2] or found[3])
    if found := DECADE.fullmatch(words):
        return int(found[1]) * 10, int(found[1]) * 10 + 9
    if found := LATELY.fullmatch(words):
        return present - (to_int(found[1] or found[2]) or 1) + 1, None
    found = ONE.fullmatch(words) if single else None
    return (int(found[1]), int(found[1])) if found else None


def point(words: str, points: Iterable[Point]) -> Point | None:
    """The one branch, else the one locker, whose name is these words, ends in them or holds them; None for several."""
    wanted, known = fold(words).removesuffix("里").strip(), list(points)
    for fits in (str.__eq__, str.endswith, str.__contains__):
        for kind in ("branch", "locker") if len(wanted) > 1 else ():
            found = [one for one in known if one.kind == kind and _fits(fits, one, wanted)]
            if len(found) == 1:
                return found[0]
    return None


def _fits(fits: Callable[[str, str], bool], one: Point, wanted: str) -> bool:
    return any(fits(fold(name), wanted) for name in (one.name, one.name_en) if name)


def described(_: Words, filters: Filters, points: Mapping[int, Point]) -> list[str]:
    """Each filter in the reader's words."""
    place = points.get(filters.point_id) if filters.point_id is not None else None
    said = [
        _("可借的") if filters.available else "",
        _("{city}在架的", city=_city_name(_, filters.city, points)) if filters.city else "",
        place_name(_, place) if place else "",
        span(_, filters.year_from, filters.year_to),
        filters.publisher,
        filters.author,
        filters.subject,
        language(_, filters.language),
        material(_, filters.material),
    ]
    return [words for words in said if words]


def _city_name(_: Words, city: str, points: Mapping[int, Point]) -> str:
    english = next((one.city_en for one in points.values() if one.city == city), "")
    return city_name(_, City(city, english, 0))


def span(_: Words, first: int | None, last: int | None) -> str:
    """Years in words."""
    if first is not None and last is not None:
        return _("{first} 年", first=first) if first == last else _("{first}–{last} 年", first=first, last=last)
    if first is not None:
        return _("{first} 年以后", first=first)
    return _("{last} 年以前", last=last) if last is not None else ""


def language(_: Words, code: str) -> str:
    """The language of a book in words."""
    return _(LANGUAGES[code][0]) if code in LANGUAGES else code
