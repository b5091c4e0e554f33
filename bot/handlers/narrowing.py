"""只要小说、有没有他的散文: of the books that stand there those of a kind, as far as their class says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from bot import lookups, meaning
from bot.events import Button
from bot.folding import fold
from bot.handlers import browsing, choosing, lists
from bot.offered import kind
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import Intent, in_mandarin
from lending import catalogue

OPEN = ("search", "browse", "show_title", "faq", "recommend", "unknown")
KINDS = (  # what it is called, its name in a sentence, its places in the classification, and the shelf where more stand
    ("小说", N_("小说"), re.compile(r"I(?:14|24|\d{3}\.4)"), "文学"),
    ("散文集?|随笔|杂文", N_("散文"), re.compile(r"I(?:16|26|\d{3}\.6)"), "文学"),
    ("诗歌|诗集|诗词|诗", N_("诗歌"), re.compile(r"I(?:12|22|\d{3}\.2)"), "文学"),
    ("剧本|戏剧", N_("戏剧"), re.compile(r"I(?:13|23|\d{3}\.3)"), "文学"),
    ("传记|自传|回忆录", N_("传记"), re.compile("K8[1-3]"), "传记"),
)
AMONG = "只|光要|这里面|里面|其中|当中|这些|这几本|他|她"  # of those that stand there, and of no others
ASKED = re.compile(
    rf"(?:那么?|请问|嗯|好|我|就|再)*(?P<before>(?:{AMONG}|要|看|想|找|有没有|有无|有|还|给|来点?|哪[些几]本|是|都|里|的)+)(?P<length>[长中短]+篇的?)?"
    rf"(?P<kind>{'|'.join(called for called, *_ in KINDS)})?(?:类的?|集)?的?(?:书|作品)?(?:有吗|有没有|吗|么|嘛|呢|没有?|不|就行|就好|就可以|吧|了)*"
)

ONLY = re.compile(  # 只要刘慈欣的, "only liu cixin"
    r"(?>那么?|我|就|嗯|,)*(?:只要|光要|就要)(?P<who>[^的]{2,12}?)(?:写)?的(?:书|小说|作品)?(?:吧|就行|就好|可以吗|行吗)?"
    r"|(?:just|only)(?: show me| give me| the ones?| those| books?)*(?: by| from)? (?P<who_en>[a-z][a-z .'-]{2,30}?)(?: books| ones)?(?: please)?"
)


def asked(talk: Talk) -> Callable[[], None] | None:
    """What shows them, where the words ask for a kind of book, with a list to take them from or none."""
    said = in_mandarin(fold(talk.event.text)).strip(" .。!！?？~,，")
    if by := _of_one_writer(talk, said):
        return by
    found = ASKED.fullmatch(said)
    if talk.step or talk.wishes or found is None or not (found["kind"] or found["length"]):
        return None
    if not (talk.intent.likened or talk.intent.heard or talk.intent.name in OPEN) or meaning.called_so(talk) is not None:
        return None
    wanted = next((n for n, (called, *_) in enumerate(KINDS) if re.fullmatch(called, found["kind"] or "小说")), 0)
    stands = len(talk.memory.get("list", [])) > 1
    if stands and (re.search(AMONG, found["before"]) or any(kind(action) == "t" for action, _label in choosing.standing(talk))):
        return partial(_narrow, talk, wanted, bool(found["length"]))
    return partial(_browse, talk, wanted) if talk.intent.name == "faq" else None


def _of_one_writer(talk: Talk, said: str) -> Callable[[], None] | None:
    """Of the list that stands there only who is named, where one of our authors is called so."""
    found = ONLY.fullmatch(said)
    stands = len(talk.memory.get("list", [])) > 1
    if found is None or not stands or talk.step or talk.wishes or talk.intent.name not in OPEN or meaning.called_so(talk) is not None:
        return None
    who = (found["who"] or found["who_en"]).strip()
    hits = talk.look_up(lookups.words, who)
    return partial(_by_one_writer, talk, who, list(hits.ids)) if hits.author and not hits.near else None


def _by_one_writer(talk: Talk, who: str, written: list[int]) -> None:
    """What the list has of this author; else what we have at all."""
    _ = talk._
    names = {name for one in catalogue.titles(talk.db, written[:1]).values() for name in one.authors[:1]}
    author = next(iter(names), who)
    shown = catalogue.titles(talk.db, talk.memory["list"]).values()
    found = [one.id for one in shown if author in one.authors]
    heading = _("其中{author}的：", author=author) if found else _("这些书里没有{author}的，馆里有这些：", author=author)
    lists.show_list(talk, found or written, heading, author)


def tell(talk: Talk, answer: Callable[[], None]) -> None:
    """Answer."""
    answer()


def _narrow(talk: Talk, wanted: int, by_length: bool) -> None:
    _, (_called, name, places, _shelf) = talk._, KINDS[wanted]
    shown: list[int] = talk.memory["list"]
    found = [one.id for one in catalogue.titles(talk.db, shown).values() if places.match(one.clc)]
    if by_length:
        talk.say(_("长篇还是短篇，书目里没有写；想要短的，问一声哪本最短，我按页数排。"))
    if not found:
        back = Button(_("回到列表"), f"page:{talk.memory['list_number']}:{talk.memory.get('page', 0)}")
        return talk.say(_("这些书里没有{kind}。", kind=_(name)), rows(back, menu(_, "browse")))
    heading = _("这些都是{kind}：", kind=_(name)) if len(found) == len(shown) else _("其中的{kind}：", kind=_(name))
    lists.show_list(talk, found, heading, str(talk.memory.get("query", "")))


def _browse(talk: Talk, wanted: int) -> None:
    talk.intent = Intent("browse", {"query": KINDS[wanted][3]})
    browsing.browse_shelves(talk)
