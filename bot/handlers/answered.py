"""拿来就这样了, 算我赔, 两大一小: a question of ours that is answered in one's own words, and one that is not."""

from __future__ import annotations

import re

from bot import answering, books, escalations, offered
from bot.events import Button
from bot.folding import fold, letters
from bot.offered import bare, kind
from bot.talk import Talk
from bot.texts import rows
from bot.understanding import Intent
from lending import catalogue

MOST = 9  # buttons that are shown again
FEW = 3  # books below them
ASKS = frozenset((  # the buttons of a question; the others are ways on from an answer
    "ok", "credit", "cancel!", "w", "wc", "d", "case", "pfc", "fetch!", "remind", "lang", "erase!", "ev+", "ev-!", "famr", "fams",
    "fam!", "fama", "famok", "unconsent!", "unlink!", "cardx!", "rvx!", "oz!", "od!", "redeem!", "add!", "rent", "hr", "ap+",
    "back", "wish", "lo", "draw!", "buy!", "appeal", "two", "tw", "ease!", "fetchto",
))  # fmt: skip
WAITS = ("ok", "erase!")
NEW_WISH = re.compile(r"《|有没有|有.{1,20}[吗么]|[找搵]|想[看读]|借(?!的?时|来|到|书?以?后)|续借|荐购|\b(?:find|read|borrow|have|looking for|books?)\b")


def meant(talk: Talk) -> str:
    """The press of the one button that the words stand for; what a bare yes may do only while it waits for that yes."""
    if talk.event.photo:
        return ""
    choices = [(action, label) for action, label in talk.memory.get("choices", [])]
    points = [one for one in choices if kind(one[0]) == "hp" and bare(one[0]).count(":") > 1]
    if place := offered.chosen(points, talk.event.text, Intent("search")) if len(points) > 1 else "":
        return place
    found = answering.meant((action for action, _label in choices), talk.event.text)
    if len(found) != 1 or (kind(found[0]) in WAITS and found[0] != talk.memory.get("confirm")):
        return ""
    return found[0]


def open_question(talk: Talk) -> bool:
    """Whether a question of ours stands there, and the words are no clear new wish."""
    standing = any(kind(action) in ASKS for action, _label in talk.memory.get("choices", []))
    return standing and not NEW_WISH.search(fold(talk.event.text))


def once_more(talk: Talk, ids: tuple[int, ...]) -> None:
    """What was not understood, and the question's buttons again; books that sound like it stand below them.

    荐购 is not the first that a number presses here: it must be said. Nothing is agreed to by the next 好的.
    """
    talk.memory.pop("confirm", None)
    _, choices, said = talk._, talk.memory.get("choices", []), talk.event.text.strip()
    if any(kind(action) == "d" for action, _label in choices):
        talk.step = "address"  # a district or an address may still be written
    talk.memory["missed"] = said[:80]
    told = _("「{words}」是哪个意思，我没有认出来。刚才问您的还等着，点一个，或换个说法：", words=said[:40])
    if asked := escalations.open_of(talk.db, talk.reader.id):
        told = _("这句话馆员看得到（{number}）。", number=asked.number) + told
    named = [letters(label) for _action, label in choices]
    like = [one for one in catalogue.titles(talk.db, ids[:FEW]).values() if letters(one.title) not in named]
    if like:
        told += "\n" + _("要是在找书，后面这几本是不是：{books}", books=_.books([one.title for one in like]))
    else:
        told += "\n" + _("要是书名，馆里没有找到，说「荐购」就记下来。")
    again = [Button(label, action) for action, label in choices[:MOST] if bare(action) != "i:suggest_purchase"]
    talk.say(told, (*rows(*again), *((Button(books.label(one), f"t:{one.id}"),) for one in like)))
