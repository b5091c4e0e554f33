"""开门吗: opening hours today, what is coming that is unlike the week, and public holidays by name."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from bot import cities, place_words, when
from bot.books import place_name
from bot.folding import fold, trimmed
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from lending import calendar, catalogue, closings, holidays
from lending.calendar import Calendar
from lending.catalogue import Point
from lending.model import library_day

ABOUT = re.compile(
    r"开门|开放|(还|都|也)开着|开着(吗|没)|[开闭休]馆|关门|营业|[上下]班|放假|打烊|几点[开关](?!始)|^[会要都]?开到[几多]|有(没有)?开[吗嘛么没]?$|[馆天末节旦年一二三四五六日们](都|还|也)?开(不开|[吗么不没]|到|$)"
    r"|^(?:那|请问)?(?:周末|周[六日]|星期[六日天]|礼拜[六日天]|节假日)呢$"
    r"|中午.{0,3}(?:休息|歇|关)|\bopen(?! the (locker|door|box))|\b(close|hours|holiday)"
)
AHEAD = 30  # days looked ahead for what is unlike the week
NAMES = re.compile(r"元旦|春节|过年|除夕|清明|劳动节|(?<![周期拜])五一|端午|中秋|国庆|十一(?![点月])")
SAME = {"过年": "春节", "除夕": "春节", "劳动节": "劳动", "五一": "劳动", "十一": "国庆"}
ANY_HOLIDAY = re.compile(r"节假日|(?:法定|国定|公众|公共)?假[日期]|public holidays?|bank holidays?")
THAT_DAY = re.compile("(?:那么?|要是|如果|请问)*(?P<day>[^,，]{2,8}?)(?:的话)?(?:呢|勒|咧|捏|也?[行开]?吗|也是吗|开不开|也?开(?:门|放)?|也?一样吗?)")
A_DAY = re.compile("(?:这|下)?(?:周|星期|礼拜)[一二三四五六日天末]|今天|今日|明天|后天|周末")
PART = re.compile(r"(区?分馆|街道书房|图书馆|馆)$")  # what many of their names end with
UNKNOWN_YEAR = N_("{year} 年的放假安排还没有公布，先按法定节日算，公布后会更新。")


def asked(text: str) -> bool:
    """Whether a question is about when the doors are open."""
    return bool(ABOUT.search(trimmed(text)))


def _lockers(_: Words, days: Calendar) -> list[str]:
    return place_words.of_lockers(_, days.points.values(), _("智能书柜全天能还书。"), _("智能书柜："))


def of_days(text: str, today: date) -> bool:
    """Whether days are named, or a holiday."""
    return bool(NAMES.search(fold(text)) or ANY_HOLIDAY.search(fold(text)) or when.days_named(fold(text), today))


def another_day(question: str, said: str, now: datetime) -> str:
    """The question about hours asked of the day that is named now (那星期一呢); '' where it is none, or no day alone is named."""
    found = THAT_DAY.fullmatch(said)
    if found is None or not asked(question) or not of_days(found["day"], library_day(now)):
        return ""
    return f"{found['day']}{NAMES.sub('', A_DAY.sub('', question))}"


def show(talk: Talk) -> None:
    """The holiday or the days that were asked about, today otherwise; then what is coming."""
    _, text = talk._, fold(talk.event.text)
    days, today = calendar.load(talk.db, talk.policy), library_day(talk.now)
    name = NAMES.search(text)
    chosen = _holiday(SAME.get(name[0], name[0]), today) if name else []
    lines = []
    if name and not chosen:
        lines.append(_("{name}的放假安排还没有公布，公布后这里就有。", name=name[0]))
    chosen = chosen or _days_in(text, today) or (_next_holiday(today) if ANY_HOLIDAY.search(text) else []) or [today]
    lines += [*_each_branch(talk, days, chosen), *_notes(talk, chosen[0].year, today)]
    talk.say("\n".join(lines), rows(menu(_, "find_branches"), menu(_, "return_books")))


def _days_in(text: str, today: date) -> list[date]:
    return when.days_named(text, today)


def _next_holiday(today: date) -> list[date]:
    """The days of the first that is still to come; every later one can be asked for by its name."""
    known = (one for year in (today.year, today.year + 1) for one in holidays.year(year).values() if not one.working)
    following = next((one for one in sorted(known, key=lambda one: one.day) if one.day >= today), None)
    return _holiday(following.name, today) if following else []


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
    heading = _.listed(_.date(day) for day in chosen)
    if len(chosen) > 1 and (chosen[-1] - chosen[0]).days == len(chosen) - 1:
        heading = _("{first}至{last}", first=_.date(chosen[0]), last=_.date(chosen[-1]))
    every = [point for point in days.points.values() if point.kind == "branch"]
    seen = cities.view(talk, days.points.values())
    asked = cities.mentioned(seen.all, talk.event.text)
    branches = [point for point in every if point.city == asked] if asked else seen.own(every)
    named = [point for point in branches if is_named(talk, point, asked)]
    if not asked and not named:
        named = [point for point in every if is_named(talk, point)]
    lines = [_("{days}的开放时间：", days=heading)]
    lines += (_branch_line(_, days, point, chosen) for point in named or branches)
    if not named and len(branches) < len(every):
        elsewhere = next(one.name for one in seen.all if one.name != (asked or seen.mine))
        lines.append(_("别的城市的，问「{city}几点开门」就行。", city=seen.name(_, elsewhere)))
    return lines if named or len(branches) == len(days.points) else [*lines, *_lockers(_, days)]


def is_named(talk: Talk, point: Point, city: str = "") -> bool:
    """Whether the question is about this branch: two characters of what is its own in the name are enough.

    `city` is named beside it, and is not its own.
    """
    own, said = PART.sub("", point.name.removeprefix(talk.service.library)), fold(talk.event.text)
    if city:
        own, said = own.replace(city, " ").replace(" 市", " "), said.replace(city, " ")
    return any(own[at : at + 2] in said for at in range(len(own) - 1) if " " not in own[at : at + 2])


def _branch_line(_: Words, days: Calendar, point: Point, chosen: list[date]) -> str:
    open_days = [(day, hours) for day in chosen if (hours := days.hours(point, day))]
    closed = [day for day in chosen if not days.hours(point, day)]
    name = place_name(_, point)
    if point.is_bus:
        return _bus_line(_, days, point, chosen)
    if not open_days:
        return _("· {name}：闭馆", name=name)
    if not point.opens:
        return _("· {name}：开放时间请问馆员", name=name)
    hours = _.listed(dict.fromkeys(hours for _day, hours in open_days))
    if not closed:
        return f"· {name} {hours}"
    shut = _.listed(map(Words(_.language).date, closed))  # the heading has said which year
    return _("· {name} {hours}，{days}闭馆", name=name, hours=hours, days=shut)


def _bus_line(_: Words, days: Calendar, bus: Point, chosen: list[date]) -> str:
    """Where it stands on those days."""
    visits = [(day, one) for day in chosen for one in days.visits(bus, day)]
    if not visits:
        return _("· {name}：不出车", name=place_name(_, bus))
    said = (f"{one.hours} {place_words.stop_name(_, one.stop)}" for day, one in visits)
    return f"· {place_name(_, bus)} {_.listed(dict.fromkeys(said))}"


def coming(talk: Talk, today: date, at: Collection[int] = ()) -> list[str]:
    """Special days declared for the next weeks, a line each; with `at` those that touch these points."""
    _, lines = talk._, []
    for one in closings.declared(talk.db, today):
        if one.taken_back_at or one.first > today + timedelta(days=AHEAD):
            continue
        if at and one.point_id is not None and one.point_id not in at:
            continue
        point = catalogue.point(talk.db, one.point_id) if one.point_id is not None else None
        name = place_name(_, point) if point else _("全部网点")
        if one.point_id is not None and calendar.for_good(one.first, one.last, one.hours):
            lines.append(_("· {day}起 {name}不再开放（{reason}）", day=_.date(one.first), name=name, reason=one.reason))
            continue
        span = _.date(one.first)
        if one.first != one.last:
            span = _("{first}至{last}", first=span, last=_.date(one.last))
        shut = _("不出车") if point and point.is_bus else _("闭馆")
        what = _("开放 {hours}", hours=one.hours) if one.hours else shut
        lines.append(_("· {days} {name}{what}（{reason}）", days=span, name=name, what=what, reason=one.reason))
    return lines


def _notes(talk: Talk, year: int, today: date) -> list[str]:
    _, lines = talk._, coming(talk, today)
    noted = [_("另外："), *lines] if lines else []
    return noted if holidays.announced(year) else [*noted, _(UNKNOWN_YEAR, year=year)]
