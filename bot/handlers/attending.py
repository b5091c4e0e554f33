"""活动: what is to come, a card for each, signing up with others, waiting, giving the seats back (F-8, A10-15)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot import acting, activity_words, cities, numbers, offered, rule_answers, when
from bot.events import Button
from bot.folding import fold, letters, trimmed
from bot.numbers import CARDINAL, NUMBER, to_int
from bot.talk import Talk
from bot.texts import menu, rows
from lending import attendance, catalogue, events, sign_ups
from lending.errors import UnknownThing
from lending.events import Event
from lending.model import library_day
from lending.sign_ups import SignUp

PAGE = 5
MINE, NOT_COMING, AT_THE_DOOR = "我的", "取消", "签到"  # what phrases.toml makes of them
VERB = re.compile(
    r"(请?帮?[我你您]?(要|想|也|们)?(取消|退掉?|撤销|不))?(给?我?(要|想|也)?(报名|报个名|参加)(一下|参加)?|"
    r"(please )?(cancel )?(i want to |i'd like to |my )?(sign( ?-?up)?( me)?( up)?|register|join|attend)( for| to)?)"
)  # what stands before an event's name
NOT = re.compile(r"取消|退|撤销|不(参加|报)|cancel")
SHARED = 2  # pairs of characters that words and a name must have in common
PEOPLE = re.compile(rf"(?P<n>{NUMBER}|{CARDINAL}) ?(个人|人|位|people|persons)")
CLAUSE = re.compile(r"[,.!?;]")
NTH = re.compile(rf"第 ?(?P<n>{NUMBER})[个场次]?")
LONGEST = 30
DAY = "(?:今天|今晚|明天|后天|[这下]*个?(?:周|星期|礼拜)[一二三四五六日天末]|周末)"
DAY_ALONE = re.compile(
    f"(?:那|还|就|只|有没有|有|要|看)*{DAY}(?:早上|上午|中午|下午|晚上)?(?:有没有|有|的)*(?:呢|勒|咧|吗|么|没有?|吧)*"
    r"|(?:what about|how about|and|anything|any)?(?: on)? ?(?:this |next |the )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|tomorrow|today)"
)
OF_SHOWN = {
    "away": re.compile("[去来到]不[了成]|不能?[去来]|没[去来]成?|没空|有事|爽约|迟到|晚到|(?:can'?t|cannot|can not|unable to) (?:come|make|go|attend)|(?:not|won't be) (?:coming|there)|miss it|be late"),
    "with": re.compile(r"报.{0,2}[两二三四五\d][个位]|带.{0,6}(?:[人娃去来]|孩子|朋友|老人|[一二两三四\d][个位])|(?:几|多少)个?[人位]|一起|陪|加[一二两三\d]?个?[人位]|也想?[去来]|bring|\b(?:kids|children|a friend|alone)\b"),
    "about": re.compile("几点|什么时候|啥时候|哪天|周几|多长时间|多久|结束|在哪|哪里|哪儿|地址|怎么去|要钱|收费|免费|多少钱|讲什么|讲啥|几岁|多大|适合|位子|名额|满了?[吗没]"
                        r"|what time|where|how long|free|\b(?:begin|start|finish|over|how old|age|cost|address|get there)s?\b"),
}  # fmt: skip
ANY_ONE = re.compile(r"(?<![第头前后])[一两二三四五\d][个位]人?吧?$")  # 给我报一个: how many, and not which
ASKED_AS = {"away": "去不了", "with": "带几个人"}  # by these bot/rule_answers.py finds the sentences
LATIN, HAN = re.compile(r"[a-z]{3,}"), re.compile(r"[\u3400-\u9fff]+")


# ---- what there is ---------------------------------------------------------------------------------------------------


def events_to_come(talk: Talk) -> None:
    """ "活动" · "周末有什么活动"; "我的报名" is about oneself, "签到" happens at the door."""
    if talk.slot("query") == MINE:
        return acting.run(talk, ":evm", mine)
    if talk.slot("query") == AT_THE_DOOR:
        return how_to_check_in(talk)
    days = when.days_named(fold(talk.event.text), library_day(talk.now))
    show_days(talk, days) if days else show_page(talk, "0")


def show_days(talk: Talk, days: Sequence[date]) -> None:
    """Those of the days that were asked for; where there are none, it is said, and what comes next is shown."""
    _, coming = talk._, _near_first(talk, events.coming(talk.db, talk.now))
    found = [one for one in coming if library_day(one.starts_at) in days][:PAGE]
    if not coming:
        return show_page(talk, "0")
    of_days = _.listed([_.date(day) for day in days])
    if found:
        heading = _("{days}的活动。回复数字看详情，说「报名第二个」就直接报：", days=of_days)
    else:
        heading = _("{days}没有排活动。接下来有这些，回复数字看详情：", days=of_days)
    _show_list(talk, heading, found or coming[:PAGE], [Button(_("别的活动"), "evs:0")] if found else [])


def show_page(talk: Talk, page: str) -> None:
    """The next events, five at a time, by number."""
    _, coming = talk._, _near_first(talk, events.coming(talk.db, talk.now))
    if not coming:
        text = _("最近没有排好的活动。有想参加的，告诉馆员，办起来就联系您。")
        return talk.say(text, rows(menu(_, "escalate"), menu(_, "find_branches")))
    last = (len(coming) - 1) // PAGE
    at = min(int(page), last)
    heading = _("接下来的活动。回复数字看详情，说「报名第二个」就直接报：")
    turns = [Button(_("上一页"), f"evs:{at - 1}")] if at else []
    turns += [Button(_("下一页"), f"evs:{at + 1}")] if at < last else []
    _show_list(talk, heading, coming[at * PAGE : at * PAGE + PAGE], turns)


def _show_list(talk: Talk, heading: str, shown: list[Event], turns: list[Button]) -> None:
    talk.memory["events"] = [one.id for one in shown]
    lines = [f"{n}. {_line(talk, one)}" for n, one in enumerate(shown, 1)]
    named = [Button(one.name[:24], f"ev:{one.id}") for one in shown]
    talk.say("\n\n".join([heading, *lines]), (*rows(*named, across=1), *rows(*turns, Button(talk._("我的报名"), "evm"))))


def _near_first(talk: Talk, coming: list[Event]) -> list[Event]:
    """Those in the reader's own city, and those that are in none, before the others (A2-16)."""
    seen, known = cities.view(talk), {point.id: point for point in catalogue.points(talk.db)}
    return sorted(coming, key=lambda one: one.point_id in known and seen.elsewhere(known[one.point_id]))


def _line(talk: Talk, one: Event) -> str:
    """With its city where that is another than the reader's."""
    _, seen = talk._, cities.view(talk)
    told = activity_words.line(_, talk.db, one, talk.now)
    point = catalogue.point(talk.db, one.point_id) if seen.mine and one.point_id is not None else None
    return f"【{seen.name(_, point.city)}】{told}" if point and seen.elsewhere(point) else told


def show(talk: Talk, event_id: str) -> None:
    """One event: about what, when, where, how many seats; what the reader has to do with it, and can do."""
    _, one = talk._, events.event(talk.db, int(event_id))
    mine = sign_ups.of_event(talk.db, talk.reader.id, one.id)
    lines = [one.name, f"{activity_words.when(_, one)} · {activity_words.where(_, talk.db, one)}", one.about]
    if one.state == "cancelled":
        lines.append(_("这个活动取消了：{reason}", reason=one.reason))
    elif one.state == "planned" and talk.now < one.starts_at:
        until = _("报名到 {moment}。", moment=_.moment(one.sign_up_until)) if one.open_for_sign_up(talk.now) else ""
        seats = activity_words.seats(_, one, talk.now)
        lines.append(_("{seats}（一共 {n} 个）。{until}", seats=seats, n=one.seats, until=until))
    else:
        lines.append(_("这个活动已经结束了。") if talk.now >= one.ends_at else _("这个活动已经开始了。"))
    lines.append(_standing(talk, mine) if mine else "")
    talk.memory["events"] = [one.id]
    talk.say("\n".join(line for line in lines if line), _ways(talk, one, mine))


def _standing(talk: Talk, mine: SignUp) -> str:
    """Where the reader's own sign-up stands."""
    _ = talk._
    opens = talk.policy.events.check_in_minutes
    texts = {
        "signed_up": _.n(
            "您报好了，{n} 位。开始前 {minutes} 分钟起可以签到。", "您报好了，{n} 位。开始前 {minutes} 分钟起可以签到。",
            mine.people, minutes=opens,
        ),
        "waiting": _.n(
            "您在排队，{n} 位，排第 {place}。有位子马上告诉您。", "您在排队，{n} 位，排第 {place}。有位子马上告诉您。",
            mine.people, place=mine.position,
        ),
        "came": _("您签到了，谢谢您来。"), "late": _("您签到了，谢谢您来。"), "absent": _("那天没有等到您。"),
    }  # fmt: skip
    return texts[mine.state]


def _ways(talk: Talk, one: Event, mine: SignUp | None) -> tuple[tuple[Button, ...], ...]:
    _, others = talk._, Button(talk._("别的活动"), "evs:0")
    if mine and mine.state in sign_ups.COMES and talk.now < one.starts_at and one.state == "planned":
        no_more = _("取消报名") if mine.state == "signed_up" else _("不排了")
        return rows(Button(no_more, f"ev-:{one.id}"), Button(_("我的报名"), "evm"), others)
    if mine or not one.open_for_sign_up(talk.now):
        return rows(others, menu(_, "escalate"))
    most = min(talk.policy.events.most_people, one.seats)
    alone = Button(_("报名") if one.left > 0 else _("排队"), f"ev+:{one.id}:1")
    together = [Button(_.n("{n} 位一起", "{n} 位一起", n), f"ev+:{one.id}:{n}") for n in range(2, most + 1)]
    return ((alone,), *rows(*together), *rows(others, menu(_, "escalate")))


def mine(talk: Talk) -> None:
    """ "我的报名"."""
    _, found = talk._, sign_ups.of_reader(talk.db, talk.reader.id, talk.now)
    if not found:
        text = _("您现在没有报名的活动。")
        return talk.say(text, rows(menu(_, "events"), menu(_, "help")))
    talk.memory["events"] = [one.id for _mine, one in found]
    lines = [
        f"{n}. {one.name}\n{activity_words.when(_, one)} · {activity_words.where(_, talk.db, one)}\n"
        f"{_standing(talk, my)}"
        for n, (my, one) in enumerate(found, 1)
    ]
    named = [Button(one.name[:24], f"ev:{one.id}") for _my, one in found]
    talk.say("\n\n".join([_("您报的活动："), *lines]), (*rows(*named, across=1), (menu(_, "events"),)))


# ---- in words --------------------------------------------------------------------------------------------------------


def asked(talk: Talk) -> bool:
    """Whether words that begin with signing up, or cancelling it, name an event that is to come."""
    said = fold(talk.event.text)
    return "《" not in said and bool(VERB.match(said)) and bool(_named(talk))


def _named(talk: Talk) -> list[Event]:
    """The coming events whose name shares most with what stands after the verb; [] where none shares enough."""
    said = fold(talk.event.text)
    verb = VERB.match(said)
    wanted = CLAUSE.split(PEOPLE.sub("", said[verb.end() :] if verb else said).strip())[0]
    coming = events.coming(talk.db, talk.now)
    shared = [len(_pairs(fold(one.name)) & _pairs(wanted)) for one in coming]
    most, least = max(shared, default=0), min(SHARED, max(1, len(letters(wanted)) - 1))
    return [one for one, n in zip(coming, shared, strict=True) if n == most >= least]


def _pairs(text: str) -> set[str]:
    """Pairs of characters that stand side by side; a word in Latin letters counts as two."""
    words, runs = LATIN.findall(text), HAN.findall(text)
    return {run[at : at + 2] for run in runs for at in range(len(run) - 1)} | {w + mark for w in words for mark in "12"}


def hear(talk: Talk) -> None:
    """ "报名故事会" · "报名2" · "取消报名": the one that is named, by number or name; else which."""
    leaving = talk.slot("query") == NOT_COMING or bool(NOT.search(fold(talk.event.text)))
    found = _numbered(talk) or _named(talk)
    if leaving:
        return _leave_named(talk, [one.id for one in found])
    if len(found) == 1:
        return _sign_up_named(talk, found[0])
    if len(found) > 1:
        return _which(talk, found)
    show_page(talk, "0")


def _numbered(talk: Talk) -> list[Event]:
    """The n-th of those shown last, or of those to come."""
    n = talk.number()
    shown: list[int] = talk.memory.get("events", [])
    if n is None or (len(shown) > 1 and ANY_ONE.search(trimmed(talk.event.text))):
        return []
    if len(shown) < n:
        shown = [one.id for one in events.coming(talk.db, talk.now)]
    counted = numbers.nth(shown, n)
    return [] if counted is None else [events.event(talk.db, counted)]


def _sign_up_named(talk: Talk, one: Event) -> None:
    """At once, for one person unless more are named; whoever has signed up already sees how it stands."""
    if sign_ups.of_event(talk.db, talk.reader.id, one.id):
        return show(talk, str(one.id))
    said = PEOPLE.search(fold(talk.event.text))
    sign_up(talk, str(one.id), str((to_int(said["n"]) if said else None) or 1))


def _which(talk: Talk, found: Sequence[Event]) -> None:
    talk.memory["events"] = [one.id for one in found]
    buttons = [Button(one.name[:24], f"ev:{one.id}") for one in found[:PAGE]]
    talk.say(talk._("是哪一个活动？"), rows(*buttons, menu(talk._, "cancel"), across=1))


def _leave_named(talk: Talk, named: list[int]) -> None:
    """The one named, or the only one there is."""
    found = [one for _mine, one in sign_ups.of_reader(talk.db, talk.reader.id, talk.now)]
    found = [one for one in found if one.id in named] if named else found
    if len(found) == 1:
        return leave(talk, str(found[0].id))
    if named and not found:
        return leave_for_certain(talk, str(named[0]))
    if not found:
        return mine(talk)
    buttons = [Button(one.name[:24], f"ev-:{one.id}") for one in found[:PAGE]]
    talk.say(talk._("取消哪一个的报名？"), rows(*buttons, menu(talk._, "cancel"), across=1))


# ---- what is asked of the one that stands there -----------------------------------------------------------------------


def asked_of_shown(talk: Talk) -> str:
    """What is asked of an activity that has just been shown, or signed up for: not coming, coming with others, the rest of it."""
    said = trimmed(talk.event.text)
    stands = any(offered.kind(action).startswith("ev") for action, _label in talk.memory.get("choices", []))
    unclear = talk.intent.likened or talk.intent.heard or talk.intent.name in ("search", "faq", "fees", "unknown")
    if not stands or not talk.memory.get("events") or talk.step or talk.wishes or not unclear or not 2 <= len(said) <= LONGEST * (1 + said.isascii()) or "《" in said:
        return ""
    if DAY_ALONE.fullmatch(said):
        return "day"
    return next((what for what, words in OF_SHOWN.items() if words.search(said)), "")


def tell_of_shown(talk: Talk, what: str) -> None:
    """The rule about it, with what can be done; nothing is done by asking. The rest stands on its card."""
    if what == "day":
        return events_to_come(talk)
    shown: list[int] = talk.memory["events"]
    nth = NTH.search(fold(talk.event.text))
    n = to_int(nth["n"]) if nth else None
    meant = shown[n - 1 : n] if n else shown if len(shown) == 1 else []
    if what in ASKED_AS:
        told = rule_answers.told(talk, "activities", ASKED_AS[what])
        if what == "away" and not talk.policy.ledger.find("activity_no_show"):
            told = [talk._("来不了了，说一声「取消报名」，位子给排队的读者。"), talk._("没能来也不扣分。")]
        if told:
            talk.say("\n".join(told))
    show(talk, str(meant[0])) if meant else show_page(talk, "0")


# ---- signing up, and not coming --------------------------------------------------------------------------------------


def sign_up(talk: Talk, event_id: str, people: str) -> None:
    """Seats, or a place in the queue; pressed again, it is the same (B2-2)."""
    _ = talk._
    new, mine = sign_ups.sign_up(talk.db, talk.reader.id, int(event_id), int(people), talk.policy, talk.now)
    if not new:
        return show(talk, event_id)
    one = events.event(talk.db, mine.event_id)
    talk.memory["events"] = [one.id]
    facts = {"name": one.name, "when": activity_words.when(_, one), "where": activity_words.where(_, talk.db, one)}
    if mine.state == "waiting":
        text = _.n(
            "「{name}」满了，替您排上了，{n} 位，排第 {place}。有人让出位子，马上告诉您。",
            "「{name}」满了，替您排上了，{n} 位，排第 {place}。有人让出位子，马上告诉您。",
            mine.people, place=mine.position, **facts,
        )  # fmt: skip
        return talk.say(text, rows(Button(_("不排了"), f"ev-:{one.id}"), Button(_("别的活动"), "evs:0")))
    text = _.n(
        "报好了：「{name}」，{n} 位。\n{when} · {where}", "报好了：「{name}」，{n} 位。\n{when} · {where}", mine.people, **facts
    )
    text += "\n" + _("来不了了，说一声「取消报名」，位子给排队的读者。")
    if talk.now + timedelta(hours=talk.policy.events.remind_hours) < one.starts_at and talk.reader.reminders_on:
        text += _.n("开始前 {n} 小时提醒您。", "开始前 {n} 小时提醒您。", talk.policy.events.remind_hours)
    talk.say(text, rows(Button(_("我的报名"), "evm"), Button(_("取消报名"), f"ev-:{one.id}"), Button(_("别的活动"), "evs:0")))


def leave(talk: Talk, event_id: str) -> None:
    """Given back; asked once more where it may cost points."""
    _, points = talk._, attendance.cost(talk.db, talk.reader.id, int(event_id), talk.policy, talk.now)
    if not points:
        return leave_for_certain(talk, event_id)
    text = _("快开始了，也没有人在排队：现在取消，和没有来一样，按规则扣 {n} 分。要取消吗？", n=points)
    talk.memory["confirm"] = f"ev-!:{event_id}"
    talk.say(text, rows(Button(_("还是取消"), f"ev-!:{event_id}"), Button(_("我会来"), f"ev:{event_id}")))


def leave_for_certain(talk: Talk, event_id: str) -> None:
    """The seats are free; pressed again, there is nothing left to give back."""
    _, one = talk._, events.event(talk.db, int(event_id))
    try:
        points = attendance.cost(talk.db, talk.reader.id, one.id, talk.policy, talk.now)
        sign_ups.give_back(talk.db, talk.reader.id, one.id, talk.policy, talk.now)
    except UnknownThing:
        text = _("您没有报「{name}」，不用取消。", name=one.name)
        return talk.say(text, rows(Button(_("看这个活动"), f"ev:{one.id}"), Button(_("别的活动"), "evs:0")))
    text = _("好的，「{name}」不去了，位子让出来了。下次再来。", name=one.name)
    if points:
        text = _("好的，「{name}」不去了。活动办完以后记 −{n} 分，有难处可以申诉。", name=one.name, n=points)
    talk.say(text, rows(Button(_("再报名"), f"ev:{one.id}"), Button(_("别的活动"), "evs:0")))


# ---- at the door -----------------------------------------------------------------------------------------------------


def how_to_check_in(talk: Talk) -> None:
    """Where the code is; the talk knows nobody's whereabouts."""
    _ = talk._
    text = _("到了活动现场，扫门口的二维码，或者把海报上 QD 开头的签到码发给我。找不到就请现场的馆员帮您签。")
    talk.say(text, rows(Button(_("我的报名"), "evm"), menu(_, "events"), menu(_, "escalate")))
