"""新书、热门、书找读者: books shown before anyone has asked for them."""

from __future__ import annotations

from bot.handlers import finding, lists
from bot.talk import Talk
from lending import shelves


def new_books(talk: Talk) -> None:
    """The newest by year of publication (F-12)."""
    lists.show_list(talk, shelves.newest(talk.db), talk._("最近出版的书："))


def ranking(talk: Talk) -> None:
    """The most borrowed of the last month; where too few were borrowed, that is said (F-11)."""
    _, most = talk._, shelves.most_borrowed(talk.db, talk.now)
    if most:
        return lists.show_list(talk, [title for title, times in most], _("近 {n} 天借得最多的书：", n=30))
    lists.show_list(talk, shelves.best_known(talk.db), _("近 {n} 天的借阅还不够排行，先看看馆里最知名的书：", n=30))


def recommend(talk: Talk) -> None:
    """A book that has found no reader yet: 书找读者 (A1-17)."""
    _, found = talk._, shelves.never_borrowed(talk.db, seed=int(talk.now.timestamp()))
    if not found:
        return ranking(talk)
    talk.say(_("这本书还没有遇到它的读者，要不要认识一下？"))
    finding.show_book(talk, str(found[0]))
