"""A reader's days as a calendar, in the reader's words (D 41)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

from bot import ics
from bot.books import place_name
from bot.texts import Words
from lending import agenda, catalogue, readers
from lending.agenda import Entry
from lending.database import Database

MEDIA = "text/calendar; charset=utf-8"
TICKET = "calendar:"  # before the reader's number: a file to be made when it is handed over (bot/exporting.py)
REFRESH_HOURS = 6


def content(db: Database, reader_id: int, library: str, now: datetime) -> str:
    """The file as it is at this moment."""
    _ = Words(readers.reader(db, reader_id).language)
    found = [_entry(_, db, one, library) for one in agenda.entries(db, reader_id, now)]
    return ics.calendar(_("书信：借还书的日子"), found, now, REFRESH_HOURS)


def _entry(_: Words, db: Database, one: Entry, library: str) -> ics.Entry:
    summary, description = SAID[one.kind](_, _.books(list(one.titles)), one)
    point = catalogue.points_by_id(db, [one.point_id]).get(one.point_id) if one.point_id else None
    place = " ".join(part for part in (place_name(_, point) if point else "", one.place) if part)
    of = blake2b(library.encode(), digest_size=6).hexdigest()
    return ics.Entry(f"{one.kind}-{one.number}.{of}@shuxin", one.at, summary, description, place, one.over, one.until)


def _loan(_: Words, titles: str, one: Entry) -> tuple[str, str]:
    return _("还书：{books}", books=titles), _("任何馆、任何书柜都能还。还想看，那天以前可以续借。")


def _order(_: Words, titles: str, one: Entry) -> tuple[str, str]:
    code = _("订单 {number}。取书码在聊天里，说「我的订单」就能看到。", number=one.number)
    return _("取书：{books}", books=titles) if one.until else _("取书到今天：{books}", books=titles), code


def _hold(_: Words, titles: str, one: Entry) -> tuple[str, str]:
    return _("预约保留到今天：{books}", books=titles), _("不方便来，可以先让后面的人：说「我的预约」。")


def _event(_: Words, _titles: str, one: Entry) -> tuple[str, str]:
    return _("活动：{name}", name=one.titles[0]), _("来不了，请在聊天里说「取消报名」，把位子让给别人。")


SAID: dict[str, Callable[[Words, str, Entry], tuple[str, str]]] = {
    "loan": _loan, "order": _order, "hold": _hold, "event": _event,
}  # fmt: skip
