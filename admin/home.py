"""The front room: how much waits where, and what is late."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin import stale, waiting
from admin.desk import Desk
from admin.pages import page
from lending import clock
from lending.clock import BELIEVED_AFTER

DAY = 24 * 3600


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, and its numbers alone for the live refresh."""
    made.add_url_rule("", "home", partial(show, desk))
    made.add_url_rule("/live", "home_live", partial(show_numbers, desk))


def show(desk: Desk) -> str:
    """Everything that waits, each with the way to it."""
    aged = stale.gone_stale(desk.db, desk.policy, desk.now())
    slower = waiting.slower(desk.db, desk.policy, desk.now())
    return page("home.html", found=_found(desk), slower=slower, days=waiting.DAYS, stale=aged, leap=_leap(desk))


def show_numbers(desk: Desk) -> str:
    """What changes from minute to minute."""
    return page("home_numbers.html", found=_found(desk), days=waiting.DAYS, leap=_leap(desk))


def _found(desk: Desk) -> list[waiting.Waiting]:
    return waiting.now_waiting(desk.db, desk.policy, desk.now())


def _leap(desk: Desk) -> str:
    """What a librarian is told while the machine's clock is not believed."""
    _, off = desk.say(), clock.leapt_by(desk.db)
    if not off:
        return ""
    n, minutes = max(1, round(abs(off) / DAY)), round(BELIEVED_AFTER / 60)
    ahead = _.n("这台机器的时钟忽然快了 {n} 天。", "这台机器的时钟忽然快了 {n} 天。", n)
    behind = _.n("这台机器的时钟忽然慢了 {n} 天。", "这台机器的时钟忽然慢了 {n} 天。", n)
    return (ahead if off > 0 else behind) + _(
        "提醒、到期这些到时候自己会办的事先停着；现在办的借还，日期会跟着错。请管机器的同事把时间调对。"
        "要是新的时间才对，不用动，满 {minutes} 分钟就照它办。",
        minutes=minutes,
    )
