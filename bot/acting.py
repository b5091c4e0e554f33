"""For whom a reader acts now (D-12): which words reach another's books, checked at every turn, and always shown.

A button carries for whom it is ("as:7:" before its action); words typed are for whoever was last acted for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from bot import conversations
from bot.events import ACTION_BYTES, Button, Card, Reply
from bot.talk import Acting, Talk
from bot.texts import Words
from lending import deeds, mandates, readers
from lending.errors import UnknownThing
from lending.model import parse_stamp, stamp
from lending.readers import Reader
from lending.scopes import NotInScope, allows

T = TypeVar("T")

ANYBODY = frozenset((  # what reaches nobody's books; an intent by its name, a press after ":", an answer after "?"
    "greet", "help", "thanks", "goodbye", "fees", "faq", "cancel", "deny", "unknown", "search", "show_title", "browse",
    "new_books", "ranking", "recommend", "next_page", "previous_page", "find_branches", "escalate", "set_language",
    "choose", "confirm", ":t", ":page", ":same", ":rank", ":ranks", ":q", ":picks", ":shelf", ":group", ":shelves",
    ":classes", ":class", ":filter", ":facet", ":f", ":all", ":guide", ":g", ":rules", ":promises", ":lang", ":rv",
    ":news", "?guide", "events", ":evs", ":cities", ":city", ":cityp", ":ease", ":ease!", ":size", ":nf", "?seek",
    "ask_guardian", ":rg",
))  # fmt: skip
MINE = frozenset((  # about the family itself: always one's own doing
    "fam", "famg", "famr", "fams", "fam!", "fama", "famok", "famno", "famd", "famx", "famw", "famc", "act", "acts",
    "actx", "mc", "unlink", "unlink!",
))
MY_ANSWERS = ("?child", "?birth")
WORDS: dict[str, tuple[str, ...]] = {  # what is said or pressed in another's name: the acts it takes, all of them
    **dict.fromkeys(("borrow", "add_to_cart", "show_cart", "remove_from_cart", "checkout", "cancel_order"), ("order",)),
    **dict.fromkeys((":b", ":out", ":drop", ":again", ":w", ":wc", ":ok", ":goon"), ("order",)),
    **dict.fromkeys((":cancel", ":cancel!", ":lo", ":lo-", ":hg", ":op"), ("order",)),
    **dict.fromkeys((":two", ":sev", ":later", ":l", ":lc", ":lh", ":lx"), ("order",)),
    **dict.fromkeys((":d", ":dc", ":address", "?address", ":free", ":draw"), ("order", "use_address")),
    **dict.fromkeys(("show_orders", ":order"), ("see_ready",)),
    **dict.fromkeys((":got", ":ng"), ("receive",)),
    **dict.fromkeys((":ko", ":ap", ":apd", ":ap+", ":ap-", ":here"), ("fetch_code",)),
    **dict.fromkeys(("show_loans", "return_books"), ("see_loans",)),
    **dict.fromkeys(("renew", ":r"), ("renew",)),
    ":back": ("give_back",),
    **dict.fromkeys((":fetch", ":fetch!", ":fetchx", ":fetchto"), ("give_back", "use_address")),
    "show_holds": ("see_holds",),
    **dict.fromkeys(("hold", "cancel_hold", ":hold", ":hx", ":hr", ":hw", ":hp", ":hl", ":kh", "?rest"), ("hold",)),
    **dict.fromkeys(("show_credit", ":line", ":why", ":looks"), ("see_record",)),
    **dict.fromkeys(("sign_up_event", ":ev", ":evm", ":ev+", ":ev-", ":ev-!"), ("attend",)),
    **dict.fromkeys(("export_data", "erase_data", ":erase!", "appeal", "report_lost", "report_damaged"), ("care",)),
    **dict.fromkeys((":appeal", ":ga", ":gam", ":gac", "?appeal"), ("care",)),
    **dict.fromkeys((":case", ":pf", ":pfc", ":pfp", ":links"), ("care",)),
}
PERSONAL = (  # what is half done, and for whom: it goes when that changes
    "way", "ways_shown", "draft", "confirm", "district", "parcel_for", "child", "guide", "fetch", "fetching", "resting",
    "loans", "buying", "photo_for", "appeal", "door_code", "stood", "about",
)  # fmt: skip


def called(reader: Reader) -> str:
    """A reader's name, or their number."""
    return reader.known_as


# ---- a turn begins and ends ----------------------------------------------------------------------------------------


def begin(talk: Talk) -> None:
    """Go on for whoever was acted for, while that still stands. Raises UnknownThing where words came too late."""
    kept = talk.memory.get("acting")
    if not kept:
        return
    grantor_id, until = kept
    standing = mandates.between(talk.db, talk.reader.id, grantor_id, talk.now)
    if standing and parse_stamp(until) > talk.now:
        talk.acting = Acting(standing, readers.reader(talk.db, grantor_id))
        return _keep(talk)
    _leave(talk)
    if not talk.event.press:
        raise UnknownThing("mandate" if standing is None else "acting", str(grantor_id))


def finish(talk: Talk) -> None:
    """What was said for somebody since the last time says so, and its buttons carry for whom they are."""
    since, talk.finished = talk.finished, len(talk.replies)
    if talk.acting is None or talk.own:
        return
    one = talk.acting
    talk.replies[since:] = [in_the_name_of(talk._, one.reader, reply) for reply in talk.replies[since:]]
    for reply in talk.replies[since:]:
        conversations.offer(talk.memory, reply)
    if waiting := talk.memory.get("confirm", ""):
        talk.memory["confirm"] = _for(waiting, one.reader.id)


def in_the_name_of(_: Words, reader: Reader, reply: Reply) -> Reply:
    """The same message, for somebody who acts for this reader."""
    rows = tuple(tuple(_button(button, reader.id) for button in row) for row in reply.buttons)
    if rows and not any(button.action == "actx" for row in rows for button in row):
        rows = (*rows, (Button(_("换回自己"), "actx"),))
    cards = tuple(_card(card, reader.id) for card in reply.cards)
    text = _("【替{name}】", name=called(reader)) + "\n" + reply.text
    return replace(reply, text=text, buttons=rows, cards=cards)


def _card(card: Card, reader_id: int) -> Card:
    return replace(card, buttons=tuple(_button(button, reader_id) for button in card.buttons))


def _button(button: Button, reader_id: int) -> Button:
    return replace(button, action=_for(button.action, reader_id)) if button.action else button


def _for(action: str, reader_id: int) -> str:
    """One too long to carry a name stays the presser's own, which can only be refused."""
    made = f"as:{reader_id}:{action}"
    own = action.startswith("as:") or action.partition(":")[0] in MINE
    return action if own or len(made.encode()) > ACTION_BYTES else made


# ---- for whom ------------------------------------------------------------------------------------------------------


def switch(talk: Talk, grantor_id: int) -> None:
    """From now on for this reader. Raises UnknownThing where no mandate stands."""
    if talk.acting and talk.acting.reader.id == grantor_id:
        return
    standing = mandates.between(talk.db, talk.reader.id, grantor_id, talk.now)
    _leave(talk)
    if standing is None:
        raise UnknownThing("mandate", str(grantor_id))
    talk.acting = Acting(standing, readers.reader(talk.db, grantor_id))
    _keep(talk)


def stop(talk: Talk) -> None:
    """For oneself again; what was half done for the other is left."""
    if talk.acting is not None:
        _leave(talk)


def _keep(talk: Talk) -> None:
    assert talk.acting is not None
    until = talk.now + timedelta(minutes=talk.policy.family.acting_minutes)
    talk.memory["acting"] = [talk.acting.reader.id, stamp(until)]


def _leave(talk: Talk) -> None:
    talk.acting, talk.step = None, ""
    for word in ("acting", *PERSONAL):
        talk.memory.pop(word, None)


def unwrapped(talk: Talk, action: str) -> str:
    """The action itself, after the turn has become that of whoever the button is for; "" for a forged one."""
    word, *rest = action.split(":", 2)
    if word == "as":
        if len(rest) != 2 or not (rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 15):
            return ""
        switch(talk, int(rest[0]))
        return rest[1]
    if word not in MINE:
        stop(talk)
    return action


# ---- what is done --------------------------------------------------------------------------------------------------


def run(talk: Talk, word: str, handler: Callable[..., T], *arguments: Any) -> T:
    """Let the handler answer a word, written as in WORDS: in one's own name, or in the other's within the mandate.

    Returns what the handler returns. What is done in the other's name is written down and told. Raises NotInScope,
    UnknownThing when it has just ended.
    """
    one = talk.acting
    if word[1:] in MINE or word in MY_ANSWERS:
        talk.own = True
    if one is None or word in ANYBODY or talk.own:
        return handler(talk, *arguments)
    acts = WORDS.get(word)
    if acts is None:
        raise NotInScope("")
    me = talk.reader
    for act in acts:
        mandates.require(talk.db, me.id, one.reader.id, act, talk.now)
    before = deeds.snapshot(talk.db, one.reader.id)
    theirs = readers.reader(talk.db, one.reader.id)  # as they are now: what leads here may have changed it
    talk.reader = replace(theirs, language=me.language, plain=me.plain)
    try:
        action = handler(talk, *arguments)
        if word == ":erase!" and not action:  # said as one thing, and nothing that is gone is named again
            deeds.erased(talk.db, one.mandate, talk.now)
            before = deeds.snapshot(talk.db, one.reader.id)
    finally:
        talk.reader = me
        deeds.record(talk.db, one.mandate, before, me.number, acts, talk.now)
    return action


def asked(talk: Talk, question: Callable[[Talk], str]) -> str:
    """The action that words lead to, asked about whoever is acted for and carrying for whom it is; '' for none."""
    if talk.acting is None:
        return question(talk)
    me, talk.reader = talk.reader, talk.acting.reader
    try:
        action = question(talk)
    finally:
        talk.reader = me
    return carried(talk, action) if action else ""


def carried(talk: Talk, action: str) -> str:
    """The action with for whom it is, as a button shown now would carry it."""
    return _for(action, talk.acting.reader.id) if talk.acting else action


def allowed(talk: Talk, act: str) -> bool:
    """Whether the reader in whose name this turn is done lets this be seen or done; one's own is always."""
    return talk.acting is None or allows(talk.acting.mandate.scopes, act)


def need(talk: Talk, act: str) -> None:
    """Raises NotInScope."""
    if not allowed(talk, act):
        raise NotInScope(act)
