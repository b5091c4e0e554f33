"""书架上没找到: a book that should stand on the shelf does not; a librarian goes to look, and there is another way (E3)."""

from __future__ import annotations

import re

from bot import books, lookups, meaning
from bot.books import place_name
from bot.events import Button
from bot.folding import fold, trimmed
from bot.handlers import finding, lists, places
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, unfound
from lending.catalogue import Availability, Point

LONGEST = 60
HINT = re.compile("架|馆|可借|能借|shel", re.IGNORECASE)
OTHER_SHELVES = re.compile(r"暂存|取书架|预约架|取书处|书柜|货架|家里|我家|下架|上架|加?放[回到在]|还[回到在]|塞")
SHELF = r"(?:书架子?|架子?|那一?[排格]架?)(?:上面?|里面?|那里|那边|那儿)?"
NOT = r"(?:找不到|找不着|没有?找到|没有?找着|没有?看到|没有?看见|没有?见到|没看着|没有(?!吗|嘛|呢|么)|不见了?|是空的|空着)"
SAID_TO_BE = r"(?:在馆|在架|可借|能借|可以借|有书|有这本|有货|有\d+本|有的)"
CLAIM = r"(?:你们|系统|上面|网上|手机|页面|这里|你|明明|说好|写着|说是|查到|显示|标着)"
THERE = re.compile(
    rf"{SHELF}.{{0,8}}?{NOT}|{NOT}.{{0,3}}(?:在书?架上)|(?:不在|没在)书?架子?上|{SHELF}找(?:了|遍).{{0,8}}(?:没|不)"
    rf"|{CLAIM}.{{0,8}}{SAID_TO_BE}.{{0,14}}{NOT}|{NOT}.{{0,14}}{CLAIM}.{{0,6}}{SAID_TO_BE}|{SAID_TO_BE}的书.{{0,6}}{NOT}"
    r"|(?:can ?not|can't|could ?n[o']t|did ?n[o']t) (?:find|see) .{0,40}\b(?:on|in) (?:the|your|its) (?:book)?shel(?:f|ves)"
    r"|(?:is ?n[o']t|not|was ?n[o']t) (?:there )?on (?:the|its|your) (?:book)?shel(?:f|ves)"
)
IN_BRANCH = re.compile(rf"我?在(?P<place>.{{2,12}}?(?:馆|书房|图书室|中心|站)){NOT}(?:了)?(?P<title>.{{1,30}})")
NAMED = re.compile("《(?P<title>[^》]{1,40})》")
BEFORE_SHELF = re.compile(rf"(?P<title>.{{2,30}}?)(?:这本书?)?(?:在|，|,| )*{SHELF}.{{0,4}}?{NOT}")
BEHIND_SHELF = re.compile(rf"{SHELF}(?:上)?{NOT}(?P<title>.{{2,30}})")
NO_NAME = re.compile(r"这|那|它|书$|我|你|系统|说|在馆|显示|明明|啊$|the book|怎么|为什么|什么|哪|都|吗")


def asked(talk: Talk) -> bool:
    """Whether somebody looked for a book on the library's shelves in vain; a title of ours may be called so."""
    text = talk.event.text
    if len(text) > LONGEST or not HINT.search(text):
        return False
    said = trimmed(talk.event.text)
    if OTHER_SHELVES.search(said) or meaning.called_so(talk) is not None:
        return False
    return bool(THERE.search(said)) or _in_branch(talk, said) is not None


def _in_branch(talk: Talk, said: str) -> re.Match[str] | None:
    """ "我在东馆没找到三体": only where a branch of ours is called so."""
    found = IN_BRANCH.fullmatch(said)
    return found if found and places.at(catalogue.points(talk.db), found["place"]) else None


def hear(talk: Talk) -> None:
    """Which book: the one named, else the one on show; where neither is, it is asked."""
    _, said = talk._, trimmed(talk.event.text)
    name = _name(talk, said)
    title_id = _called(talk, name) if name else None
    if title_id is None and not NAMED.search(talk.event.text):
        title_id = finding.on_show(talk)
    if title_id is None:
        talk.step = "seek"
        return talk.say(
            _("让您白找了，抱歉。是哪一本？把书名发给我，我请馆员去看。"), rows(menu(_, "cancel"), menu(_, "escalate"))
        )
    seek(talk, str(title_id), said)


def _name(talk: Talk, said: str) -> str:
    """What the book was called, '' where only 这本 was said."""
    if found := NAMED.search(talk.event.text):
        return found["title"]
    for found in (_in_branch(talk, said), BEFORE_SHELF.match(said), BEHIND_SHELF.search(said)):
        name = found["title"].strip(" ,，的") if found else ""
        if name and not NO_NAME.search(name):
            return name
    return ""


def _called(talk: Talk, name: str) -> int | None:
    found = talk.look_up(lookups.words, name)
    return found.ids[0] if found.ids and not found.near else None


def hear_title(talk: Talk) -> None:
    """The name of the book, after the question."""
    _, talk.step = talk._, ""
    if (title_id := _called(talk, talk.event.text)) is None:
        return finding.search(talk)
    seek(talk, str(title_id))


def seek(talk: Talk, title_id: str, said: str = "") -> None:
    """At which branch: the one named, the only one that has it, else the reader is asked."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    lists.look_at(talk, title.id)
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    if not stock.available:
        text = _("《{title}》刚刚已经不在架了：{stock}。", title=title.title, stock=books.stock_line(_, stock))
        return talk.say(text, rows(*books.book_buttons(_, title.id, stock), menu(_, "escalate")))
    shelves = catalogue.points_by_id(talk.db, stock.by_point)
    named = [one for one in catalogue.points(talk.db) if _names(one, said)]
    there = [one for one in named if one.id in shelves]
    if len(there or shelves) == 1 and bool(there) == bool(named):
        return at(talk, title_id, str((there or list(shelves.values()))[0].id))
    text = _("让您白找了，抱歉。《{title}》您是在哪里找的？", title=title.title)
    if named and not there:
        text = _(
            "《{title}》现在不在{place}的架上，在这些地方。您找的是哪一处？",
            title=title.title,
            place=place_name(_, named[0]),
        )
    mine = sorted(there or shelves.values(), key=lambda one: (one.id != talk.reader.point_id, one.id))
    buttons = [Button(place_name(_, point), f"nf:{title.id}:{point.id}") for point in mine]
    talk.say(text, rows(*buttons, Button(_("借这本"), f"b:{title.id}"), menu(_, "escalate"), across=1))


def _names(point: Point, said: str) -> bool:
    """Whether the words name this place, by its name or the part that tells it from others ("听泉区分馆", "听泉")."""
    short = re.sub("(市|区)?(图书馆|分馆|街道书房|图书室|馆)$", "", point.name)
    return bool(said) and (fold(point.name) in said or (len(short) > 1 and fold(short) in said))


def at(talk: Talk, title_id: str, point_id: str) -> None:
    """A librarian is asked to look there; once for however many say so. What happens next, and the other ways."""
    _, title, point = talk._, catalogue.title(talk.db, int(title_id)), catalogue.point(talk.db, int(point_id))
    new = unfound.report(talk.db, title.id, point.id, talk.reader.id, talk.now)
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    name = place_name(_, point)
    lines = [
        _(
            "让您白找了，抱歉。馆员会去{place}的架上找《{title}》：找到就放回原处，找不到就不再说它在架。",
            place=name,
            title=title.title,
        )
        if new
        else _("谢谢您。《{title}》在{place}已经有读者说过，馆员正要去找。", title=title.title, place=name)
    ]
    lines += [_("找到没找到，都告诉您一声。"), *_elsewhere(talk, stock, point.id)]
    buttons = (Button(_("借这本"), f"b:{title.id}"), Button(_("看相近的书"), f"same:{title.id}"), menu(_, "escalate"))
    talk.say("\n".join(lines), rows(*buttons))


def _elsewhere(talk: Talk, stock: Availability, point_id: int) -> list[str]:
    """Other branches that have it; or what an order does where this shelf is the only one."""
    _, known = talk._, catalogue.points_by_id(talk.db, stock.by_point)
    others = [place_name(_, point) for point in known.values() if point.id != point_id]
    if others:
        return [_("等不及就点「借这本」，从别的馆给您备：{places}还有。", places=_.listed(others[:3]))]
    return [_("还想看就点「借这本」：馆员备书时再找一遍，真没有就为您排上队，不收运费。")]
