"""A book named within a sentence: 「余华的那本」 among those shown, 「三体不要了」 in the cart, the queue or an order."""

from __future__ import annotations

import re
from datetime import date

from bot import lookups, meaning
from bot.events import Button
from bot.folding import letters, trimmed
from bot.talk import Talk
from bot.texts import menu, rows
from bot.when import days_named
from lending import appointments, cart, catalogue, holds, orders
from lending.model import library_day
from lending.orders import Order

LONGEST = 40
LOOSE = ("search", "remove_from_cart", "cancel_hold", "cancel_order")
SHOWN = 50  # of a list, where one is looked for
LATELY = 5  # orders
OFF, ITS = "(?:取消|退|撤)(?:掉)?", "(?!我|这|那|第|订|刚|上|最|全|所)[^单]"  # 活着那单取消, and 我那单取消 is none
DAY = "(?:今天|明天|后天|[这下]*(?:周|星期|礼拜)[一二三四五六日天末])"
OF_DAY = re.compile(rf"把?{DAY}[^《》]{{0,8}}{OFF}了?|{OFF}{DAY}[^《》]{{0,8}}")
OUT = "(?:删|去|移|拿|取|撤|扔|丢|退)"
POINTS = re.compile(
    r"(?:就|那就|我?要|我?想要|我?借|选|还是)*(?:(?:那|这)(?:一)?[本个])(?P<who>[^那这]{2,20}?)(?:写|著)?的"
    r"|(?:就|那就|我?要|我?想要|我?借|选|还是)*(?P<who2>[^那这]{2,20}?)(?:写|著)?的?(?:那|这)(?:一)?[本个](?:吧|就行|就好|书)?"
    r"|(?:the|that) (?:one|book) (?:by|from|of) (?P<who3>.{2,40})"
)
AHEAD = re.compile(  # said before one comes to it: "等下，三体不要了", "那活着不要了"
    r"(?>(?:等一?[下等]|等会儿?|慢着|不对|不不+|那么?|嗯|哦|对了|算了|还是|先|麻烦你?|请)[,. !~]*)+|(?:wait|actually|no|sorry)[, ]+"
)
CLAUSE = re.compile("[ ,，.。!！~]+")  # 少一本 围城不要了
UNWANTED = re.compile(
    rf"(?:我)?(?:把|将)(?P<a>.{{1,30}}?)(?:也|都|给|从.{{1,6}}?[里中]?)*{OUT}(?:除|掉|走|出来|出去)?(?:了|吧)*"
    r"|(?:我)?(?P<b>.{1,30}?)(?:也|都|就|先|我)*(?:不要|不借|不想要|不想借|不想看|别借|别要)了?吧?"
    r"|(?:我|那|算了|还是)*(?:也|都|就|先)*(?:不要|不借|别要|不想要|不想借|不想看|别借)(?:那本|这本)?(?P<c>.{1,30}?)了?吧?"
    rf"|从.{{1,6}}?[里中]?{OUT}(?:除|掉|走|出来?)?(?P<d>.{{1,30}}?)了?吧?"
    rf"|(?:我)?(?:不想|不|别)等(?P<f>.{{2,30}}?)了?吧?|{OFF}(?P<g>{ITS}{{2,30}}?)的?(?:[那这]一?[单张个](?:订?单)?|订单)|把?(?P<h>{ITS}{{2,30}}?)的?[那这]一?[单张个](?:订?单)?(?:帮我|给我)?{OFF}了?"
    rf"|(?:我)?(?P<i>.{{1,30}}?)(?:也|都|就|先|我|给我|帮我)*{OUT}(?:除|掉|走|出来|出去)(?:了|吧)*"
    r"|(?P<j>.{1,12}?)(?>我|家里|他|她|妈|爸|同学|已经)+(?:买了|有了|看过了|借到了)[,，]?就?(?:不用|不要|不|别)(?:借|要)?了"
    r"|(?:i )?(?:don't want|do not want|remove|drop|take out|no longer want) (?P<e>.{2,40}?)(?: any ?more| from (?:my|the) (?:cart|basket))?"
)


def meant(talk: Talk) -> str:
    """The press that the words stand for: one of those shown, or one to let go of; '' for none."""
    if not (talk.intent.likened or talk.intent.name in LOOSE) or len(talk.event.text) > LONGEST:
        return ""
    shown = _pointed(talk)
    return f"t:{shown}" if shown is not None else _unwanted(talk) or _of_day(talk)


def in_none(talk: Talk) -> tuple[int, str] | None:
    """The book of ours that is let go of by its name (不要龙族了) and was never in the cart, the queue or an order."""
    loose = talk.intent.name in ("search", "remove_from_cart") and len(talk.event.text) <= LONGEST and not talk.step
    name = letters(_named(UNWANTED, talk)) if loose else ""
    if len(name) < 2 or meaning.called_so(talk) is not None:
        return None
    found = talk.look_up(lookups.words, name)
    known = bool(found.ids) and not found.near and not found.author
    called = known and letters(catalogue.title(talk.db, found.ids[0]).title).startswith(name)
    return (found.ids[0], _named(UNWANTED, talk)) if called else None


def say_in_none(talk: Talk, meant: tuple[int, str]) -> None:
    """Nothing was to be taken out of anything."""
    _, (book, name) = talk._, meant
    text = _("您的借书车、预约和订单里没有《{name}》，没有什么要取消的。", name=name)
    talk.say(text, rows(menu(_, "show_cart"), menu(_, "show_orders"), Button(_("看这本书"), f"t:{book}")))


def _named(pattern: re.Pattern[str], talk: Talk) -> str:
    said = trimmed(talk.event.text)
    ahead, clauses = AHEAD.match(said), CLAUSE.split(said)
    tries = [said, *([said[ahead.end() :]] if ahead else []), *(clauses[-1:] if len(clauses) > 1 else [])]
    for found in filter(None, map(pattern.fullmatch, reversed(tries))):
        return next((words.strip(" 《》") for words in found.groups() if words), "")
    return ""


def _pointed(talk: Talk) -> int | None:
    """The one title of the list on show by that author, or of that house."""
    who = letters(_named(POINTS, talk))
    if not who:
        return None
    ids: list[int] = talk.memory.get("list") or []
    titles = catalogue.titles(talk.db, ids[:SHOWN]).values()
    fitting = [one.id for one in titles if who in map(letters, (*one.authors, *one.translators, one.publisher))]
    return fitting[0] if len(fitting) == 1 else None


def _of_day(talk: Talk) -> str:
    """取消明天那单: the one that is to be ready or fetched on that day; of several it is asked which."""
    said = trimmed(talk.event.text)
    found = OF_DAY.fullmatch(said)
    open_ones = [one for one in orders.of_reader(talk.db, talk.reader.id) if one.state in orders.STEPS["cancel"].before] if found else []
    if found is None or not open_ones:
        return ""
    days = days_named(said, library_day(talk.now))
    fits = [one for one in open_ones if _day_of(talk, one) in days] or open_ones
    return f"cancel:{fits[0].number}" if len(fits) == 1 else "i:cancel_order"


def _day_of(talk: Talk, order: Order) -> date:
    """When the reader means to come for it, else when it is to be ready."""
    booked = appointments.coming(talk.db, order, talk.now)
    return library_day(booked.starts_at if booked else order.promised_at)


def _unwanted(talk: Talk) -> str:
    """Out of the cart first, then out of the queue; of an order it is shown."""
    name = letters(_named(UNWANTED, talk))
    if not name:
        return ""
    in_cart = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id)).values()
    chosen = [f"out:{one.id}" for one in in_cart if name == letters(one.title)]
    chosen = chosen or [f"out:{one.id}" for one in in_cart if name in letters(one.title)]
    if not chosen:
        waiting = holds.of_reader(talk.db, talk.reader.id)
        chosen = [f"hx:{one.id}" for one in waiting if name in letters(one.title)]
    if not chosen:
        open_ones = [one for one in orders.of_reader(talk.db, talk.reader.id, LATELY) if one.state in orders.OPEN]
        titles = {one.number: orders.books(talk.db, one.id) for one in open_ones}
        named = {n: books for n, books in titles.items() if any(name in letters(book["title"]) for book in books)}
        alone = {one.number for one in open_ones if one.state in orders.STEPS["cancel"].before and len(titles[one.number]) == 1}
        chosen = [f"cancel:{n}" if n in alone else f"order:{n}" for n in named]
    return chosen[0] if len(chosen) == 1 else ""
