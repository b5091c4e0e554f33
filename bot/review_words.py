"""Readers' words about a book, as they stand on its card and in the reader's own list (A10-9)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.texts import N_, Words
from lending.reviews import Review

STATES = {"waiting": N_("馆员还没看"), "shown": N_("展示中"), "refused": N_("没有展示")}
ON_CARD = 2  # of a book's newest
SHORTLY = 60  # characters of one there


def shortly(text: str, most: int = SHORTLY) -> str:
    """In one line, its end cut off where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rstrip() + "…"


def on_card(_: Words, found: Iterable[Review]) -> list[str]:
    """The newest under a book's card; nothing where nobody has written."""
    return [_("读者说：「{text}」", text=shortly(one.text)) for one in list(found)[:ON_CARD]]


def state_line(_: Words, one: Review) -> str:
    """One's own review and what became of it."""
    state, text = _(STATES[one.state]), shortly(one.text)
    line = _("《{title}》（{state}）：「{text}」", title=one.title[:40], state=state, text=text)
    return _.together(line, _("说明：{reason}", reason=one.reason)) if one.reason else line
