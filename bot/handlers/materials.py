"""有电子书吗、有没有有声书版的三体: whether a book, or any, is there in another form than print; truly no where not (A2-24)."""

from __future__ import annotations

import re

from bot import filter_words, lookups, meaning
from bot.events import Button
from bot.folding import trimmed
from bot.handlers import finding, lists
from bot.talk import Talk
from bot.texts import material, menu, rows
from lending import catalogue, materials

LONGEST = 60
OTHERS = {code: said for code, said in filter_words.MATERIALS.items() if code != "book"}
SAID = {words: code for code, several in OTHERS.items() for words in several}
FORM = "|".join(sorted(map(re.escape, SAID), key=len, reverse=True))
HINT = re.compile(FORM)
LIBRARY = r"(?:爷爷|奶奶|爸爸|妈妈|孩子|老人|我家?|请问|你们|咱们|我们|图书馆|馆里|这里|这儿|本馆|有什么|有哪些|都)*"
HAS = r"(?:有没有|有冇|有无|有|能借|可以借|能不能借|可不可以借|想借|想看|想听|想要|想|要|找|借|看|听)?"
ENDS = r"(?:可以|能)?(?:借|看|听)?[,，]?(?:有吗|有没有|吗|嘛|么|呢|呀|啊|哪些|有哪些|有什么)*"
ANY = re.compile(rf"{LIBRARY}{HAS}(?P<form>{FORM}){ENDS}|(?:do you have|have you|are there|show me)? ?(?:any )?(?P<en>{FORM})")
OF = (
    re.compile(rf"{LIBRARY}{HAS}(?P<form>{FORM})版?本?的(?P<title>.{{1,40}}?){ENDS}"),
    re.compile(rf"{LIBRARY}(?P<title>.{{1,40}}?)(?:有没有|有冇|有无|有|的)(?P<form>{FORM})版?本?{ENDS}"),
    re.compile(rf"(?:is there|do you have|have you got)? ?(?:an? |the )?(?P<form>{FORM})(?: version)? of (?P<title>.{{1,40}})"),
    re.compile(rf"(?:is |do you have )?(?P<title>.{{1,40}}?) (?:as|available as) (?:an? )?(?P<form>{FORM})"),
)
SOME = (  # said around a form that is asked for in general: "贵馆订有哪些杂志", "儿童杂志", "电子书能下pdf吗"
    rf"(?>{FORM}|请问|贵馆|你们|咱们|图书馆|馆里|这里|这儿|本馆|有没有|有冇|有无|有|订有?|能|可以|想|我|要|找|借|看|听|查|读|下载?|什么|哪些|啥|吗|嘛|么|呢|呀|啊|的"
    rf"|儿童|少儿|孩子|老|旧|过期|以前|五十年代|新|最新|版本?|mp3|pdf|epub|音频|[,， ])+"
)
LOOSELY = re.compile(rf"(?=.*(?P<form>{FORM})){SOME}")
NO_TITLE = re.compile(r"[我你您他她它这那哪什怎谁]|免费|最新|好看|推荐|年")  # "你们的电子书", "有什么好看的电子书"


def asked(talk: Talk) -> bool:
    """Whether the words ask for another form than print; a list on show is narrowed by "只看…" (filtering.py)."""
    text = talk.event.text
    if len(text) > LONGEST or not HINT.search(said := trimmed(talk.event.text)):
        return False
    if _any(said):
        return meaning.called_so(talk) is None
    form, title = _of(said)
    return bool(form) and not NO_TITLE.search(title) and meaning.called_so(talk) is None and talk.intent.name != "show_title"


def _any(said: str) -> str:
    """The form that is asked for whatever the title; '' where none is."""
    if found := ANY.fullmatch(said):
        return SAID[found["form"] or found["en"]]
    loosely = LOOSELY.fullmatch(said) if not said.isascii() else None
    return SAID[loosely["form"]] if loosely else ""


def _of(said: str) -> tuple[str, str]:
    """The form and the title asked for; empty where none is."""
    found = next((found for pattern in OF if (found := pattern.fullmatch(said))), None)
    return (SAID[found["form"]], found["title"].strip(" 《》")) if found else ("", "")


def hear(talk: Talk) -> None:
    """All there are, or those of one book."""
    said = trimmed(talk.event.text)
    if form := _any(said):
        return show(talk, form)
    of_title(talk, *_of(said))


def _written(code: str) -> tuple[str, ...]:
    """How a catalogue may write a form."""
    return (code, *OTHERS[code])


def show(talk: Talk, code: str) -> None:
    """Every title in that form; or that there is none, and what there is."""
    _, found = talk._, materials.titles(talk.db, _written(code))
    what = material(_, code)
    if found:
        heading = _.n("馆里的{what}，{n} 种：", "馆里的{what}，{n} 种：", len(found), what=what)
        return lists.show_list(talk, found, heading)
    others = [material(_, _code(one)) for one in materials.held(talk.db)]
    there = _.listed(dict.fromkeys([material(_, "book"), *others]))
    text = _("馆里的书目里没有{what}，现在能借的是{there}。想要哪一本，可以荐购，或请馆员看看。", what=what, there=there)
    talk.say(text, rows(menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate")))


def _code(written: str) -> str:
    return next((code for code in OTHERS if written in _written(code)), written)


def of_title(talk: Talk, code: str, title: str) -> None:
    """The book in that form; where it is there in print alone, that is said and shown."""
    _, found, what = talk._, talk.look_up(lookups.words, title), material(talk._, code)
    if not found.ids or found.near:
        return finding.nothing_found(talk, title)
    editions = list(dict.fromkeys(one for hit in found.ids for one in (hit, *found.editions.get(hit, ()))))
    if here := materials.titles(talk.db, _written(code), editions):
        return lists.show_list(talk, here, _("「{title}」的{what}：", title=title, what=what))
    best = catalogue.title(talk.db, found.ids[0])
    text = _("《{title}》没有{what}，馆里有的是纸书。", title=best.title, what=what)
    talk.memory["missed"] = f"{best.title}（{what}）"
    see = Button(_("看这本书"), f"t:{best.id}")
    talk.say(text, rows(see, menu(_, "suggest_purchase"), menu(_, "escalate")))
