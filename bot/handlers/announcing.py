"""公告: the newest under the greeting, all of them when asked, and quiet for whoever wants none (A2-17)."""

from __future__ import annotations

from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import announcements, readers
from lending.announcements import Announcement

ASKED, MUTED, HEARD = "公告", "不要公告", "要公告"  # what phrases.toml makes of asking for them, and of muting
SHOWN = 10
SHORTLY = 80  # characters of the newest under the greeting


def newest(talk: Talk) -> tuple[str, tuple[Button, ...]]:
    """The newest in a line, with the way to all; nothing while there is none, or for whoever muted them."""
    found = announcements.standing(talk.db, talk.now, 1) if talk.reader.news_on else []
    if not found:
        return "", ()
    text = " ".join(_words(talk, found[0]).split())
    shortly = text if len(text) <= SHORTLY else text[:SHORTLY].rstrip() + "…"
    return talk._("【通知】{text}", text=shortly), (Button(talk._("查看全部通知"), "news"),)


def asked(talk: Talk) -> None:
    """By words: all of them, none any more, or again."""
    if talk.slot("query") == ASKED:
        return show(talk)
    switch(talk, "off" if talk.slot("query") == MUTED else "on")


def show(talk: Talk) -> None:
    """All that stand, the newest first, each with its day."""
    _, found = talk._, announcements.standing(talk.db, talk.now, SHOWN)
    if not found:
        return talk.say(_("现在没有通知。"), rows(menu(_, "new_books"), menu(_, "find_branches")))
    lines = [_("【{day}】{text}", day=_.day(one.made_at), text=_words(talk, one)) for one in found]
    mute = Button(_("不再显示通知"), "news!:off") if talk.reader.news_on else Button(_("恢复显示通知"), "news!:on")
    talk.say("\n".join(lines), rows(mute, menu(_, "find_branches"), menu(_, "escalate")))


def switch(talk: Talk, how: str) -> None:
    """Whether the newest stands under the greeting; asked for, all are shown either way."""
    _, on = talk._, how == "on"
    readers.set_news(talk.db, talk.reader.id, on)
    if on:
        return talk.say(_("好，有通知会放在问候下面。"), rows(Button(_("查看全部通知"), "news")))
    talk.say(_("好，不再显示通知。想看的时候说「通知」。"), rows(Button(_("恢复显示通知"), "news!:on"), menu(_, "help")))


def _words(talk: Talk, one: Announcement) -> str:
    return one.text_en if talk._.language == "en" and one.text_en else one.text
