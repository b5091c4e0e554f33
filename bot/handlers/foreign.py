"""英文书有吗、有没有英文小说、三体的英文版: books by the language they are in, all of them, of one kind, or of one book (A2-14)."""

from __future__ import annotations

import re

from bot import books, filter_words, lookups, meaning, subject_words
from bot.events import Button
from bot.folding import trimmed
from bot.handlers import browsing, finding, lists
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import without_courtesies
from lending import catalogue, selection
from lending.selection import Filters, Scope
from search import browse

LONGEST = 60
CODES = {words: code for code, (_name, several) in filter_words.LANGUAGES.items() for words in several}
HAN = "|".join(sorted((words for words in CODES if not words.isascii()), key=len, reverse=True))
LATIN = "|".join(sorted((words for words in CODES if words.isascii()), key=len, reverse=True))
HINT = re.compile(f"{HAN}|{LATIN}")
ASKS = r"(?:请问|你们|咱们|我们|我|图书馆|馆里|这里|这儿|本馆|有什么|有哪些|都)*(?:有没有|有冇|有无|有|能借|可以借|想借|想看|想要|要|找|借|看)?"
SOME = r"(?:一?些|点|[几一]?本)?"
ENDS = r"(?:可以|能)?(?:借|看)?(?:有吗|有没有|吗|嘛|么|呢|呀|啊|哪些|有哪些|有什么)*"
KIND = "书|图书|书籍|读物|小说|文学|诗歌|散文|传记|绘本|图画书|童书|儿童书|漫画"
ASKS_POLITELY = re.compile("read|borrow|find")
HI = r"(?:(?:hi|hello|hey|please|sorry)[ ,]+)?"
WISH = (
    r"(?:do (?:you|u) have|do you guys have|have you got|have you|are there|is there|can you show me|show me|find me"
    r"|can i get|can i borrow|get me|look for|looking for|i'm looking for|i want|i'd like|got) "
)
READS = "(?:to )?(?:read|borrow|find|get|have|see) "
ASKED = rf"{HI}(?:(?:{WISH})(?:{READS})?|{READS})"
ASK = rf"{HI}(?:{WISH})?(?:{READS})?(?:(?:any|some|an?|the) )?"
SORT = "books?|novels?|fiction|stories|literature|poetry|biographies|anything|something"
ANY = (
    re.compile(
        rf"{ASKS}{SOME}(?P<tongue>{HAN})(?:(?:原版|原著|原文)的?(?P<kind>{KIND})?|版?的?(?P<kind2>{KIND})){ENDS}"
    ),
    re.compile(rf"{ASK}(?P<tongue>{LATIN})(?:[ -]language)? (?P<kind>{SORT})(?: please)?"),
    re.compile(rf"{ASK}(?P<kind>{SORT}) in (?P<tongue>{LATIN})(?: please)?"),
    re.compile(rf"{ASK}(?P<tongue>{LATIN})(?:[ -]language)? (?:picture )?(?:{SORT}) (?P<kind>for (?:my )?(?:kids|children|toddlers|a child))"),
)
OF = (
    re.compile(rf"{ASKS}(?P<tongue>{HAN})原?版的(?P<title>.{{1,40}}?){ENDS}"),
    re.compile(rf"{ASKS}(?P<title>.{{1,40}}?)的?(?:有没有|有冇|有无|有)?(?P<tongue>{HAN})(?:原版|原著|译本|版){ENDS}"),
    re.compile(
        rf"{ASK}(?P<tongue>{LATIN})(?:[ -]language)? (?:version|edition|translation|original|copy) of (?P<title>.{{1,40}})"
    ),
    re.compile(
        rf"(?:{ASKED}(?:any )?|(?:{ASKED})?(?:any )?(?:anything|something|books?|novels?|works) (?:by|from) |(?=(?:anything|something|(?:a |any |some )?books?) (?:about|on) ))(?P<title>.{{1,40}}?),?(?: but)? in (?P<tongue>{LATIN})(?: translation)?"
        r"(?: please)?"
    ),
)
THIS = re.compile(  # of the book on show: "有英文版吗", "这本有没有日文原版", "英文版有吗"
    rf"(?:请问|你们|馆里|那|[这那]本书?|它|的)*(?P<have>有没有|有冇|有无|有)?(?P<tongue>{HAN})(?:原版|原著|译本|版)的?(?P<ends>{ENDS})"
    rf"|(?:do you have|have you got|is there|got) (?:(?:it|this|this one|this book) in (?P<tongue2>{LATIN})"
    rf"|an? (?P<tongue3>{LATIN}) (?:version|edition|translation))"
)
THOSE = re.compile(  # of the list or the book on show: 我要英文的
    rf"(?:那|我|就|还是)*(?:要|想要|想看|想借|看|来|找|有没有|有无|有|是)(?P<tongue>{HAN})(?:原版|版)?的(?:那种)?(?:有吗|有没有|没有|吗|嘛|么|呢|没|吧)*"
)
TO_LEARN = re.compile("(?:英语|日语|韩语|法语|德语|俄语|西班牙语)(?:图?书|书籍)")  # one about the language
SHELVES = dict.fromkeys(
    ("小说", "文学", "诗歌", "散文", "novel", "novels", "fiction", "stories", "literature", "poetry"), "文学"
)
SHELVES |= dict.fromkeys(("for kids", "for children", "for my kids", "for my children", "for a child"), "少儿读物")
SHELVES |= {"传记": "传记", "biographies": "传记", "绘本": "绘本", "图画书": "绘本", "童书": "少儿读物", "儿童书": "少儿读物"}
ON_WHAT = re.compile("^(?:anything|something|(?:any |some |a )?books?) (?:about|on) |'s (?:books?|novels?|works|stories)$")
NO_TITLE = re.compile(r"^[我你您他她它这那哪什怎谁]|界面|语言|换|改|^(?:it|this|that|anything|them)$")


def asked(talk: Talk) -> bool:
    """Whether the words ask for books in a language; "英文版" alone is the talk's own language."""
    said = _said(talk)
    if len(said) > LONGEST or not HINT.search(said):
        return False
    if THOSE.fullmatch(said):
        return _stands(talk)
    if any(pattern.fullmatch(said) for pattern in ANY):
        return not TO_LEARN.search(said) and meaning.called_so(talk) is None
    if _of_this(said):
        return finding.on_show(talk) is not None
    code, title = _of(said)
    fits = talk.intent.name in ("search", "show_title", "unknown") and not NO_TITLE.search(title)
    return bool(code) and fits and meaning.called_so(talk) is None


def _stands(talk: Talk) -> bool:
    """Whether a book or a list stands there that the words can be about."""
    return not talk.step and (talk.memory.get("title") is not None or len(talk.memory.get("list", [])) > 1)


def _said(talk: Talk) -> str:
    said = trimmed(talk.event.text)
    plain = without_courtesies(said)  # "I'd like to read … in English"; "can I get an English one" is known as it is
    return plain if ASKS_POLITELY.match(plain) else said


def _of_this(said: str) -> str:
    """The language in which the book on show is asked for; '' where none is."""
    found = THIS.fullmatch(said)
    if not found or (found["tongue"] and not (found["have"] or "有" in found["ends"])):
        return ""
    return CODES[found["tongue"] or found["tongue2"] or found["tongue3"]]


def _of(said: str) -> tuple[str, str]:
    """The language and the title asked for; empty where none is."""
    found = next((found for pattern in OF if (found := pattern.fullmatch(said))), None)
    return (CODES[found["tongue"]], ON_WHAT.sub("", found["title"].strip(" 《》"))) if found else ("", "")


def hear(talk: Talk) -> None:
    """All there are, those of one kind, or those of one book."""
    said = _said(talk)
    if those := THOSE.fullmatch(said):
        return _of_those(talk, CODES[those["tongue"]])
    if found := next((found for pattern in ANY if (found := pattern.fullmatch(said))), None):
        kind = next((word for name, word in found.groupdict().items() if name.startswith("kind") and word), "")
        return show(talk, CODES[found["tongue"]], SHELVES.get(kind, ""))
    if code := _of_this(said):
        return of_title(talk, code, catalogue.title(talk.db, finding.on_show(talk) or 0).title)
    of_title(talk, *_of(said))


def _of_those(talk: Talk, code: str) -> None:
    """The book on show, or those of the list, in that language; else all there are."""
    _, shown, what = talk._, talk.memory.get("title"), filter_words.language(talk._, code)
    if shown is not None:
        return of_title(talk, code, catalogue.title(talk.db, int(shown)).title)
    here = selection.select(talk.db, Scope(ids=tuple(talk.memory["list"])), Filters(language=code)).ids
    if here:
        return lists.show_list(talk, here, _("其中{language}的：", language=what))
    talk.say(_("这些书里没有标明是{language}的。", language=what))
    show(talk, code)


def show(talk: Talk, code: str, kind: str = "") -> None:
    """The books in that language, of a shelf if one is named; or that no record says so, and what they say."""
    _, shelf = talk._, browse.named(kind)
    where = lists.fit(talk, browsing.scope(shelf) if shelf.code else Scope())
    wanted, what = Filters(language=code), filter_words.language(talk._, code)
    if selection.select(talk.db, where, wanted, 0).total:
        heading = _("「{name}」里的书：", name=books.shelf_name(_, shelf)) if shelf.code else _("馆里的书：")
        return lists.show_scope(talk, where, heading, wanted)
    if shelf.code and selection.select(talk.db, lists.fit(talk, Scope()), wanted, 0).total:
        heading = _("「{name}」里没有标明是{language}的，馆里别的{language}书：", name=books.shelf_name(_, shelf), language=what)
        return lists.show_scope(talk, lists.fit(talk, Scope()), heading, wanted)
    held = selection.languages(talk.db, Scope(), Filters())
    there = _.listed(filter_words.language(_, one) for one in sorted(held, key=lambda one: -held[one]) if one)
    text = _(
        "馆里的书目里没有标明是{language}的书，有的是：{there}。想要哪一本，可以荐购，或请馆员看看。",
        language=what,
        there=there,
    )
    talk.say(text, rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate")))


def of_title(talk: Talk, code: str, title: str) -> None:
    """The book in that language; where it is there in another alone, that is said and shown."""
    _, found, what = talk._, talk.look_up(lookups.words, title), filter_words.language(talk._, code)
    if not found.ids or found.near:
        subject = subject_words.in_chinese(title)
        return show(talk, code, subject) if browse.named(subject).code else finding.nothing_found(talk, title)
    editions = dict.fromkeys(one for hit in found.ids for one in (hit, *found.editions.get(hit, ())))
    if here := selection.select(talk.db, Scope(ids=tuple(editions)), Filters(language=code)).ids:
        return lists.show_list(talk, here, _("「{title}」的{language}版：", title=title, language=what))
    if found.author:
        text = _("「{name}」的书，馆里没有{language}版的，有的是：", name=title, language=what)
        return lists.show_list(talk, [*found.ids], text)
    best = catalogue.title(talk.db, found.ids[0])
    talk.memory["missed"] = f"{best.title}（{what}）"
    text = _("《{title}》没有{language}版，馆里有的是别的版本。", title=best.title, language=what)
    see = Button(_("看这本书"), f"t:{best.id}")
    talk.say(text, rows(see, menu(_, "suggest_purchase"), menu(_, "escalate")))
