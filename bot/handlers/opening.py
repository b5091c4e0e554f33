"""开门吗: opening hours today, what is coming that is unlike the week, and public holidays by name."""

from __future__ import annotations

from datetime import date, timedelta

from bot.books import place_name
from bot.folding import fold
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from lending import calendar, catalogue, closings, holidays
from lending.calendar import Calendar
from lending.catalogue import Point
from lending.model import library_day

ABOUT = ("开门", "开放", "闭馆", "开馆", "关门", "营业", "休馆", "上班", "放假", "open", "closed", "hours", "holiday")
AHEAD = 30  # days looked ahead for what is unlike the week
NAMES = ("元旦", "春节", "清明", "劳动", "五一", "端午", "中秋", "国庆", "十一")
SAME = {"五一": "劳动", "十一": "国庆"}
DAYS = {"今天": 0, "明天": 1, "后天": 2, "today": 0, "tomorrow": 1}
UNKNOWN_YEAR = N_("{year} 年的放假安排还没有公布，先按法定节日算，公布后会更新。")


def asked(text: str) -> bool:
    """Whether a question is about when the doors are open."""
    return any(word in fold(text) for word in ABOUT)


def show(talk: Talk) -> None:
    """The holiday or the day that was asked about, today otherwise; then what is coming."""
    _, text = talk._, fold(talk.event.text)
    days, today = calendar.load(talk.db, talk.policy), library_day(talk.now)
    name = next((SAME.get(word, word) for word in NAMES if word in text), "")
    chosen = _holiday(name, today) if name else []
    if not chosen:
        chosen = [today + timedelta(days=next((n for word, n in DAYS.items() if word in text), 0))]
    lines = [*_each_branch(talk, days, chosen), *_notes(talk, chosen[0].year, today)]
    talk.say("\n".join(lines), rows(menu(_, "find_branches"), menu(_, "return_books")))


def _holiday(name: str, today: date) -> list[date]:
    """The days of the next holiday of that name, as far as they are known."""
    for year in (today.year, today.year + 1):
        found = [one.day for one in holidays.year(year).values() if one.name.startswith(name) and not one.working]
        if found and max(found) >= today:
            return sorted(found)
    return []


def _each_branch(talk: Talk, days: Calendar, chosen: list[date]) -> list[str]:
    """The days as a heading, then a line for each branch and one for the lockers."""
    _ = talk._
    heading = _.date(chosen[0])
    if len(chosen) > 1:
        heading = _("{first}至{last}", first=heading, last=_.date(chosen[-1]))
    branches = [point for point in days.points.values() if point.kind == "branch"]
    lines = [_("{days}的开放时间：", days=heading), *(_branch_line(_, days, point, chosen) for point in branches)]
    return [*lines, _("智能书柜全天能还书。")] if len(branches) < len(days.points) else lines


def _branch_line(_: Words, days: Calendar, point: Point, chosen: list[date]) -> str:
    open_days = [(day, hours) for day in chosen if (hours := days.hours(point, day))]
    closed = [day for day in chosen if not days.hours(point, day)]
    name = place_name(_, point)
    if not open_days:
        return _("· {name}：闭馆", name=name)
    if not point.opens:
        return _("· {name}：开放时间请问馆员", name=name)
    hours = _.listed(dict.fromkeys(hours for _day, hours in open_days))
    if not closed:
        return f"· {name} {hours}"
    return _("· {name} {hours}，{days}闭馆", name=name, hours=hours, days=_.listed(_.date(day) for day in closed))


def coming(talk: Talk, today: date) -> list[str]:
    """Special days declared for the next weeks, a line each."""
    _, lines = talk._, []
    for one in closings.declared(talk.db, today):
        if one.taken_back_at or one.first > today + timedelta(days=AHEAD):
            continue
        name = _("全部网点") if one.point_id is None else place_name(_, catalogue.point(talk.db, one.point_id))
        span = _.date(one.first)
        if one.first != one.last:
            span = _("{first}至{last}", first=span, last=_.date(one.last))
        what = _("开放 {hours}", hours=one.hours) if one.hours else _("闭馆")
        lines.append(_("· {days} {name}{what}（{reason}）", days=span, name=name, what=what, reason=one.reason))
    return lines


def _notes(talk: Talk, year: int, today: date) -> list[str]:
    _, lines = talk._, coming(talk, today)
    noted = [_("另外："), *lines] if lines else []
    return noted if holidays.announced(year) else [*noted, _(UNKNOWN_YEAR, year=year)]
